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
 * these minisockets in turn, so the chains are no longer here than there, unless
 * namespaces have tables of their own.
 */
#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/hash.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/log2.h>
#include <linux/moduleparam.h>
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
	struct minisock *next; /* in its chain, or among those free */
	const struct inet_timewait_sock *tw; /* compared, not followed */
	struct tw_stay stay;
};

/*
 * Entries are handed out and taken back one by one, but allocated and freed by
 * the chunk, which belongs to a stripe and is guarded by its lock.  A chunk that
 * has free entries is in the pool of its stripe.  One by one they would cost as
 * much as all the rest that is done for a minisocket.
 */
struct chunk {
	struct list_head in_pool;
	struct minisock *free;
	unsigned int nr_used;
	struct minisock entry[];
};

/* Eight chunks, with the word that the slab adds to each, fill eight pages. */
#define CHUNK_ENTRIES                                     \
	((4096 - sizeof(struct chunk) - sizeof(void *)) / \
	 sizeof(struct minisock))

static struct {
	struct list_head chunks;
} ____cacheline_aligned_in_smp pool[TW_MAX_STRIPES];

/*
 * No memory cgroup is charged with entries, as most are made in softirqs.  In the
 * network namespaces that users make, tcp_max_tw_buckets is theirs to set.
 */
static unsigned int max_user_minisockets = 262144;
module_param(max_user_minisockets, uint, 0644);
MODULE_PARM_DESC(max_user_minisockets,
		 "minisockets followed in all namespaces of users (262144)");
static atomic_t nr_user_minisockets;

static struct minisock **table __ro_after_init;
static unsigned int table_bits __ro_after_init;
static struct kmem_cache *chunk_cache __ro_after_init;

/* A chunk comes back with all entries free, and so ready to be used again. */
static void chunk_construct(void *p)
{
	struct chunk *chunk = p;
	unsigned int i;

	chunk->free = NULL;
	chunk->nr_used = 0;
	for (i = 0; i < CHUNK_ENTRIES; i++) {
		chunk->entry[i].stay.index = i;
		chunk->entry[i].next = chunk->free;
		chunk->free = &chunk->entry[i];
	}
}

static struct chunk *chunk_alloc(gfp_t gfp)
{
	return kmem_cache_alloc(chunk_cache, gfp | __GFP_NOWARN);
}

static noinline bool pool_fill(unsigned int stripe)
{
	struct chunk *chunk = chunk_alloc(GFP_ATOMIC);

	if (chunk)
		list_add(&chunk->in_pool, &pool[stripe].chunks);
	return chunk;
}

static noinline void pool_return(unsigned int stripe, struct chunk *chunk)
{
	/* The last one stays, for those who come and go alone. */
	if (list_is_singular(&pool[stripe].chunks))
		return;
	list_del(&chunk->in_pool);
	kmem_cache_free(chunk_cache, chunk);
}

/* CPUs that meet at the limit may both be refused the last place, for now. */
static noinline bool charge_user(void)
{
	if (atomic_inc_return(&nr_user_minisockets) <=
	    READ_ONCE(max_user_minisockets))
		return true;
	atomic_dec(&nr_user_minisockets);
	return false;
}

static inline bool charge(const struct tw_row *row)
{
	return likely(!row->of_users) || charge_user();
}

static inline void uncharge(const struct tw_row *row)
{
	if (unlikely(row->of_users))
		atomic_dec(&nr_user_minisockets);
}

static inline struct minisock *minisock_alloc(unsigned int stripe)
{
	struct list_head *chunks = &pool[stripe].chunks;
	struct minisock *m;
	struct chunk *chunk;

	lockdep_assert_held(tw_stripe_lock(stripe));

	if (unlikely(list_empty(chunks)) && !pool_fill(stripe))
		return NULL;

	chunk = list_first_entry(chunks, struct chunk, in_pool);
	m = chunk->free;
	chunk->free = m->next;
	chunk->nr_used++;
	if (unlikely(!chunk->free))
		list_del(&chunk->in_pool);
	return m;
}

static inline void minisock_free(struct minisock *m, unsigned int stripe)
{
	struct chunk *chunk =
		container_of(m - m->stay.index, struct chunk, entry[0]);

	lockdep_assert_held(tw_stripe_lock(stripe));

	uncharge(m->stay.row);
	if (unlikely(!chunk->free))
		list_add_tail(&chunk->in_pool, &pool[stripe].chunks);
	m->next = chunk->free;
	chunk->free = m;
	if (unlikely(!--chunk->nr_used))
		pool_return(stripe, chunk);
}

