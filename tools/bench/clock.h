/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TW_BENCH_CLOCK_H
#define TW_BENCH_CLOCK_H

#include <time.h>

#define NSEC_PER_MSEC 1000000LL
#define NSEC_PER_SEC 1000000000LL

/* In a virtual machine whose clock counts instructions, a ns is one. */
static inline long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

static inline void sleep_until(long long ns)
{
	const struct timespec then = { .tv_sec = ns / NSEC_PER_SEC,
				       .tv_nsec = ns % NSEC_PER_SEC };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &then, NULL);
}

#endif /* TW_BENCH_CLOCK_H */
