/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TW_STATS_ROW_H
#define _TW_STATS_ROW_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/list.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include <linux/tw_stats.h>

/*
 * A row's counters are split into stripes.  A minisocket falls into one stripe
 * by its address and stays there, so that all of its life is booked under one
 * lock, tw_stripe_lock(), and the books of a stripe always balance.
 */
#define TW_MAX_STRIPES 16

extern unsigned int tw_nr_stripes;

extern struct tw_stripe_lock {
	spinlock_t lock; /* of one stripe, on a cache line of its own */
} ____cacheline_aligned_in_smp tw_stripe_locks[TW_MAX_STRIPES];

/* What is counted by the event, with no minisocket behind it. */
enum tw_event {
	TW_EVENT_OVERFLOW,
	TW_EVENT_CLOSED_FIRST,
	TW_EVENT_CLOSED_SECOND,
	TW_EVENT_CLOSED_BOTH,
	TW_EVENT_ABORTED,
	TW_NR_EVENTS
};

/**
 * struct tw_stripe - one stripe of a row
 * @n: by column, but for those of time: MAX_MS is in ns, and TIME_MS and
 *	CLEAR_MS are not kept but follow from the rest
 * @stayed_ns: what STAYED_MS lacks, below STAYED_CARRY_NS
 * @hist: by bucket
 * @waiting: stays in TIME_WAIT, the one whose timer was armed last first
 * @adopted: likewise, those whose timer was armed before we were there
 * @since_sum: the sum of &tw_stay.since over these two, modulo 2^64
 * @fin_wait2: those not in TIME_WAIT yet, in no order
 * @event: what has no minisocket; atomic, the rest is under the lock
 */
struct tw_stripe {
	u64 n[TW_NR_COLUMNS];
	u64 stayed_ns;
	u64 hist[TW_NR_HIST_BUCKETS];
	struct hlist_head waiting;
	struct hlist_head adopted;
	u64 since_sum;
	struct hlist_head fin_wait2;
	atomic64_t event[TW_NR_EVENTS];
} ____cacheline_aligned_in_smp;

/**
 * struct tw_row - what is counted for one role and port of a namespace
 * @role: whose port it is
 * @port: in host order
 * @of_users: of a namespace that anybody may have made
 * @stripe: the counters
 */
struct tw_row {
	enum tw_role role;
	u16 port;
	bool of_users;
	struct tw_stripe stripe[];
};

/**
 * struct tw_stay - one minisocket, as its row counts it
 * @link: in its stripe of @row, guarded by the lock of that stripe, as the rest
 * @row: where it is counted
 * @since: start of TIME_WAIT, in ns of ktime_get_ns()
 * @armed: when its timer was last armed, in jiffies cut to 32 bits
 * @stripe: which stripe of @row
 * @index: in the chunk of memory that it is part of, for who made that
 * @no_reuseaddr: its socket had no SO_REUSEADDR
 * @fin_wait2: not in TIME_WAIT yet; @since and @armed mean nothing
 */
struct tw_stay {
	struct hlist_node link;
	struct tw_row *row;
	u64 since;
	u32 armed;
	u8 stripe;
	u8 index;
	bool no_reuseaddr;
	bool fin_wait2;
};

/**
 * struct tw_snapshot - a row at one moment, in the units of the interface
 * @role: of the row
 * @port: of the row
 * @column: the columns of /proc/net/tw_stats
 * @hist: the columns of /proc/net/tw_hist
 */
struct tw_snapshot {
	enum tw_role role;
	u16 port;
	u64 column[TW_NR_COLUMNS];
	u64 hist[TW_NR_HIST_BUCKETS];
};

int tw_row_init(void);
void tw_row_exit(void);

/**
 * tw_stripe_lock() - the lock of one stripe, across all rows and namespaces
 * @stripe: below tw_nr_stripes
 *
 * Return: the lock, to be taken with BH disabled.
 */
static inline spinlock_t *tw_stripe_lock(unsigned int stripe)
{
	return &tw_stripe_locks[stripe].lock;
}

/**
 * tw_row_count() - count what has no minisocket
 * @row: where
 * @event: what
 *
 * Context: any.
 */
static inline void tw_row_count(struct tw_row *row, enum tw_event event)
{
	/* Any stripe will do; that of this CPU keeps its cache lines here. */
	const unsigned int stripe = raw_smp_processor_id() &
				    (tw_nr_stripes - 1);

	atomic64_inc(&row->stripe[stripe].event[event]);
}

struct tw_row *tw_row_alloc(enum tw_role role, u16 port, bool of_users,
			    gfp_t gfp);
void tw_row_free(struct tw_row *row);
void tw_row_untracked(struct tw_row *row, unsigned int stripe);
void tw_row_fold(struct tw_row *row, struct tw_snapshot *snap);
void tw_row_drain(struct tw_row *row, void (*drop)(struct tw_stay *stay));

void tw_stay_begin_fin_wait2(struct tw_stay *stay);
void tw_stay_begin(struct tw_stay *stay, u64 now);
void tw_stay_adopt(struct tw_stay *stay, u64 since, u32 armed);
void tw_stay_disown(struct tw_stay *stay);
void tw_stay_promote(struct tw_stay *stay, u64 now);
void tw_stay_rearm(struct tw_stay *stay);
void tw_stay_end(struct tw_stay *stay, enum tw_column cause, u64 now);

#endif /* _TW_STATS_ROW_H */
