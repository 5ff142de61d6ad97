// SPDX-License-Identifier: GPL-2.0
/*
 * A worker that has both ends of each connection, on loopback.
 *
 * Whatever it does, it knows what must come of it, whether a minisocket's time
 * is up by then or not: either the outcome can be seen at the other end, or it
 * stays away from those whose time may be up.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "diag.h"
#include "load.h"
#include "program.h"
#include "socks.h"
#include "wait.h"

#define NR_SLOTS 32
#define NR_HALVES 64

/* Client ports of the slots. */
#define SLOT_PORT(worker, slot) (2000 + (worker)->number * NR_SLOTS + (slot))
#define NARROW_PORT 30000

/*
 * A minisocket's timer is due after 60 s; before, and after, are certain.  But
 * within a tick of the timestamps' clock, a SYN may seem an old one, if the
 * connection before sent much; its answer then leads to an assassination.
 */
#define NEW_MS 10
#define CERTAIN_MS 50000
#define GONE_MS 70000
#define FIN_TIMEOUT_MS 60000
#define ENDING_MS 5000
/* Where they would be in the way, they are removed before. */
#define OLD_MS 40000

#define NOBODY TW_ANY

/* Four numbers that are used again and again, and what waits there. */
struct slot {
	enum tw_role holder; /* whose end is in TIME_WAIT; or NOBODY */
	struct end end;
	long long since;
	bool busy;
};

/* A connection of which one end is in FIN_WAIT2, without a process. */
struct half {
	enum tw_role first; /* whose end that is */
	struct end end;
	bool minisocket; /* or a full socket: its process held it still */
	int fd; /* of the other end */
	struct slot *slot; /* or NULL */
	long long since;
	long long ends; /* when its timer is due */
};

struct conn {
	int fd[TW_ANY];
	struct slot *slot; /* or NULL */
};

struct mix {
	struct load_worker *worker;
	enum family family; /* of the listener */
	int listener;
	int diag;
	unsigned int opened;
	struct slot slot[NR_SLOTS];
	unsigned int nr_halves;
	struct half half[NR_HALVES];
};

static unsigned int dice(struct mix *mix, unsigned int sides)
{
	return load_dice(mix->worker, sides);
}

static enum tw_role other(enum tw_role role)
{
	return role == TW_SERVER ? TW_CLIENT : TW_SERVER;
}

static void note(struct mix *mix, enum tw_role role, enum tw_column column)
{
	load_note(mix->worker, role, column, 1);
}

static void note_closed(struct mix *mix, enum tw_role first)
{
	note(mix, first, TW_COL_CLOSED_FIRST);
	note(mix, other(first), TW_COL_CLOSED_SECOND);
}

static void note_aborted(struct mix *mix)
{
	note(mix, TW_SERVER, TW_COL_ABORTED);
	note(mix, TW_CLIENT, TW_COL_ABORTED);
}

static void note_entered(struct mix *mix, struct slot *slot, enum tw_role role,
			 const struct end *end)
{
	note(mix, role, TW_COL_ENTERED);
	if (!slot)
		return;
	slot->holder = role;
	slot->end = *end;
	slot->since = now_ms();
}

/* How long something waits in the slot; 0 if nothing does any more. */
static long long waiting_ms(struct slot *slot)
{
	const long long ms = now_ms() - slot->since;

	if (slot->holder != NOBODY && ms > GONE_MS)
		slot->holder = NOBODY;
	return slot->holder == NOBODY ? 0 : ms + 1;
}

/* Whether it is certain what comes of the next connection in the slot. */
static bool certain(struct slot *slot)
{
	const long long ms = waiting_ms(slot);

	return !ms || (ms > NEW_MS && ms < CERTAIN_MS);
}

static void note_taken_over(struct mix *mix, struct slot *slot)
{
	if (!waiting_ms(slot))
		return;
	if (slot->holder == TW_SERVER)
		note(mix, TW_SERVER, TW_COL_REOPENED);
	else
		note(mix, TW_CLIENT, TW_COL_REUSED);
	slot->holder = NOBODY;
}

static bool seen_gone(struct mix *mix, const struct end *end)
{
	enum diag_timer timer;

	if (WAIT_FOR(!diag_state(mix->diag, end, &timer), PROMPT_MS))
		return true;
	fprintf(stderr, "# an end is still there, in state %d\n",
		diag_state(mix->diag, end, &timer));
	return false;
}

/* A full socket on its way into a minisocket has neither timer. */
static bool in_fin_wait2(struct mix *mix, struct half *half)
{
	enum diag_timer timer = 0;
	const int state = diag_state(mix->diag, &half->end, &timer);

	half->minisocket = timer == DIAG_TIMEWAIT;
	return state == TCP_FIN_WAIT2 &&
	       (half->minisocket || timer == DIAG_KEEPALIVE);
}

