/* SPDX-License-Identifier: GPL-2.0-only */
/* Where everything comes from: /proc, or copies of it. */
#ifndef TWSTAT_PROC_H
#define TWSTAT_PROC_H

#include <stdbool.h>
#include <time.h>

#include "table.h"

/**
 * struct sample - tw_stats at one moment
 * @stats: its rows
 * @ms: when, in ms of a clock that is never set
 * @clock: the same moment, by the clock on the wall
 */
struct sample {
	struct table stats;
	long long ms;
	time_t clock;
};

/* What connect() and the timers may do, from /proc/sys/net/ipv4. */
struct limits {
	unsigned int port_first;
	unsigned int port_last;
	bool reserved[65536];
	unsigned int nr_reserved; /* of those between the two */
	unsigned int nr_ports; /* that connect() tries */
	unsigned int tw_reuse;
	unsigned int reuse_delay_ms;
	bool timestamps;
	unsigned int fin_timeout; /* in s */
};

void proc_add_copy(const char *directory);
void proc_enter_netns(const char *name);
bool proc_is_copy(void);

void sample_read(struct sample *sample);
bool sample_next(struct sample *sample, double interval);
void sample_free(struct sample *sample);
void sample_require(const struct sample *sample, const enum tw_column *column,
		    size_t nr);
void hist_read(struct table *hist);

void limits_read(struct limits *limits);
bool port_is_ephemeral(const struct limits *limits, unsigned int port);

#endif /* TWSTAT_PROC_H */
