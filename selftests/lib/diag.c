// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "diag.h"

struct request {
	struct nlmsghdr header;
	struct inet_diag_req_v2 diag;
};

union reply {
	struct nlmsghdr header;
	struct {
		struct nlmsghdr header;
		struct inet_diag_msg diag;
	} found;
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
	} status;
	char space[1024];
};

/**
 * diag_open() - open a socket that asks about TCP sockets
 *
 * Return: the socket, for the current network namespace, or -1 after a message.
 */
int diag_open(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);

	if (fd < 0)
		perror("# sock_diag");
	return fd;
}

/**
 * end_of() - take down the addresses of a connected socket
 * @fd: the socket
 * @end: filled in
 *
 * Return: false after a message.
 */
bool end_of(int fd, struct end *end)
{
	socklen_t local_size = sizeof(end->local);
	socklen_t peer_size = sizeof(end->peer);

	memset(end, 0, sizeof(*end));
	if (!getsockname(fd, &end->local.any, &local_size) &&
	    !getpeername(fd, &end->peer.any, &peer_size))
		return true;
	perror("# getpeername");
	return false;
}

/* What is IPv4 on the wire is asked for as IPv4. */
static void put_address(__be32 to[4], const union addr *addr)
{
	if (addr->any.sa_family == AF_INET)
		memcpy(to, &addr->v4.sin_addr, 4);
	else if (IN6_IS_ADDR_V4MAPPED(&addr->v6.sin6_addr))
		memcpy(to, &addr->v6.sin6_addr.s6_addr[12], 4);
	else
		memcpy(to, &addr->v6.sin6_addr, 16);
}

static bool is_v6(const union addr *addr)
{
	return addr->any.sa_family == AF_INET6 &&
	       !IN6_IS_ADDR_V4MAPPED(&addr->v6.sin6_addr);
}

static bool ask(int diag, unsigned int type, unsigned int flags,
		const struct end *end, union reply *reply)
{
	struct request request = {
		.header = { .nlmsg_len = sizeof(request),
			    .nlmsg_type = type,
			    .nlmsg_flags = NLM_F_REQUEST | flags },
		.diag = { .sdiag_family = is_v6(&end->local) ? AF_INET6 :
							       AF_INET,
			  .sdiag_protocol = IPPROTO_TCP,
			  .idiag_states = ~0U,
			  /* The port stands at the same place in both. */
			  .id = { .idiag_sport = end->local.v4.sin_port,
				  .idiag_dport = end->peer.v4.sin_port,
				  .idiag_cookie = { INET_DIAG_NOCOOKIE,
						    INET_DIAG_NOCOOKIE } } },
	};

	put_address(request.diag.id.idiag_src, &end->local);
	put_address(request.diag.id.idiag_dst, &end->peer);
	if (send(diag, &request, sizeof(request), 0) == sizeof(request) &&
	    recv(diag, reply, sizeof(*reply), 0) > 0)
		return true;
	perror("# sock_diag");
	return false;
}

/**
 * diag_state() - ask for one end of a connection
 * @diag: from diag_open()
 * @end: which
 * @timer: set to what it waits for
 *
 * Return: its state, or the substate of a minisocket; 0 if it is not there; -1
 * after a message.
 */
int diag_state(int diag, const struct end *end, enum diag_timer *timer)
{
	union reply reply;

	if (!ask(diag, SOCK_DIAG_BY_FAMILY, 0, end, &reply))
		return -1;
	if (reply.header.nlmsg_type != SOCK_DIAG_BY_FAMILY) {
		const int error = reply.status.error.error;

		if (error == -ENOENT)
			return 0;
		fprintf(stderr, "# sock_diag: %s\n", strerror(-error));
		return -1;
	}
	/* The kernel finds the listener if it finds nothing else. */
	if (reply.found.diag.idiag_state == TCP_LISTEN)
		return 0;
	*timer = reply.found.diag.idiag_timer;
	return reply.found.diag.idiag_state;
}

/**
 * diag_destroy() - do to one end of a connection what ss -K does
 * @diag: from diag_open()
 * @end: which; that it is there is known, or its listener would be destroyed
 *
 * Return: 0, or a negative errno.
 */
int diag_destroy(int diag, const struct end *end)
{
	union reply reply;

	if (!ask(diag, SOCK_DESTROY, NLM_F_ACK, end, &reply))
		return -EIO;
	if (reply.header.nlmsg_type != NLMSG_ERROR)
		return -EPROTO;
	return reply.status.error.error;
}
