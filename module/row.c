// SPDX-License-Identifier: GPL-2.0-only
/*
 * A row: what is counted for one role and port, and how that becomes a
 * snapshot.
 *
 * Locking.  What minisockets count is guarded by the lock of their stripe,
 * which serves that stripe of all rows, and the entries of the minisockets
 * themselves.  What is counted without a minisocket is atomic.
 *
 * Why not per CPU: a minisocket is made on one CPU and may end on another, so
 * that counters per CPU balance at rest only.  Those of a stripe balance
 * whenever its lock is free, and a reader under load sees exact books.  Also a
 * row is made in softirq context, where the per-CPU allocator soon runs dry.
 */
#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>
#include <net/tcp.h>

#include "row.h"

static const enum tw_column event_column[] = {
	[TW_EVENT_OVERFLOW] = TW_COL_OVERFLOW,
	[TW_EVENT_CLOSED_FIRST] = TW_COL_CLOSED_FIRST,
	[TW_EVENT_CLOSED_SECOND] = TW_COL_CLOSED_SECOND,
	[TW_EVENT_CLOSED_BOTH] = TW_COL_CLOSED_BOTH,
	[TW_EVENT_ABORTED] = TW_COL_ABORTED,
};

#define EDGE_NS(id, name, ms) [id] = 1ULL * NSEC_PER_MSEC * (ms),

static const u64 hist_edge_ns[] = { TW_HIST_BUCKETS(EDGE_NS) };

/*
 * A sum of stays in ns would be through 64 bits in a week of 28,000 sockets, so
 * it is turned into ms, by the hour lest each end pays for a division.
 */
#define STAYED_CARRY_NS (3600ULL * NSEC_PER_SEC)

struct tw_stripe_lock tw_stripe_locks[TW_MAX_STRIPES];

unsigned int tw_nr_stripes __ro_after_init;
static struct kmem_cache *row_cache __ro_after_init;

/**
 * tw_row_alloc() - make a row with nothing counted
 * @role: of the row
 * @port: of the row, in host order
 * @of_users: whether anybody may have made its namespace
 * @gfp: how to allocate
 *
 * Return: the row, for tw_row_free(), or NULL without memory.
 */
struct tw_row *tw_row_alloc(enum tw_role role, u16 port, bool of_users,
			    gfp_t gfp)
{
	struct tw_row *row = kmem_cache_zalloc(row_cache, gfp);

	if (!row)
		return NULL;

	row->role = role;
	row->port = port;
	row->of_users = of_users;
	return row;
}

/**
 * tw_row_free() - free a row that tw_row_drain() has emptied
 * @row: from tw_row_alloc()
 */
void tw_row_free(struct tw_row *row)
{
	kmem_cache_free(row_cache, row);
}

/**
 * tw_row_untracked() - count a minisocket that cannot be followed
 * @row: its row
 * @stripe: its stripe, whose lock the caller holds
 */
void tw_row_untracked(struct tw_row *row, unsigned int stripe)
{
	lockdep_assert_held(tw_stripe_lock(stripe));

	row->stripe[stripe].n[TW_COL_UNTRACKED]++;
}

static struct tw_stripe *stripe_of(const struct tw_stay *stay)
{
	lockdep_assert_held(tw_stripe_lock(stay->stripe));

	return &stay->row->stripe[stay->stripe];
}

/**
 * tw_stay_begin_fin_wait2() - a FIN_WAIT2 minisocket was made
 * @stay: with row and stripe filled in
 *
 * Context: the lock of the stripe is held, as for all tw_stay_*().
 */
void tw_stay_begin_fin_wait2(struct tw_stay *stay)
{
	struct tw_stripe *stripe = stripe_of(stay);

	stay->fin_wait2 = true;
	hlist_add_head(&stay->link, &stripe->fin_wait2);
	stripe->n[TW_COL_FIN_WAIT2]++;
	stripe->n[TW_COL_NO_REUSEADDR] += stay->no_reuseaddr;
}

static struct tw_stripe *begin(struct tw_stay *stay, enum tw_column how,
			       u64 since, u32 armed)
{
	struct tw_stripe *stripe = stripe_of(stay);

	stay->fin_wait2 = false;
	stay->since = since;
	stay->armed = armed;
	stripe->n[how]++;
	stripe->n[TW_COL_CURRENT]++;
	stripe->n[TW_COL_NO_REUSEADDR] += stay->no_reuseaddr;
	stripe->since_sum += since;
	return stripe;
}

/**
 * tw_stay_begin() - a socket enters TIME_WAIT
 * @stay: with row and stripe filled in
 * @now: ktime_get_ns()
 */
void tw_stay_begin(struct tw_stay *stay, u64 now)
{
	struct tw_stripe *stripe = begin(stay, TW_COL_ENTERED, now, jiffies);

	hlist_add_head(&stay->link, &stripe->waiting);
}

