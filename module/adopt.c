// SPDX-License-Identifier: GPL-2.0-only
/*
 * What was there before the module: the ports of servers, before anything is
 * counted; and the minisockets that are alive, when the hooks are in place.  Both
 * are found in the kernel's own tables, at load.
 */
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/timer.h>
#include <net/inet_connection_sock.h>
#include <net/inet_hashtables.h>
#include <net/inet_timewait_sock.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "adopt.h"
#include "bind.h"
#include "minisock.h"
#include "ports.h"

/* A minisocket with a reference on it and one on its namespace. */
struct candidate {
	struct inet_timewait_sock *tw;
	unsigned long expires;
	bool bound; /* by hand, as a server does before it listens */
	enum tw_adoption adoption;
};

struct candidates {
	struct candidate *item;
	size_t nr;
	size_t max;
};

typedef int chain_visitor(struct inet_hashinfo *hashinfo, unsigned int slot,
			  void *arg);

static bool __init candidates_reserve(struct candidates *list, size_t more)
{
	size_t max = list->nr + more;
	struct candidate *item;

	if (max <= list->max)
		return true;

	max = max3(max, 2 * list->max, (size_t)1024);
	item = kvmalloc_array(max, sizeof(*item), GFP_KERNEL);
	if (!item)
		return false;

	if (list->nr)
		memcpy(item, list->item, list->nr * sizeof(*item));
	kvfree(list->item);
	list->item = item;
	list->max = max;
	return true;
}

static bool __init is_candidate(const struct sock *sk)
{
	const struct inet_timewait_sock *tw = inet_twsk(sk);

	return READ_ONCE(sk->sk_state) == TCP_TIME_WAIT &&
	       timer_pending(&tw->tw_timer) &&
	       tw->tw_dr == &twsk_net(tw)->ipv4.tcp_death_row;
}

/* @tw is in the table and its chain locked, so its bind bucket stays, too. */
static void __init candidates_add(struct candidates *list,
				  struct inet_timewait_sock *tw)
{
	struct net *net = twsk_net(tw);

	/* A namespace that has no reference left takes them all with it. */
	if (!maybe_get_net(net))
		return;
	if (!refcount_inc_not_zero(&tw->tw_refcnt)) {
		put_net(net);
		return;
	}

	list->item[list->nr++] = (struct candidate){
		.tw = tw,
		.expires = READ_ONCE(tw->tw_timer.expires),
		.bound = tw_bound_by_hand(tw->tw_tb),
	};
}

/* Returns how many more there must be room for, or 0 when all were taken. */
static size_t __init collect_chain(struct candidates *list,
				   struct inet_hashinfo *hashinfo,
				   unsigned int slot)
{
	spinlock_t *lock = inet_ehash_lockp(hashinfo, slot);
	struct hlist_nulls_head *chain = &hashinfo->ehash[slot].chain;
	struct hlist_nulls_node *node;
	struct sock *sk;
	size_t nr = 0;

	spin_lock_bh(lock);
	sk_nulls_for_each(sk, node, chain)
		nr += is_candidate(sk);

	if (nr <= list->max - list->nr) {
		sk_nulls_for_each(sk, node, chain)
			if (is_candidate(sk) && list->nr < list->max)
				candidates_add(list, inet_twsk(sk));
		nr = 0;
	}
	spin_unlock_bh(lock);
	return nr;
}

static int __init collect(struct inet_hashinfo *hashinfo, unsigned int slot,
			  void *arg)
{
	struct candidates *list = arg;
	size_t more;

	while ((more = collect_chain(list, hashinfo, slot)))
		if (!candidates_reserve(list, more))
			return -ENOMEM;
	return 0;
}

static int __init visit_table(struct inet_hashinfo *hashinfo,
			      chain_visitor *visit, void *arg)
{
	unsigned int slot;
	int err = 0;

	for (slot = 0; !err && slot <= hashinfo->ehash_mask; slot++) {
		cond_resched();
		if (!hlist_nulls_empty(&hashinfo->ehash[slot].chain))
			err = visit(hashinfo, slot, arg);
	}
	return err;
}

/* All namespaces share one table, but for those with one of their own. */
static int __init visit_chains(chain_visitor *visit, void *arg)
{
	struct net *net;
	int err;

	err = visit_table(init_net.ipv4.tcp_death_row.hashinfo, visit, arg);
	if (err)
		return err;

	down_read(&net_rwsem);
	for_each_net(net) {
		struct inet_hashinfo *hashinfo =
			net->ipv4.tcp_death_row.hashinfo;

		if (hashinfo->pernet)
			err = visit_table(hashinfo, visit, arg);
		if (err)
			break;
	}
	up_read(&net_rwsem);
	return err;
}

static void __init candidates_put(struct candidates *list)
{
	while (list->nr) {
		struct inet_timewait_sock *tw = list->item[--list->nr].tw;
		struct net *net = twsk_net(tw);

		inet_twsk_put(tw);
		put_net(net);
		cond_resched();
	}
	kvfree(list->item);
}

/* In the order in which they were armed, as tw_stay_adopt() likes it. */
static int __init cmp_candidates(const void *a, const void *b)
{
	const struct candidate *ca = a, *cb = b;

	/* sort() has no such place, and may have a million to sort. */
	cond_resched();

	if (ca->expires == cb->expires)
		return 0;
	return time_before(ca->expires, cb->expires) ? -1 : 1;
}

/*
 * The row of a minisocket whose listener may be gone already.  Its port was a
 * server's if somebody had bound it, rather than the kernel at connect().
 */
static struct tw_row *__init candidate_row(const struct candidate *c)
{
	const struct inet_timewait_sock *tw = c->tw;
	const struct net *net = twsk_net(tw);
	struct tw_row *row;