/* The stripe is part of the hash, so its lock guards whole chains. */
static struct minisock **chain_of(const struct inet_timewait_sock *tw,
				  unsigned int *stripe)
{
	const u32 hash = hash_ptr(tw, table_bits);

	*stripe = hash & (tw_nr_stripes - 1);
	return &table[hash];
}

/* Returns where a chain points to the entry of @tw, or the end of the chain. */
static struct minisock **minisock_find(struct minisock **chain,
				       const struct inet_timewait_sock *tw)
{
	while (*chain && (*chain)->tw != tw)
		chain = &(*chain)->next;
	return chain;
}

static inline void minisock_end(struct minisock **place, unsigned int stripe,
				enum tw_column cause)
{
	struct minisock *m = *place;

	*place = m->next;
	tw_stay_end(&m->stay, cause, ktime_get_ns());
	minisock_free(m, stripe);
}

/*
 * Somebody ended without being seen: inet_twsk_purge() with the end inlined does
 * that to a namespace that is about to be dismantled.
 */
static noinline void minisock_end_unseen(struct minisock **place,
					 unsigned int stripe)
{
	minisock_end(place, stripe, TW_COL_OTHER);
}

/* Returns NULL without memory, or where users have too many: that is counted. */
static inline struct minisock *
minisock_insert(struct minisock **chain, const struct inet_timewait_sock *tw,
		struct tw_row *row, unsigned int stripe)
{
	struct minisock *m;

	if (unlikely(!charge(row)))
		goto untracked;
	m = minisock_alloc(stripe);
	if (unlikely(!m))
		goto uncharge;

	m->tw = tw;
	m->stay.row = row;
	m->stay.stripe = stripe;
	m->stay.no_reuseaddr = !tw->tw_reuse;
	m->next = *chain;
	*chain = m;
	return m;

uncharge:
	uncharge(row);
untracked:
	tw_row_untracked(row, stripe);
	return NULL;
}

static void minisock_make(const struct inet_timewait_sock *tw,
			  struct tw_row *row)
{
	struct minisock **chain, **unseen;
	unsigned int stripe;
	struct minisock *m;

	chain = chain_of(tw, &stripe);
	spin_lock(tw_stripe_lock(stripe));
	unseen = minisock_find(chain, tw);
	if (unlikely(*unseen))
		minisock_end_unseen(unseen, stripe);

	m = minisock_insert(chain, tw, row, stripe);
	if (m && tw->tw_substate == TCP_FIN_WAIT2)
		tw_stay_begin_fin_wait2(&m->stay);
	else if (m)
		tw_stay_begin(&m->stay, ktime_get_ns());
	spin_unlock(tw_stripe_lock(stripe));
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
	rcu_read_lock_bh();
	row = tw_ports_row_of(twsk_net(tw), tw->tw_num, ntohs(tw->tw_dport));
	if (row)
		minisock_make(tw, row);
	rcu_read_unlock_bh();
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
	struct minisock **chain, *m;
	unsigned int stripe;

	lockdep_assert_in_softirq();

	chain = chain_of(tw, &stripe);
	spin_lock(tw_stripe_lock(stripe));
	m = *minisock_find(chain, tw);
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
	struct minisock **place;
	unsigned int stripe;

	lockdep_assert_in_softirq();

	place = chain_of(tw, &stripe);
	spin_lock(tw_stripe_lock(stripe));
	place = minisock_find(place, tw);
	if (*place)
		minisock_end(place, stripe, cause);
	spin_unlock(tw_stripe_lock(stripe));
}

