// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rows of each network namespace, and which role a port has.
 *
 * Locking.  Rows are found under RCU and made under the lock of their xarray.
 * A row then stays until its namespace goes.
 *
 * Lifetime.  A caller that is not known to keep the namespace alive calls from
 * an RCU read-side section.  tw_ports_pre_exit() closes the namespace to them;
 * the grace period between it and tw_ports_exit_net(), which the kernel grants
 * to every pernet_operations, waits for those already inside.
 */
#include <linux/moduleparam.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "ports.h"

/* A network namespace.  @nr_rows is guarded by the lock of @rows. */
struct ports_net {
	struct xarray rows; /* by row_key(); may hold @any in several places */
	unsigned int nr_rows[TW_NR_ROLES];
	bool closed;
	struct tw_row *any; /* for all that got no row of their own */
};

/* Of each role, lest a scan of client ports leave no row for a server. */
static unsigned int max_rows = 4096;
module_param(max_rows, uint, 0644);
MODULE_PARM_DESC(max_rows, "rows per role and network namespace (4096)");

static unsigned int ports_net_id;

static struct ports_net *ports_net(const struct net *net)
{
	return net_generic(net, ports_net_id);
}

/* NULL once tw_ports_pre_exit() has been there. */
static struct ports_net *ports_net_open(const struct net *net)
{
	struct ports_net *pn = ports_net(net);

	/* Paired with the WRITE_ONCE() there. */
	return READ_ONCE(pn->closed) ? NULL : pn;
}

/* Sorts rows as the files show them. */
static unsigned long row_key(enum tw_role role, u16 port)
{
	return (unsigned long)role << 16 | port;
}

/* The row that makes a port a server's, or NULL. */
static struct tw_row *serving_row(struct ports_net *pn, u16 port)
{
	struct tw_row *row = xa_load(&pn->rows, row_key(TW_SERVER, port));

	return row && (row == pn->any || READ_ONCE(row->serves)) ? row : NULL;
}

static struct tw_row *row_add(struct ports_net *pn, enum tw_role role, u16 port)
{
	struct tw_row *row;

	if (pn->nr_rows[role] >= READ_ONCE(max_rows))
		return pn->any;

	row = tw_row_alloc(role, port, GFP_ATOMIC | __GFP_NOWARN);
	if (!row)
		return pn->any;

	if (xa_err(__xa_store(&pn->rows, row_key(role, port), row,
			      GFP_ATOMIC | __GFP_NOWARN))) {
		tw_row_free(row);
		return pn->any;
	}
	pn->nr_rows[role]++;
	return row;
}

static struct tw_row *row_find_or_make(struct ports_net *pn, enum tw_role role,
				       u16 port)
{
	const unsigned long key = row_key(role, port);
	struct tw_row *row = xa_load(&pn->rows, key);

	if (row)
		return row;

	xa_lock_bh(&pn->rows);
	/* Two CPUs may have come here for the same row. */
	row = xa_load(&pn->rows, key) ?: row_add(pn, role, port);
	xa_unlock_bh(&pn->rows);
	return row;
}

/**
 * tw_ports_row() - the row of a role and port, made if need be
 * @net: its namespace
 * @role: TW_SERVER or TW_CLIENT
 * @port: in host order: ours for a server, the peer's for a client
 *
 * Context: any but hard interrupts.  RCU or a reference keeps the namespace.
 * Return: the row, or the row "any 0" when there are too many rows or there is
 * no memory for another, or NULL when the namespace is being dismantled.
 */
struct tw_row *tw_ports_row(const struct net *net, enum tw_role role, u16 port)
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
 * Context: any but hard interrupts.  RCU or a reference keeps the namespace.
 * Return: as tw_ports_row().
 */
struct tw_row *tw_ports_row_of(const struct net *net, u16 port, u16 peer_port)
{
	struct ports_net *pn = ports_net_open(net);
	struct tw_row *row = pn ? serving_row(pn, port) : NULL;

