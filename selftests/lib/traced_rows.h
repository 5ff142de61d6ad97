/* SPDX-License-Identifier: GPL-2.0 */
/* What the rows should say by what the tracer has seen. */
#ifndef TW_SELFTESTS_TRACED_ROWS_H
#define TW_SELFTESTS_TRACED_ROWS_H

#include <stdbool.h>

#include <linux/types.h>

#include "rows.h"
#include "stays.h"

/* Durations, and so what hangs on them: at least, and at most. */
struct traced_row {
	enum tw_role role;
	unsigned int port;
	__u64 nr;
	__u64 time_us[2];
	__u64 max_us[2];
	__u64 hist[2][TW_NR_HIST_BUCKETS];
};

struct traced_rows {
	struct traced_row row[64];
	int nr;
	__u64 nr_stays;
	__u64 blur_us; /* how far the bounds of all stays are apart, in sum */
};

void traced_rows_add(struct traced_rows *rows, enum tw_role role,
		     unsigned int port, const struct stay *stay);
bool traced_rows_agree(const struct traced_rows *rows);

#endif /* TW_SELFTESTS_TRACED_ROWS_H */
