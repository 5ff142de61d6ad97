/* SPDX-License-Identifier: GPL-2.0 */
/* Real TCP sockets: listening, connected, closed in a known order. */
#ifndef TW_SELFTESTS_SOCKS_H
#define TW_SELFTESTS_SOCKS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

/* What family the socket is of, and which protocol its packets are of. */
enum family {
	IPV4,
	IPV6,
	MAPPED, /* IPv4 packets on a socket of AF_INET6 */
};

union addr {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* A connection, both ends of which are ours. */
struct pair {
	int server;
	int client;
};

socklen_t addr_make(union addr *addr, enum family family, const char *v4,
		    const char *v6, unsigned int port);

int socket_open(enum family family);
int socket_bound(enum family family, unsigned int port);
int listen_on(enum family family, unsigned int port);

int connect_to(enum family family, const char *v4, const char *v6,
	       unsigned int port, unsigned int local_port);
int connect_from_address(const char *from, const char *to, unsigned int port);
int connect_loopback(enum family family, unsigned int port,
		     unsigned int local_port);
bool pair_open(struct pair *pair, enum family family, int listener,
	       unsigned int port);
bool pair_open_from(struct pair *pair, enum family family, int listener,
		    unsigned int port, unsigned int local_port);

int socket_state(int fd);
bool wait_state(int fd, int state);
unsigned int local_port_of(int fd);

bool close_in_order(int first, int second);
bool shutdown_in_order(int first, int second);
bool close_settled(int first, int second);
bool close_into_fin_wait2(int fd);
void close_abort(int fd);

bool server_closes(int listener, enum family family, unsigned int port,
		   int times);
bool client_closes(int listener, enum family family, unsigned int port,
		   int times);

#endif /* TW_SELFTESTS_SOCKS_H */
