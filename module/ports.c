// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rows of each network namespace, and which role a port has.
 *
 * Look-up.  Each event looks rows up, so a row is found by two loads: a role has
 * a table of leaves, by the upper half of the port, and a leaf a slot for each
 * port.  Both are made when the first of their ports needs a row.  Which role a
 * port has is a bit that needs no memory then, so it is never forgotten.
 *
 * Locking.  Slots, leaves and tables are filled in under the lock of the
 * namespace and read without it.  They stay until their namespace goes, as a row
 * does.  The bits are atomic.
 *
 * Lifetime.  A caller that is not known to keep the namespace alive calls from
 * an RCU read-side section.  tw_ports_pre_exit() closes the namespace to them;
 * the grace period between it and tw_ports_exit_net(), which the kernel grants
 * to every pernet_operations, waits for those already inside.
 */
#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/bits.h>
#include <linux/cache.h>
#include <linux/init.h>
#include <linux/moduleparam.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "ports.h"

#define LEAF_BITS 8
#define LEAF_SLOTS BIT(LEAF_BITS)
#define NR_LEAVES BIT(16 - LEAF_BITS)
#define NR_PORTS BIT(16)

/* The roles that have rows by port. */
#define NR_PORT_ROLES TW_ANY

struct leaf {
	struct tw_row *row[LEAF_SLOTS];
};

struct leaves {
	struct leaf *leaf[NR_LEAVES];
};

/* A network namespace. */
struct ports_net {
	struct leaves *leaves[NR_PORT_ROLES];
	unsigned long *serves; /* by port: it is a server's as of now */
	bool closed;
	bool users; /* of a user namespace, which anybody may have made */
	struct tw_row *any; /* for all that got no row of their own */
	spinlock_t lock;
	/* Written under @lock. */
	unsigned int nr_rows[NR_PORT_ROLES];
	unsigned int nr_charged;
};

/* Of each role, lest a scan of client ports leave no row for a server. */
static unsigned int max_rows = 4096;
module_param(max_rows, uint, 0644);
MODULE_PARM_DESC(max_rows, "rows per role and network namespace (4096)");

/*
 * No memory cgroup is charged with rows and leaves, as most are made in softirqs.
 * In the network namespaces that users make, who can make many, there are so many
 * of both in all.
 */
static unsigned int max_user_rows = 4096;
module_param(max_user_rows, uint, 0644);
MODULE_PARM_DESC(max_user_rows,
		 "rows, and leaves, in all namespaces of users (4096)");
static atomic_t nr_user_rows;

static unsigned int ports_net_id __ro_after_init;

static struct ports_net *ports_net(const struct net *net)
{
	return net_generic(net, ports_net_id);
}

/* The same, for who is in a read-side section and needs none within. */
static struct ports_net *ports_net_rcu(const struct net *net)
{
	return rcu_dereference_check(net->gen, rcu_read_lock_any_held())
		->ptr[ports_net_id];
}

/* NULL once tw_ports_pre_exit() has been there. */
static struct ports_net *ports_net_open(const struct net *net)
{
	struct ports_net *pn = ports_net_rcu(net);

	/* Paired with the WRITE_ONCE() there. */
	return READ_ONCE(pn->closed) ? NULL : pn;
}

static struct leaf *leaf_find(const struct ports_net *pn, enum tw_role role,
			      u16 port)
{
	/* Paired with leaf_find_or_make(). */
	const struct leaves *leaves = smp_load_acquire(&pn->leaves[role]);

	if (!leaves)
		return NULL;
	/* Paired with leaf_find_or_make(). */
	return smp_load_acquire(&leaves->leaf[port >> LEAF_BITS]);
}

static struct tw_row **slot_in(struct leaf *leaf, u16 port)
{
	return &leaf->row[port & (LEAF_SLOTS - 1)];
}

static struct tw_row *row_find(const struct ports_net *pn, enum tw_role role,
			       u16 port)
{
	struct leaf *leaf = leaf_find(pn, role, port);

	/* Paired with row_add(). */
	return leaf ? smp_load_acquire(slot_in(leaf, port)) : NULL;
}

