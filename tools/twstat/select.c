// SPDX-License-Identifier: GPL-2.0-only
#include <error.h>
#include <stdlib.h>

#include "select.h"
#include "units.h"

static int compare(__u64 a, __u64 b)
{
	return a < b ? -1 : a > b;
}

static int by_key(const struct table_row *a, const struct table_row *b)
{
	return compare(a->role, b->role) ?: compare(a->port, b->port);
}

static __u64 stays(const struct table_row *row)
{
	return add_up(row->value[TW_COL_ENTERED], row->value[TW_COL_ADOPTED]);
}

static __u64 closes(const struct table_row *row)
{
	return add_up(add_up(row->value[TW_COL_CLOSED_FIRST],
			     row->value[TW_COL_CLOSED_SECOND]),
		      row->value[TW_COL_ABORTED]);
}

static int compare_rows(const void *one, const void *two, void *sort)
{
	const struct table_row *a = one, *b = two;
	const int by = *(int *)sort;

	if (by == BY_KEY)
		return by_key(a, b);
	if (by != BY_TRAFFIC)
		return compare(b->value[by], a->value[by]) ?: by_key(a, b);
	return compare(stays(b), stays(a))	     ?:
		       compare(closes(b), closes(a)) ?:
						       by_key(a, b);
}

static bool in_ranges(const struct request *request, unsigned int port)
{
	for (size_t i = 0; i < request->nr_ranges; i++)
		if (port >= request->range[i].first &&
		    port <= request->range[i].last)
			return true;
	return !request->nr_ranges;
}

/**
 * row_wanted() - tell whether a row was asked for
 * @request: by this
 * @row: which
 *
 * Return: whether it was.
 */
bool row_wanted(const struct request *request, const struct table_row *row)
{
	return in_ranges(request, row->port) &&
	       (!request->by_role || row->role == request->role);
}

static bool is_blank(const struct table_row *row)
{
	for (int i = 0; i < TW_NR_COLUMNS; i++)
		if (row->value[i])
			return false;
	return true;
}

/**
 * rows_select() - drop the rows that nobody asked for, and sort the others
 * @stats: of tw_stats
 * @request: what was asked for
 *
 * Those in which nothing is go as well.
 */
void rows_select(struct table *stats, const struct request *request)
{
	int sort = request->sort;
	size_t nr = 0;

	if (sort >= 0 && !stats->has[sort])
		error(EXIT_NOTHING, 0, "--sort: this tw_stats has no column %s",
		      column_name[sort]);
	for (size_t i = 0; i < stats->nr_rows; i++)
		if (row_wanted(request, &stats->row[i]) &&
		    !is_blank(&stats->row[i]))
			stats->row[nr++] = stats->row[i];
	stats->nr_rows = nr;
	if (nr)
		qsort_r(stats->row, nr, sizeof(*stats->row), compare_rows,
			&sort);
}
