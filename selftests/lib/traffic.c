// SPDX-License-Identifier: GPL-2.0
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "traffic.h"
#include "truth.h"
#include "wait.h"

/*
 * Client ports that a worker takes again and again.  There are some of them, so
 * that the clock of the timestamps has moved on when each comes round.
 */
#define NR_FIXED 16
#define NR_WAYS 6

static bool serve_fixed_client(struct ledger *ledger, enum family family,
			       int listener, unsigned int port)
{
	const unsigned int nr = ledger->fixed_clients++;
	const unsigned int client_port =
		20000 + port % 1000 * NR_FIXED + nr % NR_FIXED;
	struct pair pair;

	if (nr >= NR_FIXED)
		ledger->reopened++;
	ledger->server_first++;
	return pair_open_from(&pair, family, listener, port, client_port) &&
	       shutdown_in_order(pair.server, pair.client);
}

/* Closed before the RST has come, the server's end would send a FIN first. */
static bool abort_by_client(struct pair *pair)
{
	bool seen;

	close_abort(pair->client);
	seen = wait_state(pair->server, TCP_CLOSE);
	close(pair->server);
	return seen;
}

static bool close_somehow(struct ledger *ledger, struct pair *pair,
			  unsigned int way)
{
	switch (way) {
	case 0:
		ledger->server_first++;
		return close_in_order(pair->server, pair->client);
	case 1:
		ledger->server_first++;
		return shutdown_in_order(pair->server, pair->client);
	case 2:
		ledger->client_first++;
		return close_in_order(pair->client, pair->server);
	case 3:
		ledger->client_first++;
		return shutdown_in_order(pair->client, pair->server);
	default:
		ledger->aborted++;
		return abort_by_client(pair);
	}
}

static bool connect_once(struct ledger *ledger, enum family family,
			 int listener, unsigned int port, unsigned int way)
{
	struct pair pair;

	if (way == NR_WAYS - 1)
		return serve_fixed_client(ledger, family, listener, port);
	return pair_open(&pair, family, listener, port) &&
	       close_somehow(ledger, &pair, way);
}

static bool work(struct ledger *ledger, enum family family, unsigned int port,
		 unsigned int connections)
{
	const int listener = listen_on(family, port);

	for (unsigned int i = 0; !connections || i < connections; i++) {
		if (__atomic_load_n(&ledger->stop, __ATOMIC_RELAXED))
			break;
		if (!connect_once(ledger, family, listener, port, i % NR_WAYS))
			return false;
		__atomic_fetch_add(&ledger->connections, 1, __ATOMIC_RELAXED);
		/* As many in TIME_WAIT as ss can list before they expire. */
		if (!connections)
			usleep(1000);
	}
	close(listener);
	return true;
}

/**
 * traffic_start() - start workers that open and close connections
 * @traffic: filled in
 * @nr_workers: how many; they take turns in the families
 * @first_port: the first worker's server port; the others take the next ones
 * @connections: how many a worker, or TRAFFIC_ENDLESS
 *
 * Return: false after a message.
 */
bool traffic_start(struct traffic *traffic, unsigned int nr_workers,
		   unsigned int first_port, unsigned int connections)
{
	traffic->nr = nr_workers;
	traffic->first_port = first_port;
	traffic->worker = calloc(nr_workers, sizeof(*traffic->worker));
	traffic->ledger = mmap(NULL, nr_workers * sizeof(*traffic->ledger),
			       PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	for (unsigned int i = 0; i < nr_workers; i++) {
		struct ledger *ledger = &traffic->ledger[i];
		const unsigned int port = first_port + i;

		truth_server_port(port, true);
		traffic->worker[i] = fork();
		if (traffic->worker[i] < 0) {
			perror("# fork");
			return false;
		}
		if (!traffic->worker[i])
			_exit(!work(ledger, i % 3, port, connections));
	}
	return true;
}

/**
 * traffic_wait() - wait until all workers are done
 * @traffic: whose; its ledgers remain
 *
 * Return: false when a worker failed, which has printed why.
 */
bool traffic_wait(struct traffic *traffic)
{
	bool good = true;
	int status;

	for (unsigned int i = 0; i < traffic->nr; i++)
		good &= waitpid(traffic->worker[i], &status, 0) > 0 &&
			status == 0;
	return good;
}

/**
 * traffic_stop() - stop all workers, and wait for them
 * @traffic: whose; its ledgers remain
 *
 * Return: false when a worker failed, which has printed why.
 */
bool traffic_stop(struct traffic *traffic)
{
	for (unsigned int i = 0; i < traffic->nr; i++)
		__atomic_store_n(&traffic->ledger[i].stop, true,
				 __ATOMIC_RELAXED);
	return traffic_wait(traffic);
}

static unsigned int connections(const struct traffic *traffic)
{
	return __atomic_load_n(&traffic->ledger[0].connections,
			       __ATOMIC_RELAXED);
}

/**
 * traffic_goes_on() - wait until there have been some more connections
 * @traffic: which, started as TRAFFIC_ENDLESS
 *
 * Return: whether there have been.
 */
bool traffic_goes_on(const struct traffic *traffic)
{
	const unsigned int before = connections(traffic);

	return WAIT_FOR(connections(traffic) - before >= 20, PROMPT_MS);
}