/* CPUs that ask at once, for several namespaces, may all get the last one. */
static bool may_charge(const struct ports_net *pn)
{
	/* Paired with charge(). */
	return !pn->users ||
	       atomic_read_acquire(&nr_user_rows) < READ_ONCE(max_user_rows);
}

static bool may_add_row(const struct ports_net *pn, enum tw_role role)
{
	/* Paired with row_add(). */
	return smp_load_acquire(&pn->nr_rows[role]) < READ_ONCE(max_rows) &&
	       may_charge(pn);
}

/* For a row, or a leaf. */
static void charge(struct ports_net *pn)
{
	lockdep_assert_held(&pn->lock);

	if (!pn->users)
		return;
	pn->nr_charged++;
	/* Paired with may_charge(): who sees it sees what it was for. */
	smp_mb__before_atomic();
	atomic_inc(&nr_user_rows);
}

static struct leaf *leaf_find_or_make(struct ports_net *pn, enum tw_role role,
				      u16 port)
{
	struct leaves *leaves = pn->leaves[role];
	struct leaf *leaf;

	if (!leaves) {
		leaves = kzalloc(sizeof(*leaves), GFP_ATOMIC | __GFP_NOWARN);
		if (!leaves)
			return NULL;
		/* Paired with leaf_find(). */
		smp_store_release(&pn->leaves[role], leaves);
	}

	leaf = leaves->leaf[port >> LEAF_BITS];
	if (!leaf && may_charge(pn)) {
		leaf = kzalloc(sizeof(*leaf), GFP_ATOMIC | __GFP_NOWARN);
		if (!leaf)
			return NULL;
		charge(pn);
		/* Paired with leaf_find(). */
		smp_store_release(&leaves->leaf[port >> LEAF_BITS], leaf);
	}
	return leaf;
}

static struct tw_row *row_add(struct ports_net *pn, enum tw_role role, u16 port)
{
	struct tw_row *row;
	struct leaf *leaf;

	if (!may_add_row(pn, role))
		return pn->any;

	leaf = leaf_find_or_make(pn, role, port);
	if (!leaf || !may_charge(pn))
		return pn->any;

	row = tw_row_alloc(role, port, pn->users, GFP_ATOMIC | __GFP_NOWARN);
	if (!row)
		return pn->any;

	/* Paired with row_find(). */
	smp_store_release(slot_in(leaf, port), row);
	/* Paired with may_add_row(): who sees it sees the row. */
	smp_store_release(&pn->nr_rows[role], pn->nr_rows[role] + 1);
	charge(pn);
	return row;
}

static noinline struct tw_row *row_make(struct ports_net *pn, enum tw_role role,
					u16 port)
{
	struct tw_row *row;

	/*
	 * Those that come when there are enough take no lock.  The last one may
	 * have been made for this port just now.
	 */
	if (!may_add_row(pn, role))
		return row_find(pn, role, port) ?: pn->any;

	spin_lock_bh(&pn->lock);
	/* Two CPUs may have come here for the same row. */
	row = row_find(pn, role, port) ?: row_add(pn, role, port);
	spin_unlock_bh(&pn->lock);
	return row;
}

static struct tw_row *row_find_or_make(struct ports_net *pn, enum tw_role role,
				       u16 port)
{
	return row_find(pn, role, port) ?: row_make(pn, role, port);
}

static inline struct tw_row *row_of(struct ports_net *pn, u16 port,
				    u16 peer_port)
{
	if (!pn)
		return NULL;
	if (test_bit(port, pn->serves))
		return row_find_or_make(pn, TW_SERVER, port);
	return row_find_or_make(pn, TW_CLIENT, peer_port);
}

/**
 * tw_ports_row() - the row of a role and port, made if need be
 * @net: its namespace
 * @role: TW_SERVER or TW_CLIENT
 * @port: in host order: ours for a server, the peer's for a client
 *
 * Context: any but hard interrupts, in an RCU read-side section.  It keeps the
 * row, and so does a reference on the namespace.
 * Return: the row, or the row "any 0" when there are too many rows or there is
 * no memory for another, or NULL when the namespace is being dismantled.
 */
