// SPDX-License-Identifier: GPL-2.0
/*
 * What the module takes of the machine's memory: what the kernel has taken when it is
 * loaded, less what it had before.  It prints how many of what there are, and bytes.
 *
 * usage: memory SOCKETS
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crowd.h"
#include "module.h"
#include "netns.h"
#include "socks.h"
#include "text.h"

#define NAMESPACES 500
#define ROWS 4000
#define FIRST_PORT 20000

static void die(const char *what)
{
	fprintf(stderr, "memory: %s\n", what);
	exit(1);
}

static long long kib_of(const char *text, const char *key)
{
	const char *line = strstr(text, key);

	if (!line)
		die("/proc/meminfo lacks a line");
	return strtoll(line + strlen(key), NULL, 10);
}

/*
 * What the kernel has taken for itself.  MemFree does not tell: what one has given
 * back to the lists of a CPU, the next one takes from there.
 */
static long long kernel_bytes(void)
{
	long long kib;
	char *text;

	if (!write_text("/proc/sys/vm/drop_caches", "3"))
		exit(1);
	/* For what RCU frees later. */
	sleep(1);
	text = read_text("/proc/meminfo");
	if (!text)
		exit(1);
	kib = kib_of(text, "Slab:") + kib_of(text, "VmallocUsed:") +
	      kib_of(text, "Percpu:");
	free(text);
	return kib * 1024;
}

/* @act happens once before, for what it takes without the module. */
static void print_taken(const char *what, unsigned int number,
			void (*act)(void))
{
	long long before;

	act();
	before = kernel_bytes();
	if (module_load(""))
		die("the module does not load");
	act();
	printf("memory %u %lld %s\n", number, kernel_bytes() - before, what);
	if (module_unload())
		die("the module does not unload");
}

static void nothing(void)
{
}

static void make_namespaces(void)
{
	for (int i = 0; i < NAMESPACES; i++)
		if (!netns_enter() || netns_here() < 0)
			exit(1);
}

/* A connection that is aborted makes a row at each end, and no minisocket. */
static void make_rows(void)
{
	for (int i = 0; i < ROWS / 2; i++) {
		const int listener = listen_on(IPV4, FIRST_PORT + i);
		struct pair pair;

		if (!pair_open(&pair, IPV4, listener, FIRST_PORT + i))
			exit(1);
		close_abort(pair.client);
		close(pair.server);
		close(listener);
	}
}

int main(int argc, char **argv)
{
	const unsigned int sockets = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	struct crowd crowd;

	/* The first time, the kernel keeps something for the next. */
	if (module_load("") || module_unload())
		die("the module does not load");

	print_taken("nothing", 1, nothing);
	if (!netns_enter() || !crowd_init(&crowd) ||
	    !crowd_grow(&crowd, sockets) || !crowd_rearm(&crowd))
		return 1;
	print_taken("sockets", sockets, nothing);
	print_taken("sockets and rows", ROWS, make_rows);
	make_namespaces();
	print_taken("sockets, rows and namespaces", NAMESPACES, make_rows);
	return 0;
}
