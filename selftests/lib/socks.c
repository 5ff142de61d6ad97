// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "socks.h"
#include "truth.h"
#include "wait.h"

/**
 * addr_make() - make a socket address
 * @addr: filled in
 * @family: which form it takes
 * @v4: the IPv4 address, in text, for IPV4 and MAPPED
 * @v6: the IPv6 address, in text, for IPV6
 * @port: the port
 *
 * Return: its length.
 */
socklen_t addr_make(union addr *addr, enum family family, const char *v4,
		    const char *v6, unsigned int port)
{
	memset(addr, 0, sizeof(*addr));
	if (family == IPV4) {
		addr->v4.sin_family = AF_INET;
		addr->v4.sin_port = htons(port);
		inet_pton(AF_INET, v4, &addr->v4.sin_addr);
		return sizeof(addr->v4);
	}

	addr->v6.sin6_family = AF_INET6;
	addr->v6.sin6_port = htons(port);
	if (family == MAPPED) {
		memset(&addr->v6.sin6_addr.s6_addr[10], 0xff, 2);
		inet_pton(AF_INET, v4, &addr->v6.sin6_addr.s6_addr[12]);
	} else {
		inet_pton(AF_INET6, v6, &addr->v6.sin6_addr);
	}
	return sizeof(addr->v6);
}

/**
 * socket_open() - make a TCP socket that a test may bind again and again
 * @family: which
 *
 * Return: the socket, or -1 after a message.
 */
int socket_open(enum family family)
{
	int fd = socket(family == IPV4 ? AF_INET : AF_INET6,
			SOCK_STREAM | SOCK_CLOEXEC, 0);
	const int on = 1, off = 0;

	if (fd < 0) {
		perror("# socket");
		return -1;
	}
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (family == MAPPED)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	return fd;
}

/**
 * socket_bound() - make a TCP socket bound to a port, on any address
 * @family: which; MAPPED takes IPv6 as well
 * @port: the port; with 0 it is not bound
 *
 * Return: the socket, or -1 after a message.
 */
