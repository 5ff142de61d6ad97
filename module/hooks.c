// SPDX-License-Identifier: GPL-2.0-only
/*
 * How the kernel is watched.
 *
 * The life of a minisocket passes through four functions, which ftrace calls us
 * at the entry of; a fifth tells when the kernel refused to make one.  The
 * tracepoint inet_sock_set_state, which only ever sees full sockets, tells roles
 * and who closed first.
 *
 * The ftrace handlers do not ask for recursion protection, which works by
 * leaving calls out: nothing that they call leads to a function hooked here, but
 * for softirqs that run where one enables BH, with no lock held.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cache.h>
#include <linux/ftrace.h>
#include <linux/init.h>
#include <linux/kallsyms.h>
#include <linux/list_nulls.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
#include <net/inet_hashtables.h>
#include <net/inet_sock.h>
#include <net/inet_timewait_sock.h>
#include <net/net_namespace.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "bind.h"
#include "compat.h"
#include "hooks.h"
#include "minisock.h"
#include "ports.h"

/*
 * Who ends a minisocket early, through inet_twsk_deschedule_put().  Any caller
 * that is not named here is counted as "other".
 */
static const struct {
	const char *caller;
	enum tw_column cause;
} early_ends[] = {
	{ "__inet_check_established", TW_COL_REUSED },
	{ "__inet6_check_established", TW_COL_REUSED },
	{ "__inet_hash_connect", TW_COL_REUSED },
	{ "tcp_v4_rcv", TW_COL_REOPENED },
	{ "tcp_v6_rcv", TW_COL_REOPENED },
	{ "nf_tproxy_handle_time_wait4", TW_COL_REOPENED },
	{ "nf_tproxy_handle_time_wait6", TW_COL_REOPENED },
	{ "tcp_timewait_state_process", TW_COL_RESET },
	{ "tcp_abort", TW_COL_KILLED },
};

/*
 * The calls seen so far, by their return address.  Only ever appended to, under
 * call_site_lock; a reader sees the first nr_call_sites of them filled in.
 */
static struct {
	unsigned long ip;
	enum tw_column cause;
} call_site[16];
static unsigned int nr_call_sites;
static DEFINE_SPINLOCK(call_site_lock);

static void call_site_add(unsigned long ip, enum tw_column cause)
{
	unsigned int nr = 0;

	spin_lock(&call_site_lock);
	/* Other CPUs may have come here for the same one. */
	while (nr < nr_call_sites && call_site[nr].ip != ip)
		nr++;
	if (nr == nr_call_sites && nr < ARRAY_SIZE(call_site)) {
		call_site[nr].ip = ip;
		call_site[nr].cause = cause;
		/* Paired with cause_of(). */
		smp_store_release(&nr_call_sites, nr + 1);
	}
	spin_unlock(&call_site_lock);
}

/* @name may go on with ".isra.0" and the like, and with " [module]". */
static enum tw_column cause_of_caller(const char *name)
{
	const size_t len = strcspn(name, ". ");
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(early_ends); i++)
		if (strlen(early_ends[i].caller) == len &&
		    !strncmp(early_ends[i].caller, name, len))
			return early_ends[i].cause;
	return TW_COL_OTHER;
}

static noinline enum tw_column cause_of_new(unsigned long ip)
{
	char name[KSYM_SYMBOL_LEN];
	enum tw_column cause;

	/* Back into the call: what follows it may be another function. */
	sprint_symbol_no_offset(name, ip - 1);
	cause = cause_of_caller(name);

	/* What is in a module may be somebody else's address tomorrow. */
	if (!strchr(name, '['))
		call_site_add(ip, cause);
	return cause;
}

static enum tw_column cause_of(unsigned long ip)
{
	/* Paired with call_site_add(). */
	const unsigned int nr = smp_load_acquire(&nr_call_sites);
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (call_site[i].ip == ip)
			return call_site[i].cause;
	return cause_of_new(ip);
}

