/* SPDX-License-Identifier: GPL-2.0 */
/* Stays in TIME_WAIT, as the tracer has seen them. */
#ifndef TW_SELFTESTS_STAYS_H
#define TW_SELFTESTS_STAYS_H

#include <stddef.h>

#include <linux/types.h>

#include "tracer.h"

/*
 * A completed stay.  It began between two traced events and ended between two
 * others, so it lasted at least and at most so long, whoever was kept waiting in
 * between.
 */
struct stay {
	unsigned int num; /* our port */
	unsigned int dport; /* the peer's */
	__u64 shortest_us;
	__u64 longest_us;
};

struct stays {
	struct stay *stay;
	size_t nr;
};

void stays_of(const struct trace *trace, struct stays *stays);

#endif /* TW_SELFTESTS_STAYS_H */
