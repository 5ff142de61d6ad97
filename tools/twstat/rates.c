// SPDX-License-Identifier: GPL-2.0-only
#include <error.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "rates.h"
#include "twstat.h"

/* False when a counter is less than it was. */
static bool subtract(struct table_row *row, const struct table_row *before)
{
	for (int i = 0; before && i < TW_NR_COLUMNS; i++) {
		if (!column_of[i].counter)
			continue;
		if (row->value[i] < before->value[i])
			return false;
		row->value[i] -= before->value[i];
	}
	return true;
}

/* Rows come, but they never go. */
static bool row_is_missing(const struct table *before,
			   const struct table *after)
{
	for (size_t i = 0; i < before->nr_rows; i++)
		if (!table_find(after, before->row[i].role,
				before->row[i].port))
			return true;
	return false;
}

static bool grow(struct table *growth, const struct table *before)
{
	for (size_t i = 0; i < growth->nr_rows; i++) {
		struct table_row *row = &growth->row[i];

		if (!subtract(row, table_find(before, row->role, row->port)))
			return false;
	}
	return !row_is_missing(before, growth);
}

static void copy_rows(struct table *to, const struct table *from)
{
	*to = *from;
	to->row = calloc(from->nr_rows + 1, sizeof(*to->row));
	if (!to->row)
		error(EXIT_NOTHING, 0, "out of memory");
	if (from->nr_rows)
		memcpy(to->row, from->row, from->nr_rows * sizeof(*to->row));
}

/**
 * rates_make() - compare two samples
 * @rates: filled in, for rates_free()
 * @before: the first
 * @after: the second
 *
 * Where a counter has gone back or a row is gone, the module was loaded anew in
 * between.  Nothing is known of the growth then: the counters are those of
 * @after, and the time is 0.
 */
void rates_make(struct rates *rates, const struct sample *before,
		const struct sample *after)
{
	copy_rows(&rates->growth, &after->stats);
	rates->ms = after->ms - before->ms;
	if (rates->ms > 0 && grow(&rates->growth, &before->stats))
		return;

	rates_free(rates);
	copy_rows(&rates->growth, &after->stats);
	rates->ms = 0;
}

/**
 * rates_free() - free what rates_make() has made
 * @rates: of which
 */
void rates_free(struct rates *rates)
{
	table_free(&rates->growth);
}

/**
 * rate_of() - make a rate of a growth
 * @rates: in which it is
 * @growth: of a counter
 *
 * Return: by how much it grew in a second.  Of time_ms, that is a thousand times
 * the mean number of sockets.
 */
double rate_of(const struct rates *rates, __u64 growth)
{
	return rates->ms ? growth * 1000.0 / rates->ms : 0;
}
