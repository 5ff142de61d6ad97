/* SPDX-License-Identifier: GPL-2.0 */
/* Two network namespaces, and a wire between them that can be made bad. */
#ifndef TW_SELFTESTS_WIRE_H
#define TW_SELFTESTS_WIRE_H

#include <stdbool.h>

#include "socks.h"

enum side { SERVER, CLIENT, NR_SIDES };

/* The server's addresses: RFC 5737 and RFC 3849. */
#define SERVER_V4 "198.51.100.1"
#define SERVER_V6 "2001:db8:2::1"
#define CLIENT_V4 "198.51.100.2"
#define CLIENT_V6 "2001:db8:2::2"

struct wire {
	int netns[NR_SIDES]; /* as of netns_here() */
};

bool wire_enter(const struct wire *wire, enum side side);
bool wire_make(const struct wire *wire);
bool wire_does(const struct wire *wire, const char *netem);

#endif /* TW_SELFTESTS_WIRE_H */