static bool seen_fin_wait2(struct mix *mix, struct half *half)
{
	if (WAIT_FOR(in_fin_wait2(mix, half), PROMPT_MS))
		return true;
	fprintf(stderr, "# an end does not come to rest in FIN_WAIT2\n");
	return false;
}

/* What "::" accepts is of either family, what "0.0.0.0" does is IPv4. */
static enum family pick_family(struct mix *mix, bool v6)
{
	if (v6)
		return IPV6;
	return dice(mix, 2) ? IPV4 : MAPPED;
}

/*
 * To an address of its own, for the kernel may choose the same port again
 * before what is in TIME_WAIT at the other end is gone.
 */
static int connect_fresh(struct mix *mix)
{
	const unsigned int nr = mix->opened++;
	const bool v6 = mix->family != IPV4 && dice(mix, 2);
	char address_v4[32], address_v6[32];

	snprintf(address_v4, sizeof(address_v4), "127.%u.%u.%u",
		 1 + (nr >> 16) % 254, nr >> 8 & 255, nr & 255);
	snprintf(address_v6, sizeof(address_v6), LOAD_V6_PREFIX "%x:%x",
		 1 + (nr >> 16), nr & 0xffff);
	return connect_to(pick_family(mix, v6), address_v4, address_v6,
			  mix->worker->port, 0);
}

/* Slots are told apart by the client's port alone. */
static int connect_slot(struct mix *mix, struct slot *slot)
{
	const unsigned int nr = slot - mix->slot;
	const bool v6 = mix->family != IPV4 && nr % 2;

	return connect_to(pick_family(mix, v6), "127.0.0.1", "::1",
			  mix->worker->port, SLOT_PORT(mix->worker, nr));
}

static struct slot *pick_slot(struct mix *mix)
{
	struct slot *slot = &mix->slot[dice(mix, NR_SLOTS)];

	return slot->busy || !certain(slot) ? NULL : slot;
}

static bool accept_conn(struct mix *mix, struct conn *conn, int client)
{
	conn->fd[TW_CLIENT] = client;
	if (client < 0) {
		perror("# connect");
		return false;
	}
	conn->fd[TW_SERVER] = accept4(mix->listener, NULL, NULL, SOCK_CLOEXEC);
	if (conn->fd[TW_SERVER] < 0) {
		perror("# accept");
		return false;
	}
	return true;
}

static bool open_conn(struct mix *mix, struct conn *conn)
{
	struct slot *slot = NULL;

	if (mix->worker->kind == LOAD_MIX && !dice(mix, 4))
		slot = pick_slot(mix);
	conn->slot = slot;
	if (!slot)
		return accept_conn(mix, conn, connect_fresh(mix));
	if (!accept_conn(mix, conn, connect_slot(mix, slot)))
		return false;
	note_taken_over(mix, slot);
	return true;
}

static bool readable(int fd)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };

	if (poll(&ready, 1, PROMPT_MS) == 1)
		return true;
	fprintf(stderr, "# nothing to read\n");
	return false;
}

/* Who reads it all can be closed by FIN. */
static bool talk(struct mix *mix, struct conn *conn)
{
	const enum tw_role from = dice(mix, 2);
	size_t size = dice(mix, 2) ? dice(mix, 4000) : 0;
	char words[4000] = {};

	if (size && write(conn->fd[from], words, size) != (ssize_t)size) {
		perror("# write");
		return false;
	}
	while (size) {
		const ssize_t got = read(conn->fd[other(from)], words, size);

		if (got <= 0) {
			perror("# read");
			return false;
		}
		size -= got;
	}
	return true;
}

static bool close_by_fin(struct mix *mix, struct conn *conn, enum tw_role first)
{
	const int one = conn->fd[first], two = conn->fd[other(first)];
	struct end end;
	bool closed;

	if (!end_of(one, &end))
		return false;
	/* Next in the slot must find nothing but the TIME_WAIT. */
	if (conn->slot || !dice(mix, 3))
		closed = close_settled(one, two);
	else if (dice(mix, 2))
		closed = shutdown_in_order(one, two);
	else
		closed = close_in_order(one, two);
	note_closed(mix, first);
	note_entered(mix, conn->slot, first, &end);
	return closed;
}

static bool close_by_rst(struct mix *mix, struct conn *conn, enum tw_role first)
{
	const int two = conn->fd[other(first)];
	bool seen;

	close_abort(conn->fd[first]);
	seen = wait_state(two, TCP_CLOSE);
	close(two);
	note_aborted(mix);
	return seen;
}

