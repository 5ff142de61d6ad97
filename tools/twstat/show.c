// SPDX-License-Identifier: GPL-2.0-only
/* twstat: the table for people. */
#include <error.h>
#include <stdio.h>

#include "columns.h"
#include "grid.h"
#include "json.h"
#include "proc.h"
#include "select.h"
#include "twstat.h"

#define KEYS 2

static void add_value(struct grid *grid, enum tw_column column, __u64 value)
{
	grid_add(grid,
		 column_of[column].alarm && value ? STYLE_ALARM : STYLE_PLAIN,
		 "%s", column_text(column, value).s);
}

static void add_row(struct grid *grid, const struct table *stats,
		    const struct table_row *row)
{
	grid_add(grid, STYLE_PLAIN, "%s", role_name[row->role]);
	grid_add(grid, STYLE_PLAIN, "%u", row->port);
	for (int i = 0; i < TW_NR_COLUMNS; i++)
		if (stats->has[i])
			add_value(grid, i, row->value[i]);
}

static void add_total(struct grid *grid, const struct table *stats)
{
	grid_add(grid, STYLE_PLAIN, "total");
	grid_add(grid, STYLE_PLAIN, "%s", "");
	for (int i = 0; i < TW_NR_COLUMNS; i++) {
		__u64 total = 0;

		if (!stats->has[i])
			continue;
		for (size_t k = 0; k < stats->nr_rows; k++)
			total = column_total(total, i, stats->row[k].value[i]);
		add_value(grid, i, total);
	}
}

static void print_table(const struct table *stats,
			const struct request *request)
{
	struct grid_column column[KEYS + TW_NR_COLUMNS] = {
		{ .name = TW_KEY_ROLE, .left = true, .kept = true },
		{ .name = TW_KEY_PORT, .kept = true },
	};
	struct output output;
	struct grid grid;
	size_t nr = KEYS, nr_hidden;

	for (int i = 0; i < TW_NR_COLUMNS; i++)
		if (stats->has[i])
			column[nr++] = (struct grid_column){
				.name = column_heading(i),
				.rank = column_of[i].rank,
				.kept = i == TW_COL_CURRENT,
			};
	grid_init(&grid, column, nr);
	for (size_t i = 0; i < stats->nr_rows; i++)
		add_row(&grid, stats, &stats->row[i]);
	if (stats->nr_rows > 1)
		add_total(&grid, stats);

	output_stdout(&output);
	nr_hidden = grid_print(&grid, &output, request->header, request->all);
	if (nr_hidden && request->header)
		printf("(no room for %zu more columns: twstat -a, or -j)\n",
		       nr_hidden);
	grid_free(&grid);
}

static void print_json(const struct table *stats, const struct request *request)
{
	struct json_object *rows = json_root_array();

	for (size_t i = 0; i < stats->nr_rows; i++) {
		struct json_object *row = json_item(rows);

		json_key(row, &stats->row[i]);
		for (int k = 0; k < TW_NR_COLUMNS; k++)
			if (stats->has[k])
				json_number(row, column_name[k],
					    stats->row[i].value[k]);
	}
	json_print(rows, request);
}

/**
 * cmd_show() - print the rows
 * @request: which, and how
 *
 * Return: the exit status.
 */
int cmd_show(const struct request *request)
{
	struct sample sample;
	size_t nr_rows, nr_shown;

	sample_read(&sample);
	nr_rows = sample.stats.nr_rows;
	rows_select(&sample.stats, request);
	nr_shown = sample.stats.nr_rows;
	if (request->json)
		print_json(&sample.stats, request);
	else if (nr_shown)
		print_table(&sample.stats, request);
	sample_free(&sample);

	if (!nr_shown)
		error(0, 0,
		      nr_rows ?
			      "none of the %zu rows is one that was asked for" :
			      "nothing has closed a TCP connection in this network namespace since the module was loaded",
		      nr_rows);
	return nr_shown ? 0 : EXIT_NOTHING;
}
