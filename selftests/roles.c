// SPDX-License-Identifier: GPL-2.0
/* Which row a connection counts on: that of our port, or of the peer's. */
#include "lib/test.h"

#define VRF "red"
#define VRF_ADDRESS "10.1.1.1"

FIXTURE(roles)
{
	struct truth truth;
	int tun;
};

FIXTURE_SETUP(roles)
{
	ASSERT_TRUE(netns_enter());
	self->tun = tun_open();
	ASSERT_LE(0, self->tun);
	ASSERT_TRUE(truth_start(&self->truth));
}

FIXTURE_TEARDOWN(roles)
{
	EXPECT_TRUE(truth_holds(&self->truth));
}

TEST_F(roles, all_families_share_the_row_of_their_port)
{
	struct pair pair;
	int listener;

	for (enum family family = IPV4; family <= MAPPED; family++) {
		listener = listen_on(family, PORT);
		ASSERT_TRUE(pair_open(&pair, family, listener, PORT));
		ASSERT_TRUE(close_in_order(pair.server, pair.client));
		close(listener);
	}

	EXPECT_ROW(TW_SERVER, PORT, "entered=3 current=3 closed_first=3");
	EXPECT_ROW(TW_CLIENT, PORT, "closed_second=3");
	EXPECT_EQ(2, stats_nr_rows());
}

TEST_F(roles, accepted_connection_is_the_servers_when_the_listener_is_gone)
{
	const int listener = listen_on(IPV4, PORT);
	struct pair pair;

	ASSERT_TRUE(pair_open(&pair, IPV4, listener, PORT));
	close(listener);
	ASSERT_TRUE(close_in_order(pair.server, pair.client));

	EXPECT_ROW(TW_SERVER, PORT, "entered=1 current=1 closed_first=1");
}

/* It goes without a trace, and connect() is given no other port. */
static bool server_leaves_its_port_to_clients(void)
{
	const int listener = listen_on(IPV4, CLIENT_PORT);
	struct pair pair;

	if (!pair_open(&pair, IPV4, listener, CLIENT_PORT))
		return false;
	close_abort(pair.client);
	if (!wait_state(pair.server, TCP_CLOSE))
		return false;
	close(pair.server);
	close(listener);
	truth_server_port(CLIENT_PORT, false);
	return sysctl_set("ip_local_port_range", "40000 40000");
}

TEST_F(roles, port_of_a_server_becomes_a_clients)
{
	struct peer peer;
	int fd;

	ASSERT_TRUE(server_leaves_its_port_to_clients());
	EXPECT_ROW(TW_SERVER, CLIENT_PORT, "aborted=1");

	peer_init(&peer, self->tun, IPV4, PEER_PORT, 0);
	fd = peer_accept(&peer, 0);
	ASSERT_EQ(CLIENT_PORT, local_port_of(fd));
	ASSERT_TRUE(peer_sees_close(&peer, fd));
	ASSERT_TRUE(peer_closes(&peer));
	EXPECT_ROW(TW_CLIENT, PEER_PORT, "entered=1 current=1 closed_first=1");
	EXPECT_ROW(TW_SERVER, CLIENT_PORT, "aborted=1");
}

TEST_F(roles, port_of_a_client_becomes_a_servers)
{
	struct peer service, client;
	int fd, listener;

	peer_init(&service, self->tun, IPV4, PEER_PORT, 0);
	fd = peer_accept(&service, CLIENT_PORT);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(peer_send(&service, RST | ACK));
	ASSERT_TRUE(wait_state(fd, TCP_CLOSE));
	close(fd);

	listener = listen_on(IPV4, CLIENT_PORT);
	peer_init(&client, self->tun, IPV4, PEER_PORT + 1, CLIENT_PORT);
	fd = peer_connect(&client, listener);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(peer_sees_close(&client, fd));
	ASSERT_TRUE(peer_closes(&client));

	EXPECT_ROW(TW_CLIENT, PEER_PORT, "aborted=1");
	EXPECT_ROW(TW_SERVER, CLIENT_PORT,
		   "entered=1 current=1 closed_first=1");
}

TEST_F(roles, bound_port_that_nobody_listens_on_is_a_clients)
{
	const int listener = listen_on(IPV4, PORT);
	struct pair pair;

	ASSERT_TRUE(pair_open_from(&pair, IPV4, listener, PORT, CLIENT_PORT));
	ASSERT_TRUE(close_in_order(pair.client, pair.server));

	EXPECT_ROW(TW_CLIENT, PORT, "entered=1 current=1 closed_first=1");
	EXPECT_NO_ROW(TW_SERVER, CLIENT_PORT);
}

static int listen_at(const char *address, unsigned int port)
{
	const int fd = socket_open(IPV4);
	union addr addr;
	socklen_t size = addr_make(&addr, IPV4, address, NULL, port);

	truth_server_port(port, true);
	if (bind(fd, &addr.any, size) || listen(fd, SOMAXCONN))
		return -1;
	return fd;
}

/* bind() to port 0 takes any number that is free on its own address. */
TEST_F(roles, listening_port_stays_the_servers_when_a_client_shares_it)
{
	const int listener = listen_at("127.0.0.1", CLIENT_PORT);
	struct pair pair;
	int client;

	ASSERT_LE(0, listener);
	ASSERT_LE(0, listen_at("127.0.0.3", PORT));
	ASSERT_TRUE(pair_open(&pair, IPV4, listener, CLIENT_PORT));

	ASSERT_TRUE(sysctl_set("ip_local_port_range", "40000 40000"));
	client = connect_from_address("127.0.0.2", "127.0.0.3", PORT);
	ASSERT_LE(0, client);
	ASSERT_EQ(CLIENT_PORT, local_port_of(client));
	ASSERT_TRUE(wait_state(client, TCP_ESTABLISHED));

	ASSERT_TRUE(close_in_order(pair.server, pair.client));
	EXPECT_ROW(TW_SERVER, CLIENT_PORT,
		   "entered=1 current=1 closed_first=1");
}

