// SPDX-License-Identifier: GPL-2.0-only
/*
 * The story that everybody knows, on real sockets: a server closes first, and
 * its restart fails with "Address already in use".  To be run as root in a
 * network namespace where nothing else goes on; tw_stats is loaded, and twstat
 * in the PATH.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/tw_stats.h>

enum {
	PLAIN_PORT = 9091,
	REUSE_PORT = 9092,
	DATABASE_PORT = 5432,
	CONNECTIONS = 3,
};

static void __attribute__((format(printf, 1, 2))) say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("  # ");
	vprintf(format, args);
	putchar('\n');
	va_end(args);
}

static void scene(const char *title)
{
	printf("\n== %s\n", title);
}

static void fail(const char *what)
{
	printf("demo: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static void run(const char *command)
{
	printf("$ %s\n", command);
	fflush(stdout);
	if (system(command)) {
		printf("demo: '%s' failed\n", command);
		exit(EXIT_FAILURE);
	}
}

static struct sockaddr_in loopback(int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

/* Returns a listening socket, or -1 with errno when bind() fails. */
static int serve(int port, bool reuse_address)
{
	const struct sockaddr_in address = loopback(port);
	const int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		fail("socket");
	if (reuse_address &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)))
		fail("SO_REUSEADDR");
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address))) {
		close(fd);
		return -1;
	}
	if (listen(fd, CONNECTIONS))
		fail("listen");
	return fd;
}

/* Closes one end and, when the other has seen that, the other end. */
static void close_in_order(int first, int second)
{
	char nothing;

	close(first);
	if (read(second, &nothing, 1) != 0)
		fail("waiting for the end of the connection");
	close(second);
}

static void connections(int listener, int port, bool server_closes_first)
{
	const struct sockaddr_in address = loopback(port);
	int i;

	for (i = 0; i < CONNECTIONS; i++) {
		int client = socket(AF_INET, SOCK_STREAM, 0), server;

		if (client < 0 ||
		    connect(client, (const struct sockaddr *)&address,
			    sizeof(address)))
			fail("connect");
		server = accept(listener, NULL, NULL);
		if (server < 0)
			fail("accept");
		if (server_closes_first)
			close_in_order(server, client);
		else
			close_in_order(client, server);
	}
}

static void restart(int port, bool reuse_address, bool expect_success)
{
	const int fd = serve(port, reuse_address);
	const bool success = fd >= 0;

	printf("$ server --port %d%s\n%s\n", port,
	       reuse_address ? " --reuse-address" : "",
	       success ? "listening" : strerror(errno));
	if (success != expect_success) {
		printf("demo: this is not what should have happened\n");
		exit(EXIT_FAILURE);
	}
	if (success)
		close(fd);
}

static void serve_and_stop(int port, bool reuse_address,
			   bool server_closes_first)
{
	int listener = serve(port, reuse_address);

	if (listener < 0)
		fail("bind");
	connections(listener, port, server_closes_first);
	close(listener);
}

/* Sleeps until nothing is in TIME_WAIT, and returns how many seconds. */
static double wait_for_all(void)
{
	struct timespec start, end;

	clock_gettime(CLOCK_MONOTONIC, &start);
	/* The third field is "current", right after the key. */
	while (!system(
		"awk 'NR > 1 && $3 { n = 1 } END { exit !n }' " TW_STATS_PATH))
		sleep(1);
	clock_gettime(CLOCK_MONOTONIC, &end);
	return (end.tv_sec - start.tv_sec) +
	       (end.tv_nsec - start.tv_nsec) / 1e9;
}

static void restart_fails(void)
{
	scene("A server answers three clients, closes each connection, and is restarted");
	serve_and_stop(PLAIN_PORT, false, true);
	restart(PLAIN_PORT, false, false);

	scene("Who holds the port?");
	run("twstat port 9091");

	scene("All ports");
	run("twstat");
	say("server %d: our port.  current: so many connections hold it, clear:",
	    PLAIN_PORT);
	say("for so long.  entered: since the module was loaded.  closed_first: the");
	say("server sent the first FIN, each time.");
	say("client %d: the other ends, on this machine too, closed second.",
	    PLAIN_PORT);
	say("\"twstat explain\" tells of all columns; the file is /proc/tw_stats.");
}

static void ways_out(void)
{
	double seconds;

	scene("The first way out: SO_REUSEADDR");
	restart(PLAIN_PORT, true, false);
	say("As twstat said: too late for these, which do not share their port.  A");
	say("server that has it from the start:");
	serve_and_stop(REUSE_PORT, true, true);
	run("twstat port 9092");
	restart(REUSE_PORT, true, true);
	say("As many in TIME_WAIT, and bind() looks past them.");

	scene("The second: wait");
	seconds = wait_for_all();
	say("%.1f s later, by the clock of this machine:", seconds);
	run("twstat -r server");
	say("current is 0; expired: their timers ended them.  max: the longest");
	say("stay, 60 s and up to 2 s more, for the timer wheel is coarse.");
	restart(PLAIN_PORT, false, true);
}

static void client_closes_first(void)
{
	scene("Now a client that closes first, as most clients of a database do");
	serve_and_stop(DATABASE_PORT, false, false);
	run("twstat 5432");
	say("client %d: the peer's port; ours was another one each time.  What",
	    DATABASE_PORT);
	say("waits here holds our ephemeral ports.  The server's port is free:");
	restart(DATABASE_PORT, false, true);

	scene("How long did they stay?");
	run("twstat hist -r server");
	say("Over 59 s and up to 63 s, as it should be.");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	restart_fails();
	ways_out();
	client_closes_first();
	return 0;
}
