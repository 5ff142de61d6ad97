/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sock_diag(7) for one socket, that of a process or of none: ask for it, or
 * destroy it, as ss and ss -K do for many.
 */
#ifndef TW_SELFTESTS_DIAG_H
#define TW_SELFTESTS_DIAG_H

#include <stdbool.h>

#include "socks.h"

/* One end of a connection, which outlives its socket. */
struct end {
	union addr local;
	union addr peer;
};

/* Of those that idiag_timer tells: a full socket's, and a minisocket's. */
enum diag_timer { DIAG_KEEPALIVE = 2, DIAG_TIMEWAIT = 3 };

int diag_open(void);
bool end_of(int fd, struct end *end);
int diag_state(int diag, const struct end *end, enum diag_timer *timer);
int diag_destroy(int diag, const struct end *end);

#endif /* TW_SELFTESTS_DIAG_H */
