// SPDX-License-Identifier: GPL-2.0-only
/*
 * The minisockets that are alive now.  Each has an entry here, found by its
 * address, from its making to its end; in between no other minisocket can have
 * that address.
 *
 * Why not an rhashtable: what an entry is (in FIN_WAIT2, in TIME_WAIT, gone)
 * and whether it is in the table must change together, under one lock, because
 * a promotion, a re-arming and two ends can meet on four CPUs.  The table has
 * the size of the kernel's own table of connections, in which it finds each of
 * these minisockets in turn, so the chains are no longer here than there.
 */
#include <linux/hash.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/log2.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/timer.h>
#include <net/inet_hashtables.h>
#include <net/inet_timewait_sock.h>
#include <net/net_namespace.h>
#include <net/tcp.h>

#include "minisock.h"
#include "ports.h"

/* Guarded by the lock of the stripe that @tw falls into. */
struct minisock {
	struct hlist_node node;
	const struct inet_timewait_sock *tw; /* compared, not followed */
	struct tw_stay stay;
};

static struct hlist_head *table;
static unsigned int table_bits;
static struct kmem_cache *minisock_cache;

/* The stripe is part of the hash, so its lock guards whole chains. */
static struct hlist_head *chain_of(const struct inet_timewait_sock *tw,
				   unsigned int *stripe)
{
	const u32 hash = hash_ptr(tw, table_bits);

	*stripe = hash & (tw_nr_stripes - 1);
	return &table[hash];
}

static struct minisock *minisock_find(const struct hlist_head *chain,
				      const struct inet_timewait_sock *tw)
{
	struct minisock *m;

	hlist_for_each_entry(m, chain, node)
		if (m->tw == tw)
			return m;
	return NULL;
}

static void minisock_end(struct minisock *m, enum tw_column cause)
{
	hlist_del(&m->node);
	tw_stay_end(&m->stay, cause, ktime_get_ns());
	kmem_cache_free(minisock_cache, m);
}

static void minisock_insert(struct minisock *m, struct hlist_head *chain,
			    const struct inet_timewait_sock *tw,
			    struct tw_row *row, unsigned int stripe)
{
	m->tw = tw;
	m->stay.row = row;
	m->stay.stripe = stripe;
	m->stay.no_reuseaddr = !tw->tw_reuse;
	hlist_add_head(&m->node, chain);
}

static void minisock_make(const struct inet_timewait_sock *tw,
			  struct tw_row *row)
{
	struct minisock *m, *stale;
	struct hlist_head *chain;
	unsigned int stripe;

	m = kmem_cache_alloc(minisock_cache, GFP_ATOMIC | __GFP_NOWARN);
	chain = chain_of(tw, &stripe);

	spin_lock_bh(tw_stripe_lock(stripe));
	/*
	 * Somebody ended without being seen: inet_twsk_purge() with the end
	 * inlined does that to a namespace that is about to be dismantled.
	 */
	stale = minisock_find(chain, tw);
	if (stale)
		minisock_end(stale, TW_COL_OTHER);

	if (!m) {
		tw_row_untracked(row, stripe);
	} else {
		minisock_insert(m, chain, tw, row, stripe);
		if (tw->tw_substate == TCP_FIN_WAIT2)
			tw_stay_begin_fin_wait2(&m->stay);
		else
			tw_stay_begin(&m->stay, ktime_get_ns());
	}
	spin_unlock_bh(tw_stripe_lock(stripe));
}

/**
 * tw_minisock_made() - inet_twsk_hashdance*() is about to publish a minisocket
 * @tw: filled in, but not to be found by anyone yet
 *
 * Context: softirq, or process context with BH on or off.
 */
void tw_minisock_made(const struct inet_timewait_sock *tw)
{
	struct tw_row *row;

	/* Keeps the row until its namespace knows of the entry. */
	rcu_read_lock();
	row = tw_ports_row_of(twsk_net(tw), tw->tw_num, ntohs(tw->tw_dport));
	if (row)
		minisock_make(tw, row);
	rcu_read_unlock();
}

/**
 * tw_minisock_armed() - __inet_twsk_schedule() is about to re-arm the timer
 * @tw: referenced by the caller
 *
 * The substate tells which it is.  Two CPUs with two copies of the peer's FIN
 * may both get here; the first under the lock promotes, the second re-arms.
 *
 * Context: BH disabled.
 */
void tw_minisock_armed(const struct inet_timewait_sock *tw)
{
	struct hlist_head *chain;
	unsigned int stripe;
	struct minisock *m;

	lockdep_assert_in_softirq();

	chain = chain_of(tw, &stripe);
	spin_lock(tw_stripe_lock(stripe));
	m = minisock_find(chain, tw);
	if (m && m->stay.fin_wait2)
		tw_stay_promote(&m->stay, ktime_get_ns());
	else if (m && timer_pending(&tw->tw_timer))
		tw_stay_rearm(&m->stay);
	spin_unlock(tw_stripe_lock(stripe));
}

