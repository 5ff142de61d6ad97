/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TW_STATS_MINISOCK_H
#define _TW_STATS_MINISOCK_H

#include <linux/tw_stats.h>

struct inet_timewait_sock;
struct tw_row;

/* In which state tw_minisock_adopt() has found a minisocket. */
enum tw_adoption {
	TW_NOT_ADOPTED,
	TW_ADOPTED_FIN_WAIT2,
	TW_ADOPTED_TIME_WAIT,
};

int tw_minisock_init(void);
void tw_minisock_exit(void);

void tw_minisock_made(const struct inet_timewait_sock *tw);
void tw_minisock_armed(const struct inet_timewait_sock *tw);
void tw_minisock_ended(const struct inet_timewait_sock *tw,
		       enum tw_column cause);
enum tw_adoption tw_minisock_adopt(const struct inet_timewait_sock *tw,
				   struct tw_row *row);
void tw_minisock_disown(const struct inet_timewait_sock *tw,
			enum tw_adoption adoption);

#endif /* _TW_STATS_MINISOCK_H */
