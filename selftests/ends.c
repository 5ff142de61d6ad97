// SPDX-License-Identifier: GPL-2.0
/* How a TIME_WAIT ends, and how long it lasted, but for those that a new
 * connection ends: see reuse.c.
 */
#include "lib/test.h"

FIXTURE(ends)
{
	struct truth truth;
	int listener;
	struct peer peer;
	long long entered_after;
	long long entered_before;
};

FIXTURE_VARIANT(ends)
{
	enum family family;
};

FIXTURE_VARIANT_ADD(ends, ipv4) VARIANT(.family = IPV4);
FIXTURE_VARIANT_ADD(ends, ipv6) VARIANT(.family = IPV6);
FIXTURE_VARIANT_ADD(ends, mapped) VARIANT(.family = MAPPED);

/* Each test begins with one TIME_WAIT on an accepted connection. */
FIXTURE_SETUP(ends)
{
	int tun, fd;

	ASSERT_TRUE(netns_enter());
	tun = tun_open();
	ASSERT_LE(0, tun);
	ASSERT_TRUE(truth_start(&self->truth));
	self->listener = listen_on(variant->family, PORT);
	peer_init(&self->peer, tun, variant->family, PEER_PORT, PORT);
	fd = peer_connect(&self->peer, self->listener);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(peer_sees_close(&self->peer, fd));

	self->entered_after = now_ms();
	ASSERT_TRUE(peer_closes(&self->peer));
	ASSERT_ROW(TW_SERVER, PORT, "entered=1 current=1 closed_first=1");
	self->entered_before = now_ms();
}

FIXTURE_TEARDOWN(ends)
{
	EXPECT_TRUE(truth_holds(&self->truth));
}

TEST_F(ends, rst_at_the_next_sequence_number_is_an_assassination)
{
	ASSERT_TRUE(peer_send(&self->peer, RST));

	EXPECT_ROW(TW_SERVER, PORT, "entered=1 reset=1 closed_first=1");
	EXPECT_BETWEEN(TW_SERVER, PORT, TW_COL_CLEAR_MS, 0, 0);
}

TEST_F(ends, rfc1337_stops_the_assassin)
{
	ASSERT_TRUE(sysctl_set("tcp_rfc1337", "1"));
	ASSERT_TRUE(peer_send(&self->peer, RST));
	EXPECT_ROW(TW_SERVER, PORT, "entered=1 current=1 closed_first=1");

	/* Segments stay in order: what answers this one has seen the RST. */
	self->peer.snd_nxt--;
	ASSERT_TRUE(peer_closes(&self->peer));
	EXPECT_ROW(TW_SERVER, PORT,
		   "entered=1 current=1 rearmed=1 closed_first=1");
}

TEST_F(ends, rst_at_another_sequence_number_does_nothing)
{
	self->peer.snd_nxt++;
	ASSERT_TRUE(peer_send(&self->peer, RST));

	self->peer.snd_nxt -= 2;
	ASSERT_TRUE(peer_closes(&self->peer));
	EXPECT_ROW(TW_SERVER, PORT,
		   "entered=1 current=1 rearmed=1 closed_first=1");
}

TEST_F(ends, ss_kill_is_killed)
{
	run("ss -K state time-wait");
	if (sockstat_tw())
		SKIP(return, "this kernel kills no sockets");

	EXPECT_ROW(TW_SERVER, PORT, "entered=1 killed=1 closed_first=1");
}

TEST_F(ends, acceptable_segments_rearm_it)
{
	const struct segment late_data = { .flags = ACK,
					   .seq = self->peer.snd_nxt - 1,
					   .ack = self->peer.rcv_nxt,
					   .payload = 10 };

	ASSERT_TRUE(peer_send(&self->peer, ACK));
	EXPECT_ROW(TW_SERVER, PORT,
		   "entered=1 current=1 rearmed=1 closed_first=1");

	ASSERT_TRUE(peer_send_segment(&self->peer, &late_data));
	EXPECT_ROW(TW_SERVER, PORT,
		   "entered=1 current=1 rearmed=2 closed_first=1");
}

/* Both ends of the stay lie between two looks at the test's own clock. */
TEST_F(ends, early_end_lasted_as_long_as_it_did)
{
	long long ended_after, ended_before, longest, shortest;

	ASSERT_TRUE(WAIT_FOR(now_ms() - self->entered_before >= 1000 + TICK_MS,
			     PROMPT_MS));
	ended_after = now_ms();
	ASSERT_TRUE(peer_send(&self->peer, RST));
	ASSERT_ROW(TW_SERVER, PORT, "entered=1 reset=1 closed_first=1");
	ended_before = now_ms();

	shortest = ended_after - self->entered_before - TICK_MS;
	longest = ended_before - self->entered_after + TICK_MS;
	EXPECT_BETWEEN(TW_SERVER, PORT, TW_COL_MAX_MS, shortest, longest);
	EXPECT_BETWEEN(TW_SERVER, PORT, TW_COL_TIME_MS, shortest, longest);
	ASSERT_GE(5000, longest);
	EXPECT_HIST(TW_SERVER, PORT, "le_5s=1");
}

/* Ends that take a minute: all are waited for at once. */
FIXTURE(minute)
{
	struct truth truth;
	int tun;
};

FIXTURE_SETUP(minute)
{
	ASSERT_TRUE(netns_enter());
	self->tun = tun_open();
	ASSERT_LE(0, self->tun);
	ASSERT_TRUE(truth_start(&self->truth));
}

FIXTURE_TEARDOWN(minute)
{
	EXPECT_TRUE(truth_holds(&self->truth));
}

