// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module's hooks with nothing behind them: what it would cost at least to
 * be told of the same events in the same way.
 */
#include "module/hooks.c"

#include <linux/module.h>

void tw_minisock_made(const struct inet_timewait_sock *tw)
{
}

void tw_minisock_armed(const struct inet_timewait_sock *tw)
{
}

void tw_minisock_ended(const struct inet_timewait_sock *tw,
		       enum tw_column cause)
{
}

void tw_port_serve(const struct net *net, u16 port)
{
}

bool tw_port_serves(const struct net *net, u16 port)
{
	return false;
}

void tw_port_unserve(const struct net *net, u16 port)
{
}

void tw_port_count(const struct net *net, u16 port, u16 peer_port,
		   enum tw_event event)
{
}

static bool tracepoint;
module_param(tracepoint, bool, 0444);
MODULE_PARM_DESC(tracepoint,
		 "the one at the tracepoint, and none of ftrace (N)");

static int __init tw_floor_init(void)
{
	int err;

	err = tw_roles_init();
	if (err)
		return err;
	if (tracepoint) {
		WRITE_ONCE(watched_states, ROLE_STATES | EVENT_STATES);
		return 0;
	}

	err = tw_hooks_init();
	if (err)
		tw_roles_exit();
	return err;
}

static void __exit tw_floor_exit(void)
{
	if (!tracepoint)
		tw_hooks_exit();
	tw_roles_exit();
}

module_init(tw_floor_init);
module_exit(tw_floor_exit);

MODULE_DESCRIPTION("The hooks of tw_stats with nothing behind them");
MODULE_LICENSE("GPL");
