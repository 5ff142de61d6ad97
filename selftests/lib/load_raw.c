// SPDX-License-Identifier: GPL-2.0
/*
 * A worker that is the peer itself: the kernel's end gets what real peers send
 * rarely, and at times that no one can choose.
 */
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "load.h"
#include "peer.h"
#include "program.h"
#include "socks.h"
#include "wait.h"

#define FIRST_PEER_PORT 10000
#define NR_PEER_PORTS 50000

/* Until nothing waits on a port that a peer has connected from. */
#define GONE_MS 70000

struct raw {
	struct load_worker *worker;
	int listener; /* for both families */
	int tun;
	unsigned int opened;
	long long opened_at[NR_PEER_PORTS];
	struct peer peer;
	enum tw_role role; /* the kernel's */
};

static unsigned int dice(struct raw *raw, unsigned int sides)
{
	return load_dice(raw->worker, sides);
}

static void note(struct raw *raw, enum tw_column column)
{
	load_note(raw->worker, raw->role, column, 1);
}

/* On a fast machine, all ports may have been taken within the minute. */
static bool next_port_is_free(const struct raw *raw)
{
	return raw->opened < NR_PEER_PORTS ||
	       now_ms() - raw->opened_at[raw->opened % NR_PEER_PORTS] > GONE_MS;
}

static int open_at_kernel(struct raw *raw)
{
	const unsigned int nr = raw->opened++ % NR_PEER_PORTS;
	const unsigned int port = FIRST_PEER_PORT + nr;

	raw->opened_at[nr] = now_ms();
	raw->role = TW_SERVER;
	peer_init(&raw->peer, raw->tun, dice(raw, 2) ? IPV6 : MAPPED, port,
		  raw->worker->port);
	raw->peer.timestamps = dice(raw, 2);
	return peer_connect(&raw->peer, raw->listener);
}

static int open_at_peer(struct raw *raw)
{
	raw->role = TW_CLIENT;
	peer_init(&raw->peer, raw->tun, dice(raw, 3), raw->worker->port, 0);
	raw->peer.timestamps = dice(raw, 2);
	return peer_accept(&raw->peer, 0);
}

/* Our FIN and the kernel's pass each other. */
static bool close_both(struct raw *raw, int fd)
{
	struct peer *peer = &raw->peer;
	const struct segment fin = { .flags = FIN | ACK,
				     .seq = peer->snd_nxt,
				     .ack = peer->rcv_nxt };
	bool closed;

	close(fd);
	if (!peer_expect(peer, FIN | ACK) || !peer_send_segment(peer, &fin))
		return false;
	peer->snd_nxt++;
	closed = peer_expect(peer, ACK) && peer_send(peer, ACK);
	note(raw, TW_COL_CLOSED_FIRST);
	note(raw, TW_COL_CLOSED_BOTH);
	note(raw, TW_COL_ENTERED);
	return closed;
}

static bool close_first(struct raw *raw, int fd)
{
	const bool closed = peer_sees_close(&raw->peer, fd) &&
			    peer_closes(&raw->peer);

	note(raw, TW_COL_CLOSED_FIRST);
	note(raw, TW_COL_ENTERED);
	return closed;
}

static bool close_first_and_reset(struct raw *raw, int fd)
{
	const bool reset = peer_sees_close(&raw->peer, fd) &&
			   peer_send(&raw->peer, RST);

	note(raw, TW_COL_CLOSED_FIRST);
	note(raw, TW_COL_FIN_WAIT2_ENDED);
	return reset;
}

static bool close_second(struct raw *raw, int fd)
{
	struct peer *peer = &raw->peer;
	bool closed = peer_closes(peer);

	close(fd);
	note(raw, TW_COL_CLOSED_SECOND);
	return closed && peer_expect(peer, FIN | ACK) && peer_send(peer, ACK);
}

static bool reset(struct raw *raw, int fd)
{
	bool sent = peer_send(&raw->peer, RST | ACK) &&
		    wait_state(fd, TCP_CLOSE);

	close(fd);
	note(raw, TW_COL_ABORTED);
	return sent;
}

/* The FIN again, which is answered. */
static bool rearm(struct raw *raw)
{
	bool answered;

	raw->peer.snd_nxt--;
	answered = peer_closes(&raw->peer);
	note(raw, TW_COL_REARMED);
	return answered;
}

static bool assassinate(struct raw *raw)
{
	const bool sent = peer_send(&raw->peer, RST);

	note(raw, TW_COL_RESET);
	return sent;
}

static bool reopen(struct raw *raw)
{
	int fd;

	raw->peer.snd_nxt += 100000;
	fd = peer_connect(&raw->peer, raw->listener);
	if (fd < 0)
		return false;
	note(raw, TW_COL_REOPENED);
	return reset(raw, fd);
}

static bool end_somehow(struct raw *raw)
{
	for (unsigned int i = dice(raw, 4); i; i--)
		if (!rearm(raw))
			return false;

	switch (dice(raw, 4)) {
	case 0:
		return assassinate(raw);
	case 1:
		return raw->role == TW_CLIENT || reopen(raw);
	default:
		return true;
	}
}

static bool raw_step(struct raw *raw)
{
	int fd;

	if (!next_port_is_free(raw)) {
		usleep(20000);
		return true;
	}
	fd = dice(raw, 2) ? open_at_kernel(raw) : open_at_peer(raw);
	if (fd < 0)
		return false;
	switch (dice(raw, 8)) {
	case 0:
		return close_first_and_reset(raw, fd);
	case 1:
		return close_second(raw, fd);
	case 2:
		return reset(raw, fd);
	case 3:
	case 4:
		return close_both(raw, fd) && end_somehow(raw);
	default:
		return close_first(raw, fd) && end_somehow(raw);
	}
}

/* What the kernel has of the connection at which it failed. */
static void tell(const struct raw *raw)
{
	int status;
	char *sockets = run_and_read(&status,
				     "ss -Htaneio sport = :%u and dport = :%u",
				     raw->peer.kernel_port, raw->peer.port);

	fprintf(stderr, "# peer %u, role %s, after %u from peers: %s\n",
		raw->peer.port, raw->role == TW_SERVER ? "server" : "client",
		raw->opened, sockets);
	free(sockets);
}

/**
 * load_raw() - go on until something fails
 * @worker: who, in its own thread and namespace
 */
void load_raw(struct load_worker *worker)
{
	struct raw raw = { .worker = worker };
	bool good;

	raw.listener = listen_on(MAPPED, worker->port);
	raw.tun = tun_open();
	good = raw.listener >= 0 && raw.tun >= 0;
	while (good) {
		load_wait(worker);
		good = raw_step(&raw);
	}
	tell(&raw);
}
