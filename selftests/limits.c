// SPDX-License-Identifier: GPL-2.0
/* The kernel's limit on TIME_WAIT, and the module's on rows. */
#include "lib/test.h"

FIXTURE(buckets)
{
	struct truth truth;
};

FIXTURE_SETUP(buckets)
{
	ASSERT_TRUE(netns_enter());
	ASSERT_TRUE(truth_start(&self->truth));
}

FIXTURE_TEARDOWN(buckets)
{
	EXPECT_TRUE(truth_holds(&self->truth));
}

TEST_F(buckets, overflow_counts_on_the_port_that_was_refused)
{
	const int ipv4 = listen_on(IPV4, PORT);
	const int ipv6 = listen_on(IPV6, PORT + 1);
	const int mapped = listen_on(MAPPED, PORT + 2);

	ASSERT_TRUE(sysctl_set("tcp_max_tw_buckets", "2"));
	ASSERT_TRUE(server_closes(ipv4, IPV4, PORT, 3));
	EXPECT_ROW(TW_SERVER, PORT,
		   "entered=2 current=2 overflow=1 closed_first=3");

	ASSERT_TRUE(server_closes(ipv6, IPV6, PORT + 1, 2));
	EXPECT_ROW(TW_SERVER, PORT + 1, "overflow=2 closed_first=2");
	ASSERT_TRUE(client_closes(mapped, MAPPED, PORT + 2, 4));
	EXPECT_ROW(TW_CLIENT, PORT + 2, "overflow=4 closed_first=4");
	EXPECT_EQ(7, kernel_counter(KERNEL_TW_OVERFLOW));
}

TEST_F(buckets, overflow_ends_when_the_limit_is_raised)
{
	const int listener = listen_on(IPV4, PORT);

	ASSERT_TRUE(sysctl_set("tcp_max_tw_buckets", "0"));
	ASSERT_TRUE(server_closes(listener, IPV4, PORT, 1));
	ASSERT_TRUE(sysctl_set("tcp_max_tw_buckets", "1000"));
	ASSERT_TRUE(server_closes(listener, IPV4, PORT, 1));

	EXPECT_ROW(TW_SERVER, PORT,
		   "entered=1 current=1 overflow=1 closed_first=2");
	EXPECT_EQ(1, kernel_counter(KERNEL_TW_OVERFLOW));
}

/* The module is loaded with room for two rows in each namespace. */
FIXTURE(rows)
{
	struct truth truth;
	int tun;
};

FIXTURE_SETUP(rows)
{
	ASSERT_TRUE(module_reload("max_rows=2"));
	ASSERT_TRUE(netns_enter());
	self->tun = tun_open();
	ASSERT_LE(0, self->tun);
	ASSERT_TRUE(truth_start(&self->truth));
}

FIXTURE_TEARDOWN(rows)
{
	EXPECT_TRUE(truth_holds(&self->truth));
	EXPECT_TRUE(module_restore());
}

static bool connect_and_close(int tun, unsigned int port, int times)
{
	struct peer peer;
	int fd;

	while (times-- > 0) {
		peer_init(&peer, tun, IPV4, port, 0);
		fd = peer_accept(&peer, 0);
		if (fd < 0 || !peer_sees_close(&peer, fd) ||
		    !peer_closes(&peer))
			return false;
	}
	return true;
}

TEST_F(rows, ports_past_max_rows_share_the_row_any_0)
{
	for (unsigned int i = 0; i < 4; i++)
		ASSERT_TRUE(connect_and_close(self->tun, PEER_PORT + i, i + 1));

	EXPECT_ROW(TW_CLIENT, PEER_PORT, "entered=1 current=1 closed_first=1");
	EXPECT_ROW(TW_CLIENT, PEER_PORT + 1,
		   "entered=2 current=2 closed_first=2");
	EXPECT_ROW(TW_ANY, 0, "entered=7 current=7 closed_first=7");
	EXPECT_EQ(3, stats_nr_rows());

	/* A port that has its row keeps it. */
	ASSERT_TRUE(connect_and_close(self->tun, PEER_PORT, 1));
	EXPECT_ROW(TW_CLIENT, PEER_PORT, "entered=2 current=2 closed_first=2");
}

TEST_F(rows, overflow_past_max_rows_counts_in_any_0)
{
	for (unsigned int i = 0; i < 2; i++)
		ASSERT_TRUE(connect_and_close(self->tun, PEER_PORT + i, 1));
	ASSERT_TRUE(sysctl_set("tcp_max_tw_buckets", "0"));
	ASSERT_TRUE(client_closes(listen_on(IPV4, PORT), IPV4, PORT, 3));

	EXPECT_ROW(TW_ANY, 0, "overflow=3 closed_first=3");
}

static bool serve_peers(int tun, unsigned int port, unsigned int nr)
{
	const int listener = listen_on(IPV4, port);
	struct peer peer;
	int fd;

	for (unsigned int i = 0; i < nr; i++) {
		peer_init(&peer, tun, IPV4, PEER_PORT + i, port);
		fd = peer_connect(&peer, listener);
		if (fd < 0 || !peer_sees_close(&peer, fd) ||
		    !peer_closes(&peer))
			return false;
	}
	close(listener);
	return true;
}

/* They are no clients of the ports that the peers happened to have. */
TEST_F(rows, server_ports_past_max_rows_share_it_too)
{
	for (unsigned int i = 0; i < 4; i++)
		ASSERT_TRUE(serve_peers(self->tun, PORT + i, 3));

	EXPECT_ROW(TW_SERVER, PORT, "entered=3 current=3 closed_first=3");
	EXPECT_ROW(TW_SERVER, PORT + 1, "entered=3 current=3 closed_first=3");
	EXPECT_ROW(TW_ANY, 0, "entered=6 current=6 closed_first=6");
	EXPECT_EQ(3, stats_nr_rows());
}

TEST_F(rows, each_namespace_has_as_many_rows)
{
	ASSERT_TRUE(connect_and_close(self->tun, PEER_PORT, 1));
	ASSERT_TRUE(connect_and_close(self->tun, PEER_PORT + 1, 1));

	ASSERT_TRUE(netns_enter());
	ASSERT_TRUE(truth_start(&self->truth));
	ASSERT_TRUE(server_closes(listen_on(IPV4, PORT), IPV4, PORT, 1));
	EXPECT_ROW(TW_SERVER, PORT, "entered=1 current=1 closed_first=1");
	EXPECT_ROW(TW_CLIENT, PORT, "closed_second=1");
	EXPECT_NO_ROW(TW_ANY, 0);
}

TW_TEST_MAIN_WITH_PEERS
