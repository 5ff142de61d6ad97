// SPDX-License-Identifier: GPL-2.0
/*
 * What connections cost, from connect() to close() and to their end in TIME_WAIT.
 *
 * usage: connections [WORKLOAD]...	or all; prints the name, how often it was done, and ns
 */
#define _GNU_SOURCE
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "socks.h"
#include "truth.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))

#define FIRST_PORT 10000
#define FIXED_CLIENT_PORT 9000
#define WARM_UP 200

/* Those that connect() takes first, of the 28,000 that it has. */
#define CLIENT_PORTS 14000

#define TIME_WAIT_NS (60 * NSEC_PER_SEC)
#define EARLY_NS (20 * NSEC_PER_MSEC)

/* Some grace periods of RCU. */
#define SETTLE_NS (40 * NSEC_PER_MSEC)

/* A tick of the clock takes longer than the one, and all of expiry the other. */
#define SHORT_NS 2000
#define LONG_NS 100000

struct site;

struct workload {
	const char *name;
	unsigned int number; /* how often it is done */
	unsigned int ports; /* over how many it is spread */
	unsigned int entries; /* into TIME_WAIT, each time */
	void (*once)(struct site *site);
	long long (*measure)(struct site *site); /* ns of all */
};

struct site {
	const struct workload *workload;
	unsigned int done;
	int *listener;
	struct pair pair; /* the long-lived connection */
};

static void die(const char *what)
{
	fprintf(stderr, "connections: %s\n", what);
	exit(1);
}

static void open_pair(struct site *site, struct pair *pair,
		      unsigned int local_port)
{
	const unsigned int i = site->done % site->workload->ports;

	if (!pair_open_from(pair, IPV4, site->listener[i], FIRST_PORT + i,
			    local_port))
		exit(1);
}

/*
 * Over loopback, what is sent has arrived when the system call returns; unless
 * ksoftirqd is at work, then both ends may close before they see a FIN, and enter
 * TIME_WAIT.
 */
static void close_first(int first, int second)
{
	shutdown(first, SHUT_WR);
	close(second);
	close(first);
}

static void server_first(struct site *site)
{
	struct pair pair;

	open_pair(site, &pair, 0);
	close_first(pair.server, pair.client);
}

static void client_first(struct site *site)
{
	struct pair pair;

	open_pair(site, &pair, 0);
	close_first(pair.client, pair.server);
}

/* The SYN finds the TIME_WAIT of the connection before. */
static void reopen(struct site *site)
{
	struct pair pair;

	open_pair(site, &pair, FIXED_CLIENT_PORT);
	close_first(pair.server, pair.client);
}

/*
 * An end that is closed while its peer is open waits in a minisocket, once its
 * FIN is acknowledged: at once by a peer that has read it and is in a hurry.
 */
static void fin_wait2(struct site *site)
{
	const int on = 1;
	struct pair pair;
	char byte;

	open_pair(site, &pair, 0);
	close(pair.server);
	if (read(pair.client, &byte, 1) ||
	    setsockopt(pair.client, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on)))
		die("a FIN got lost");
	close(pair.client);
}

static void exchange(int from, int to)
{
	char byte = 0;

	if (write(from, &byte, 1) != 1 || read(to, &byte, 1) != 1)
		die("a byte got lost");
}

static void round_trip(struct site *site)
{
	if (!site->done) {
		open_pair(site, &site->pair, 0);
	} else {
		exchange(site->pair.client, site->pair.server);
		exchange(site->pair.server, site->pair.client);
	}
}

static void listen_to_all(struct site *site)
{
	const unsigned int ports = site->workload->ports;
	const struct rlimit files = { ports + 100, ports + 100 };

	setrlimit(RLIMIT_NOFILE, &files);
	site->listener = calloc(ports, sizeof(*site->listener));
	for (unsigned int i = 0; i < ports; i++) {
		site->listener[i] = listen_on(IPV4, FIRST_PORT + i);
		if (site->listener[i] < 0)
			exit(1);
	}
}

static long long do_times(struct site *site, unsigned int times)
{
	const long long start = now_ns();

	for (unsigned int i = 0; i < times; i++) {
		site->workload->once(site);
		site->done++;
	}
	return now_ns() - start;
}

