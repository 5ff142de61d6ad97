// SPDX-License-Identifier: GPL-2.0
/*
 * A new connection with the four numbers of one in TIME_WAIT: by our own
 * connect() it is reused, by the peer's SYN reopened.
 */
#include "lib/test.h"

FIXTURE(reuse)
{
	struct truth truth;
	int listener;
};

FIXTURE_VARIANT(reuse)
{
	enum family family;
};

FIXTURE_VARIANT_ADD(reuse, ipv4) VARIANT(.family = IPV4);
FIXTURE_VARIANT_ADD(reuse, ipv6) VARIANT(.family = IPV6);
FIXTURE_VARIANT_ADD(reuse, mapped) VARIANT(.family = MAPPED);

FIXTURE_SETUP(reuse)
{
	ASSERT_TRUE(netns_enter());
	ASSERT_TRUE(truth_start(&self->truth));
	self->listener = listen_on(variant->family, PORT);
	ASSERT_LE(0, self->listener);
}

FIXTURE_TEARDOWN(reuse)
{
	EXPECT_TRUE(truth_holds(&self->truth));
}

static bool connects(struct pair *pair, enum family family)
{
	pair->client = connect_loopback(family, PORT, 0);
	return pair->client >= 0;
}

/* The kernel waits until a second has gone by on the timestamps' clock. */
TEST_F(reuse, connect_reuses_the_port_that_the_kernel_chose)
{
	struct pair pair;

	ASSERT_TRUE(sysctl_set("ip_local_port_range", "40000 40000"));
	ASSERT_TRUE(sysctl_set("tcp_tw_reuse", "0"));
	ASSERT_TRUE(pair_open(&pair, variant->family, self->listener, PORT));
	ASSERT_TRUE(close_in_order(pair.client, pair.server));
	EXPECT_ROW(TW_CLIENT, PORT, "entered=1 current=1 closed_first=1");

	EXPECT_EQ(-1, connect_loopback(variant->family, PORT, 0));
	EXPECT_EQ(EADDRNOTAVAIL, errno);
	EXPECT_ROW(TW_CLIENT, PORT, "entered=1 current=1 closed_first=1");

	ASSERT_TRUE(sysctl_set("tcp_tw_reuse", "1"));
	ASSERT_TRUE(WAIT_FOR(connects(&pair, variant->family), PROMPT_MS));
	EXPECT_EQ(1, kernel_counter(KERNEL_TW_RECYCLED));
	EXPECT_ROW(TW_CLIENT, PORT, "entered=1 reused=1 closed_first=1");

	/* What was reused once waits again like any other. */
	pair.server = accept(self->listener, NULL, NULL);
	ASSERT_TRUE(close_in_order(pair.client, pair.server));
	EXPECT_ROW(TW_CLIENT, PORT,
		   "entered=2 reused=1 current=1 closed_first=2");
}

TEST_F(reuse, connect_reuses_a_bound_port_at_any_time)
{
	struct pair pair;

	ASSERT_TRUE(pair_open_from(&pair, variant->family, self->listener, PORT,
				   CLIENT_PORT));
	ASSERT_TRUE(close_in_order(pair.client, pair.server));
	ASSERT_ROW(TW_CLIENT, PORT, "entered=1 current=1 closed_first=1");

	ASSERT_TRUE(pair_open_from(&pair, variant->family, self->listener, PORT,
				   CLIENT_PORT));
	EXPECT_EQ(1, kernel_counter(KERNEL_TW_RECYCLED));
	EXPECT_ROW(TW_CLIENT, PORT, "entered=1 reused=1 closed_first=1");
}

TEST_F(reuse, client_that_connects_again_reopens_it)
{
	struct pair pair;

	ASSERT_TRUE(pair_open_from(&pair, variant->family, self->listener, PORT,
				   CLIENT_PORT));
	ASSERT_TRUE(close_in_order(pair.server, pair.client));
	ASSERT_ROW(TW_SERVER, PORT, "entered=1 current=1 closed_first=1");

	ASSERT_TRUE(pair_open_from(&pair, variant->family, self->listener, PORT,
				   CLIENT_PORT));
	EXPECT_ROW(TW_SERVER, PORT, "entered=1 reopened=1 closed_first=1");
	EXPECT_EQ(0, kernel_counter(KERNEL_TW_RECYCLED));

	/* What was reopened once waits again like any other. */
	ASSERT_TRUE(close_in_order(pair.server, pair.client));
	EXPECT_ROW(TW_SERVER, PORT,
		   "entered=2 reopened=1 current=1 closed_first=2");
}

FIXTURE(reopen)
{
	struct truth truth;
	int listener;
	struct peer peer;
};

FIXTURE_VARIANT(reopen)
{
	enum family family;
	bool timestamps;
};

FIXTURE_VARIANT_ADD(reopen, ipv4) VARIANT(.family = IPV4);
FIXTURE_VARIANT_ADD(reopen, ipv6) VARIANT(.family = IPV6);
FIXTURE_VARIANT_ADD(reopen, mapped) VARIANT(.family = MAPPED);
FIXTURE_VARIANT_ADD(reopen, timestamps)
VARIANT(.family = IPV4, .timestamps = true);