	if (!pn || row)
		return row;
	return row_find_or_make(pn, TW_CLIENT, peer_port);
}

/**
 * tw_port_serve() - a socket listens on a port, or a connection was accepted
 * @net: its namespace
 * @port: our port, in host order
 *
 * Makes the port a server's.  It stays one after its listener has gone, since
 * what was accepted there lives on, until tw_port_unserve().
 *
 * Context: any but hard interrupts, in an RCU read-side section.
 */
void tw_port_serve(const struct net *net, u16 port)
{
	struct ports_net *pn = ports_net_open(net);
	struct tw_row *row;

	if (!pn)
		return;

	row = row_find_or_make(pn, TW_SERVER, port);
	/* Without a row of its own, the port keeps its role by sharing "any". */
	if (row == pn->any)
		xa_cmpxchg_bh(&pn->rows, row_key(TW_SERVER, port), NULL, row,
			      GFP_ATOMIC | __GFP_NOWARN);
	else if (!READ_ONCE(row->serves))
		WRITE_ONCE(row->serves, true);
}

/**
 * tw_port_unserve() - connect() was given a port that nobody else has bound
 * @net: its namespace
 * @port: our port, in host order
 *
 * __inet_hash_connect() passes over a port while a listener, a connection that
 * was accepted, or the TIME_WAIT of one holds its bind bucket.  So whoever made
 * this port a server's is gone, and it is a client's again.
 *
 * Context: any but hard interrupts, in an RCU read-side section.
 */
void tw_port_unserve(const struct net *net, u16 port)
{
	struct ports_net *pn = ports_net_open(net);
	struct tw_row *row = pn ? serving_row(pn, port) : NULL;

	if (!row)
		return;
	if (row == pn->any)
		xa_erase_bh(&pn->rows, row_key(TW_SERVER, port));
	else
		WRITE_ONCE(row->serves, false);
}

/**
 * tw_port_count() - count what has no minisocket
 * @net: the namespace of the connection
 * @port: our port, in host order
 * @peer_port: the peer's port, in host order
 * @event: what happened
 *
 * Context: any but hard interrupts, in an RCU read-side section.
 */
void tw_port_count(const struct net *net, u16 port, u16 peer_port,
		   enum tw_event event)
{
	struct tw_row *row = tw_ports_row_of(net, port, peer_port);

	if (row)
		tw_row_count(row, event);
}

/* A row made for a listener shows once there is something to show. */
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
	struct ports_net *pn = ports_net(net);
	struct tw_row *row;

	for (;; (*key)++) {
		row = xa_find(&pn->rows, key, ULONG_MAX, XA_PRESENT);
		if (!row) {
			if (*key > any_key)
				return false;
			*key = any_key;
			row = pn->any;
		} else if (row == pn->any) {
			continue;
		}
		tw_row_fold(row, snap);
		if (!is_blank(snap))
			return true;
	}
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

	xa_for_each(&pn->rows, key, row)
		tw_row_drain(row, drop);
	tw_row_drain(pn->any, drop);
}

static int __net_init tw_ports_init_net(struct net *net)
{
	struct ports_net *pn = ports_net(net);

	xa_init_flags(&pn->rows, XA_FLAGS_LOCK_BH);
	pn->any = tw_row_alloc(TW_ANY, 0, GFP_KERNEL);
	return pn->any ? 0 : -ENOMEM;
}

/* The core waits for a grace period after this, before any exit. */
static void __net_exit tw_ports_pre_exit(struct net *net)
{
	WRITE_ONCE(ports_net(net)->closed, true);
}

static void __net_exit tw_ports_exit_net(struct net *net)
{
	struct ports_net *pn = ports_net(net);
	struct tw_row *row;
	unsigned long key;

	xa_for_each(&pn->rows, key, row)
		if (row != pn->any)
			tw_row_free(row);
	xa_destroy(&pn->rows);
	tw_row_free(pn->any);
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
