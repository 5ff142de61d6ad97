// SPDX-License-Identifier: GPL-2.0
/*
 * How long sockets stay in TIME_WAIT, against another witness of the same
 * sockets: the kernel's tracer, on functions around those that the module hooks.
 */
#include "lib/test.h"

#include "lib/load.h"
#include "lib/stays.h"
#include "lib/traced_rows.h"
#include "lib/tracer.h"

/* The tracer may lose events, which it says; then all is done once more. */
#define MAX_RUNS 3

/* What the tracer's bounds may be apart, in the mean. */
#define SHARP_US 1000

#define NR_FAMILIES 3
/* Server ports are none that the kernel chooses for a client: see load_netns(). */
#define EARLY_PORT 8000 /* and one more for each family */
#define RAW_PORT 8010 /* of the kernel, for peers; likewise */
#define SERVER_PORTS_END 8020
#define NR_WORKERS 4
#define LOAD_ENTRIES 150
#define NR_PEERS 100

/* When something is done to those that wait, in milliseconds from the start. */
static const int age_ms[] = { 0, 4, 40, 400, 3000, 9000, 22000, 37000, 52000 };

#define NR_AGES ((int)ARRAY_SIZE(age_ms))
#define AGE_GIVE_UP 3
#define AGE_REARM 5
#define AGE_REARM_AGAIN 7

/* FIN_WAIT2 ends by itself after a minute, which is not to come close. */
#define NR_PROMOTE_AGES 7

enum early_end { REOPEN, REUSE, KILL, NR_EARLY_ENDS };

/* What waits in one family until its age has come. */
struct waiting {
	enum family family;
	int listener;
	int raw_listener;
	struct peer to_reset[NR_AGES];
	struct peer to_promote[NR_PROMOTE_AGES];
	struct peer to_rearm;
	struct peer to_give_up;
	struct peer served;
};

static unsigned int early_port(enum family family)
{
	return EARLY_PORT + family;
}

static unsigned int client_port(enum family family, enum early_end how, int age)
{
	return CLIENT_PORT + (family * NR_EARLY_ENDS + how) * NR_AGES + age;
}

static bool wait_early(const struct waiting *w, enum early_end how, int age)
{
	const unsigned int port = early_port(w->family);
	struct pair pair;

	if (!pair_open_from(&pair, w->family, w->listener, port,
			    client_port(w->family, how, age)))
		return false;
	/* The others go by way of a FIN_WAIT2 minisocket. */
	if (how == REUSE)
		return shutdown_in_order(pair.client, pair.server);
	return close_in_order(pair.server, pair.client);
}

static bool end_early(const struct waiting *w, enum early_end how, int age)
{
	const unsigned int from = client_port(w->family, how, age);
	struct pair pair;

	if (how == KILL)
		return run("ss -K state time-wait dport = :%u", from);
	if (!pair_open_from(&pair, w->family, w->listener,
			    early_port(w->family), from))
		return false;
	close_abort(pair.client);
	close(pair.server);
	return true;
}

static bool raw_connect(const struct waiting *w, struct peer *peer, int tun,
			unsigned int port)
{
	int fd;

	peer_init(peer, tun, w->family, port, RAW_PORT + w->family);
	fd = peer_connect(peer, w->raw_listener);
	return fd >= 0 && peer_sees_close(peer, fd);
}

static bool raw_accept(const struct waiting *w, struct peer *peer, int tun,
		       unsigned int port)
{
	int fd;

	peer_init(peer, tun, w->family, port, 0);
	fd = peer_accept(peer, 0);
	return fd >= 0 && peer_sees_close(peer, fd) && peer_closes(peer);
}

static bool wait_raw(struct waiting *w, int tun)
{
	unsigned int port = PEER_PORT;

	for (int age = 0; age < NR_AGES; age++)
		if (!raw_connect(w, &w->to_reset[age], tun, port++) ||
		    !peer_closes(&w->to_reset[age]))
			return false;
	for (int age = 0; age < NR_PROMOTE_AGES; age++)
		if (!raw_connect(w, &w->to_promote[age], tun, port++))
			return false;

	return raw_connect(w, &w->to_rearm, tun, port++) &&
	       peer_closes(&w->to_rearm) &&
	       raw_connect(w, &w->to_give_up, tun, port++) &&
	       raw_accept(w, &w->served, tun, port);
}

static bool wait_all(struct waiting *w, int tun)
{
	w->listener = listen_on(w->family, early_port(w->family));
	w->raw_listener = listen_on(w->family, RAW_PORT + w->family);

	for (int age = 0; age < NR_AGES; age++)
		for (int how = 0; how < NR_EARLY_ENDS; how++)
			if (!wait_early(w, how, age))
				return false;
	return wait_raw(w, tun);
}

