/* SPDX-License-Identifier: GPL-2.0 */
/* Many connections over loopback, and a ledger of how they were closed. */
#ifndef TW_SELFTESTS_TRAFFIC_H
#define TW_SELFTESTS_TRAFFIC_H

#include <stdbool.h>
#include <sys/types.h>

#include "socks.h"

/* What one worker did; each worker has a server port of its own. */
struct ledger {
	unsigned int server_first;
	unsigned int client_first;
	unsigned int reopened;
	unsigned int aborted;
	unsigned int fixed_clients; /* from the worker's own client ports */
	unsigned int connections; /* in all; read while the worker goes on */
	bool stop; /* written while the worker goes on */
};

struct traffic {
	unsigned int nr;
	unsigned int first_port;
	struct ledger *ledger; /* one a worker, shared with it */
	pid_t *worker;
};

/* Workers go on until they are stopped. */
#define TRAFFIC_ENDLESS 0

bool traffic_start(struct traffic *traffic, unsigned int nr_workers,
		   unsigned int first_port, unsigned int connections);
bool traffic_wait(struct traffic *traffic);
bool traffic_stop(struct traffic *traffic);
bool traffic_goes_on(const struct traffic *traffic);

#endif /* TW_SELFTESTS_TRAFFIC_H */