/**
 * tw_stay_adopt() - a socket was in TIME_WAIT before we were there
 * @stay: with row and stripe filled in
 * @since: when it entered, in ns of ktime_get_ns()
 * @armed: when its timer was last armed, in jiffies
 *
 * Quick when called in the order in which they were armed: it is searched for
 * its place from the front.
 */
void __init tw_stay_adopt(struct tw_stay *stay, u64 since, u32 armed)
{
	struct tw_stripe *stripe = begin(stay, TW_COL_ADOPTED, since, armed);
	struct tw_stay *other, *later = NULL;

	hlist_for_each_entry(other, &stripe->adopted, link) {
		if ((s32)(other->armed - armed) <= 0)
			break;
		later = other;
	}
	if (later)
		hlist_add_behind(&stay->link, &later->link);
	else
		hlist_add_head(&stay->link, &stripe->adopted);
}

/**
 * tw_stay_disown() - undo tw_stay_adopt(), or tw_stay_begin_fin_wait2()
 * @stay: which is off all lists afterwards
 */
void __init tw_stay_disown(struct tw_stay *stay)
{
	struct tw_stripe *stripe = stripe_of(stay);

	hlist_del(&stay->link);
	stripe->n[TW_COL_NO_REUSEADDR] -= stay->no_reuseaddr;
	if (stay->fin_wait2) {
		stripe->n[TW_COL_FIN_WAIT2]--;
		return;
	}
	stripe->n[TW_COL_ADOPTED]--;
	stripe->n[TW_COL_CURRENT]--;
	stripe->since_sum -= stay->since;
}

/**
 * tw_stay_promote() - the FIN came: from FIN_WAIT2 into TIME_WAIT
 * @stay: one that began by tw_stay_begin_fin_wait2()
 * @now: ktime_get_ns()
 */
void tw_stay_promote(struct tw_stay *stay, u64 now)
{
	struct tw_stripe *stripe = stripe_of(stay);

	hlist_del(&stay->link);
	stripe->n[TW_COL_FIN_WAIT2]--;
	stripe->n[TW_COL_NO_REUSEADDR] -= stay->no_reuseaddr;
	tw_stay_begin(stay, now);
}

/**
 * tw_stay_rearm() - the wait starts over
 * @stay: one in TIME_WAIT
 */
void tw_stay_rearm(struct tw_stay *stay)
{
	struct tw_stripe *stripe = stripe_of(stay);

	stay->armed = jiffies;
	hlist_del(&stay->link);
	hlist_add_head(&stay->link, &stripe->waiting);
	stripe->n[TW_COL_REARMED]++;
}

static enum tw_hist_bucket hist_bucket(u64 ns)
{
	/* Most stays are neither cut short nor prolonged. */
	enum tw_hist_bucket b = TW_LE_63S;

	while (b && ns <= hist_edge_ns[b - 1])
		b--;
	while (b < TW_LONGER && ns > hist_edge_ns[b])
		b++;
	return b;
}

static void add_stayed(struct tw_stripe *stripe, u64 ns)
{
	u32 rest;

	stripe->stayed_ns += ns;
	if (likely(stripe->stayed_ns < STAYED_CARRY_NS))
		return;
	stripe->n[TW_COL_STAYED_MS] +=
		div_u64_rem(stripe->stayed_ns, NSEC_PER_MSEC, &rest);
	stripe->stayed_ns = rest;
}

/**
 * tw_stay_end() - the minisocket has come to its end
 * @stay: which is off all lists afterwards
 * @cause: the column of the end's cause, if it was in TIME_WAIT
 * @now: ktime_get_ns()
 */
void tw_stay_end(struct tw_stay *stay, enum tw_column cause, u64 now)
{
	struct tw_stripe *stripe = stripe_of(stay);
	u64 ns;

	hlist_del(&stay->link);
	stripe->n[TW_COL_NO_REUSEADDR] -= stay->no_reuseaddr;
	if (stay->fin_wait2) {
		stripe->n[TW_COL_FIN_WAIT2]--;
		stripe->n[TW_COL_FIN_WAIT2_ENDED]++;
		return;
	}

	ns = now - stay->since;
	stripe->n[TW_COL_CURRENT]--;
	stripe->n[cause]++;
	add_stayed(stripe, ns);
	stripe->n[TW_COL_MAX_MS] = max(stripe->n[TW_COL_MAX_MS], ns);
	stripe->hist[hist_bucket(ns)]++;
	stripe->since_sum -= stay->since;
}

/* How long until the timer that was armed last is due, in jiffies. */
static u64 clear_jiffies(const struct hlist_head *list)
{
	const struct tw_stay *last;
	s32 left;

	if (hlist_empty(list))
		return 0;

	last = hlist_entry(list->first, struct tw_stay, link);
	left = last->armed + TCP_TIMEWAIT_LEN - (u32)jiffies;
	return max(left, 0);
}

/* What stays have lasted besides whole STAYED_MS, in ns. */
struct lasted {
	u64 ended;
	u64 waiting; /* 584 years of one socket is the most that fits */
};

