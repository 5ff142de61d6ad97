// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kselftest.h"
#include "netns.h"
#include "peer.h"
#include "program.h"
#include "rows.h"
#include "wait.h"

#define TUN_PATH "/dev/net/tun"
#define TUN_NAME "peer"
#define MAX_PAYLOAD 512

/* Two no-operations, so that what follows the option is aligned. */
struct timestamp_option {
	__u8 nop[2];
	__u8 kind;
	__u8 length;
	__be32 value;
	__be32 echo;
};

struct tcp_packet {
	struct tcphdr tcp;
	struct timestamp_option timestamp;
	char payload[MAX_PAYLOAD];
};

/* What TCP's checksum covers besides TCP. */
struct pseudo_header {
	struct in6_addr from, to; /* IPv4: zero but for the first four bytes */
	__be32 length;
	__be32 protocol;
};

struct received {
	unsigned int flags;
	__u32 seq;
	__u32 length;
	__u32 ts_val;
};

/**
 * tun_require() - skip the whole program on a machine without TUN
 */
void tun_require(void)
{
	int fd = open(TUN_PATH, O_RDWR | O_CLOEXEC);

	if (fd >= 0) {
		close(fd);
		return;
	}
	ksft_print_header();
	ksft_exit_skip("%s: %s\n", TUN_PATH, strerror(errno));
}

/* The kernel gives an IPv6 address its local route later, in a work queue. */
static bool v6_is_local(void)
{
	char route[64] = "",
	     *routes = read_text("/proc/thread-self/net/ipv6_route");
	struct in6_addr addr;
	bool is_local;

	inet_pton(AF_INET6, KERNEL_V6, &addr);
	for (size_t i = 0; i < sizeof(addr); i++)
		sprintf(route + 2 * i, "%02x", addr.s6_addr[i]);
	strcat(route, " 80 ");
	is_local = routes && strstr(routes, route);
	free(routes);
	return is_local;
}

/**
 * tun_open() - make the TUN device that all peers of a test sit behind
 *
 * Return: its file descriptor, or -1 after a message.
 */
int tun_open(void)
{
	struct ifreq ifr = { .ifr_name = TUN_NAME,
			     .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open(TUN_PATH, O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr)) {
		perror("# " TUN_PATH);
	} else if (link_up(TUN_NAME) &&
		   run("ip addr add %s/24 dev %s", KERNEL_V4, TUN_NAME) &&
		   run("ip addr add %s/64 dev %s nodad", KERNEL_V6, TUN_NAME) &&
		   WAIT_FOR(v6_is_local(), PROMPT_MS)) {
		return fd;
	}
	fprintf(stderr, "# no TUN device with addresses\n");
	close(fd);
	return -1;
}

/**
 * peer_init() - set a peer up that has no connection yet
 * @peer: which
 * @tun: the device it sits behind
 * @family: of the kernel's sockets that it will talk to
 * @port: its port
 * @kernel_port: the port that it will connect to, if it will
 */
void peer_init(struct peer *peer, int tun, enum family family,
	       unsigned int port, unsigned int kernel_port)
{
	*peer = (struct peer){
		.tun = tun,
		.family = family,
		.kernel_v4 = KERNEL_V4,
		.kernel_v6 = KERNEL_V6,
		.port = port,
		.kernel_port = kernel_port,
		.snd_nxt = 1000000,
		.ts_val = 1000,
	};
}

static __u32 sum16(__u32 sum, const void *data, size_t size)
{
	const __u8 *byte = data;

	for (size_t i = 0; i < size; i++)
		sum += i & 1 ? byte[i] : byte[i] << 8;
	return sum;
}