static bool rearm(struct peer *peer)
{
	peer->snd_nxt--;
	return peer_closes(peer);
}

static bool do_at_age(struct waiting *w, int age)
{
	for (int how = 0; how < NR_EARLY_ENDS; how++)
		if (!end_early(w, how, age))
			return false;
	if (!peer_send(&w->to_reset[age], RST))
		return false;
	if (age < NR_PROMOTE_AGES && !peer_closes(&w->to_promote[age]))
		return false;
	if (age == AGE_GIVE_UP && !peer_send(&w->to_give_up, RST | ACK))
		return false;
	if (age != AGE_REARM && age != AGE_REARM_AGAIN)
		return true;
	return rearm(&w->to_rearm);
}

static bool load_once(void)
{
	struct load load;
	bool done;

	if (!load_start(&load, NR_WORKERS))
		return false;
	done = load_moves(&load, LOAD_ENTRIES) && load_pause(&load);
	load_end(&load);
	return done;
}

static bool traffic_of_all_kinds(int tun)
{
	const long long start = now_ms();
	struct waiting waiting[NR_FAMILIES];

	for (int family = 0; family < NR_FAMILIES; family++) {
		waiting[family].family = family;
		if (!wait_all(&waiting[family], tun))
			return false;
	}
	if (!load_once())
		return false;

	for (int age = 0; age < NR_AGES; age++) {
		WAIT_FOR(now_ms() - start >= age_ms[age],
			 age_ms[age] + PROMPT_MS);
		for (int family = 0; family < NR_FAMILIES; family++)
			if (!do_at_age(&waiting[family], age))
				return false;
	}
	return WAIT_FOR(sockstat_tw() == 0, 2 * STAY_MS);
}

static bool is_server(unsigned int port)
{
	return (port >= EARLY_PORT && port < SERVER_PORTS_END) ||
	       (port >= LOAD_PORT && port < LOAD_PORT + NR_WORKERS);
}

static bool is_peer(unsigned int port)
{
	return port >= PEER_PORT && port < PEER_PORT + NR_PEERS;
}

static void collect(const struct stays *stays, struct traced_rows *rows)
{
	for (size_t i = 0; i < stays->nr; i++) {
		const struct stay *stay = &stays->stay[i];

		if (is_server(stay->num))
			traced_rows_add(rows, TW_SERVER, stay->num, stay);
		else if (is_server(stay->dport) || is_peer(stay->dport))
			traced_rows_add(rows, TW_CLIENT, stay->dport, stay);
	}
}

struct verdict {
	bool usable; /* nothing was lost, and the bounds are sharp */
	bool agrees;
};

static struct verdict compare(const struct trace *trace)
{
	struct traced_rows rows = {};
	struct verdict verdict;
	struct stays stays;

	stays_of(trace, &stays);
	collect(&stays, &rows);
	fprintf(stderr,
		"# %llu stays in %d rows traced to %llu us each, %lu events lost\n",
		rows.nr_stays, rows.nr,
		rows.nr_stays ? rows.blur_us / rows.nr_stays : 0, trace->lost);
	verdict.usable = !trace->lost &&
			 rows.blur_us <= rows.nr_stays * SHARP_US;
	verdict.agrees = verdict.usable && traced_rows_agree(&rows);
	free(stays.stay);
	return verdict;
}

/* A test that takes too long is killed, and comes to no teardown. */
static void __attribute__((destructor)) remove_at_exit(void)
{
	tracer_remove();
}

FIXTURE(dwell)
{
	struct truth truth;
};

FIXTURE_SETUP(dwell)
{
}

FIXTURE_TEARDOWN(dwell)
{
	tracer_remove();
	EXPECT_TRUE(truth_holds(&self->truth));
}

TEST_F_TIMEOUT(dwell, time_in_time_wait_is_what_the_tracer_has_seen, 500)
{
	struct verdict verdict = {};
	struct trace trace;

	for (int i = 0; i < MAX_RUNS && !verdict.usable; i++) {
		const char *missing;

		ASSERT_TRUE(load_netns(LOAD_MIX));
		ASSERT_TRUE(truth_start(&self->truth));
		missing = tracer_start();
		if (missing)
			SKIP(return, "%s", missing);
		ASSERT_TRUE(traffic_of_all_kinds(tun_open()));
		ASSERT_TRUE(tracer_stop(&trace));
		verdict = compare(&trace);
		free(trace.event);
	}
	EXPECT_TRUE(verdict.usable);
	EXPECT_TRUE(verdict.agrees);
}

TW_TEST_MAIN_WITH_PEERS
