// SPDX-License-Identifier: GPL-2.0-only
/*
 * The text of /proc/net/tw_stats and /proc/net/tw_hist, from snapshots of rows.
 *
 * The position in a file is the key of a row plus one, so a reader that comes
 * back after rows were added goes on where it was.
 */
#include <linux/minmax.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include <linux/tw_stats.h>

#include "ports.h"
#include "proc.h"

static const char *const role_name[] = TW_ROLE_NAMES;
static const char *const column_name[] = TW_COLUMN_NAMES;
static const char *const bucket_name[] = TW_HIST_NAMES;

struct tw_seq {
	struct seq_net_private net;
	struct tw_snapshot snap;
};

static void *tw_seq_find(struct seq_file *seq, loff_t *pos)
{
	struct tw_seq *priv = seq->private;
	unsigned long key = *pos - 1;

	if (!tw_ports_next(seq_file_net(seq), &key, &priv->snap))
		return NULL;
	*pos = (loff_t)key + 1;
	return &priv->snap;
}

static void *tw_seq_start(struct seq_file *seq, loff_t *pos)
{
	return *pos ? tw_seq_find(seq, pos) : SEQ_START_TOKEN;
}

static void *tw_seq_next(struct seq_file *seq, void *v, loff_t *pos)
{
	++*pos;
	return tw_seq_find(seq, pos);
}

/* A snapshot holds no lock. */
static void tw_seq_stop(struct seq_file *seq, void *v)
{
}

static void show_names(struct seq_file *seq, const char *const *name,
		       unsigned int nr)
{
	unsigned int i;

	seq_printf(seq, "%-6s %5s", TW_KEY_ROLE, TW_KEY_PORT);
	for (i = 0; i < nr; i++)
		seq_printf(seq, " %7s", name[i]);
	seq_putc(seq, '\n');
}

/* Numbers stand under their names, as long as there is room. */
static void show_row(struct seq_file *seq, const struct tw_snapshot *snap,
		     const u64 *number, const char *const *name,
		     unsigned int nr)
{
	unsigned int i;

	seq_printf(seq, "%-6s %5u", role_name[snap->role], snap->port);
	for (i = 0; i < nr; i++)
		seq_printf(seq, " %*llu", max_t(int, 7, strlen(name[i])),
			   number[i]);
	seq_putc(seq, '\n');
}

static int tw_stats_show(struct seq_file *seq, void *v)
{
	const struct tw_snapshot *snap = v;

	if (v == SEQ_START_TOKEN)
		show_names(seq, column_name, TW_NR_COLUMNS);
	else
		show_row(seq, snap, snap->column, column_name, TW_NR_COLUMNS);
	return 0;
}

static int tw_hist_show(struct seq_file *seq, void *v)
{
	const struct tw_snapshot *snap = v;

	if (v == SEQ_START_TOKEN)
		show_names(seq, bucket_name, TW_NR_HIST_BUCKETS);
	else
		show_row(seq, snap, snap->hist, bucket_name,
			 TW_NR_HIST_BUCKETS);
	return 0;
}

static const struct seq_operations tw_stats_seq_ops = {
	.start = tw_seq_start,
	.next = tw_seq_next,
	.stop = tw_seq_stop,
	.show = tw_stats_show,
};

static const struct seq_operations tw_hist_seq_ops = {
	.start = tw_seq_start,
	.next = tw_seq_next,
	.stop = tw_seq_stop,
	.show = tw_hist_show,
};

static int __net_init tw_proc_init_net(struct net *net)
{
	if (!proc_create_net(TW_STATS_NAME, 0444, net->proc_net,
			     &tw_stats_seq_ops, sizeof(struct tw_seq)))
		return -ENOMEM;

	if (!proc_create_net(TW_HIST_NAME, 0444, net->proc_net,
			     &tw_hist_seq_ops, sizeof(struct tw_seq))) {
		remove_proc_entry(TW_STATS_NAME, net->proc_net);
		return -ENOMEM;
	}
	return 0;
}

/* Waits for readers and closes the files that they hold open. */
static void __net_exit tw_proc_exit_net(struct net *net)
{
	remove_proc_entry(TW_HIST_NAME, net->proc_net);
	remove_proc_entry(TW_STATS_NAME, net->proc_net);
}

static struct pernet_operations tw_proc_net_ops = {
	.init = tw_proc_init_net,
	.exit = tw_proc_exit_net,
};

/**
 * tw_proc_init() - show the files in all namespaces, those to come included
 *
 * Context: process context.
 * Return: 0 or -ENOMEM.
 */
int __init tw_proc_init(void)
{
	int err;

	err = register_pernet_subsys(&tw_proc_net_ops);
	if (err)
		return err;

	if (!proc_symlink(TW_STATS_NAME, NULL, "self/net/" TW_STATS_NAME)) {
		unregister_pernet_subsys(&tw_proc_net_ops);
		return -ENOMEM;
	}
	return 0;
}

/**
 * tw_proc_exit() - remove the files, under their readers if need be
 *
 * Context: process context.
 */
void tw_proc_exit(void)
{
	remove_proc_entry(TW_STATS_NAME, NULL);
	unregister_pernet_subsys(&tw_proc_net_ops);
}
