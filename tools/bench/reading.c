// SPDX-License-Identifier: GPL-2.0
/*
 * What it costs to look at many TIME_WAIT sockets, and to load and unload the module
 * when there are that many.
 *
 * usage: reading SOCKETS...	in ascending order; prints for each what, sockets and ns
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "crowd.h"
#include "module.h"
#include "netns.h"
#include "program.h"
#include "rows.h"
#include "truth.h"

/* The dear ones last: sockets expire meanwhile. */
static const char *const commands[] = {
	"cat /proc/tw_stats",
	"twstat",
	"cat /proc/net/tcp",
	"ss -Htan state time-wait",
};

static void die(const char *what)
{
	fprintf(stderr, "reading: %s\n", what);
	exit(1);
}

static void time_command(const char *command, unsigned int sockets)
{
	const long long start = now_ns();

	/* twstat fails when it has nothing to show. */
	if (!run("%s", command) && sockets)
		die(command);
	printf("read %u %lld %s\n", sockets, now_ns() - start, command);
	fflush(stdout);
}

/* As a program does that goes on, and need not be started each time. */
static void time_file(unsigned int sockets)
{
	const long long start = now_ns();
	char *text = read_text(TW_STATS_PATH);

	printf("read %u %lld %s\n", sockets, now_ns() - start,
	       "open(), read(), close() of " TW_STATS_PATH);
	free(text);
}

static void time_module(const char *what, unsigned int sockets,
			int (*move)(void))
{
	const long long start = now_ns();

	if (move())
		die(what);
	printf("reload %u %lld %s\n", sockets, now_ns() - start, what);
}

static int load(void)
{
	return module_load("");
}

static void all_are_there(const char *what, unsigned int sockets)
{
	struct rows rows;

	if (!stats_read(&rows))
		exit(1);
	if (rows_sum(&rows, TW_COL_CURRENT) != sockets)
		die(what);
	rows_free(&rows);
}

int main(int argc, char **argv)
{
	struct crowd crowd;

	if (!netns_enter() || !crowd_init(&crowd))
		return 1;
	for (int i = 1; i < argc; i++) {
		const unsigned int sockets = strtoul(argv[i], NULL, 10);

		if (!crowd_grow(&crowd, sockets) || !crowd_rearm(&crowd))
			return 1;
		time_module("load", sockets, load);
		all_are_there("not all are adopted", sockets);
		time_file(sockets);
		for (size_t k = 0; k < sizeof(commands) / sizeof(*commands);
		     k++)
			time_command(commands[k], sockets);
		all_are_there("some have expired", sockets);
		time_module("unload", sockets, module_unload);
	}
	return 0;
}
