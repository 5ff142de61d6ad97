// SPDX-License-Identifier: GPL-2.0
/* Who closes first, and on which row it is counted. */
#include "lib/test.h"

#include <poll.h>

FIXTURE(close)
{
	struct truth truth;
	int tun;
};

FIXTURE_VARIANT(close)
{
	enum family family;
};

FIXTURE_VARIANT_ADD(close, ipv4) VARIANT(.family = IPV4);
FIXTURE_VARIANT_ADD(close, ipv6) VARIANT(.family = IPV6);
FIXTURE_VARIANT_ADD(close, mapped) VARIANT(.family = MAPPED);

FIXTURE_SETUP(close)
{
	ASSERT_TRUE(netns_enter());
	self->tun = tun_open();
	ASSERT_LE(0, self->tun);
	ASSERT_TRUE(truth_start(&self->truth));
}

FIXTURE_TEARDOWN(close)
{
	EXPECT_TRUE(truth_holds(&self->truth));
}

TEST_F(close, server_closes_first)
{
	const int listener = listen_on(variant->family, PORT);
	struct pair pair;

	ASSERT_TRUE(pair_open(&pair, variant->family, listener, PORT));
	ASSERT_TRUE(close_in_order(pair.server, pair.client));

	EXPECT_ROW(TW_SERVER, PORT, "entered=1 current=1 closed_first=1");
	EXPECT_ROW(TW_CLIENT, PORT, "closed_second=1");
	EXPECT_BETWEEN(TW_SERVER, PORT, TW_COL_CLEAR_MS, STAY_MS - PROMPT_MS,
		       STAY_MS);
	EXPECT_EQ(2, stats_nr_rows());
}

TEST_F(close, client_closes_first)
{
	const int listener = listen_on(variant->family, PORT);
	struct pair pair;

	ASSERT_TRUE(pair_open(&pair, variant->family, listener, PORT));
	ASSERT_TRUE(close_in_order(pair.client, pair.server));

	EXPECT_ROW(TW_CLIENT, PORT, "entered=1 current=1 closed_first=1");
	EXPECT_ROW(TW_SERVER, PORT, "closed_second=1");
	EXPECT_BETWEEN(TW_CLIENT, PORT, TW_COL_CLEAR_MS, STAY_MS - PROMPT_MS,
		       STAY_MS);
	EXPECT_EQ(2, stats_nr_rows());
}

/* shutdown() keeps a full socket in FIN_WAIT2: nothing is promoted. */
TEST_F(close, full_socket_enters_straight_from_fin_wait2)
{
	const int listener = listen_on(variant->family, PORT);
	struct pair pair;

	ASSERT_TRUE(pair_open(&pair, variant->family, listener, PORT));
	shutdown(pair.server, SHUT_WR);
	ASSERT_TRUE(wait_state(pair.server, TCP_FIN_WAIT2));
	EXPECT_ROW(TW_SERVER, PORT, "closed_first=1");

	close(pair.client);
	EXPECT_ROW(TW_SERVER, PORT, "entered=1 current=1 closed_first=1");
	EXPECT_ROW(TW_CLIENT, PORT, "closed_second=1");
	close(pair.server);
}

TEST_F(close, fin_and_ack_in_one_segment_enter_at_once)
{
	const int listener = listen_on(variant->family, PORT);
	struct peer peer;
	int fd;

	peer_init(&peer, self->tun, variant->family, PEER_PORT, PORT);
	fd = peer_connect(&peer, listener);
	ASSERT_LE(0, fd);
	close(fd);
	ASSERT_TRUE(peer_expect(&peer, FIN | ACK));
	ASSERT_TRUE(peer_closes(&peer));

	EXPECT_ROW(TW_SERVER, PORT, "entered=1 current=1 closed_first=1");
}

/* The peer's FIN does not acknowledge ours: both were on their way. */
static bool close_both(struct peer *peer, int fd)
{
	const struct segment fin = { .flags = FIN | ACK,
				     .seq = peer->snd_nxt++,
				     .ack = peer->rcv_nxt };

	close(fd);
	return peer_expect(peer, FIN | ACK) && peer_send_segment(peer, &fin) &&
	       peer_expect(peer, ACK) && peer_send(peer, ACK);
}