static __be16 sum16_fold(__u32 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

static void checksum(struct tcp_packet *packet, size_t size,
		     struct pseudo_header *pseudo)
{
	__u32 sum;

	pseudo->length = htonl(size);
	pseudo->protocol = htonl(IPPROTO_TCP);
	sum = sum16(0, pseudo, sizeof(*pseudo));
	packet->tcp.check = sum16_fold(sum16(sum, packet, size));
}

static bool wire_v4(const struct peer *peer, struct tcp_packet *packet,
		    size_t size)
{
	struct {
		struct iphdr ip;
		struct tcp_packet tcp;
	} wire = { .ip = { .version = 4,
			   .ihl = 5,
			   .ttl = 64,
			   .protocol = IPPROTO_TCP,
			   .tot_len = htons(sizeof(wire.ip) + size) } };
	struct pseudo_header pseudo = {};

	inet_pton(AF_INET, PEER_V4, &wire.ip.saddr);
	inet_pton(AF_INET, peer->kernel_v4, &wire.ip.daddr);
	wire.ip.check = sum16_fold(sum16(0, &wire.ip, sizeof(wire.ip)));
	memcpy(&pseudo.from, &wire.ip.saddr, sizeof(wire.ip.saddr));
	memcpy(&pseudo.to, &wire.ip.daddr, sizeof(wire.ip.daddr));
	checksum(packet, size, &pseudo);
	memcpy(&wire.tcp, packet, size);
	return write(peer->tun, &wire, sizeof(wire.ip) + size) > 0;
}

static bool wire_v6(const struct peer *peer, struct tcp_packet *packet,
		    size_t size)
{
	struct {
		struct ip6_hdr ip;
		struct tcp_packet tcp;
	} wire = { .ip = { .ip6_flow = htonl(6 << 28),
			   .ip6_plen = htons(size),
			   .ip6_nxt = IPPROTO_TCP,
			   .ip6_hlim = 64 } };
	struct pseudo_header pseudo;

	inet_pton(AF_INET6, PEER_V6, &wire.ip.ip6_src);
	inet_pton(AF_INET6, peer->kernel_v6, &wire.ip.ip6_dst);
	pseudo.from = wire.ip.ip6_src;
	pseudo.to = wire.ip.ip6_dst;
	checksum(packet, size, &pseudo);
	memcpy(&wire.tcp, packet, size);
	return write(peer->tun, &wire, sizeof(wire.ip) + size) > 0;
}

/* Without timestamps, the payload takes the option's place. */
static size_t add_timestamp(struct tcp_packet *packet, struct peer *peer)
{
	if (!peer->timestamps)
		return sizeof(packet->tcp);
	packet->timestamp = (struct timestamp_option){
		.nop = { TCPOPT_NOP, TCPOPT_NOP },
		.kind = TCPOPT_TIMESTAMP,
		.length = TCPOLEN_TIMESTAMP,
		.value = htonl(peer->ts_val++),
		.echo = htonl(peer->ts_recent),
	};
	return sizeof(packet->tcp) + sizeof(packet->timestamp);
}

/**
 * peer_send_segment() - send any segment on the peer's connection
 * @peer: who sends; what it would send next stays as it is
 * @segment: what; its payload is zeroes
 *
 * Return: false after a message.
 */
bool peer_send_segment(struct peer *peer, const struct segment *segment)
{
	struct tcp_packet packet = {};
	const size_t header = add_timestamp(&packet, peer);
	bool sent;

	packet.tcp.source = htons(peer->port);
	packet.tcp.dest = htons(peer->kernel_port);
	packet.tcp.seq = htonl(segment->seq);
	packet.tcp.ack_seq = htonl(segment->flags & ACK ? segment->ack : 0);
	packet.tcp.doff = header / 4;
	packet.tcp.th_flags = segment->flags;
	packet.tcp.window = htons(65535);

	if (peer->family == IPV6)
		sent = wire_v6(peer, &packet, header + segment->payload);
	else
		sent = wire_v4(peer, &packet, header + segment->payload);
	if (!sent)
		perror("# sending from the peer");
	return sent;
}

/**
 * peer_send() - send the next segment, without data
 * @peer: who sends
 * @flags: its enum segment_flags
 *
 * Return: false after a message.
 */
bool peer_send(struct peer *peer, unsigned int flags)
{
	const struct segment segment = { .flags = flags,
					 .seq = peer->snd_nxt,
					 .ack = peer->rcv_nxt };

	if (flags & (SYN | FIN))
		peer->snd_nxt++;
	return peer_send_segment(peer, &segment);
}

static __u32 timestamp_of(const struct tcphdr *tcp)
{
	const __u8 *option = (const __u8 *)(tcp + 1);
	const __u8 *end = (const __u8 *)tcp + tcp->doff * 4;
	__be32 value;

	while (option < end && *option != TCPOPT_EOL) {
		if (*option == TCPOPT_NOP) {
			option++;
			continue;
		}
		if (end - option < 2 || option[1] < 2)
			break;
		if (*option == TCPOPT_TIMESTAMP && end - option >= 6) {
			memcpy(&value, option + 2, sizeof(value));
			return ntohl(value);
		}
		option += option[1];
	}
	return 0;
}

/* Only what belongs to the peer's connection; IPv6 sends more on its own. */
static bool segment_parse(const struct peer *peer, const char *wire,
			  size_t size, struct received *seen)
{
	const struct ip6_hdr *ip6 = (const struct ip6_hdr *)wire;
	const struct iphdr *ip = (const struct iphdr *)wire;
	const bool v6 = ip->version == 6;
	const size_t offset = v6 ? sizeof(*ip6) : ip->ihl * 4;
	const struct tcphdr *tcp = (const struct tcphdr *)(wire + offset);

	if (size < offset + sizeof(*tcp) ||
	    (v6 ? ip6->ip6_nxt : ip->protocol) != IPPROTO_TCP)
		return false;
	if (ntohs(tcp->dest) != peer->port ||
	    ntohs(tcp->source) != peer->kernel_port)
		return false;

	seen->flags = tcp->th_flags & (FIN | SYN | RST | ACK);
	seen->seq = ntohl(tcp->seq);
	seen->length = size - offset - tcp->doff * 4 + tcp->syn + tcp->fin;
	seen->ts_val = timestamp_of(tcp);
	return true;
}

static void peer_received(struct peer *peer, const struct received *seen)
{
	if (seen->flags & SYN)
		peer->rcv_nxt = seen->seq;
	if (seen->seq == peer->rcv_nxt && !(seen->flags & RST))
		peer->rcv_nxt += seen->length;
	if (seen->ts_val)
		peer->ts_recent = seen->ts_val;
}

/**
 * peer_expect() - wait for a segment
 * @peer: who waits; others that come before, retransmissions for one, are
 *	taken note of
 * @flags: exactly its enum segment_flags
 *
 * Return: false after a message, when it does not come.
 */
bool peer_expect(struct peer *peer, unsigned int flags)
{
	const long long deadline = now_ms() + PROMPT_MS;
	struct pollfd readable = { .fd = peer->tun, .events = POLLIN };
	unsigned int last = 0, nr = 0;
	struct received seen;
	char wire[2048];
	ssize_t size;

	while (now_ms() < deadline) {
		size = read(peer->tun, wire, sizeof(wire));
		if (size <= 0) {
			poll(&readable, 1, 10);
			continue;
		}
		if (!segment_parse(peer, wire, size, &seen))
			continue;
		peer_received(peer, &seen);
		if (seen.flags == flags)
			return true;
		last = seen.flags;
		nr++;
	}
	fprintf(stderr,
		"# peer %u: expected a segment of flags %#x, seen %u others, the last of flags %#x\n",
		peer->port, flags, nr, last);
	return false;
}

/**
 * peer_connect() - open a connection to the kernel
 * @peer: who connects
 * @listener: where the kernel accepts it
 *
 * Return: the kernel's end, or -1 after a message.
 */
int peer_connect(struct peer *peer, int listener)
{
	int fd;

	if (!peer_send(peer, SYN) || !peer_expect(peer, SYN | ACK) ||
	    !peer_send(peer, ACK))
		return -1;
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		perror("# accept");
	return fd;
}

/**
 * peer_start_connect() - let the kernel connect to a peer, and do not wait
 * @peer: to whom
 * @local_port: the kernel's port; with 0 it chooses
 *
 * Return: the kernel's end, or -1 with errno set and no message.
 */
int peer_start_connect(const struct peer *peer, unsigned int local_port)
{
	int fd = socket_bound(peer->family, local_port);
	union addr to;
	socklen_t size =
		addr_make(&to, peer->family, PEER_V4, PEER_V6, peer->port);

	if (fd < 0)
		return fd;
	fcntl(fd, F_SETFL, O_NONBLOCK);
	if (connect(fd, &to.any, size) && errno != EINPROGRESS) {
		const int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

/**
 * peer_accept() - let the kernel connect to a peer, and answer it
 * @peer: who accepts
 * @local_port: the kernel's port; with 0 it chooses
 *
 * Return: the kernel's end, or -1 after a message.
 */
int peer_accept(struct peer *peer, unsigned int local_port)
{
	int fd = peer_start_connect(peer, local_port);

	if (fd < 0) {
		perror("# connect to the peer");
		return -1;
	}
	peer->kernel_port = local_port ? local_port : local_port_of(fd);
	if (!peer_expect(peer, SYN) || !peer_send(peer, SYN | ACK) ||
	    !wait_state(fd, TCP_ESTABLISHED)) {
		close(fd);
		return -1;
	}
	return fd;
}

/**
 * peer_sees_close() - close the kernel's end and only acknowledge its FIN
 * @peer: who acknowledges, and keeps its own side open
 * @fd: the kernel's end, left behind in a FIN_WAIT2 minisocket
 *
 * Return: false after a message.
 */
bool peer_sees_close(struct peer *peer, int fd)
{
	close(fd);
	return peer_expect(peer, FIN | ACK) && peer_send(peer, ACK);
}

/**
 * peer_closes() - send the peer's FIN and wait until it is acknowledged
 * @peer: who closes
 *
 * Return: false after a message.
 */
bool peer_closes(struct peer *peer)
{
	return peer_send(peer, FIN | ACK) && peer_expect(peer, ACK);
}
