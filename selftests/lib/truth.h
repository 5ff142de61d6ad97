/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The equations that always hold: what the module shows against what the
 * kernel itself knows, in the current network namespace.
 */
#ifndef TW_SELFTESTS_TRUTH_H
#define TW_SELFTESTS_TRUTH_H

#include <stdbool.h>

#include <linux/types.h>

#include "rows.h"

/* Kernel counters of this namespace that sums over the rows can be held to. */
enum kernel_counter {
	KERNEL_TW, /* minisockets made */
	KERNEL_TW_KILLED, /* the same, made with a timeout of 4 s or less */
	KERNEL_TW_RECYCLED, /* ended by a local connect() */
	KERNEL_TW_OVERFLOW, /* refused */
	NR_KERNEL_COUNTERS
};

/* Where a test began. */
struct truth {
	__u64 kernel[NR_KERNEL_COUNTERS];
	__u64 sum[TW_NR_COLUMNS];
	unsigned long taint;
	/* How many FIN_WAIT2 minisockets a connect() ended: set by the test. */
	unsigned int fin_wait2_recycled;
};

void truth_server_port(unsigned int port, bool is_server);

bool truth_start(struct truth *truth);
bool truth_restart(struct truth *truth);
bool truth_holds(const struct truth *truth);
bool truth_holds_while_they_end(const struct truth *truth);

long long kernel_counter(enum kernel_counter counter);
int sockstat_tw(void);
int ss_count(const char *state);

#endif /* TW_SELFTESTS_TRUTH_H */
