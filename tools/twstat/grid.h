/* SPDX-License-Identifier: GPL-2.0-only */
/* Text in aligned columns, and where it goes. */
#ifndef TWSTAT_GRID_H
#define TWSTAT_GRID_H

#include <stdbool.h>
#include <stddef.h>

enum style { STYLE_PLAIN, STYLE_HEADER, STYLE_ALARM };

/**
 * struct output - where text goes
 * @columns: how wide a line may be; 0: as wide as it gets
 * @lines: how many there is room for; 0: any number
 * @put: prints a piece of a line
 */
struct output {
	int columns;
	int lines;
	void (*put)(enum style style, const char *text);
};

bool wants_colour(void);
void output_stdout(struct output *output);

/**
 * struct grid_column - one column
 * @name: its heading
 * @left: aligned to the left
 * @kept: shown even if every cell is "0" or "-"
 * @rank: if there is no room for all, those with the highest go first
 */
struct grid_column {
	const char *name;
	bool left;
	bool kept;
	int rank;
};

struct cell {
	char *text;
	enum style style;
};

struct grid {
	const struct grid_column *column;
	size_t nr_columns;
	struct cell *cell;
	size_t nr_cells;
};

void grid_init(struct grid *grid, const struct grid_column *column,
	       size_t nr_columns);
void grid_add(struct grid *grid, enum style style, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
size_t grid_print(const struct grid *grid, const struct output *output,
		  bool header, bool all);
void grid_free(struct grid *grid);

#endif /* TWSTAT_GRID_H */