static void on_deschedule_put(unsigned long ip, unsigned long parent_ip,
			      struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	const struct inet_timewait_sock *tw =
		(void *)ftrace_regs_get_argument(fregs, 0);

	tw_minisock_ended(tw, cause_of(parent_ip));
}

static void on_timer(unsigned long ip, unsigned long parent_ip,
		     struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	struct timer_list *timer = (void *)ftrace_regs_get_argument(fregs, 0);
	const struct inet_timewait_sock *tw =
		container_of(timer, struct inet_timewait_sock, tw_timer);
	/*
	 * A connect() that reuses the port takes the minisocket off its chain
	 * and counts TWRecycled first, and then deletes the timer.
	 */
	const bool reused = hlist_nulls_unhashed_lockless(&tw->tw_node);

	tw_minisock_ended(tw, reused ? TW_COL_REUSED : TW_COL_EXPIRED);
}

static void on_schedule(unsigned long ip, unsigned long parent_ip,
			struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	const struct inet_timewait_sock *tw =
		(void *)ftrace_regs_get_argument(fregs, 0);
	const bool rearm = ftrace_regs_get_argument(fregs, 2) & 0xff;

	/* Without rearm it is the making, which some kernels inline. */
	if (rearm)
		tw_minisock_armed(tw);
}

static void on_hashdance(unsigned long ip, unsigned long parent_ip,
			 struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	const struct inet_timewait_sock *tw =
		(void *)ftrace_regs_get_argument(fregs, 0);

	/* DCCP makes minisockets, too. */
	if (tw->tw_dr == &twsk_net(tw)->ipv4.tcp_death_row)
		tw_minisock_made(tw);
}

/* sk_num is 0 by the time when the socket is closed. */
static u16 port_of(const struct sock *sk)
{
	return ntohs(inet_sk(sk)->inet_sport);
}

static void count(const struct sock *sk, enum tw_event event)
{
	tw_port_count(sock_net(sk), port_of(sk), ntohs(sk->sk_dport), event);
}

/*
 * tcp_time_wait() calls tcp_update_metrics() after it has put a minisocket in
 * the place of the socket, or has not, because inet_twsk_alloc() refused one.
 * Then the socket is still in the hash table.  The one other caller is at the
 * end of LAST_ACK, where there is no TIME_WAIT to be refused.
 */
static void on_update_metrics(unsigned long ip, unsigned long parent_ip,
			      struct ftrace_ops *ops, struct ftrace_regs *fregs)
{
	const struct sock *sk = (void *)ftrace_regs_get_argument(fregs, 0);

	if (!hlist_nulls_unhashed_lockless(&sk->sk_nulls_node) &&
	    sk->sk_state != TCP_LAST_ACK)
		count(sk, TW_EVENT_OVERFLOW);
}

/*
 * In the order in which they are put in place: who sees minisockets being made
 * comes after all who see what becomes of them.  Where a function has had two
 * names, the first that is found is taken.
 */
static struct hook {
	const char *function[2];
	ftrace_func_t handler;
	struct ftrace_ops ops;
} hooks[] = {
	{ { "inet_twsk_deschedule_put" }, on_deschedule_put },
	{ { "tw_timer_handler" }, on_timer },
	{ { "__inet_twsk_schedule" }, on_schedule },
	{ { "tcp_update_metrics" }, on_update_metrics },
	{ { "inet_twsk_hashdance_schedule", "inet_twsk_hashdance" },
	  on_hashdance },
};

/*
 * A connect() makes a server's port a client's again, unless somebody has bound
 * it: in another VRF, which has a bind bucket of its own for the port, or by hand
 * in this one.  Under the lock of the buckets no bind() comes in between, and
 * what listens after it sets the bit again.
 */