TEST_F(close, both_close_at_once_on_an_accepted_connection)
{
	const int listener = listen_on(variant->family, PORT);
	struct peer peer;
	int fd;

	peer_init(&peer, self->tun, variant->family, PEER_PORT, PORT);
	fd = peer_connect(&peer, listener);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(close_both(&peer, fd));

	EXPECT_ROW(TW_SERVER, PORT,
		   "entered=1 current=1 closed_first=1 closed_both=1");
	EXPECT_EQ(1, stats_nr_rows());
}

TEST_F(close, both_close_at_once_on_a_connection_we_made)
{
	struct peer peer;
	int fd;

	peer_init(&peer, self->tun, variant->family, PEER_PORT, 0);
	fd = peer_accept(&peer, 0);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(close_both(&peer, fd));

	EXPECT_ROW(TW_CLIENT, PEER_PORT,
		   "entered=1 current=1 closed_first=1 closed_both=1");
	EXPECT_EQ(1, stats_nr_rows());
}

/* Each call meets a FIN that is not acknowledged yet. */
TEST_F(close, close_after_shutdown_counts_no_second_fin)
{
	const int listener = listen_on(variant->family, PORT);
	struct peer peer;
	int fd;

	peer_init(&peer, self->tun, variant->family, PEER_PORT, PORT);
	fd = peer_connect(&peer, listener);
	ASSERT_LE(0, fd);
	shutdown(fd, SHUT_WR);
	ASSERT_TRUE(peer_expect(&peer, FIN | ACK));
	EXPECT_EQ(TCP_FIN_WAIT1, socket_state(fd));
	close(fd);
	EXPECT_ROW(TW_SERVER, PORT, "closed_first=1");

	ASSERT_TRUE(peer_closes(&peer));
	EXPECT_ROW(TW_SERVER, PORT, "entered=1 current=1 closed_first=1");
}

TEST_F(close, close_of_what_is_closing_counts_no_second_crossing)
{
	const int listener = listen_on(variant->family, PORT);
	struct segment fin = { .flags = FIN | ACK };
	struct peer peer;
	int fd;

	peer_init(&peer, self->tun, variant->family, PEER_PORT, PORT);
	fd = peer_connect(&peer, listener);
	ASSERT_LE(0, fd);
	fin.seq = peer.snd_nxt++;
	fin.ack = peer.rcv_nxt;
	shutdown(fd, SHUT_WR);
	ASSERT_TRUE(peer_expect(&peer, FIN | ACK));
	ASSERT_TRUE(peer_send_segment(&peer, &fin));
	ASSERT_TRUE(wait_state(fd, TCP_CLOSING));
	close(fd);
	EXPECT_ROW(TW_SERVER, PORT, "closed_first=1 closed_both=1");

	ASSERT_TRUE(peer_send(&peer, ACK));
	EXPECT_ROW(TW_SERVER, PORT,
		   "entered=1 current=1 closed_first=1 closed_both=1");
}

TEST_F(close, whoever_closes_second_does_not_wait)
{
	const int listener = listen_on(variant->family, PORT);
	struct peer peer;
	int fd;

	peer_init(&peer, self->tun, variant->family, PEER_PORT, PORT);
	fd = peer_connect(&peer, listener);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(peer_closes(&peer));
	close(fd);
	ASSERT_TRUE(peer_expect(&peer, FIN | ACK));
	ASSERT_TRUE(peer_send(&peer, ACK));

	EXPECT_ROW(TW_SERVER, PORT, "closed_second=1");
}

