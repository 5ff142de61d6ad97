/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rows of /proc/net/tw_stats and /proc/net/tw_hist, found by column name.
 */
#ifndef TW_SELFTESTS_ROWS_H
#define TW_SELFTESTS_ROWS_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>
#include <linux/tw_stats.h>

#include "text.h"

/* Enough for a row of either file. */
#define ROW_MAX_VALUES 32

static_assert((int)TW_NR_COLUMNS <= ROW_MAX_VALUES,
	      "tw_stats has more columns");
static_assert((int)TW_NR_HIST_BUCKETS <= ROW_MAX_VALUES,
	      "tw_hist has more columns");

struct row {
	enum tw_role role;
	unsigned int port;
	__u64 value[ROW_MAX_VALUES]; /* by enum tw_column or tw_hist_bucket */
};

struct rows {
	size_t nr;
	struct row *row;
};

extern const char *const tw_role_name[TW_NR_ROLES];
extern const char *const tw_column_name[TW_NR_COLUMNS];
extern const char *const tw_bucket_name[TW_NR_HIST_BUCKETS];

bool stats_read(struct rows *rows);
bool stats_read_at(const char *path, struct rows *rows);
bool hist_read(struct rows *rows);
void rows_free(struct rows *rows);

const struct row *rows_find(const struct rows *rows, enum tw_role role,
			    unsigned int port);
__u64 row_ended(const struct row *row);
__u64 rows_sum(const struct rows *rows, int column);

int stats_nr_rows(void);
long long stats_value(enum tw_role role, unsigned int port,
		      enum tw_column column);
bool stats_row_is(enum tw_role role, unsigned int port, const char *want, ...);
bool stats_value_between(enum tw_role role, unsigned int port,
			 enum tw_column column, __u64 low, __u64 high);
bool hist_row_is(enum tw_role role, unsigned int port, const char *want, ...);

#endif /* TW_SELFTESTS_ROWS_H */