/* Adds a stripe, with MAX_MS still in ns, and CLEAR_MS in jiffies. */
static void fold_stripe(struct tw_snapshot *snap, struct lasted *lasted,
			struct tw_row *row, unsigned int i)
{
	struct tw_stripe *stripe = &row->stripe[i];
	u64 clear = snap->column[TW_COL_CLEAR_MS];
	u64 longest = snap->column[TW_COL_MAX_MS];
	unsigned int k;

	spin_lock_bh(tw_stripe_lock(i));
	for (k = 0; k < TW_NR_COLUMNS; k++)
		snap->column[k] += stripe->n[k];
	for (k = 0; k < TW_NR_HIST_BUCKETS; k++)
		snap->hist[k] += stripe->hist[k];
	/* Inside the lock: no stay of this stripe ends before it or after. */
	lasted->ended += stripe->stayed_ns;
	lasted->waiting +=
		stripe->n[TW_COL_CURRENT] * ktime_get_ns() - stripe->since_sum;
	snap->column[TW_COL_CLEAR_MS] = max3(clear,
					     clear_jiffies(&stripe->waiting),
					     clear_jiffies(&stripe->adopted));
	snap->column[TW_COL_MAX_MS] = max(longest, stripe->n[TW_COL_MAX_MS]);
	spin_unlock_bh(tw_stripe_lock(i));

	for (k = 0; k < TW_NR_EVENTS; k++)
		snap->column[event_column[k]] +=
			atomic64_read(&stripe->event[k]);
}

/**
 * tw_row_fold() - take the snapshot of a row
 * @row: the row, kept alive by the caller
 * @snap: filled in
 *
 * Each stripe is read under its lock, so that what minisockets count balances
 * in every snapshot, and no counter is ever seen to go back.
 *
 * Context: process or BH context.
 */
void tw_row_fold(struct tw_row *row, struct tw_snapshot *snap)
{
	u64 *column = snap->column;
	struct lasted lasted = {};
	unsigned int i;

	memset(snap, 0, sizeof(*snap));
	snap->role = row->role;
	snap->port = row->port;
	for (i = 0; i < tw_nr_stripes; i++)
		fold_stripe(snap, &lasted, row, i);

	column[TW_COL_TIME_MS] =
		column[TW_COL_STAYED_MS] +
		div_u64(lasted.ended + lasted.waiting, NSEC_PER_MSEC);
	column[TW_COL_STAYED_MS] += div_u64(lasted.ended, NSEC_PER_MSEC);
	column[TW_COL_MAX_MS] = div_u64(column[TW_COL_MAX_MS], NSEC_PER_MSEC);
	column[TW_COL_CLEAR_MS] = jiffies_to_msecs(column[TW_COL_CLEAR_MS]);
}

static void drain_list(struct hlist_head *list, spinlock_t *lock,
		       void (*drop)(struct tw_stay *stay))
{
	unsigned int batch;

	do {
		spin_lock_bh(lock);
		for (batch = 256; batch && !hlist_empty(list); batch--) {
			struct tw_stay *stay =
				hlist_entry(list->first, struct tw_stay, link);

			hlist_del(&stay->link);
			drop(stay);
		}
		spin_unlock_bh(lock);
		cond_resched();
	} while (!batch);
}

/**
 * tw_row_drain() - take all stays from a row whose namespace is going
 * @row: the row, which nobody adds to any more
 * @drop: called with each stay, under the lock of its stripe; may free it
 *
 * What is counted does not matter any more, so nothing is.
 *
 * Context: process context.
 */
void tw_row_drain(struct tw_row *row, void (*drop)(struct tw_stay *stay))
{
	unsigned int i;

	for (i = 0; i < tw_nr_stripes; i++) {
		struct tw_stripe *stripe = &row->stripe[i];

		/* In this order: a FIN may still move one to the last. */
		drain_list(&stripe->fin_wait2, tw_stripe_lock(i), drop);
		drain_list(&stripe->adopted, tw_stripe_lock(i), drop);
		drain_list(&stripe->waiting, tw_stripe_lock(i), drop);
	}
}

/**
 * tw_row_init() - get ready to make rows
 *
 * Context: process context.
 * Return: 0 or -ENOMEM.
 */
int __init tw_row_init(void)
{
	struct tw_row *row;
	unsigned int i;

	tw_nr_stripes = min_t(unsigned int, TW_MAX_STRIPES,
			      roundup_pow_of_two(num_possible_cpus()));
	for (i = 0; i < tw_nr_stripes; i++)
		spin_lock_init(tw_stripe_lock(i));

	row_cache = kmem_cache_create("tw_stats_row",
				      struct_size(row, stripe, tw_nr_stripes),
				      0, SLAB_HWCACHE_ALIGN, NULL);
	return row_cache ? 0 : -ENOMEM;
}

/**
 * tw_row_exit() - undo tw_row_init(), after every row was freed
 */
void tw_row_exit(void)
{
	kmem_cache_destroy(row_cache);
}
