// SPDX-License-Identifier: GPL-2.0
#include <unistd.h>

#include "crowd.h"
#include "netns.h"
#include "peer.h"
#include "socks.h"

#define FIRST_PEER_PORT 10000

/* In half a minute, all that there are can be made and re-armed. */
#define GROW_AT_ONCE 250000

static struct peer peer_number(const struct crowd *crowd, unsigned int number)
{
	struct peer peer;

	peer_init(&peer, crowd->tun, IPV4,
		  FIRST_PEER_PORT + number % CROWD_PER_PORT,
		  CROWD_PORT + number / CROWD_PER_PORT);
	return peer;
}

/**
 * crowd_init() - get ready, in a network namespace of the crowd's own
 * @crowd: filled in
 *
 * Return: false after a message.
 */
bool crowd_init(struct crowd *crowd)
{
	*crowd = (struct crowd){ .tun = tun_open() };
	if (crowd->tun < 0 || !sysctl_set("tcp_max_tw_buckets", "2000000"))
		return false;
	for (int i = 0; i < CROWD_MAX_PORTS; i++) {
		crowd->listener[i] = listen_on(IPV4, CROWD_PORT + i);
		if (crowd->listener[i] < 0)
			return false;
	}
	return true;
}

/* The server closes first.  Its FIN and the last ACK need not be read. */
static bool add_one(struct crowd *crowd)
{
	struct peer peer = peer_number(crowd, crowd->nr);
	int fd = peer_connect(&peer,
			      crowd->listener[crowd->nr / CROWD_PER_PORT]);

	if (fd < 0)
		return false;
	close(fd);
	peer.rcv_nxt++;
	crowd->nr++;
	return peer_send(&peer, FIN | ACK);
}

/**
 * crowd_rearm() - let the minute of all of them start over
 * @crowd: which
 *
 * Return: false after a message.
 */
bool crowd_rearm(const struct crowd *crowd)
{
	for (unsigned int i = 0; i < crowd->nr; i++) {
		struct peer peer = peer_number(crowd, i);

		/* After SYN and FIN; what it acknowledges does not matter. */
		peer.snd_nxt += 2;
		if (!peer_send(&peer, ACK))
			return false;
	}
	return true;
}

/**
 * crowd_grow() - make more, and keep those that there are
 * @crowd: which
 * @nr: how many there shall be; CROWD_MAX at most
 *
 * Return: false after a message.
 */
bool crowd_grow(struct crowd *crowd, unsigned int nr)
{
	while (crowd->nr < nr && crowd->nr < CROWD_MAX) {
		if (!add_one(crowd))
			return false;
		if (crowd->nr % GROW_AT_ONCE == 0 && !crowd_rearm(crowd))
			return false;
	}
	return crowd->nr >= nr;
}
