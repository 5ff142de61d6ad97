/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TW_STATS_PORTS_H
#define _TW_STATS_PORTS_H

#include "row.h"

struct net;

int tw_ports_init(void);
void tw_ports_exit(void);

void tw_port_serve(const struct net *net, u16 port);
bool tw_port_serves(const struct net *net, u16 port);
void tw_port_unserve(const struct net *net, u16 port);
void tw_port_count(const struct net *net, u16 port, u16 peer_port,
		   enum tw_event event);

struct tw_row *tw_ports_row(const struct net *net, enum tw_role role, u16 port);
struct tw_row *tw_ports_row_of(const struct net *net, u16 port, u16 peer_port);
bool tw_ports_next(const struct net *net, unsigned long *key,
		   struct tw_snapshot *snap);
void tw_ports_drain(const struct net *net, void (*drop)(struct tw_stay *stay));

#endif /* _TW_STATS_PORTS_H */
