/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers as people read them. */
#ifndef TWSTAT_UNITS_H
#define TWSTAT_UNITS_H

#include <linux/types.h>

/* One number; use it within the full expression that makes it, or copy it. */
struct text {
	char s[24];
};

struct text count_text(__u64 count);
struct text rate_text(double rate);
struct text ms_text(__u64 ms);

__u64 add_up(__u64 a, __u64 b);

#endif /* TWSTAT_UNITS_H */