#define PLAIN_PORT PORT
#define REARMED_PORT (PORT + 1)
#define REARM_AFTER_MS 5000
/* Their stays are more than an hour together, in each of 16 stripes. */
#define MANY_PORT (PORT + 2)
#define NR_MANY 1200
#define MANY_CLIENT_PORT 20000

static bool enter_on_loopback(enum family family, unsigned int port)
{
	const int listener = listen_on(family, port);
	struct pair pair;
	bool entered;

	entered = pair_open(&pair, family, listener, port) &&
		  close_in_order(pair.server, pair.client) &&
		  pair_open(&pair, family, listener, port) &&
		  close_in_order(pair.client, pair.server);
	close(listener);
	return entered;
}

static bool enter_at_peer(struct peer *peer, int tun, unsigned int port)
{
	int fd;

	peer_init(peer, tun, IPV4, PEER_PORT, port);
	fd = peer_connect(peer, listen_on(IPV4, port));
	return fd >= 0 && peer_sees_close(peer, fd) && peer_closes(peer);
}

/* Each from its own port, or one may be reopened. */
static bool enter_from_many_ports(int listener)
{
	struct pair pair;

	for (int i = 0; i < NR_MANY; i++)
		if (!pair_open_from(&pair, IPV4, listener, MANY_PORT,
				    MANY_CLIENT_PORT + i) ||
		    !close_in_order(pair.server, pair.client))
			return false;
	return true;
}

TEST_F_TIMEOUT(minute, expiry_takes_a_minute_and_starts_over_when_rearmed, 120)
{
	const long long start = now_ms();
	long long clear_ms, since;
	struct peer peer;

	ASSERT_TRUE(enter_on_loopback(IPV4, PLAIN_PORT));
	ASSERT_TRUE(enter_on_loopback(IPV6, PLAIN_PORT));
	ASSERT_TRUE(enter_on_loopback(MAPPED, PLAIN_PORT));
	ASSERT_TRUE(enter_from_many_ports(listen_on(IPV4, MANY_PORT)));
	ASSERT_TRUE(enter_at_peer(&peer, self->tun, REARMED_PORT));
	ASSERT_ROW(TW_SERVER, REARMED_PORT,
		   "entered=1 current=1 closed_first=1");

	/* clear_ms falls as time goes by, until a segment starts it over. */
	since = now_ms();
	clear_ms = stats_value(TW_SERVER, REARMED_PORT, TW_COL_CLEAR_MS);
	ASSERT_TRUE(WAIT_FOR(now_ms() - since >= REARM_AFTER_MS,
			     REARM_AFTER_MS + PROMPT_MS));
	EXPECT_BETWEEN(TW_SERVER, REARMED_PORT, TW_COL_CLEAR_MS,
		       clear_ms - (now_ms() - since) - 1000,
		       clear_ms - REARM_AFTER_MS + TICK_MS);
	peer.snd_nxt--;
	ASSERT_TRUE(peer_closes(&peer));
	EXPECT_ROW(TW_SERVER, REARMED_PORT,
		   "entered=1 current=1 rearmed=1 closed_first=1");
	EXPECT_BETWEEN(TW_SERVER, REARMED_PORT, TW_COL_CLEAR_MS,
		       STAY_MS - REARM_AFTER_MS + TICK_MS, STAY_MS);

	/* Nothing ends early. */
	ASSERT_TRUE(WAIT_FOR(now_ms() - start >= STAY_MS - 1000, STAY_MS));
	EXPECT_ROW(TW_SERVER, PLAIN_PORT,
		   "entered=3 current=3 closed_first=3 closed_second=3");

	ASSERT_TRUE(WAIT_FOR(sockstat_tw() == 0,
			     STAY_MS + LATE_MS + REARM_AFTER_MS));
	EXPECT_ROW(TW_SERVER, PLAIN_PORT,
		   "entered=3 expired=3 closed_first=3 closed_second=3");
	EXPECT_ROW(TW_CLIENT, PLAIN_PORT,
		   "entered=3 expired=3 closed_first=3 closed_second=3");
	EXPECT_HIST(TW_SERVER, PLAIN_PORT, "le_63s=3");
	EXPECT_HIST(TW_CLIENT, PLAIN_PORT, "le_63s=3");
	EXPECT_BETWEEN(TW_SERVER, PLAIN_PORT, TW_COL_MAX_MS, STAY_MS,
		       STAY_MS + LATE_MS);
	EXPECT_BETWEEN(TW_SERVER, PLAIN_PORT, TW_COL_TIME_MS, 3 * STAY_MS,
		       3 * (STAY_MS + LATE_MS));
	EXPECT_BETWEEN(TW_SERVER, PLAIN_PORT, TW_COL_CLEAR_MS, 0, 0);
	EXPECT_BETWEEN(TW_SERVER, MANY_PORT, TW_COL_STAYED_MS,
		       NR_MANY * STAY_MS, NR_MANY * (STAY_MS + LATE_MS));
	EXPECT_EQ(stats_value(TW_SERVER, MANY_PORT, TW_COL_STAYED_MS),
		  stats_value(TW_SERVER, MANY_PORT, TW_COL_TIME_MS));

	/* A re-armed one is one stay, from its first to its last moment. */
	EXPECT_ROW(TW_SERVER, REARMED_PORT,
		   "entered=1 expired=1 rearmed=1 closed_first=1");
	EXPECT_HIST(TW_SERVER, REARMED_PORT, "le_90s=1");
	EXPECT_BETWEEN(TW_SERVER, REARMED_PORT, TW_COL_MAX_MS,
		       STAY_MS + REARM_AFTER_MS - TICK_MS,
		       STAY_MS + REARM_AFTER_MS + PROMPT_MS + LATE_MS);
}

TW_TEST_MAIN_WITH_PEERS
