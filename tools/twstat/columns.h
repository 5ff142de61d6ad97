/* SPDX-License-Identifier: GPL-2.0-only */
/* What the columns are: their units, and what they say. */
#ifndef TWSTAT_COLUMNS_H
#define TWSTAT_COLUMNS_H

#include <stdbool.h>

#include <linux/types.h>
#include <linux/tw_stats.h>

#include "units.h"

enum unit { UNIT_SOCKETS, UNIT_EVENTS, UNIT_MS };

/**
 * struct column - a column of tw_stats
 * @heading: where its numbers have units; NULL: its name
 * @unit: of its numbers
 * @counter: it never goes back; or it is a gauge
 * @alarm: it should be 0
 * @longest: over several rows, the largest counts and not the sum
 * @rank: how easily it can be spared, for &struct grid_column
 * @help: what it is, in a line
 * @more: what raises it, and what it does not mean
 */
struct column {
	const char *heading;
	enum unit unit;
	bool counter;
	bool alarm;
	bool longest;
	int rank;
	const char *help;
	const char *more;
};

extern const struct column column_of[TW_NR_COLUMNS];
extern const __u64 bucket_edge_ms[TW_NR_HIST_BUCKETS];

int column_find(const char *name);
__u64 column_total(__u64 total, enum tw_column column, __u64 value);
struct text column_text(enum tw_column column, __u64 value);
const char *column_heading(enum tw_column column);

#endif /* TWSTAT_COLUMNS_H */
