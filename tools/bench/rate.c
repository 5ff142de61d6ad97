// SPDX-License-Identifier: GPL-2.0
/*
 * How many connections a second all CPUs can make and close together.
 *
 * usage: rate PORTS SECONDS	prints ports, connections and ns
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "netns.h"
#include "socks.h"

#define FIRST_PORT 10000
#define MAX_PORTS 64

struct shared {
	bool stop;
	unsigned int closed; /* by all servers */
};

/* The server closes first, and the client when it has seen that. */
static void serve(struct shared *shared, int listener)
{
	int fd;

	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		close(fd);
		__atomic_fetch_add(&shared->closed, 1, __ATOMIC_RELAXED);
	}
	_exit(1);
}

/* Each has an address to connect to, and with it ports for a minute. */
static void connect_again_and_again(struct shared *shared, unsigned int number,
				    unsigned int port)
{
	char address[32], byte;

	snprintf(address, sizeof(address), "127.0.1.%u", number + 1);
	while (!__atomic_load_n(&shared->stop, __ATOMIC_RELAXED)) {
		const int fd = connect_to(IPV4, address, NULL, port, 0);

		if (fd < 0 || read(fd, &byte, 1)) {
			perror("rate: a connection");
			_exit(1);
		}
		close(fd);
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	const unsigned int ports = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;
	const unsigned int seconds = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	const unsigned int cpus = sysconf(_SC_NPROCESSORS_ONLN);
	pid_t server[MAX_PORTS], client[MAX_PORTS];
	int listener[MAX_PORTS], status;
	struct shared *shared;
	unsigned int before;
	long long start;

	if (!ports || ports > MAX_PORTS || cpus > MAX_PORTS || !netns_enter())
		return 1;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (unsigned int i = 0; i < ports; i++)
		listener[i] = listen_on(IPV4, FIRST_PORT + i);
	for (unsigned int i = 0; i < cpus; i++) {
		server[i] = fork();
		if (!server[i])
			serve(shared, listener[i % ports]);
		client[i] = fork();
		if (!client[i])
			connect_again_and_again(shared, i,
						FIRST_PORT + i % ports);
	}

	/* They all have begun. */
	sleep(1);
	before = __atomic_load_n(&shared->closed, __ATOMIC_RELAXED);
	start = now_ns();
	sleep(seconds);
	printf("rate %u %u %lld\n", ports,
	       __atomic_load_n(&shared->closed, __ATOMIC_RELAXED) - before,
	       now_ns() - start);
	__atomic_store_n(&shared->stop, true, __ATOMIC_RELAXED);
	for (unsigned int i = 0; i < cpus; i++)
		if (waitpid(client[i], &status, 0) != client[i] || status)
			return 1;
	for (unsigned int i = 0; i < cpus; i++)
		kill(server[i], SIGKILL);
	return 0;
}
