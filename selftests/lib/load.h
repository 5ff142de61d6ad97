/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A load of random connections.  Each worker is a thread that opens and closes
 * connections on a port of its own, decides by a seed what comes next, and keeps
 * a ledger of what each must have done to the rows of its port.
 *
 * All workers are threads of one process, so that a switch between two of them
 * leaves the TLB alone: an emulated machine would spend most of its time on that.
 */
#ifndef TW_SELFTESTS_LOAD_H
#define TW_SELFTESTS_LOAD_H

#include <stdbool.h>
#include <sys/types.h>

#include <linux/types.h>
#include <linux/tw_stats.h>

#define LOAD_MAX_WORKERS 32

/* The first worker's; the others take the next ones. */
#define LOAD_PORT 1000

/* Routed to loopback by load_netns(): more addresses than ::1. */
#define LOAD_V6_PREFIX "2001:db8:1::"

enum load_kind {
	LOAD_MIX, /* all that two ends on loopback can do to each other */
	LOAD_REFUSED, /* what is known even if TIME_WAIT may be refused */
	LOAD_NARROW, /* the kernel has few ports to choose from, and reuses them */
	LOAD_RAW, /* segment by segment, from behind a TUN device */
	NR_LOAD_KINDS
};

/* By role, since only those of a worker's port have a ledger. */
struct ledger {
	__u64 row[TW_ANY][TW_NR_COLUMNS];
};

/* Shared by the workers' process, which writes, and the test's, which reads. */
struct load_worker {
	unsigned int number;
	enum load_kind kind;
	int netns;
	unsigned int port;
	__u64 random;
	struct ledger ledger;
	unsigned int paused; /* at which of the test's pauses it has arrived */
	const unsigned int *pause;
};

struct load {
	pid_t pid; /* of the workers; 0 when it has ended */
	unsigned int nr;
	struct load_worker *worker;
	unsigned int *pause; /* counts pauses and resumptions: odd in a pause */
	struct ledger *since; /* of each worker: where the comparison begins, */
	struct ledger *shown; /* and what the rows showed then */
};

bool load_netns(enum load_kind kind);
bool load_init(struct load *load);
void load_add(struct load *load, enum load_kind kind, int netns, __u64 seed);
bool load_begin(struct load *load);
bool load_pause(struct load *load);
void load_resume(struct load *load);
bool load_start(struct load *load, unsigned int nr);
void load_end(struct load *load);

__u64 load_entered(const struct load *load);
bool load_moves(struct load *load, __u64 entries);
void load_copy(const struct load *load, struct ledger copy[]);
bool load_restart(struct load *load, int netns);
bool load_agrees(const struct load *load, int netns);
bool load_lies_between(const struct load *load, int netns,
		       const struct ledger before[],
		       const struct ledger after[]);

/* For the workers. */
unsigned int load_dice(struct load_worker *worker, unsigned int sides);
void load_note(struct load_worker *worker, enum tw_role role,
	       enum tw_column column, int change);
void load_wait(struct load_worker *worker);
void load_mix(struct load_worker *worker);
void load_raw(struct load_worker *worker);

#endif /* TW_SELFTESTS_LOAD_H */