/* Closed with something unread, TCP sends a RST. */
static bool close_unread(struct mix *mix, struct conn *conn, enum tw_role first)
{
	const int one = conn->fd[first], two = conn->fd[other(first)];
	bool seen;

	seen = write(two, "", 1) == 1 && readable(one);
	close(one);
	seen = seen && wait_state(two, TCP_CLOSE);
	close(two);
	note_aborted(mix);
	return seen;
}

static bool close_by_fin_and_rst(struct mix *mix, struct conn *conn,
				 enum tw_role first)
{
	const enum tw_role aborts = dice(mix, 2);
	bool seen;

	shutdown(conn->fd[first], SHUT_WR);
	seen = wait_state(conn->fd[other(first)], TCP_CLOSE_WAIT);
	close_abort(conn->fd[aborts]);
	seen = seen && wait_state(conn->fd[other(aborts)], TCP_CLOSE);
	close(conn->fd[other(aborts)]);
	note_closed(mix, first);
	return seen;
}

static bool destroy(struct mix *mix, const struct end *end)
{
	const int error = diag_destroy(mix->diag, end);

	if (error)
		fprintf(stderr, "# SOCK_DESTROY: %s\n", strerror(-error));
	return !error;
}

static bool destroy_open(struct mix *mix, struct conn *conn, enum tw_role first)
{
	const int one = conn->fd[first], two = conn->fd[other(first)];
	struct end end;
	bool seen;

	seen = end_of(one, &end) && destroy(mix, &end) &&
	       wait_state(one, TCP_CLOSE) && wait_state(two, TCP_CLOSE);
	close(one);
	close(two);
	note_aborted(mix);
	return seen;
}

static bool halve(struct mix *mix, struct conn *conn, enum tw_role first)
{
	const int one = conn->fd[first], two = conn->fd[other(first)];
	/* 0: as tcp_fin_timeout says; with 4, it counts as TWKilled. */
	const int seconds[] = { 0, 0, 4, 8 };
	const int linger2 = seconds[dice(mix, 4)], on = 1;
	struct half *half = &mix->half[mix->nr_halves++];

	*half = (struct half){
		.first = first, .fd = two, .slot = conn->slot, .since = now_ms()
	};
	if (half->slot)
		half->slot->busy = true;
	if (linger2)
		setsockopt(one, IPPROTO_TCP, TCP_LINGER2, &linger2,
			   sizeof(linger2));
	if (!end_of(one, &half->end))
		return false;
	close(one);
	note_closed(mix, first);
	/* The ACK of the FIN need not wait for data. */
	if (!wait_state(two, TCP_CLOSE_WAIT) ||
	    setsockopt(two, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on)) ||
	    !seen_fin_wait2(mix, half))
		return false;
	if (half->minisocket)
		note(mix, first, TW_COL_FIN_WAIT2);
	return true;
}

static void note_half_ended(struct mix *mix, const struct half *half)
{
	if (half->minisocket)
		note(mix, half->first, TW_COL_FIN_WAIT2_ENDED);
}

/* The answer to our FIN tells whether the other end was still there. */
static bool finish_half(struct mix *mix, struct half *half)
{
	socklen_t size = sizeof(int);
	int error = 0;
	bool seen;

	shutdown(half->fd, SHUT_WR);
	seen = wait_state(half->fd, TCP_CLOSE);
	getsockopt(half->fd, SOL_SOCKET, SO_ERROR, &error, &size);
	close(half->fd);
	if (error)
		note_half_ended(mix, half);
	else
		note_entered(mix, half->slot, half->first, &half->end);
	return seen;
}

/* Whatever ends it, it has not reached TIME_WAIT. */
static bool break_half(struct mix *mix, struct half *half)
{
	const bool young = now_ms() - half->since < 1000;
	bool seen = true;

	switch (dice(mix, 3)) {
	case 0:
		send(half->fd, "", 1, MSG_NOSIGNAL);
		seen = wait_state(half->fd, TCP_CLOSE);
		break;
	case 1:
		if (half->minisocket && young)
			seen = destroy(mix, &half->end);
		break;
	}
	close_abort(half->fd);
	note_half_ended(mix, half);
	return seen && seen_gone(mix, &half->end);
}

/* A minisocket whose timer is at work may still be found, and answer a FIN. */
static bool half_is_ending(const struct half *half)
{
	const long long late_ms = now_ms() - half->ends;

	return late_ms > -ENDING_MS && late_ms < ENDING_MS;
}

