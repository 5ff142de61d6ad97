// SPDX-License-Identifier: GPL-2.0-only
/*
 * tw_stats: every TCP TIME_WAIT socket of the machine, counted exactly, per
 * port and network namespace, in /proc/net/tw_stats and /proc/net/tw_hist.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/printk.h>

#include <linux/tw_stats.h>

#include "adopt.h"
#include "hooks.h"
#include "minisock.h"
#include "ports.h"
#include "proc.h"

static int __init tw_stats_init(void)
{
	int err;

	err = tw_ports_init();
	if (err)
		goto err;

	err = tw_minisock_init();
	if (err)
		goto err_exit_ports;

	err = tw_roles_init();
	if (err)
		goto err_exit_minisock;
	tw_adopt_roles();

	err = tw_hooks_init();
	if (err)
		goto err_exit_roles;

	err = tw_adopt();
	if (err)
		goto err_exit_hooks;

	err = tw_proc_init();
	if (err)
		goto err_exit_hooks;
	return 0;

err_exit_hooks:
	tw_hooks_exit();
err_exit_roles:
	tw_roles_exit();
err_exit_minisock:
	tw_minisock_exit();
err_exit_ports:
	tw_ports_exit();
err:
	pr_err("not loaded: %pe\n", ERR_PTR(err));
	return err;
}

static void __exit tw_stats_exit(void)
{
	tw_proc_exit();
	tw_hooks_exit();
	tw_roles_exit();
	tw_minisock_exit();
	tw_ports_exit();
}

module_init(tw_stats_init);
module_exit(tw_stats_exit);

MODULE_DESCRIPTION("Exact accounting of TCP TIME_WAIT sockets");
MODULE_AUTHOR("The tw_stats authors");
MODULE_LICENSE("GPL");
MODULE_VERSION(TW_STATS_VERSION);
