/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TW_STATS_MINISOCK_H
#define _TW_STATS_MINISOCK_H

#include <linux/tw_stats.h>

struct inet_timewait_sock;
struct tw_row;

int tw_minisock_init(void);
void tw_minisock_exit(void);

void tw_minisock_made(const struct inet_timewait_sock *tw);
void tw_minisock_armed(const struct inet_timewait_sock *tw);
void tw_minisock_ended(const struct inet_timewait_sock *tw,
		       enum tw_column cause);
void tw_minisock_adopt(const struct inet_timewait_sock *tw, struct tw_row *row);

#endif /* _TW_STATS_MINISOCK_H */