static enum tw_adoption __init stay_adopt(struct tw_stay *stay,
					  const struct inet_timewait_sock *tw)
{
	const u32 now = jiffies;
	/* When a timer that is pending now was armed, if for TIME_WAIT. */
	u32 armed = READ_ONCE(tw->tw_timer.expires) - TCP_TIMEWAIT_LEN;

	if (READ_ONCE(tw->tw_substate) == TCP_FIN_WAIT2) {
		tw_stay_begin_fin_wait2(stay);
		return TW_ADOPTED_FIN_WAIT2;
	}
	/* A FIN is being answered: the timer is still that of FIN_WAIT2. */
	if ((s32)(now - armed) < 0)
		armed = now;
	tw_stay_adopt(stay, ktime_get_ns() - jiffies_to_nsecs(now - armed),
		      armed);
	return TW_ADOPTED_TIME_WAIT;
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
 * Return: in which state it was, if it is followed from now on, and was not.
 */
enum tw_adoption __init tw_minisock_adopt(const struct inet_timewait_sock *tw,
					  struct tw_row *row)
{
	enum tw_adoption adoption = TW_NOT_ADOPTED;
	struct minisock **chain, *m;
	struct chunk *chunk = NULL;
	unsigned int stripe;

	chain = chain_of(tw, &stripe);
	/* Without the lock: it may turn out not to be needed, or not enough. */
	if (list_empty(&pool[stripe].chunks))
		chunk = chunk_alloc(GFP_KERNEL);

	spin_lock_bh(tw_stripe_lock(stripe));
	if (chunk)
		list_add(&chunk->in_pool, &pool[stripe].chunks);
	if (timer_pending(&tw->tw_timer) && !*minisock_find(chain, tw)) {
		m = minisock_insert(chain, tw, row, stripe);
		if (m)
			adoption = stay_adopt(&m->stay, tw);
	}
	spin_unlock_bh(tw_stripe_lock(stripe));
	return adoption;
}

/**
 * tw_minisock_disown() - take back the adoption of a minisocket that had ended
 * @tw: referenced by the caller
 * @adoption: what tw_minisock_adopt() has returned, and not TW_NOT_ADOPTED
 *
 * Then it counts nowhere, as if it had ended before.  But if it has come from
 * FIN_WAIT2 to TIME_WAIT on the way, it has entered, and has to end.
 *
 * Context: process context.
 */
void __init tw_minisock_disown(const struct inet_timewait_sock *tw,
			       enum tw_adoption adoption)
{
	const bool was_fin_wait2 = adoption == TW_ADOPTED_FIN_WAIT2;
	struct minisock **place, *m;
	unsigned int stripe;

	place = chain_of(tw, &stripe);
	spin_lock_bh(tw_stripe_lock(stripe));
	place = minisock_find(place, tw);
	m = *place;
	if (m && m->stay.fin_wait2 == was_fin_wait2) {
		*place = m->next;
		tw_stay_disown(&m->stay);
		minisock_free(m, stripe);
	} else if (m) {
		minisock_end(place, stripe, TW_COL_OTHER);
	}
	spin_unlock_bh(tw_stripe_lock(stripe));
}

/* Under the lock of the stripe. */
static void minisock_drop(struct tw_stay *stay)
{
	struct minisock *m = container_of(stay, struct minisock, stay);
	unsigned int stripe;

	*minisock_find(chain_of(m->tw, &stripe), m->tw) = m->next;
	minisock_free(m, stripe);
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
	struct chunk *chunk;
	unsigned int i;
	int err;

	BUILD_BUG_ON(CHUNK_ENTRIES > U8_MAX);
	BUILD_BUG_ON(4096 / CHUNK_ENTRIES > 64);

	for (i = 0; i < tw_nr_stripes; i++)
		INIT_LIST_HEAD(&pool[i].chunks);

	table_bits =
		max(ilog2(hashinfo->ehash_mask + 1), ilog2(TW_MAX_STRIPES));
	table = kvcalloc(1UL << table_bits, sizeof(*table), GFP_KERNEL);
	if (!table)
		return -ENOMEM;

	chunk_cache = kmem_cache_create(
		"tw_stats_minisock", struct_size(chunk, entry, CHUNK_ENTRIES),
		0, 0, chunk_construct);
	if (!chunk_cache) {
		err = -ENOMEM;
		goto err_free_table;
	}

	err = register_pernet_subsys(&tw_minisock_net_ops);
	if (err)
		goto err_destroy_cache;
	return 0;

err_destroy_cache:
	kmem_cache_destroy(chunk_cache);
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
	struct chunk *chunk, *next;
	unsigned int i;

	unregister_pernet_subsys(&tw_minisock_net_ops);
	for (i = 0; i < tw_nr_stripes; i++)
		list_for_each_entry_safe(chunk, next, &pool[i].chunks, in_pool)
			kmem_cache_free(chunk_cache, chunk);
	kmem_cache_destroy(chunk_cache);
	kvfree(table);
}
