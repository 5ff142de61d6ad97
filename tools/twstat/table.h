/* SPDX-License-Identifier: GPL-2.0-only */
/* What stands in /proc/net/tw_stats or /proc/net/tw_hist, by column name. */
#ifndef TWSTAT_TABLE_H
#define TWSTAT_TABLE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>
#include <linux/tw_stats.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

/* Enough for a row of either file. */
#define TABLE_MAX_COLUMNS 32

static_assert((int)TW_NR_COLUMNS <= TABLE_MAX_COLUMNS,
	      "tw_stats has more columns");
static_assert((int)TW_NR_HIST_BUCKETS <= TABLE_MAX_COLUMNS,
	      "tw_hist has more columns");

struct table_row {
	enum tw_role role;
	unsigned int port;
	__u64 value[TABLE_MAX_COLUMNS]; /* 0 where there is no such column */
};

/* @has: by enum tw_column or tw_hist_bucket */
struct table {
	bool has[TABLE_MAX_COLUMNS];
	struct table_row *row;
	size_t nr_rows;
};

struct table_error {
	char text[160];
};

extern const char *const role_name[TW_NR_ROLES];
extern const char *const column_name[TW_NR_COLUMNS];
extern const char *const bucket_name[TW_NR_HIST_BUCKETS];

bool table_parse(struct table *table, const char *const *name, int nr_names,
		 char *text, size_t size, struct table_error *error);
void table_free(struct table *table);

const struct table_row *table_find(const struct table *table, enum tw_role role,
				   unsigned int port);
__u64 row_held(const struct table_row *row);

#endif /* TWSTAT_TABLE_H */