	rcu_read_lock();
	if (c->bound)
		row = tw_ports_row(net, TW_SERVER, tw->tw_num);
	else
		row = tw_ports_row_of(net, tw->tw_num, ntohs(tw->tw_dport));
	rcu_read_unlock();
	return row;
}

/*
 * Returns how many, now the first of @item, were left out because they have been
 * re-armed since they were collected; none if @late.
 */
static size_t __init adopt_sorted(struct candidate *item, size_t nr, bool late)
{
	size_t i, nr_late = 0;

	sort(item, nr, sizeof(*item), cmp_candidates, NULL);
	for (i = 0; i < nr; i++) {
		const unsigned long expires =
			READ_ONCE(item[i].tw->tw_timer.expires);
		struct tw_row *row;

		cond_resched();
		if (item[i].expires != expires && !late) {
			item[i].expires = expires;
			swap(item[nr_late], item[i]);
			nr_late++;
			continue;
		}
		row = candidate_row(&item[i]);
		if (row)
			item[i].adoption = tw_minisock_adopt(item[i].tw, row);
	}
	return nr_late;
}

static void __init adopt_all(const struct candidates *list)
{
	const size_t nr_late = adopt_sorted(list->item, list->nr, false);

	adopt_sorted(list->item, nr_late, true);
}

/*
 * An early end that called tw_minisock_ended() before the adoption goes on to
 * delete the timer with BH disabled:
 *
 *	CPU A					CPU B
 *	tw_minisock_ended(): not here, or
 *	  made after the hooks were there,
 *	  and counted
 *						timer_pending(): yes
 *						tw_minisock_adopt()
 *	delete the timer
 *
 * After a grace period no CPU is between the two steps of A, so a timer that is
 * pending then has an end that will be seen, and any other has ended.
 */
static void __init disown_ghosts(const struct candidates *list)
{
	size_t i;

	synchronize_rcu();
	for (i = 0; i < list->nr; i++) {
		const struct candidate *c = &list->item[i];

		cond_resched();
		if (c->adoption != TW_NOT_ADOPTED &&
		    !timer_pending(&c->tw->tw_timer))
			tw_minisock_disown(c->tw, c->adoption);
	}
}

static void __init serve_listeners_of(struct inet_listen_hashbucket *bucket)
{
	struct hlist_nulls_node *node;
	struct sock *sk;

	spin_lock_bh(&bucket->lock);
	sk_nulls_for_each(sk, node, &bucket->nulls_head)
		if (sk->sk_protocol == IPPROTO_TCP)
			tw_port_serve(sock_net(sk), sk->sk_num);
	spin_unlock_bh(&bucket->lock);
}

static void __init serve_listeners(const struct inet_hashinfo *hashinfo)
{
	unsigned int i;

	for (i = 0; i <= hashinfo->lhash2_mask; i++) {
		cond_resched();
		if (!hlist_nulls_empty(&hashinfo->lhash2[i].nulls_head))
			serve_listeners_of(&hashinfo->lhash2[i]);
	}
}

/*
 * A connection may have been accepted by a listener that is gone.  Then its port
 * was bound by hand, as that of a client may be; but it has inherited the length
 * of a queue, which only listen() sets.  Its chain is locked, so its bind bucket
 * stays.
 */
static bool __init was_accepted(const struct sock *sk)
{
	const struct inet_bind_bucket *tb;

	/* Its state may change, but what was full stays so while it is here. */
	if (!data_race(sk_fullsock(sk)) || sk->sk_protocol != IPPROTO_TCP ||
	    !READ_ONCE(sk->sk_max_ack_backlog))
		return false;

	tb = READ_ONCE(inet_csk(sk)->icsk_bind_hash);
	return tb && tw_bound_by_hand(tb);
}

static int __init serve_accepted(struct inet_hashinfo *hashinfo,
				 unsigned int slot, void *unused)
{
	struct hlist_nulls_head *chain = &hashinfo->ehash[slot].chain;
	spinlock_t *lock = inet_ehash_lockp(hashinfo, slot);
	struct hlist_nulls_node *node;
	struct sock *sk;

	spin_lock_bh(lock);
	sk_nulls_for_each(sk, node, chain)
		if (was_accepted(sk))
			tw_port_serve(sock_net(sk), sk->sk_num);
	spin_unlock_bh(lock);
	return 0;
}

/**
 * tw_adopt_roles() - find the ports that were a server's before the module
 *
 * To be called when tw_roles_init() has been, and before anything is counted.
 *
 * Context: process context.
 */
void __init tw_adopt_roles(void)
{
	/*
	 * A listener changes its state first, and is hashed then.  Whoever did
	 * the one before the probe was there must be through with the other.
	 */
	synchronize_rcu_tasks();

	serve_listeners(init_net.ipv4.tcp_death_row.hashinfo);
	visit_chains(serve_accepted, NULL);
}

/**
 * tw_adopt() - take over the minisockets that were there before the module
 *
 * To be called when the hooks are in place and the files are not.
 *
 * Context: process context.
 * Return: 0 or -ENOMEM.
 */
int __init tw_adopt(void)
{
	struct candidates list = {};
	int err;

	/*
	 * Whoever had passed the place of a hook before the hook was there must
	 * be through with it, tasks and softirqs, which come to idle CPUs, too:
	 * from here on, a minisocket is either in the kernel's table, or its
	 * making is seen.
	 */
	synchronize_rcu_tasks();
	synchronize_rcu();

	err = visit_chains(collect, &list);
	if (!err) {
		adopt_all(&list);
		disown_ghosts(&list);
	}
	candidates_put(&list);
	return err;
}