static void on_connected(const struct net *net, u16 port)
{
	const struct inet_hashinfo *hashinfo = net->ipv4.tcp_death_row.hashinfo;
	const u32 slot = inet_bhashfn(net, port, hashinfo->bhash_size);
	struct inet_bind_hashbucket *head = &hashinfo->bhash[slot];
	const struct inet_bind_bucket *tb;

	/* Nearly always. */
	if (!tw_port_serves(net, port))
		return;

	spin_lock_bh(&head->lock);
	inet_bind_bucket_for_each(tb, &head->chain)
		if (net_eq(ib_net(tb), net) && tb->port == port &&
		    tw_bound_by_hand(tb))
			goto out;
	tw_port_unserve(net, port);
out:
	spin_unlock_bh(&head->lock);
}

/* What a connection that is established tells of its port. */
static void on_established(const struct sock *sk, int oldstate)
{
	/*
	 * A socket of a user in SYN_RECV comes from a simultaneous open; or was
	 * accepted early, by TCP Fast Open, or as a subflow of MPTCP, and then
	 * its port is bound by hand.
	 */
	if (oldstate == TCP_SYN_RECV && !sk->sk_socket)
		tw_port_serve(sock_net(sk), port_of(sk));
	else if (oldstate == TCP_SYN_RECV || oldstate == TCP_SYN_SENT)
		on_connected(sock_net(sk), port_of(sk));
}

/* Of the states, those whose beginning is an event of its own. */
static const enum tw_event event_of[TCP_MAX_STATES] = {
	[TCP_FIN_WAIT1] = TW_EVENT_CLOSED_FIRST,
	[TCP_CLOSE_WAIT] = TW_EVENT_CLOSED_SECOND,
	[TCP_CLOSING] = TW_EVENT_CLOSED_BOTH,
	[TCP_CLOSE] = TW_EVENT_ABORTED,
};

/* Those that tell the role of a port. */
#define ROLE_STATES (TCPF_LISTEN | TCPF_ESTABLISHED)
/* Those that are counted, once the roles of all ports are known. */
#define EVENT_STATES \
	(TCPF_FIN_WAIT1 | TCPF_CLOSE_WAIT | TCPF_CLOSING | TCPF_CLOSE)

static unsigned int watched_states __read_mostly = ROLE_STATES;

/* Of most changes of state this is the first and last question. */
static bool tells_nothing(int oldstate, int newstate)
{
	/* Paired with tw_hooks_init(). */
	if (!(BIT(newstate) & READ_ONCE(watched_states)))
		return true;
	return newstate == TCP_CLOSE && oldstate != TCP_ESTABLISHED;
}

/* inet_sock_set_state: a full socket changes its state. */
static void on_set_state(void *unused, const struct sock *sk,
			 const int oldstate, const int newstate)
{
	if (tells_nothing(oldstate, newstate) || sk->sk_protocol != IPPROTO_TCP)
		return;
	/* A close() after shutdown() sets the state that is there already. */
	if (oldstate == newstate)
		return;

	if (newstate == TCP_ESTABLISHED)
		on_established(sk, oldstate);
	else if (newstate != TCP_LISTEN)
		count(sk, event_of[newstate]);
	/* Without bind(), the port is not known yet. */
	else if (sk->sk_num)
		tw_port_serve(sock_net(sk), sk->sk_num);
}

/* Not exported, but listed. */
static struct tracepoint *set_state __ro_after_init;

static void match_set_state(struct tracepoint *tp, void *unused)
{
	if (!strcmp(tp->name, "inet_sock_set_state"))
		set_state = tp;
}

/**
 * tw_roles_init() - watch which ports become a server's or a client's
 *
 * Context: process context, when all that the hooks call into is ready.
 * Return: 0; -ENOENT when the kernel has no such tracepoint, or -ENOMEM.  The
 * log tells.
 */
int __init tw_roles_init(void)
{
	int err;

	for_each_kernel_tracepoint(match_set_state, NULL);
	if (!set_state) {
		pr_err("this kernel has no tracepoint inet_sock_set_state: it needs CONFIG_TRACEPOINTS and CONFIG_INET\n");
		return -ENOENT;
	}

	err = tracepoint_probe_register(set_state, on_set_state, NULL);
	if (err)
		pr_err("cannot attach to tracepoint inet_sock_set_state: %pe\n",
		       ERR_PTR(err));
	return err;
}

