// SPDX-License-Identifier: GPL-2.0-only
#include <error.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "grid.h"
#include "twstat.h"

#define GAP 2

static void put_plain(enum style style, const char *text)
{
	fputs(text, stdout);
}

static void put_coloured(enum style style, const char *text)
{
	static const char *const begin[] = {
		[STYLE_PLAIN] = "",
		[STYLE_HEADER] = "\033[1m",
		[STYLE_ALARM] = "\033[1;31m",
	};

	fputs(begin[style], stdout);
	fputs(text, stdout);
	if (style != STYLE_PLAIN)
		fputs("\033[m", stdout);
}

/**
 * wants_colour() - tell whether to use colour on stdout
 *
 * Return: whether it is a terminal, and $NO_COLOR does not say no.
 */
bool wants_colour(void)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(no_color && *no_color) && term &&
	       strcmp(term, "dumb");
}

/**
 * output_stdout() - print to stdout
 * @output: filled in: as wide as the terminal, or as $COLUMNS says
 */
void output_stdout(struct output *output)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size = {};

	memset(output, 0, sizeof(*output));
	output->put = wants_colour() ? put_coloured : put_plain;
	if (columns && atoi(columns) > 0)
		output->columns = atoi(columns);
	else if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		output->columns = size.ws_col;
}

/**
 * grid_init() - begin a table
 * @grid: filled in, for grid_free()
 * @column: its columns, which the caller keeps
 * @nr_columns: how many
 */
void grid_init(struct grid *grid, const struct grid_column *column,
	       size_t nr_columns)
{
	*grid = (struct grid){ .column = column, .nr_columns = nr_columns };
}

/**
 * grid_add() - fill in the next cell, row by row
 * @grid: where
 * @style: how it looks
 * @format: its text, as for printf()
 */
void grid_add(struct grid *grid, enum style style, const char *format, ...)
{
	struct cell *cell;
	va_list args;

	grid->cell = reallocarray(grid->cell, grid->nr_cells + 1,
				  sizeof(*grid->cell));
	if (!grid->cell)
		error(EXIT_NOTHING, 0, "out of memory");
	cell = &grid->cell[grid->nr_cells++];
	cell->style = style;
	va_start(args, format);
	if (vasprintf(&cell->text, format, args) < 0)
		error(EXIT_NOTHING, 0, "out of memory");
	va_end(args);
}

/**
 * grid_free() - free the cells
 * @grid: of grid_init()
 */
void grid_free(struct grid *grid)
{
	for (size_t i = 0; i < grid->nr_cells; i++)
		free(grid->cell[i].text);
	free(grid->cell);
}

static bool is_blank(const struct grid *grid, size_t column)
{
	for (size_t i = column; i < grid->nr_cells; i += grid->nr_columns)
		if (strcmp(grid->cell[i].text, "0") &&
		    strcmp(grid->cell[i].text, "-"))
			return false;
	return true;
}

static int width(const struct grid *grid, size_t column, bool header)
{
	size_t widest = header ? strlen(grid->column[column].name) : 0;

	for (size_t i = column; i < grid->nr_cells; i += grid->nr_columns) {
		const size_t len = strlen(grid->cell[i].text);

		widest = len > widest ? len : widest;
	}
	return widest;
}

/* How a column is printed this time. */
struct fit {
	bool shown;
	int width;
};

/* The column that can be spared most, or -1. */
static int spare(const struct grid *grid, const struct fit *fit)
{
	int last = -1, rank = 0;

	for (size_t i = 0; i < grid->nr_columns; i++) {
		if (!fit[i].shown || grid->column[i].rank <= rank)
			continue;
		rank = grid->column[i].rank;
		last = i;
	}
	return last;
}

/* Returns how many columns there is no room for. */
static size_t fit_columns(const struct grid *grid, int room, bool header,
			  bool all, struct fit *fit)
{
	size_t nr_hidden = 0;
	int sum = -GAP, column;

	for (size_t i = 0; i < grid->nr_columns; i++) {
		fit[i].shown = all || grid->column[i].kept ||
			       !is_blank(grid, i);
		fit[i].width = width(grid, i, header);
		if (fit[i].shown)
			sum += fit[i].width + GAP;
	}
	while (room && !all && sum > room) {
		column = spare(grid, fit);
		if (column < 0)
			break;
		fit[column].shown = false;
		sum -= fit[column].width + GAP;
		nr_hidden++;
	}
	return nr_hidden;
}

static void print_cell(const struct output *output, enum style style,
		       const char *text, int width, bool left, bool first)
{
	char *padded;

	if (asprintf(&padded, "%*s%*s", first ? 0 : GAP, "",
		     left ? -width : width, text) < 0)
		error(EXIT_NOTHING, 0, "out of memory");
	output->put(style, padded);
	free(padded);
}

static void print_row(const struct grid *grid, const struct output *output,
		      const struct cell *cell, const struct fit *fit)
{
	bool first = true;

	for (size_t i = 0; i < grid->nr_columns; i++) {
		const struct grid_column *column = &grid->column[i];

		if (!fit[i].shown)
			continue;
		print_cell(output, cell ? cell[i].style : STYLE_HEADER,
			   cell ? cell[i].text : column->name, fit[i].width,
			   column->left, first);
		first = false;
	}
	output->put(STYLE_PLAIN, "\n");
}

/**
 * grid_print() - print a table
 * @grid: all rows complete
 * @output: where to
 * @header: with a line of names
 * @all: blank columns, too, and those there is no room for
 *
 * Columns that are not kept are left out where nothing is in them, and from the
 * highest rank on where the line would get too long.  What has rank 0 stays.
 *
 * Return: how many there was no room for.
 */
size_t grid_print(const struct grid *grid, const struct output *output,
		  bool header, bool all)
{
	size_t nr_hidden;
	struct fit *fit;

	fit = calloc(grid->nr_columns, sizeof(*fit));
	if (!fit)
		error(EXIT_NOTHING, 0, "out of memory");
	nr_hidden = fit_columns(grid, output->columns, header, all, fit);
	if (header)
		print_row(grid, output, NULL, fit);
	for (size_t i = 0; i < grid->nr_cells; i += grid->nr_columns)
		print_row(grid, output, &grid->cell[i], fit);
	free(fit);
	return nr_hidden;
}
