/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Another witness of minisockets: kprobe events of the kernel's own tracer, on
 * functions around those that the module hooks.
 */
#ifndef TW_SELFTESTS_TRACER_H
#define TW_SELFTESTS_TRACER_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

enum trace_kind {
	TRACE_TIME_WAIT, /* a socket is about to become a minisocket */
	TRACE_MADE, /* the minisocket takes its place */
	TRACE_SETTLED, /* it has taken its place */
	TRACE_SEGMENT, /* a segment has come for it */
	TRACE_UNIQUE, /* a connect() wants its port */
	TRACE_ABORT, /* SOCK_DESTROY wants it */
	TRACE_ARM, /* its timer is about to be armed */
	TRACE_ARMED, /* the timer that this CPU was arming is armed */
	TRACE_TIMER, /* the timer of some minisocket has expired on this CPU */
	TRACE_KILL, /* it has ended */
	NR_TRACE_KINDS
};

/* One event; what its kind does not tell is 0. */
struct traced {
	enum trace_kind kind;
	unsigned int cpu;
	__u64 us; /* CLOCK_MONOTONIC, to the nearest microsecond */
	__u64 tw; /* the minisocket's address */
	__u64 sk; /* the full socket's */
	unsigned int substate;
	unsigned int num; /* our port */
	unsigned int dport; /* the peer's */
	bool rearm;
};

struct trace {
	struct traced *event; /* in the order in which they came */
	size_t nr;
	unsigned long lost; /* events that are not there, by the kernel's count */
};

const char *tracer_start(void);
bool tracer_stop(struct trace *trace);
void tracer_remove(void);

#endif /* TW_SELFTESTS_TRACER_H */