static bool resolve_half(struct mix *mix)
{
	const unsigned int nr = dice(mix, mix->nr_halves);
	struct half half = mix->half[nr];

	mix->half[nr] = mix->half[--mix->nr_halves];
	if (half.slot)
		half.slot->busy = false;
	if (half.minisocket)
		load_note(mix->worker, half.first, TW_COL_FIN_WAIT2, -1);
	return dice(mix, 2) && !half_is_ending(&half) ?
		       finish_half(mix, &half) :
		       break_half(mix, &half);
}

/* What it prints is what it has closed: the timer may have come before it. */
static bool ss_kill(const struct end *end, bool *killed)
{
	int status;
	char *closed;

	closed = run_and_read(
		&status, "ss -HK state time-wait sport = :%u and dport = :%u",
		ntohs(end->local.v4.sin_port), ntohs(end->peer.v4.sin_port));
	*killed = closed && *closed;
	free(closed);
	return !status;
}

static bool kill_slot(struct mix *mix, struct slot *slot)
{
	bool killed = true, done;

	if (dice(mix, 32))
		done = destroy(mix, &slot->end);
	else
		done = ss_kill(&slot->end, &killed);
	if (killed)
		note(mix, slot->holder, TW_COL_KILLED);
	slot->holder = NOBODY;
	return done && seen_gone(mix, &slot->end);
}

/*
 * Left in TIME_WAIT, a client's port that was bound by hand is taken for a
 * server's when the module is loaded: that is documented, and not wanted here.
 */
static bool close_somehow(struct mix *mix, struct conn *conn)
{
	const enum tw_role first = conn->slot ? TW_SERVER : dice(mix, 2);

	switch (dice(mix, 16)) {
	case 0:
		return close_by_rst(mix, conn, first);
	case 1:
		return close_unread(mix, conn, first);
	case 2:
		return close_by_fin_and_rst(mix, conn, first);
	case 3:
		return destroy_open(mix, conn, first);
	case 4:
	case 5:
	case 6:
		if (mix->worker->kind == LOAD_MIX)
			return halve(mix, conn, first);
	}
	return close_by_fin(mix, conn, first);
}

static bool mix_step(struct mix *mix)
{
	struct slot *slot = &mix->slot[dice(mix, NR_SLOTS)];
	struct conn conn;

	if (mix->nr_halves == NR_HALVES || (mix->nr_halves && !dice(mix, 6)))
		return resolve_half(mix);
	if (!slot->busy && waiting_ms(slot) && certain(slot) && !dice(mix, 16))
		return kill_slot(mix, slot);
	return open_conn(mix, &conn) && talk(mix, &conn) &&
	       close_somehow(mix, &conn);
}

/* One that may be gone or not when the kernel comes to its port. */
static bool narrow_clear(struct mix *mix, bool *clear)
{
	*clear = true;
	for (unsigned int i = 0; i < NR_SLOTS; i++) {
		struct slot *slot = &mix->slot[i];
		const long long ms = waiting_ms(slot);

		if (!certain(slot))
			*clear = false;
		else if (ms > OLD_MS && !kill_slot(mix, slot))
			return false;
	}
	return true;
}

/* The kernel chooses the slot. */
static bool narrow_step(struct mix *mix)
{
	const bool v6 = mix->family != IPV4;
	struct conn conn;
	bool clear;
	int client;

	if (!narrow_clear(mix, &clear))
		return false;
	client = clear ? connect_to(pick_family(mix, v6), "127.0.0.1", "::1",
				    mix->worker->port, 0) :
			 -1;
	/* All ports have been in use within the last second. */
	if (!clear || (client < 0 && errno == EADDRNOTAVAIL)) {
		usleep(5000);
		return true;
	}
	if (!accept_conn(mix, &conn, client))
		return false;
	conn.slot = &mix->slot[local_port_of(client) - NARROW_PORT];
	note_taken_over(mix, conn.slot);
	return talk(mix, &conn) &&
	       close_by_fin(mix, &conn, dice(mix, 4) ? TW_CLIENT : TW_SERVER);
}

/**
 * load_mix() - go on until something fails
 * @worker: who, in its own thread and namespace
 */
void load_mix(struct load_worker *worker)
{
	struct mix mix = { .worker = worker,
			   .family = worker->number % 2 ? MAPPED : IPV4 };
	bool good;

	mix.listener = listen_on(mix.family, worker->port);
	mix.diag = diag_open();
	for (unsigned int i = 0; i < NR_SLOTS; i++)
		mix.slot[i].holder = NOBODY;

	good = mix.listener >= 0 && mix.diag >= 0;
	while (good) {
		load_wait(worker);
		good = worker->kind == LOAD_NARROW ? narrow_step(&mix) :
						     mix_step(&mix);
	}
}
