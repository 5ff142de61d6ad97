/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A TCP endpoint of the test's own behind a TUN device: the kernel's TCP at the
 * other end sees exactly the segments that the test sends, and no others.
 */
#ifndef TW_SELFTESTS_PEER_H
#define TW_SELFTESTS_PEER_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

#include "socks.h"

/* Documentation addresses: RFC 5737 and RFC 3849. */
#define KERNEL_V4 "192.0.2.1"
#define KERNEL_V6 "2001:db8::1"
#define PEER_V4 "192.0.2.2"
#define PEER_V6 "2001:db8::2"

/* The flags of a segment, as bits of the TCP header's fourteenth byte. */
enum segment_flags {
	FIN = 1 << 0,
	SYN = 1 << 1,
	RST = 1 << 2,
	ACK = 1 << 4,
};

struct peer {
	int tun;
	enum family family; /* of the kernel's socket */
	const char *kernel_v4; /* where it sends to, */
	const char *kernel_v6; /* by protocol */
	unsigned int port; /* the peer's */
	unsigned int kernel_port;
	__u32 snd_nxt;
	__u32 rcv_nxt;
	bool timestamps; /* offer or accept them, and send them */
	__u32 ts_val;
	__u32 ts_recent;
};

/* A segment out of the ordinary: sequence numbers are given, not tracked. */
struct segment {
	unsigned int flags;
	__u32 seq;
	__u32 ack;
	size_t payload; /* bytes of it */
};

void tun_require(void);
int tun_open(void);

void peer_init(struct peer *peer, int tun, enum family family,
	       unsigned int port, unsigned int kernel_port);
bool peer_send(struct peer *peer, unsigned int flags);
bool peer_send_segment(struct peer *peer, const struct segment *segment);
bool peer_expect(struct peer *peer, unsigned int flags);

int peer_connect(struct peer *peer, int listener);
int peer_start_connect(const struct peer *peer, unsigned int local_port);
int peer_accept(struct peer *peer, unsigned int local_port);

bool peer_sees_close(struct peer *peer, int fd);
bool peer_closes(struct peer *peer);

#endif /* TW_SELFTESTS_PEER_H */