struct tw_row *__init tw_ports_row(const struct net *net, enum tw_role role,
				   u16 port)
{
	struct ports_net *pn = ports_net_open(net);

	return pn ? row_find_or_make(pn, role, port) : NULL;
}

/**
 * tw_ports_row_of() - the row of a connection
 * @net: its namespace
 * @port: our port, in host order
 * @peer_port: the peer's port, in host order
 *
 * Our port has the role, and all connections on it share that: the kernel lets
 * a port either accept connections or be handed out to connect(), as
 * tw_port_unserve() tells.
 *
 * Context: any but hard interrupts, in an RCU read-side section.  It keeps the
 * row, and so does a reference on the namespace.
 * Return: as tw_ports_row().
 */
struct tw_row *tw_ports_row_of(const struct net *net, u16 port, u16 peer_port)
{
	return row_of(ports_net_open(net), port, peer_port);
}

/**
 * tw_port_serve() - a socket listens on a port, or a connection was accepted
 * @net: its namespace
 * @port: our port, in host order
 *
 * Makes the port a server's.  It stays one after its listener has gone, since
 * what was accepted there lives on, until tw_port_unserve().
 *
 * Context: any but hard interrupts.
 */
void tw_port_serve(const struct net *net, u16 port)
{
	struct ports_net *pn;

	rcu_read_lock_sched();
	pn = ports_net_open(net);
	/* Each accepted connection comes here: most find it set. */
	if (pn && !test_bit(port, pn->serves))
		set_bit(port, pn->serves);
	rcu_read_unlock_sched();
}

/**
 * tw_port_serves() - whether a port is a server's
 * @net: its namespace
 * @port: our port, in host order
 *
 * Context: any but hard interrupts.
 * Return: what tw_port_serve() and tw_port_unserve() have left; false when the
 * namespace is being dismantled.
 */
bool tw_port_serves(const struct net *net, u16 port)
{
	struct ports_net *pn;
	bool serves;

	rcu_read_lock_sched();
	pn = ports_net_open(net);
	serves = pn && test_bit(port, pn->serves);
	rcu_read_unlock_sched();
	return serves;
}

/**
 * tw_port_unserve() - connect() was given a port that nobody else has bound
 * @net: its namespace
 * @port: our port, in host order
 *
 * __inet_hash_connect() passes over a port while a listener, a connection that
 * was accepted, or the TIME_WAIT of one holds its bind bucket.  So whoever made
 * this port a server's is gone, and it is a client's again.  (From 7.2 on,
 * inet_bind_bucket_destroy() may take an accepted connection for one of
 * connect(), if such a one had the port before the server.)
 *
 * Context: any but hard interrupts, with the lock of the port's bind buckets.
 */
void tw_port_unserve(const struct net *net, u16 port)
{
	struct ports_net *pn;

	rcu_read_lock_sched();
	pn = ports_net_open(net);
	if (pn)
		clear_bit(port, pn->serves);
	rcu_read_unlock_sched();
}

/**
 * tw_port_count() - count what has no minisocket
 * @net: the namespace of the connection
 * @port: our port, in host order
 * @peer_port: the peer's port, in host order
 * @event: what happened
 *
 * Context: any but hard interrupts.
 */
void tw_port_count(const struct net *net, u16 port, u16 peer_port,
		   enum tw_event event)
{
	struct tw_row *row;

	rcu_read_lock_sched();
	row = row_of(ports_net_open(net), port, peer_port);
	if (row)
		tw_row_count(row, event);
	rcu_read_unlock_sched();
}

/* Sorts rows as the files show them. */
static unsigned long row_key(enum tw_role role, u16 port)
{
	return (unsigned long)role << 16 | port;
}

/* The first row at or after a key, which is set to that of the row; or NULL. */
static struct tw_row *row_next(const struct ports_net *pn, unsigned long *key)
{
	while (*key < row_key(NR_PORT_ROLES, 0)) {
		const enum tw_role role = *key >> 16;
		const u16 port = *key;
		struct tw_row *row;

		if (!leaf_find(pn, role, port)) {
			*key = (*key | (LEAF_SLOTS - 1)) + 1;
			continue;
		}
		row = row_find(pn, role, port);
		if (row)
			return row;
		++*key;
	}
	return NULL;
}

