// SPDX-License-Identifier: GPL-2.0
/*
 * FIN_WAIT2 minisockets: the kernel's short form of an orphan that waits for
 * the peer's FIN.  They are no TIME_WAIT until it comes.
 */
#include "lib/test.h"

FIXTURE(fin_wait2)
{
	struct truth truth;
	int listener;
	struct peer peer;
	int fd;
};

FIXTURE_VARIANT(fin_wait2)
{
	enum family family;
};

FIXTURE_VARIANT_ADD(fin_wait2, ipv4) VARIANT(.family = IPV4);
FIXTURE_VARIANT_ADD(fin_wait2, ipv6) VARIANT(.family = IPV6);
FIXTURE_VARIANT_ADD(fin_wait2, mapped) VARIANT(.family = MAPPED);

/* Each test begins with one connection, accepted from the peer. */
FIXTURE_SETUP(fin_wait2)
{
	int tun;

	ASSERT_TRUE(netns_enter());
	tun = tun_open();
	ASSERT_LE(0, tun);
	ASSERT_TRUE(truth_start(&self->truth));
	self->listener = listen_on(variant->family, PORT);
	peer_init(&self->peer, tun, variant->family, PEER_PORT, PORT);
	self->peer.timestamps = true;
	self->fd = peer_connect(&self->peer, self->listener);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(fin_wait2)
{
	EXPECT_TRUE(truth_holds(&self->truth));
}

TEST_F(fin_wait2, minisocket_is_in_fin_wait2_and_not_in_time_wait)
{
	ASSERT_TRUE(peer_sees_close(&self->peer, self->fd));

	EXPECT_ROW(TW_SERVER, PORT, "fin_wait2=1 closed_first=1");
	EXPECT_EQ(1, sockstat_tw());
	EXPECT_BETWEEN(TW_SERVER, PORT, TW_COL_CLEAR_MS, 0, 0);
	EXPECT_BETWEEN(TW_SERVER, PORT, TW_COL_TIME_MS, 0, 0);
}

TEST_F(fin_wait2, fin_promotes_it)
{
	long long promoted, waited;

	ASSERT_TRUE(sysctl_set("tcp_fin_timeout", "30"));
	ASSERT_TRUE(peer_sees_close(&self->peer, self->fd));
	ASSERT_ROW(TW_SERVER, PORT, "fin_wait2=1 closed_first=1");
	waited = now_ms();
	ASSERT_TRUE(WAIT_FOR(now_ms() - waited >= 300, PROMPT_MS));

	promoted = now_ms();
	ASSERT_TRUE(peer_closes(&self->peer));
	EXPECT_ROW(TW_SERVER, PORT, "entered=1 current=1 closed_first=1");
	EXPECT_BETWEEN(TW_SERVER, PORT, TW_COL_CLEAR_MS, STAY_MS - PROMPT_MS,
		       STAY_MS);
	/* Time in FIN_WAIT2 is no time in TIME_WAIT. */
	EXPECT_GE(now_ms() - promoted + TICK_MS,
		  stats_value(TW_SERVER, PORT, TW_COL_TIME_MS));
}

TEST_F(fin_wait2, data_after_close_ends_it)
{
	const struct segment data = { .flags = ACK,
				      .seq = self->peer.snd_nxt,
				      .payload = 10 };

	ASSERT_TRUE(peer_sees_close(&self->peer, self->fd));
	ASSERT_ROW(TW_SERVER, PORT, "fin_wait2=1 closed_first=1");
	ASSERT_TRUE(peer_send_segment(&self->peer, &data));
	ASSERT_TRUE(peer_expect(&self->peer, RST));

	EXPECT_ROW(TW_SERVER, PORT, "fin_wait2_ended=1 closed_first=1");
}

TEST_F(fin_wait2, syn_ends_it)
{
	ASSERT_TRUE(peer_sees_close(&self->peer, self->fd));
	ASSERT_ROW(TW_SERVER, PORT, "fin_wait2=1 closed_first=1");
	ASSERT_TRUE(peer_send(&self->peer, SYN));
	ASSERT_TRUE(peer_expect(&self->peer, RST | ACK));

	EXPECT_ROW(TW_SERVER, PORT, "fin_wait2_ended=1 closed_first=1");
}

TEST_F(fin_wait2, rst_ends_it)
{
	ASSERT_TRUE(peer_sees_close(&self->peer, self->fd));
	ASSERT_ROW(TW_SERVER, PORT, "fin_wait2=1 closed_first=1");
	ASSERT_TRUE(peer_send(&self->peer, RST | ACK));

	EXPECT_ROW(TW_SERVER, PORT, "fin_wait2_ended=1 closed_first=1");
}

TEST_F(fin_wait2, ss_kill_ends_it)
{
	ASSERT_TRUE(peer_sees_close(&self->peer, self->fd));
	ASSERT_ROW(TW_SERVER, PORT, "fin_wait2=1 closed_first=1");
	run("ss -K state fin-wait-2");
	if (sockstat_tw())
		SKIP(return, "this kernel kills no sockets");

	EXPECT_ROW(TW_SERVER, PORT, "fin_wait2_ended=1 closed_first=1");
}

TEST_F(fin_wait2, promoted_one_ends_as_time_wait)
{
	ASSERT_TRUE(peer_sees_close(&self->peer, self->fd));
	ASSERT_TRUE(peer_closes(&self->peer));
	ASSERT_ROW(TW_SERVER, PORT, "entered=1 current=1 closed_first=1");
	ASSERT_TRUE(peer_send(&self->peer, RST));

	EXPECT_ROW(TW_SERVER, PORT, "entered=1 reset=1 closed_first=1");
}

/* The timeout decides in which of its counters the kernel counts it. */
TEST_F(fin_wait2, short_timeout_ends_it_and_counts_as_tw_killed)
{
	ASSERT_TRUE(sysctl_set("tcp_fin_timeout", "1"));
	ASSERT_TRUE(peer_sees_close(&self->peer, self->fd));
	EXPECT_ROW(TW_SERVER, PORT, "fin_wait2=1 closed_first=1");
	EXPECT_EQ(1, kernel_counter(KERNEL_TW_KILLED));

	EXPECT_ROW(TW_SERVER, PORT, "fin_wait2_ended=1 closed_first=1");
}

TEST_F(fin_wait2, full_socket_in_fin_wait2_is_no_minisocket)
{
	shutdown(self->fd, SHUT_WR);
	ASSERT_TRUE(peer_expect(&self->peer, FIN | ACK));
	ASSERT_TRUE(peer_send(&self->peer, ACK));
	ASSERT_TRUE(wait_state(self->fd, TCP_FIN_WAIT2));
	EXPECT_ROW(TW_SERVER, PORT, "closed_first=1");

	/* Closed now, it takes the short form; the timeout begins here. */
	close(self->fd);
	EXPECT_ROW(TW_SERVER, PORT, "fin_wait2=1 closed_first=1");
}

TEST_F(fin_wait2, timeout_over_a_minute_begins_with_a_full_socket)
{
	ASSERT_TRUE(sysctl_set("tcp_fin_timeout", "62"));
	ASSERT_TRUE(peer_sees_close(&self->peer, self->fd));
	ASSERT_TRUE(WAIT_FOR(ss_count("fin-wait-2") == 1, PROMPT_MS));
	EXPECT_ROW(TW_SERVER, PORT, "closed_first=1");
	EXPECT_EQ(0, sockstat_tw());

	ASSERT_ROW(TW_SERVER, PORT, "fin_wait2=1 closed_first=1");
	ASSERT_TRUE(peer_closes(&self->peer));
	EXPECT_ROW(TW_SERVER, PORT, "entered=1 current=1 closed_first=1");
}

TEST_F(fin_wait2, refused_one_is_an_overflow)
{
	ASSERT_TRUE(sysctl_set("tcp_max_tw_buckets", "0"));
	ASSERT_TRUE(peer_sees_close(&self->peer, self->fd));

	EXPECT_ROW(TW_SERVER, PORT, "overflow=1 closed_first=1");
}

/* A port that was bound before connect() needs no tcp_tw_reuse. */
TEST_F(fin_wait2, connect_from_the_same_port_ends_it)
{
	struct peer service;
	int fd;

	peer_init(&service, self->peer.tun, variant->family, PEER_PORT + 1, 0);
	service.timestamps = true;
	fd = peer_accept(&service, CLIENT_PORT);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(peer_sees_close(&service, fd));
	ASSERT_ROW(TW_CLIENT, PEER_PORT + 1, "fin_wait2=1 closed_first=1");

	service.snd_nxt += 100000;
	fd = peer_accept(&service, CLIENT_PORT);
	ASSERT_LE(0, fd);
	self->truth.fin_wait2_recycled = 1;
	EXPECT_EQ(1, kernel_counter(KERNEL_TW_RECYCLED));
	EXPECT_ROW(TW_CLIENT, PEER_PORT + 1,
		   "fin_wait2_ended=1 closed_first=1");
}

FIXTURE(loopback)
{
	struct truth truth;
	struct pair pair;
};

FIXTURE_SETUP(loopback)
{
	ASSERT_TRUE(netns_enter());
	ASSERT_TRUE(truth_start(&self->truth));
	ASSERT_TRUE(pair_open(&self->pair, IPV4, listen_on(IPV4, PORT), PORT));
}

FIXTURE_TEARDOWN(loopback)
{
	EXPECT_TRUE(truth_holds(&self->truth));
}

TEST_F(loopback, client_may_be_the_one_in_fin_wait2)
{
	ASSERT_TRUE(close_into_fin_wait2(self->pair.client));
	EXPECT_ROW(TW_CLIENT, PORT, "fin_wait2=1 closed_first=1");
	EXPECT_ROW(TW_SERVER, PORT, "closed_second=1");

	close(self->pair.server);
	EXPECT_ROW(TW_CLIENT, PORT, "entered=1 current=1 closed_first=1");
}

TEST_F(loopback, rst_by_the_side_that_kept_open_ends_it)
{
	ASSERT_TRUE(close_into_fin_wait2(self->pair.client));
	ASSERT_ROW(TW_CLIENT, PORT, "fin_wait2=1 closed_first=1");
	close_abort(self->pair.server);

	EXPECT_ROW(TW_CLIENT, PORT, "fin_wait2_ended=1 closed_first=1");
	EXPECT_ROW(TW_SERVER, PORT, "closed_second=1");
}

/* Longer than 4 s, so that the kernel counts it as it counts TIME_WAIT. */
TEST_F(loopback, timeout_ends_it_and_counts_as_tw)
{
	ASSERT_TRUE(sysctl_set("tcp_fin_timeout", "5"));
	ASSERT_TRUE(close_into_fin_wait2(self->pair.server));
	ASSERT_ROW(TW_SERVER, PORT, "fin_wait2=1 closed_first=1");
	EXPECT_EQ(1, kernel_counter(KERNEL_TW));

	ASSERT_TRUE(WAIT_FOR(sockstat_tw() == 0, 5000 + LATE_MS));
	EXPECT_ROW(TW_SERVER, PORT, "fin_wait2_ended=1 closed_first=1");
}

TW_TEST_MAIN_WITH_PEERS