/* A socket whose packets go through a VRF. */
static int socket_in_vrf(void)
{
	static const char name[] = VRF;
	const int fd = socket_open(IPV4);

	return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, sizeof(name)) ?
		       -1 :
		       fd;
}

/* A listener in a VRF, and a connection to it. */
static bool open_in_vrf(struct pair *pair, unsigned int port)
{
	const int listener = socket_in_vrf();
	union addr addr;
	socklen_t size = addr_make(&addr, IPV4, VRF_ADDRESS, NULL, port);

	truth_server_port(port, true);
	if (bind(listener, &addr.any, size) || listen(listener, SOMAXCONN))
		return false;
	pair->client = socket_in_vrf();
	if (connect(pair->client, &addr.any, size))
		return false;
	pair->server = accept(listener, NULL, NULL);
	return pair->server >= 0;
}

/* For connect(), a port that is bound in a VRF is free in another. */
TEST_F(roles, listening_port_stays_the_servers_when_another_vrf_uses_it)
{
	const int listener = listen_on(IPV4, PORT);
	struct pair pair;
	int client;

	if (!run("ip link add " VRF " type vrf table 10"))
		SKIP(return, "no VRF: it needs CONFIG_NET_VRF, and ip");
	ASSERT_TRUE(run("ip addr add " VRF_ADDRESS " dev " VRF));
	ASSERT_TRUE(link_up(VRF));
	ASSERT_TRUE(open_in_vrf(&pair, CLIENT_PORT));

	ASSERT_LE(0, listener);
	ASSERT_TRUE(sysctl_set("ip_local_port_range", "40000 40000"));
	client = connect_loopback(IPV4, PORT, 0);
	ASSERT_LE(0, client);
	ASSERT_EQ(CLIENT_PORT, local_port_of(client));

	ASSERT_TRUE(close_in_order(pair.server, pair.client));
	EXPECT_ROW(TW_SERVER, CLIENT_PORT,
		   "entered=1 current=1 closed_first=1");
}

/* Fast open: accept() gives what is still in SYN_RECV. */
TEST_F(roles, connection_accepted_before_it_is_established_is_the_servers)
{
	const int qlen = 10, listener = listen_on(IPV4, PORT);
	struct segment syn = { .flags = SYN, .payload = 10 };
	struct peer peer;
	int fd;

	ASSERT_TRUE(sysctl_set("tcp_fastopen", "0x203"));
	ASSERT_EQ(0, setsockopt(listener, IPPROTO_TCP, TCP_FASTOPEN, &qlen,
				sizeof(qlen)));
	peer_init(&peer, self->tun, IPV4, PEER_PORT, PORT);
	syn.seq = peer.snd_nxt;
	peer.snd_nxt += 1 + syn.payload;
	ASSERT_TRUE(peer_send_segment(&peer, &syn));
	fd = accept(listener, NULL, NULL);
	ASSERT_LE(0, fd);
	ASSERT_EQ(TCP_SYN_RECV, socket_state(fd));
	ASSERT_TRUE(peer_expect(&peer, SYN | ACK));
	ASSERT_TRUE(peer_send(&peer, ACK));
	ASSERT_TRUE(wait_state(fd, TCP_ESTABLISHED));

	shutdown(fd, SHUT_WR);
	ASSERT_TRUE(peer_expect(&peer, FIN | ACK));
	ASSERT_TRUE(peer_send(&peer, ACK));
	ASSERT_TRUE(wait_state(fd, TCP_FIN_WAIT2));
	ASSERT_TRUE(peer_closes(&peer));
	EXPECT_ROW(TW_SERVER, PORT, "entered=1 current=1 closed_first=1");
}

/* Both SYNs cross: an answer comes to ours that does not acknowledge it. */
TEST_F(roles, simultaneous_open_is_a_connection_we_made)
{
	struct peer peer;
	int fd;

	peer_init(&peer, self->tun, IPV4, PEER_PORT, 0);
	fd = peer_start_connect(&peer, CLIENT_PORT);
	ASSERT_LE(0, fd);
	peer.kernel_port = CLIENT_PORT;
	ASSERT_TRUE(peer_expect(&peer, SYN));
	ASSERT_TRUE(peer_send(&peer, SYN));
	ASSERT_TRUE(peer_expect(&peer, SYN | ACK));
	ASSERT_TRUE(peer_send(&peer, ACK));
	ASSERT_TRUE(wait_state(fd, TCP_ESTABLISHED));
	ASSERT_TRUE(peer_sees_close(&peer, fd));
	ASSERT_TRUE(peer_closes(&peer));

	EXPECT_ROW(TW_CLIENT, PEER_PORT, "entered=1 current=1 closed_first=1");
}

/* A client that tries again and again meets itself: both SYNs are its own. */
TEST_F(roles, port_of_a_server_becomes_a_clients_that_connects_to_itself)
{
	int fd;

	ASSERT_TRUE(server_leaves_its_port_to_clients());
	fd = connect_loopback(IPV4, CLIENT_PORT, 0);
	ASSERT_LE(0, fd);
	ASSERT_EQ(CLIENT_PORT, local_port_of(fd));
	close(fd);
	EXPECT_ROW(
		TW_CLIENT, CLIENT_PORT,
		"entered=1 current=1 closed_first=1 closed_both=1 aborted=1");
	EXPECT_ROW(TW_SERVER, CLIENT_PORT, "aborted=1");
}

TW_TEST_MAIN_WITH_PEERS
