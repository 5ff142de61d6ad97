// SPDX-License-Identifier: GPL-2.0
/* All 65,535 ports of a host, as a port scan has it. */
#include "lib/test.h"

#define NR_PORTS 65535
#define MAX_ROWS 4096
#define SCAN_TIMEOUT 3600

FIXTURE(scan)
{
	struct truth truth;
	int tun;
};

FIXTURE_SETUP(scan)
{
	ASSERT_TRUE(module_reload("max_rows=4096"));
	ASSERT_TRUE(netns_enter());
	self->tun = tun_open();
	ASSERT_LE(0, self->tun);
	ASSERT_TRUE(truth_start(&self->truth));
}

FIXTURE_TEARDOWN(scan)
{
	EXPECT_TRUE(truth_holds_while_they_end(&self->truth));
	EXPECT_TRUE(module_restore());
}

static bool refuse(struct peer *peer)
{
	const int fd = peer_start_connect(peer, 0);
	bool refused;

	peer->kernel_port = local_port_of(fd);
	refused = peer_expect(peer, SYN) && peer_send(peer, RST | ACK) &&
		  wait_state(fd, TCP_CLOSE);
	close(fd);
	return refused;
}

static bool accept_and_close(struct peer *peer)
{
	const int fd = peer_accept(peer, 0);

	return fd >= 0 && peer_sees_close(peer, fd) && peer_closes(peer);
}

static bool scan(int tun, bool (*answer)(struct peer *peer))
{
	struct peer peer;

	for (unsigned int port = 1; port <= NR_PORTS; port++) {
		peer_init(&peer, tun, IPV4, port, 0);
		if (!answer(&peer))
			return false;
	}
	return true;
}

TEST_F_TIMEOUT(scan, that_is_refused_makes_no_row, SCAN_TIMEOUT)
{
	ASSERT_TRUE(scan(self->tun, refuse));
	EXPECT_EQ(0, stats_nr_rows());
}

TEST_F_TIMEOUT(scan, of_a_host_that_accepts_fills_max_rows, SCAN_TIMEOUT)
{
	struct rows rows;

	ASSERT_TRUE(sysctl_set("ip_local_port_range", "1024 65000"));
	ASSERT_TRUE(sysctl_set("tcp_max_tw_buckets", "100000"));
	ASSERT_TRUE(scan(self->tun, accept_and_close));
	ASSERT_TRUE(stats_read(&rows));
	EXPECT_EQ(MAX_ROWS + 1, rows.nr);
	EXPECT_EQ(NR_PORTS, rows_sum(&rows, TW_COL_ENTERED));
	EXPECT_EQ(NR_PORTS, rows_sum(&rows, TW_COL_CLOSED_FIRST));
	rows_free(&rows);
}

TW_TEST_MAIN_WITH_PEERS