/* Each test begins with one TIME_WAIT on an accepted connection. */
FIXTURE_SETUP(reopen)
{
	int tun, fd;

	ASSERT_TRUE(netns_enter());
	tun = tun_open();
	ASSERT_LE(0, tun);
	ASSERT_TRUE(truth_start(&self->truth));
	self->listener = listen_on(variant->family, PORT);
	peer_init(&self->peer, tun, variant->family, PEER_PORT, PORT);
	self->peer.timestamps = variant->timestamps;
	fd = peer_connect(&self->peer, self->listener);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(peer_sees_close(&self->peer, fd));
	ASSERT_TRUE(peer_closes(&self->peer));
	ASSERT_ROW(TW_SERVER, PORT, "entered=1 current=1 closed_first=1");
}

FIXTURE_TEARDOWN(reopen)
{
	EXPECT_TRUE(truth_holds(&self->truth));
}

TEST_F(reopen, syn_with_a_higher_sequence_number_reopens_it)
{
	self->peer.snd_nxt += 100000;
	EXPECT_LE(0, peer_connect(&self->peer, self->listener));

	EXPECT_ROW(TW_SERVER, PORT, "entered=1 reopened=1 closed_first=1");
}

/* Timestamps are as good as sequence numbers in telling old from new. */
TEST_F(reopen, syn_with_a_lower_one_reopens_it_by_its_timestamp_only)
{
	self->peer.snd_nxt -= 100000;
	if (variant->timestamps) {
		EXPECT_LE(0, peer_connect(&self->peer, self->listener));
		EXPECT_ROW(TW_SERVER, PORT,
			   "entered=1 reopened=1 closed_first=1");
		return;
	}
	ASSERT_TRUE(peer_send(&self->peer, SYN));
	ASSERT_TRUE(peer_expect(&self->peer, ACK));
	EXPECT_ROW(TW_SERVER, PORT, "entered=1 current=1 closed_first=1");
}

TEST_F(reopen, segment_with_an_old_timestamp_rearms_it)
{
	self->peer.ts_val -= 500;
	self->peer.snd_nxt--;
	ASSERT_TRUE(peer_closes(&self->peer));

	EXPECT_ROW(TW_SERVER, PORT,
		   "entered=1 current=1 rearmed=1 closed_first=1");
}

TEST_F(reopen, syn_without_a_listener_ends_nothing)
{
	close(self->listener);
	self->peer.snd_nxt += 100000;
	ASSERT_TRUE(peer_send(&self->peer, SYN));
	ASSERT_TRUE(peer_expect(&self->peer, ACK));

	EXPECT_ROW(TW_SERVER, PORT, "entered=1 current=1 closed_first=1");
}

/* The kernel takes it for a SYN, and then throws the segment away. */
TEST_F(reopen, syn_with_a_fin_ends_it_though_no_connection_follows)
{
	self->peer.snd_nxt += 100000;
	ASSERT_TRUE(peer_send(&self->peer, SYN | FIN));

	EXPECT_ROW(TW_SERVER, PORT, "entered=1 reopened=1 closed_first=1");
}

/* A proxy's own listener takes what is meant for any address and port 80. */
#define SERVICE_V4 "198.51.100.1"
#define SERVICE_V6 "2001:db8:1::1"
#define SERVICE_PORT 80

FIXTURE(tproxy)
{
	struct truth truth;
	int listener;
	struct peer peer;
};

FIXTURE_VARIANT(tproxy)
{
	enum family family;
};

FIXTURE_VARIANT_ADD(tproxy, ipv4) VARIANT(.family = IPV4);
FIXTURE_VARIANT_ADD(tproxy, ipv6) VARIANT(.family = IPV6);

FIXTURE_SETUP(tproxy)
{
	const int on = 1;
	int tun;

	ASSERT_TRUE(netns_enter());
	tun = tun_open();
	ASSERT_LE(0, tun);
	ASSERT_TRUE(truth_start(&self->truth));
	self->listener = listen_on(variant->family, PORT);
	ASSERT_EQ(0, setsockopt(self->listener, IPPROTO_IP, IP_TRANSPARENT, &on,
				sizeof(on)));
	truth_server_port(SERVICE_PORT, true);

	peer_init(&self->peer, tun, variant->family, PEER_PORT, SERVICE_PORT);
	self->peer.kernel_v4 = SERVICE_V4;
	self->peer.kernel_v6 = SERVICE_V6;
}

FIXTURE_TEARDOWN(tproxy)
{
	EXPECT_TRUE(truth_holds(&self->truth));
}

TEST_F(tproxy, syn_through_tproxy_reopens_it)
{
	int fd;

	if (!tproxy_on(variant->family, SERVICE_PORT, PORT))
		SKIP(return, "no nft, or no TPROXY in it");
	fd = peer_connect(&self->peer, self->listener);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(peer_sees_close(&self->peer, fd));
	ASSERT_TRUE(peer_closes(&self->peer));
	ASSERT_ROW(TW_SERVER, SERVICE_PORT,
		   "entered=1 current=1 closed_first=1");

	self->peer.snd_nxt += 100000;
	EXPECT_LE(0, peer_connect(&self->peer, self->listener));
	EXPECT_ROW(TW_SERVER, SERVICE_PORT,
		   "entered=1 reopened=1 closed_first=1");
}

TW_TEST_MAIN_WITH_PEERS