/**
 * tw_minisock_ended() - a minisocket is about to end
 * @tw: referenced by the caller
 * @cause: the column of the cause
 *
 * A timer and somebody who ends the minisocket early may both get here.  Who
 * comes first under the lock is counted, and the other finds nothing.
 *
 * Context: BH disabled.
 */
void tw_minisock_ended(const struct inet_timewait_sock *tw,
		       enum tw_column cause)
{
	struct hlist_head *chain;
	unsigned int stripe;
	struct minisock *m;

	lockdep_assert_in_softirq();

	chain = chain_of(tw, &stripe);
	spin_lock(tw_stripe_lock(stripe));
	m = minisock_find(chain, tw);
	if (m)
		minisock_end(m, cause);
	spin_unlock(tw_stripe_lock(stripe));
}

/* When a timer that is pending now was armed, if it was for TIME_WAIT. */
static u32 armed_at(const struct inet_timewait_sock *tw)
{
	return READ_ONCE(tw->tw_timer.expires) - TCP_TIMEWAIT_LEN;
}

static void stay_adopt(struct tw_stay *stay,
		       const struct inet_timewait_sock *tw)
{
	const u32 armed = armed_at(tw);
	const u32 age = (u32)jiffies - armed;

	if (tw->tw_substate == TCP_FIN_WAIT2)
		tw_stay_begin_fin_wait2(stay);
	else
		tw_stay_adopt(stay, ktime_get_ns() - jiffies_to_nsecs(age),
			      armed);
}

/**
 * tw_minisock_adopt() - follow a minisocket that may have been there before us
 * @tw: referenced by the caller
 * @row: its row, in a namespace that is referenced by the caller
 *
 * Nothing happens if it is followed already or has ended.  Meanwhile it may be
 * promoted or end on another CPU:
 *
 *  - That CPU sets tw_substate, then takes the lock in tw_minisock_armed() and
 *    finds nothing.  Then the substate that is read here, under the same lock
 *    and later, is the new one.
 *  - Likewise for a timer, which is no longer pending when its handler runs.
 *  - Only who ends it early is in tw_minisock_ended() with the timer pending.
 *    tw_adopt() looks for these once more after a grace period.
 *
 * Context: process context.
 */
void tw_minisock_adopt(const struct inet_timewait_sock *tw, struct tw_row *row)
{
	struct minisock *m = kmem_cache_alloc(minisock_cache, GFP_KERNEL);
	struct hlist_head *chain;
	unsigned int stripe;

	chain = chain_of(tw, &stripe);
	spin_lock_bh(tw_stripe_lock(stripe));
	if (timer_pending(&tw->tw_timer) && !minisock_find(chain, tw)) {
		if (m) {
			minisock_insert(m, chain, tw, row, stripe);
			stay_adopt(&m->stay, tw);
			m = NULL;
		} else {
			tw_row_untracked(row, stripe);
		}
	}
	spin_unlock_bh(tw_stripe_lock(stripe));

	if (m)
		kmem_cache_free(minisock_cache, m);
}

/* Under the lock of the stripe. */
static void minisock_drop(struct tw_stay *stay)
{
	struct minisock *m = container_of(stay, struct minisock, stay);

	hlist_del(&m->node);
	kmem_cache_free(minisock_cache, m);
}

/*
 * The namespace goes before its minisockets do: TCP's own exit comes later.
 * Entries that cannot be told from their end any more are forgotten here.
 */
static void __net_exit tw_minisock_exit_net(struct net *net)
{
	tw_ports_drain(net, minisock_drop);
}

static struct pernet_operations tw_minisock_net_ops = {
	.exit = tw_minisock_exit_net,
};

/**
 * tw_minisock_init() - get ready to follow minisockets
 *
 * Context: process context, after tw_ports_init().
 * Return: 0 or -ENOMEM.
 */
int __init tw_minisock_init(void)
{
	const struct inet_hashinfo *hashinfo =
		init_net.ipv4.tcp_death_row.hashinfo;
	int err;

	BUILD_BUG_ON(sizeof(struct minisock) > 64);

	table_bits =
		max(ilog2(hashinfo->ehash_mask + 1), ilog2(TW_MAX_STRIPES));
	table = kvcalloc(1UL << table_bits, sizeof(*table), GFP_KERNEL);
	if (!table)
		return -ENOMEM;

	minisock_cache = kmem_cache_create("tw_stats_minisock",
					   sizeof(struct minisock), 0, 0, NULL);
	if (!minisock_cache) {
		err = -ENOMEM;
		goto err_free_table;
	}

	err = register_pernet_subsys(&tw_minisock_net_ops);
	if (err)
		goto err_destroy_cache;
	return 0;

err_destroy_cache:
	kmem_cache_destroy(minisock_cache);
err_free_table:
	kvfree(table);
	return err;
}

/**
 * tw_minisock_exit() - forget all minisockets
 *
 * Context: process context, when no hook calls in any more.
 */
void tw_minisock_exit(void)
{
	unregister_pernet_subsys(&tw_minisock_net_ops);
	kmem_cache_destroy(minisock_cache);
	kvfree(table);
}