static void wait_until_quiet(void)
{
	while (sockstat_tw())
		sleep(1);
}

/* Caches are warm then, and rows are there. */
static void warm_up(struct site *site)
{
	const unsigned int ports = site->workload->ports;
	const unsigned int times = ports > WARM_UP ? ports : WARM_UP;

	if (sockstat_tw() + times + site->workload->number > CLIENT_PORTS)
		wait_until_quiet();
	do_times(site, times);
}

/* Some µs in which nothing happens, unless something interrupts it. */
static void do_nothing(void)
{
	for (unsigned int i = 0; i < 10000; i++)
		asm volatile("");
}

static bool settled(long long since)
{
	return now_ns() - since > SETTLE_NS;
}

static bool none_waits(long long since)
{
	(void)since;
	return !sockstat_tw();
}

/*
 * How long the kernel takes the CPU away from doing nothing, in pieces longer
 * than @shortest, until it is @over.
 */
static long long taken_from_nothing(bool (*over)(long long since),
				    long long shortest)
{
	const long long since = now_ns();
	long long taken = 0, quickest = LONG_NS, before = since;
	bool is_over = false;

	for (unsigned int i = 1; !is_over; i++) {
		long long now, ns;

		do_nothing();
		is_over = i % 100 == 0 && over(since);
		now = now_ns();
		ns = now - before;
		if (ns < quickest)
			quickest = ns;
		if (ns > quickest + shortest)
			taken += ns - quickest;
		before = now;
	}
	return taken;
}

/* What is left to do when the last one is done, RCU callbacks above all. */
static long long settle(void)
{
	return taken_from_nothing(settled, SHORT_NS);
}

static long long measure(struct site *site)
{
	const struct workload *workload = site->workload;
	const long long expected = workload->number * workload->entries;
	long long entries, ns;

	settle();
	entries = kernel_counter(KERNEL_TW);
	ns = do_times(site, workload->number);
	ns += settle();
	entries = kernel_counter(KERNEL_TW) - entries;
	if (entries < expected || entries > expected + expected / 100) {
		fprintf(stderr,
			"connections: %s: %lld entries into TIME_WAIT instead of %lld\n",
			workload->name, entries, expected);
		exit(1);
	}
	return ns;
}

/* The timer wheel is coarse: they all fire together, within two seconds. */
static long long measure_expiry(struct site *site)
{
	long long first;

	wait_until_quiet();
	first = now_ns();
	do_times(site, site->workload->number);
	sleep_until(first + TIME_WAIT_NS - EARLY_NS);
	return taken_from_nothing(none_waits, LONG_NS);
}

static const struct workload workloads[] = {
	{ "server_first", 2000, 1, 1, server_first, measure },
	{ "client_first", 2000, 1, 1, client_first, measure },
	{ "reopen", 2000, 1, 1, reopen, measure },
	{ "fin_wait2", 2000, 1, 1, fin_wait2, measure },
	{ "round_trip", 1000, 1, 0, round_trip, measure },
	{ "rows_1", 2000, 1, 1, client_first, measure },
	{ "rows_100", 2000, 100, 1, client_first, measure },
	{ "rows_10000", 2000, 10000, 1, client_first, measure },
	/* The last: it leaves nothing behind. */
	{ "expiry", 1000, 1, 1, server_first, measure_expiry },
};

static const struct workload *workload_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(workloads); i++)
		if (!strcmp(workloads[i].name, name))
			return &workloads[i];
	die("no such workload");
	return NULL;
}

/* In a process of its own, with which its listeners go. */
static bool do_workload(const struct workload *workload)
{
	struct site site = { .workload = workload };
	const pid_t pid = fork();
	int status;

	if (pid)
		return waitpid(pid, &status, 0) == pid && !status;
	listen_to_all(&site);
	warm_up(&site);
	printf("workload %s %u %lld\n", workload->name, workload->number,
	       workload->measure(&site));
	exit(0);
}

int main(int argc, char **argv)
{
	wait_until_quiet();
	for (int i = 1; i < argc; i++)
		if (!do_workload(workload_find(argv[i])))
			return 1;
	for (size_t i = 0; argc == 1 && i < ARRAY_SIZE(workloads); i++)
		if (!do_workload(&workloads[i]))
			return 1;
	return 0;
}
