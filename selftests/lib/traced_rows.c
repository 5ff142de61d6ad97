// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>

#include "kselftest.h"
#include "traced_rows.h"

static struct traced_row *traced_row(struct traced_rows *rows,
				     enum tw_role role, unsigned int port)
{
	int i = 0;

	while (i < rows->nr &&
	       (rows->row[i].role != role || rows->row[i].port != port))
		i++;
	if (i == ARRAY_SIZE(rows->row)) {
		fprintf(stderr, "# more rows than a test may have\n");
		exit(1);
	}
	if (i == rows->nr)
		rows->row[rows->nr++] =
			(struct traced_row){ .role = role, .port = port };
	return &rows->row[i];
}

static enum tw_hist_bucket bucket_of(__u64 us)
{
	static const unsigned int edge_ms[] = TW_HIST_EDGES_MS;
	enum tw_hist_bucket b = 0;

	while (b < TW_LONGER && us > edge_ms[b] * 1000ULL)
		b++;
	return b;
}

/**
 * traced_rows_add() - count a stay
 * @rows: where; zeroed before the first
 * @role: half of the row's key
 * @port: half of the row's key
 * @stay: which
 */
void traced_rows_add(struct traced_rows *rows, enum tw_role role,
		     unsigned int port, const struct stay *stay)
{
	const __u64 bound[2] = { stay->shortest_us, stay->longest_us };
	struct traced_row *row = traced_row(rows, role, port);

	rows->nr_stays++;
	rows->blur_us += stay->longest_us - stay->shortest_us;
	row->nr++;
	for (int i = 0; i < 2; i++) {
		row->time_us[i] += bound[i];
		if (bound[i] > row->max_us[i])
			row->max_us[i] = bound[i];
		row->hist[i][bucket_of(bound[i])]++;
	}
}

static bool row_within(const struct traced_row *row, const char *what,
		       __u64 least, __u64 most, __u64 seen)
{
	if (seen >= least && seen <= most)
		return true;
	fprintf(stderr, "# %s %u %s: traced %llu to %llu, seen %llu\n",
		tw_role_name[row->role], row->port, what, least, most, seen);
	return false;
}

/*
 * A stay whose bounds lie on either side of an edge may be counted on either.
 * Up to each edge there are at least those that are shorter at most, and at most
 * those that are shorter at least.
 */
static bool hist_agrees(const struct traced_row *row, const struct row *hist)
{
	__u64 least = 0, most = 0, seen = 0;
	bool agrees = true;

	for (int i = 0; i < TW_NR_HIST_BUCKETS; i++) {
		least += row->hist[1][i];
		most += row->hist[0][i];
		seen += hist->value[i];
		agrees &= row_within(row, tw_bucket_name[i], least, most, seen);
	}
	return agrees;
}

/* The module shows whole milliseconds, and cuts off the rest. */
static bool stats_agree(const struct traced_row *row, const struct row *stats)
{
	const __u64 *value = stats->value;

	return row_within(row, "ended", row->nr, row->nr,
			  value[TW_COL_EXPIRED] + value[TW_COL_REUSED] +
				  value[TW_COL_REOPENED] + value[TW_COL_RESET] +
				  value[TW_COL_KILLED]) &
	       row_within(row, "entered", row->nr, row->nr,
			  value[TW_COL_ENTERED]) &
	       row_within(row, "time_ms", row->time_us[0] / 1000,
			  row->time_us[1] / 1000, value[TW_COL_TIME_MS]) &
	       row_within(row, "stayed_ms", row->time_us[0] / 1000,
			  row->time_us[1] / 1000, value[TW_COL_STAYED_MS]) &
	       row_within(row, "max_ms", row->max_us[0] / 1000,
			  row->max_us[1] / 1000, value[TW_COL_MAX_MS]);
}

static bool row_agrees(const struct traced_row *row, const struct rows *stats,
		       const struct rows *hist)
{
	static const struct row none;
	const struct row *s = rows_find(stats, row->role, row->port);
	const struct row *h = rows_find(hist, row->role, row->port);

	return stats_agree(row, s ? s : &none) &
	       hist_agrees(row, h ? h : &none);
}

/* No row has seen what the tracer has not. */
static bool all_agree(const struct traced_rows *rows, const struct rows *hist)
{
	__u64 seen = 0;

	for (int i = 0; i < TW_NR_HIST_BUCKETS; i++)
		seen += rows_sum(hist, i);
	if (seen != rows->nr_stays)
		fprintf(stderr, "# stays in all: traced %llu, seen %llu\n",
			rows->nr_stays, seen);
	return seen == rows->nr_stays;
}

/**
 * traced_rows_agree() - hold the module's rows to the traced ones
 * @rows: of all sockets that there have been in this network namespace, and
 *	none of them in TIME_WAIT any more
 *
 * Return: whether they agree; if not, what does not has been printed.
 */
bool traced_rows_agree(const struct traced_rows *rows)
{
	struct rows stats, hist;
	bool agree;

	if (!stats_read(&stats) || !hist_read(&hist))
		exit(1);
	agree = all_agree(rows, &hist);
	for (int i = 0; i < rows->nr; i++)
		agree &= row_agrees(&rows->row[i], &stats, &hist);
	rows_free(&stats);
	rows_free(&hist);
	return agree;
}
