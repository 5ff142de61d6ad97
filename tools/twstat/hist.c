// SPDX-License-Identifier: GPL-2.0-only
/* twstat hist: completed stays in TIME_WAIT by their length, as bars. */
#include <error.h>
#include <langinfo.h>
#include <stdio.h>
#include <string.h>

#include "columns.h"
#include "grid.h"
#include "json.h"
#include "proc.h"
#include "select.h"
#include "twstat.h"
#include "units.h"

/* Where the width of the terminal is not known. */
#define COLUMNS 80
/* What stands in front of a bar, and the widest count and share behind it. */
#define BESIDES 32
#define MIN_BAR 10

static __u64 sum_of(const struct table_row *row)
{
	__u64 sum = 0;

	for (int i = 0; i < TW_NR_HIST_BUCKETS; i++)
		sum = add_up(sum, row->value[i]);
	return sum;
}

/* In eighths of a character, where there are such; at least one of them. */
static void print_bar(__u64 count, __u64 largest, int width)
{
	static const char *const eighth[] = { "",	"\u258f", "\u258e",
					      "\u258d", "\u258c", "\u258b",
					      "\u258a", "\u2589", "\u2588" };
	const bool utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	int eighths;

	fputs("  ", stdout);
	eighths = (double)count / largest * width * 8 + 0.5;
	eighths = eighths ?: 1;
	for (; eighths > 0; eighths -= 8)
		fputs(!utf8 ? "#" : eighth[eighths < 8 ? eighths : 8], stdout);
}

static void print_bucket(const struct table_row *row, int bucket, __u64 sum,
			 __u64 largest, int width)
{
	const __u64 count = row->value[bucket];
	char upto[40];

	if (bucket == TW_LONGER)
		snprintf(upto, sizeof(upto), "longer");
	else
		snprintf(upto, sizeof(upto), "up to %g s",
			 bucket_edge_ms[bucket] / 1000.0);
	printf("  %-13s %7s %5.1f %%", upto, count_text(count).s,
	       sum ? 100.0 * count / sum : 0);
	if (count)
		print_bar(count, largest, width);
	putchar('\n');
}

static void print_row(const struct table_row *row, const char *title, int width)
{
	const __u64 sum = sum_of(row);
	int first = 0, last = TW_LONGER;
	__u64 largest = 0;

	for (int i = 0; i < TW_NR_HIST_BUCKETS; i++)
		largest = row->value[i] > largest ? row->value[i] : largest;
	while (first < TW_LONGER && !row->value[first])
		first++;
	while (last > first && !row->value[last])
		last--;

	printf("%s: %s completed stay%s in TIME_WAIT\n", title,
	       count_text(sum).s, sum == 1 ? "" : "s");
	for (int i = first; i <= last; i++)
		print_bucket(row, i, sum, largest, width);
}

static int bar_width(const struct output *output)
{
	const int width = (output->columns ?: COLUMNS) - BESIDES;

	return width < MIN_BAR ? MIN_BAR : width;
}

static void print_rows(const struct table *hist)
{
	struct output output;

	output_stdout(&output);
	for (size_t i = 0; i < hist->nr_rows; i++) {
		char title[32];

		snprintf(title, sizeof(title), "%s %u",
			 role_name[hist->row[i].role], hist->row[i].port);
		if (i)
			putchar('\n');
		print_row(&hist->row[i], title, bar_width(&output));
	}
}

static void print_json(const struct table *hist, const struct request *request)
{
	struct json_object *rows = json_root_array();

	for (size_t i = 0; i < hist->nr_rows; i++) {
		struct json_object *row = json_item(rows);

		json_key(row, &hist->row[i]);
		for (int k = 0; k < TW_NR_HIST_BUCKETS; k++)
			json_number(row, bucket_name[k], hist->row[i].value[k]);
	}
	json_print(rows, request);
}

/* Leaves the rows that were asked for, and have anything in them. */
static void select_rows(struct table *hist, const struct request *request)
{
	size_t nr = 0;

	for (size_t i = 0; i < hist->nr_rows; i++)
		if (row_wanted(request, &hist->row[i]) && sum_of(&hist->row[i]))
			hist->row[nr++] = hist->row[i];
	hist->nr_rows = nr;
}

static void print_total(const struct table *hist, const struct request *request)
{
	struct table_row total = {};
	struct output output;
	char title[48];

	for (size_t i = 0; i < hist->nr_rows; i++)
		for (int k = 0; k < TW_NR_HIST_BUCKETS; k++)
			total.value[k] =
				add_up(total.value[k], hist->row[i].value[k]);
	snprintf(title, sizeof(title), "%zu %s%srow%s", hist->nr_rows,
		 request->by_role ? role_name[request->role] : "",
		 request->by_role ? " " : "", hist->nr_rows == 1 ? "" : "s");
	output_stdout(&output);
	print_row(&total, title, bar_width(&output));
}

/**
 * cmd_hist() - print how long sockets stayed in TIME_WAIT
 * @request: on which ports; all in one without any
 *
 * Return: the exit status.
 */
int cmd_hist(const struct request *request)
{
	struct table hist;
	bool any;

	hist_read(&hist);
	select_rows(&hist, request);
	any = hist.nr_rows;
	if (request->json)
		print_json(&hist, request);
	if (!any)
		error(0, 0,
		      "no stay in TIME_WAIT has come to its end there since the module was loaded");
	else if (!request->json && request->nr_ranges)
		print_rows(&hist);
	else if (!request->json)
		print_total(&hist, request);
	table_free(&hist);
	return any ? 0 : EXIT_NOTHING;
}