/**
 * tw_roles_exit() - undo tw_roles_init()
 *
 * Context: process context.  No probe is running when it returns.
 */
void tw_roles_exit(void)
{
	tracepoint_probe_unregister(set_state, on_set_state, NULL);
	tracepoint_synchronize_unregister();
}

/*
 * ftrace_set_filter() may say 0 when it has no memory, and leave the filter
 * empty: match_records() returns -ENOMEM to who takes that for "found".  An empty
 * filter lets all functions of the kernel through, so it must not be registered.
 */
static int filter_set(struct ftrace_ops *ops, char *name)
{
	const void *empty;
	int err;

	err = ftrace_set_filter(ops, NULL, 0, true);
	if (err)
		return err;

	empty = rcu_access_pointer(ops->func_hash->filter_hash);
	err = ftrace_set_filter(ops, name, strlen(name), true);
	if (err)
		return err;
	if (rcu_access_pointer(ops->func_hash->filter_hash) == empty)
		return -ENOMEM;
	return 0;
}

static int hook_find(struct hook *hook)
{
	unsigned int i;
	int err = -EINVAL;

	for (i = 0; i < ARRAY_SIZE(hook->function) && hook->function[i]; i++) {
		char name[KSYM_NAME_LEN];

		strscpy(name, hook->function[i], sizeof(name));
		err = filter_set(&hook->ops, name);
		if (err != -EINVAL)
			break;
	}
	if (err == -EINVAL)
		pr_err("ftrace knows no function %s in this kernel\n",
		       hook->function[0]);
	else if (err)
		pr_err("ftrace cannot look for %s: %pe\n", hook->function[0],
		       ERR_PTR(err));
	return err;
}

static int hook_register(struct hook *hook)
{
	int err;

	hook->ops.func = hook->handler;
	/* Not to be silenced by sysctl kernel.ftrace_enabled. */
	hook->ops.flags = FTRACE_OPS_FL_PERMANENT;

	err = hook_find(hook);
	if (err)
		return err;

	err = register_ftrace_function(&hook->ops);
	if (!err)
		return 0;

	if (err == -EBUSY)
		pr_err("ftrace is switched off: run 'sysctl kernel.ftrace_enabled=1' and load again\n");
	else
		pr_err("ftrace cannot hook %s: %pe\n", hook->function[0],
		       ERR_PTR(err));
	ftrace_free_filter(&hook->ops);
	return err;
}

/*
 * Returns when no CPU is in the handler any more.  It only fails when ftrace has
 * given itself up for a fault of its own, and then functions go on calling.
 */
static void hook_unregister(struct hook *hook)
{
	WARN_ON(unregister_ftrace_function(&hook->ops));
	ftrace_free_filter(&hook->ops);
}

/**
 * tw_hooks_init() - count what connections and minisockets do
 *
 * Context: process context, when the role of each port is known.
 * Return: 0; -EINVAL when the kernel lacks a function to hook, -EBUSY when ftrace
 * is switched off, or what ftrace said.  The log tells which.
 */
int __init tw_hooks_init(void)
{
	unsigned int i;
	int err;

	/* Paired with tells_nothing(): who counts early or late does no harm. */
	WRITE_ONCE(watched_states, ROLE_STATES | EVENT_STATES);

	for (i = 0; i < ARRAY_SIZE(hooks); i++) {
		err = hook_register(&hooks[i]);
		if (err)
			goto err_unregister;
	}
	return 0;

err_unregister:
	while (i--)
		hook_unregister(&hooks[i]);
	return err;
}

/**
 * tw_hooks_exit() - undo tw_hooks_init(), but for the events of full sockets
 *
 * These are counted until tw_roles_exit().
 *
 * Context: process context.  No hook is running when it returns.
 */
void tw_hooks_exit(void)
{
	unsigned int i = ARRAY_SIZE(hooks);

	while (i--)
		hook_unregister(&hooks[i]);
}