int socket_bound(enum family family, unsigned int port)
{
	int fd = socket_open(family);
	union addr any = {};
	socklen_t size;

	if (fd < 0 || !port)
		return fd;
	size = addr_make(&any, family == IPV4 ? IPV4 : IPV6, "0.0.0.0",
			 "::", port);
	if (bind(fd, &any.any, size)) {
		fprintf(stderr, "# bind to port %u: %s\n", port,
			strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

/**
 * listen_on() - listen on any address, which makes the port a server's
 * @family: which; MAPPED takes IPv6 as well
 * @port: the port
 *
 * Return: the socket, or -1 after a message.
 */
int listen_on(enum family family, unsigned int port)
{
	int fd = socket_bound(family, port);

	if (fd < 0)
		return fd;
	if (listen(fd, SOMAXCONN)) {
		perror("# listen");
		close(fd);
		return -1;
	}
	truth_server_port(port, true);
	return fd;
}

/**
 * connect_to() - connect to an address
 * @family: which
 * @v4: the IPv4 address, in text, for IPV4 and MAPPED
 * @v6: the IPv6 address, in text, for IPV6
 * @port: to which port
 * @local_port: from which port; with 0 the kernel chooses
 *
 * Return: the socket, or -1 with errno set and no message.
 */
int connect_to(enum family family, const char *v4, const char *v6,
	       unsigned int port, unsigned int local_port)
{
	int fd = socket_bound(family, local_port);
	union addr to;
	socklen_t size = addr_make(&to, family, v4, v6, port);

	if (fd >= 0 && connect(fd, &to.any, size)) {
		const int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

/**
 * connect_from_address() - connect over IPv4 from an address, and a port that
 *	bind() chooses
 * @from: the address, in text
 * @to: to which address
 * @port: to which port
 *
 * Return: the socket, or -1 with errno set and no message.
 */
int connect_from_address(const char *from, const char *to, unsigned int port)
{
	const int fd = socket_open(IPV4);
	union addr addr;
	socklen_t size;

	size = addr_make(&addr, IPV4, from, NULL, 0);
	if (bind(fd, &addr.any, size))
		return -1;
	size = addr_make(&addr, IPV4, to, NULL, port);
	return connect(fd, &addr.any, size) ? -1 : fd;
}

/**
 * connect_loopback() - connect over loopback
 * @family: which
 * @port: to which port
 * @local_port: from which port; with 0 the kernel chooses
 *
 * Return: the socket, or -1 with errno set and no message.
 */
int connect_loopback(enum family family, unsigned int port,
		     unsigned int local_port)
{
	return connect_to(family, "127.0.0.1", "::1", port, local_port);
}

/**
 * pair_open_from() - open a connection over loopback from a chosen port
 * @pair: filled in
 * @family: which
 * @listener: where to accept it
 * @port: the port that @listener listens on
 * @local_port: the client's port; with 0 the kernel chooses
 *
 * Return: false after a message.
 */
bool pair_open_from(struct pair *pair, enum family family, int listener,
		    unsigned int port, unsigned int local_port)
{
	pair->server = -1;
	pair->client = connect_loopback(family, port, local_port);
	if (pair->client < 0) {
		fprintf(stderr, "# connect to port %u: %s\n", port,
			strerror(errno));
		return false;
	}
	pair->server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (pair->server < 0) {
		perror("# accept");
		close(pair->client);
		return false;
	}
	return true;
}

/**
 * pair_open() - open a connection over loopback
 * @pair: filled in
 * @family: which
 * @listener: where to accept it
 * @port: the port that @listener listens on
 *
 * Return: false after a message.
 */
bool pair_open(struct pair *pair, enum family family, int listener,
	       unsigned int port)
{
	return pair_open_from(pair, family, listener, port, 0);
}

/**
 * socket_state() - tell the state of a TCP socket
 * @fd: the socket
 *
 * Return: a state as TCP_INFO has it, or -1.
 */
int socket_state(int fd)
{
	struct tcp_info info;
	socklen_t size = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size))
		return -1;
	return info.tcpi_state;
}

/**
 * wait_state() - wait until a TCP socket is in a state
 * @fd: the socket
 * @state: as TCP_INFO has it
 *
 * Return: false after a message, when it does not come there.
 */
bool wait_state(int fd, int state)
{
	if (WAIT_FOR(socket_state(fd) == state, PROMPT_MS))
		return true;
	fprintf(stderr, "# socket state: expected %d, seen %d\n", state,
		socket_state(fd));
	return false;
}

/**
 * local_port_of() - tell the port that a socket is bound to
 * @fd: the socket
 *
 * Return: the port.
 */
unsigned int local_port_of(int fd)
{
	union addr addr = {};
	socklen_t size = sizeof(addr);

	getsockname(fd, &addr.any, &size);
	/* The port stands at the same place in both families. */
	return ntohs(addr.v4.sin_port);
}

/**
 * close_in_order() - close both ends, the second when it has seen the FIN
 * @first: closed first, which leaves it in a FIN_WAIT2 minisocket until
 *	@second is closed
 * @second: closed second
 *
 * Return: false after a message, when the first FIN did not arrive.
 */
bool close_in_order(int first, int second)
{
	bool seen;

	close(first);
	seen = wait_state(second, TCP_CLOSE_WAIT);
	close(second);
	return seen;
}

/**
 * shutdown_in_order() - like close_in_order(), past the FIN_WAIT2 minisocket
 * @first: shut down first, and still open when the FIN of @second comes
 * @second: closed second
 *
 * Return: false after a message, when a FIN did not arrive.
 */
bool shutdown_in_order(int first, int second)
{
	bool seen;

	shutdown(first, SHUT_WR);
	seen = wait_state(second, TCP_CLOSE_WAIT) &&
	       wait_state(first, TCP_FIN_WAIT2);
	close(second);
	seen = seen && wait_state(first, TCP_CLOSE);
	close(first);
	return seen;
}

/**
 * close_settled() - like shutdown_in_order(), and see both ends out
 * @first: shut down first
 * @second: shut down second
 *
 * What comes next finds nothing of the connection but the TIME_WAIT.
 *
 * Return: false after a message, when an end did not get where it should.
 */
bool close_settled(int first, int second)
{
	bool seen;

	shutdown(first, SHUT_WR);
	seen = wait_state(second, TCP_CLOSE_WAIT);
	shutdown(second, SHUT_WR);
	seen = seen && wait_state(first, TCP_CLOSE) &&
	       wait_state(second, TCP_CLOSE);
	close(first);
	close(second);
	return seen;
}

/**
 * close_into_fin_wait2() - close first, and leave a FIN_WAIT2 minisocket
 * @fd: the socket, whose peer stays open
 *
 * An ACK of the FIN that came while close() holds the socket would leave a full
 * socket in FIN_WAIT2.
 *
 * Return: false after a message, when it did not get there.
 */
bool close_into_fin_wait2(int fd)
{
	bool seen;

	shutdown(fd, SHUT_WR);
	seen = wait_state(fd, TCP_FIN_WAIT2);
	close(fd);
	return seen;
}

/**
 * close_abort() - close by RST
 * @fd: the socket
 */
void close_abort(int fd)
{
	const struct linger now = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

/**
 * server_closes() - open connections over loopback that the server closes first
 * @listener: where to accept them
 * @family: which
 * @port: the port that @listener listens on
 * @times: how many
 *
 * Each has entered TIME_WAIT, or was refused it, when this returns.
 *
 * Return: false after a message.
 */
bool server_closes(int listener, enum family family, unsigned int port,
		   int times)
{
	struct pair pair;

	while (times-- > 0)
		if (!pair_open(&pair, family, listener, port) ||
		    !shutdown_in_order(pair.server, pair.client))
			return false;
	return true;
}

/**
 * client_closes() - open connections over loopback that the client closes first
 * @listener: where to accept them
 * @family: which
 * @port: the port that @listener listens on
 * @times: how many
 *
 * Each has entered TIME_WAIT, or was refused it, when this returns.
 *
 * Return: false after a message.
 */
bool client_closes(int listener, enum family family, unsigned int port,
		   int times)
{
	struct pair pair;

	while (times-- > 0)
		if (!pair_open(&pair, family, listener, port) ||
		    !shutdown_in_order(pair.client, pair.server))
			return false;
	return true;
}