/* A row shows once there is something to show: its making comes before. */
static bool is_blank(const struct tw_snapshot *snap)
{
	return !memchr_inv(snap->column, 0, sizeof(snap->column));
}

/**
 * tw_ports_next() - find the first row at or after a key and take its snapshot
 * @net: the namespace, which the caller keeps alive
 * @key: where to look from, 0 for the first row; set to the key of what is found
 * @snap: filled in by tw_row_fold()
 *
 * Context: process or BH context.
 * Return: false when there is no row at or after @key.
 */
bool tw_ports_next(const struct net *net, unsigned long *key,
		   struct tw_snapshot *snap)
{
	const unsigned long any_key = row_key(TW_ANY, 0);
	const struct ports_net *pn = ports_net(net);

	for (; *key <= any_key; ++*key) {
		struct tw_row *row = row_next(pn, key) ?: pn->any;

		tw_row_fold(row, snap);
		if (!is_blank(snap))
			return true;
	}
	return false;
}

/**
 * tw_ports_drain() - take every stay of a namespace that is going from its row
 * @net: the namespace, closed to new stays by now
 * @drop: called with each stay, under the lock of its stripe; may free it
 *
 * Context: process context.
 */
void tw_ports_drain(const struct net *net, void (*drop)(struct tw_stay *stay))
{
	struct ports_net *pn = ports_net(net);
	struct tw_row *row;
	unsigned long key;

	for (key = 0; (row = row_next(pn, &key)); key++)
		tw_row_drain(row, drop);
	tw_row_drain(pn->any, drop);
}

static int __net_init tw_ports_init_net(struct net *net)
{
	struct ports_net *pn = ports_net(net);

	spin_lock_init(&pn->lock);
	pn->users = net->user_ns != &init_user_ns;
	pn->serves = bitmap_zalloc(NR_PORTS, GFP_KERNEL_ACCOUNT);
	if (!pn->serves)
		return -ENOMEM;

	pn->any = tw_row_alloc(TW_ANY, 0, pn->users, GFP_KERNEL_ACCOUNT);
	if (!pn->any) {
		bitmap_free(pn->serves);
		return -ENOMEM;
	}
	return 0;
}

/* The core waits for a grace period after this, before any exit. */
static void __net_exit tw_ports_pre_exit(struct net *net)
{
	WRITE_ONCE(ports_net(net)->closed, true);
}

static void leaves_free(struct leaves *leaves)
{
	unsigned int i;

	if (!leaves)
		return;
	for (i = 0; i < NR_LEAVES; i++)
		kfree(leaves->leaf[i]);
	kfree(leaves);
}

static void __net_exit tw_ports_exit_net(struct net *net)
{
	struct ports_net *pn = ports_net(net);
	enum tw_role role;
	struct tw_row *row;
	unsigned long key;

	for (key = 0; (row = row_next(pn, &key)); key++)
		tw_row_free(row);
	for (role = 0; role < NR_PORT_ROLES; role++)
		leaves_free(pn->leaves[role]);
	tw_row_free(pn->any);
	bitmap_free(pn->serves);
	atomic_sub(pn->nr_charged, &nr_user_rows);
}

static struct pernet_operations tw_ports_net_ops = {
	.init = tw_ports_init_net,
	.pre_exit = tw_ports_pre_exit,
	.exit = tw_ports_exit_net,
	.id = &ports_net_id,
	.size = sizeof(struct ports_net),
};

/**
 * tw_ports_init() - make the rows of all namespaces, those to come included
 *
 * Context: process context.
 * Return: 0 or -ENOMEM.
 */
int __init tw_ports_init(void)
{
	int err;

	err = tw_row_init();
	if (err)
		return err;

	err = register_pernet_subsys(&tw_ports_net_ops);
	if (err)
		tw_row_exit();
	return err;
}

/**
 * tw_ports_exit() - undo tw_ports_init()
 *
 * Nobody calls into this file any more, and every row is drained.
 */
void tw_ports_exit(void)
{
	unregister_pernet_subsys(&tw_ports_net_ops);
	tw_row_exit();
}