TEST_F(close, abort_counts_at_both_ends_and_leaves_no_time_wait)
{
	const int listener = listen_on(variant->family, PORT);
	struct pair pair;

	ASSERT_TRUE(pair_open(&pair, variant->family, listener, PORT));
	close_abort(pair.client);
	ASSERT_TRUE(wait_state(pair.server, TCP_CLOSE));
	close(pair.server);

	EXPECT_ROW(TW_SERVER, PORT, "aborted=1");
	EXPECT_ROW(TW_CLIENT, PORT, "aborted=1");
	EXPECT_EQ(0, sockstat_tw());
}

TEST_F(close, abort_by_the_peer_counts)
{
	struct peer peer;
	int fd;

	peer_init(&peer, self->tun, variant->family, PEER_PORT, 0);
	fd = peer_accept(&peer, 0);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(peer_send(&peer, RST | ACK));
	ASSERT_TRUE(wait_state(fd, TCP_CLOSE));
	close(fd);

	EXPECT_ROW(TW_CLIENT, PEER_PORT, "aborted=1");
}

TEST_F(close, connection_that_nobody_accepted_is_aborted)
{
	const int listener = listen_on(variant->family, PORT);
	const int client = connect_loopback(variant->family, PORT, 0);
	struct pollfd acceptable = { .fd = listener, .events = POLLIN };

	ASSERT_LE(0, client);
	/* Before that, there is no socket that could be aborted. */
	ASSERT_EQ(1, poll(&acceptable, 1, PROMPT_MS));
	close(listener);
	ASSERT_TRUE(wait_state(client, TCP_CLOSE));
	close(client);

	EXPECT_ROW(TW_SERVER, PORT, "aborted=1");
	EXPECT_ROW(TW_CLIENT, PORT, "aborted=1");
}

/* The FIN came before the RST: this one was not skipped, but cut short. */
TEST_F(close, reset_after_a_fin_is_no_abort)
{
	const int listener = listen_on(variant->family, PORT);
	struct pair pair;

	ASSERT_TRUE(pair_open(&pair, variant->family, listener, PORT));
	shutdown(pair.client, SHUT_WR);
	ASSERT_TRUE(wait_state(pair.server, TCP_CLOSE_WAIT));
	close_abort(pair.server);
	ASSERT_TRUE(wait_state(pair.client, TCP_CLOSE));
	close(pair.client);

	EXPECT_ROW(TW_SERVER, PORT, "closed_second=1");
	EXPECT_ROW(TW_CLIENT, PORT, "closed_first=1");
}

TEST_F(close, what_was_never_a_connection_makes_no_row)
{
	const int listener = listen_on(variant->family, PORT);
	struct peer peer;

	EXPECT_EQ(-1, connect_loopback(variant->family, PORT + 1, 0));
	EXPECT_EQ(ECONNREFUSED, errno);

	peer_init(&peer, self->tun, variant->family, PEER_PORT, PORT);
	ASSERT_TRUE(peer_send(&peer, SYN));
	ASSERT_TRUE(peer_expect(&peer, SYN | ACK));
	ASSERT_TRUE(peer_send(&peer, RST));
	close(listener);

	EXPECT_EQ(0, stats_nr_rows());
}

TEST_F(close, time_ms_grows_by_the_clock_for_each_socket)
{
	const int listener = listen_on(variant->family, PORT);
	long long before, since, time_ms;

	ASSERT_TRUE(server_closes(listener, variant->family, PORT, 10));
	EXPECT_ROW(TW_SERVER, PORT, "entered=10 current=10 closed_first=10");

	before = now_ms();
	time_ms = stats_value(TW_SERVER, PORT, TW_COL_TIME_MS);
	since = now_ms();
	ASSERT_TRUE(WAIT_FOR(now_ms() - since >= 500, PROMPT_MS));
	since = now_ms() - since;
	time_ms = stats_value(TW_SERVER, PORT, TW_COL_TIME_MS) - time_ms;
	before = now_ms() - before;

	EXPECT_LE(10 * (since - TICK_MS), time_ms);
	EXPECT_GE(10 * (before + TICK_MS), time_ms);
	EXPECT_EQ(0, stats_value(TW_SERVER, PORT, TW_COL_MAX_MS));
}

TW_TEST_MAIN_WITH_PEERS
