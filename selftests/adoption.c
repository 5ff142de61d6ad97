// SPDX-License-Identifier: GPL-2.0
/* What was there before the module was loaded. */
#include "lib/test.h"

#include <sched.h>
#include <sys/wait.h>

FIXTURE(adoption)
{
	struct truth truth;
	int tun;
};

FIXTURE_SETUP(adoption)
{
	ASSERT_EQ(0, module_unload());
	ASSERT_TRUE(netns_enter());
	self->tun = tun_open();
	ASSERT_LE(0, self->tun);
}

FIXTURE_TEARDOWN(adoption)
{
	EXPECT_TRUE(truth_holds(&self->truth));
	EXPECT_TRUE(module_restore());
}

static bool load_and_start(struct truth *truth)
{
	return module_reload("") && truth_start(truth);
}

TEST_F(adoption, time_wait_on_a_listening_port_is_the_servers)
{
	const int listener = listen_on(MAPPED, PORT);

	ASSERT_TRUE(server_closes(listener, MAPPED, PORT, 2));
	ASSERT_TRUE(server_closes(listener, IPV6, PORT, 3));
	ASSERT_TRUE(server_closes(listener, IPV4, PORT, 4));
	ASSERT_TRUE(load_and_start(&self->truth));

	EXPECT_ROW(TW_SERVER, PORT, "adopted=9 current=9");
	EXPECT_EQ(1, stats_nr_rows());
	EXPECT_BETWEEN(TW_SERVER, PORT, TW_COL_CLEAR_MS, 1, STAY_MS);
}

/* The kernel's bind bucket still knows that the port was bound. */
TEST_F(adoption, time_wait_of_a_server_that_is_gone_is_the_servers)
{
	int listener = listen_on(IPV4, PORT);

	ASSERT_TRUE(server_closes(listener, IPV4, PORT, 3));
	close(listener);
	listener = listen_on(IPV6, PORT + 1);
	ASSERT_TRUE(server_closes(listener, IPV6, PORT + 1, 2));
	close(listener);
	ASSERT_TRUE(load_and_start(&self->truth));

	EXPECT_ROW(TW_SERVER, PORT, "adopted=3 current=3");
	EXPECT_ROW(TW_SERVER, PORT + 1, "adopted=2 current=2");
	EXPECT_EQ(2, stats_nr_rows());
}

TEST_F(adoption, time_wait_of_a_client_counts_for_the_peers_port)
{
	int listener = listen_on(IPV4, PORT);

	ASSERT_TRUE(client_closes(listener, IPV4, PORT, 3));
	close(listener);
	listener = listen_on(IPV6, PORT + 1);
	ASSERT_TRUE(client_closes(listener, IPV6, PORT + 1, 2));
	ASSERT_TRUE(load_and_start(&self->truth));

	EXPECT_ROW(TW_CLIENT, PORT, "adopted=3 current=3");
	EXPECT_ROW(TW_CLIENT, PORT + 1, "adopted=2 current=2");
	EXPECT_EQ(2, stats_nr_rows());
}

TEST_F(adoption, fin_wait2_is_adopted_as_such_and_promoted_later)
{
	const int listener = listen_on(IPV4, PORT);
	struct peer ended, promoted;
	int fd;

	peer_init(&promoted, self->tun, IPV4, PEER_PORT, PORT);
	fd = peer_connect(&promoted, listener);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(peer_sees_close(&promoted, fd));
	peer_init(&ended, self->tun, IPV4, PEER_PORT + 1, 0);
	fd = peer_accept(&ended, 0);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(peer_sees_close(&ended, fd));
	ASSERT_TRUE(WAIT_FOR(sockstat_tw() == 2, PROMPT_MS));
	ASSERT_TRUE(load_and_start(&self->truth));
	EXPECT_ROW(TW_SERVER, PORT, "fin_wait2=1");
	EXPECT_ROW(TW_CLIENT, PEER_PORT + 1, "fin_wait2=1");

	ASSERT_TRUE(peer_closes(&promoted));
	EXPECT_ROW(TW_SERVER, PORT, "entered=1 current=1");
	ASSERT_TRUE(peer_send(&ended, RST | ACK));
	EXPECT_ROW(TW_CLIENT, PEER_PORT + 1, "fin_wait2_ended=1");
}

TEST_F(adoption, adopted_one_is_rearmed_and_ended_like_any_other)
{
	const int listener = listen_on(IPV6, PORT);
	struct peer peer;
	int fd;

	peer_init(&peer, self->tun, IPV6, PEER_PORT, PORT);
	fd = peer_connect(&peer, listener);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(peer_sees_close(&peer, fd));
	ASSERT_TRUE(peer_closes(&peer));
	ASSERT_TRUE(load_and_start(&self->truth));
	ASSERT_ROW(TW_SERVER, PORT, "adopted=1 current=1");

	ASSERT_TRUE(peer_send(&peer, ACK));
	EXPECT_ROW(TW_SERVER, PORT, "adopted=1 current=1 rearmed=1");
	ASSERT_TRUE(peer_send(&peer, RST));
	EXPECT_ROW(TW_SERVER, PORT, "adopted=1 reset=1 rearmed=1");
}

TEST_F(adoption, connection_older_than_the_module_counts_on_its_row)
{
	const int listener = listen_on(IPV4, PORT);
	struct pair first, second, third;

	ASSERT_TRUE(pair_open(&first, IPV4, listener, PORT));
	ASSERT_TRUE(pair_open(&second, IPV4, listener, PORT));
	ASSERT_TRUE(pair_open(&third, IPV4, listener, PORT));
	ASSERT_TRUE(load_and_start(&self->truth));
	EXPECT_EQ(0, stats_nr_rows());

	ASSERT_TRUE(close_in_order(first.server, first.client));
	ASSERT_TRUE(close_in_order(second.client, second.server));
	ASSERT_TRUE(close_in_order(third.client, third.server));
	EXPECT_ROW(TW_SERVER, PORT,
		   "entered=1 current=1 closed_first=1 closed_second=2");
	EXPECT_ROW(TW_CLIENT, PORT,
		   "entered=2 current=2 closed_first=2 closed_second=1");
}

TEST_F(adoption, connection_whose_listener_is_gone_is_the_servers)
{
	const int listener = listen_on(IPV4, PORT);
	struct pair pair;

	ASSERT_TRUE(pair_open(&pair, IPV4, listener, PORT));
	close(listener);
	ASSERT_TRUE(load_and_start(&self->truth));

	ASSERT_TRUE(close_in_order(pair.server, pair.client));
	EXPECT_ROW(TW_SERVER, PORT, "entered=1 current=1 closed_first=1");
	EXPECT_ROW(TW_CLIENT, PORT, "closed_second=1");
}

/* Its port was bound, too, but nobody has listened there. */
TEST_F(adoption, connection_from_a_bound_address_is_a_clients)
{
	const int listener = listen_on(IPV4, PORT);
	const int client = connect_from_address("127.0.0.2", "127.0.0.1", PORT);
	const int server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	ASSERT_TRUE(client >= 0 && server >= 0);
	ASSERT_TRUE(load_and_start(&self->truth));

	ASSERT_TRUE(close_in_order(client, server));
	EXPECT_ROW(TW_CLIENT, PORT, "entered=1 current=1 closed_first=1");
	EXPECT_ROW(TW_SERVER, PORT, "closed_second=1");
	EXPECT_EQ(2, stats_nr_rows());
}

/* Some before the load, some while it goes on, some after. */
#define NR_BEFORE 10
#define NR_PAIRS 450
#define PACE_US 5000

static pid_t load_beside(void)
{
	const pid_t pid = fork();

	if (pid)
		return pid;
	/* Else the connections would still have a process. */
	close_range(3, ~0U, 0);
	_exit(!module_reload(""));
}

static bool close_server_first(const struct pair *pair)
{
	return close_in_order(pair->server, pair->client);
}

TEST_F(adoption, connections_that_close_meanwhile_are_the_servers)
{
	const int listener = listen_on(IPV4, PORT);
	struct pair pair[NR_PAIRS];
	int status, nr = 0;
	pid_t pid;

	for (int i = 0; i < NR_PAIRS; i++)
		ASSERT_TRUE(pair_open(&pair[i], IPV4, listener, PORT));
	while (nr < NR_BEFORE)
		EXPECT_TRUE(close_server_first(&pair[nr++]));
	pid = load_beside();
	while (!waitpid(pid, &status, WNOHANG)) {
		if (nr < NR_PAIRS - NR_BEFORE)
			EXPECT_TRUE(close_server_first(&pair[nr++]));
		usleep(PACE_US);
	}
	ASSERT_EQ(0, status);
	while (nr < NR_PAIRS)
		EXPECT_TRUE(close_server_first(&pair[nr++]));

	EXPECT_EQ(2, stats_nr_rows());
	EXPECT_EQ(NR_PAIRS, stats_value(TW_SERVER, PORT, TW_COL_CURRENT));
	EXPECT_LT(0, stats_value(TW_SERVER, PORT, TW_COL_ADOPTED));
	EXPECT_LT(0, stats_value(TW_SERVER, PORT, TW_COL_ENTERED));
	ASSERT_TRUE(truth_start(&self->truth));
}

TEST_F(adoption, each_namespace_adopts_its_own)
{
	const int first = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int listener = listen_on(IPV4, PORT);

	ASSERT_TRUE(server_closes(listener, IPV4, PORT, 2));
	ASSERT_TRUE(netns_enter());
	listener = listen_on(IPV4, PORT);
	ASSERT_TRUE(server_closes(listener, IPV4, PORT, 5));
	ASSERT_TRUE(load_and_start(&self->truth));
	EXPECT_ROW(TW_SERVER, PORT, "adopted=5 current=5");
	EXPECT_TRUE(truth_holds(&self->truth));

	ASSERT_EQ(0, setns(first, CLONE_NEWNET));
	ASSERT_TRUE(truth_restart(&self->truth));
	EXPECT_ROW(TW_SERVER, PORT, "adopted=2 current=2");
}

/* What they waited for before the load is part of their stay. */
#define LOAD_AFTER_MS 5000
#define NR_SERVER 3
#define NR_CLIENT 2

TEST_F_TIMEOUT(adoption, stay_is_counted_from_its_true_start, 120)
{
	const int listener = listen_on(IPV4, PORT);
	const long long begun = now_ms();
	long long entered, waited;

	ASSERT_TRUE(server_closes(listener, IPV4, PORT, NR_SERVER));
	ASSERT_TRUE(client_closes(listener, IPV4, PORT, NR_CLIENT));
	entered = now_ms();
	ASSERT_TRUE(WAIT_FOR(now_ms() - entered >= LOAD_AFTER_MS,
			     LOAD_AFTER_MS + PROMPT_MS));
	ASSERT_TRUE(load_and_start(&self->truth));
	EXPECT_ROW(TW_SERVER, PORT, "adopted=%u current=%u", NR_SERVER,
		   NR_SERVER);
	EXPECT_ROW(TW_CLIENT, PORT, "adopted=%u current=%u", NR_CLIENT,
		   NR_CLIENT);
	EXPECT_BETWEEN(TW_SERVER, PORT, TW_COL_CLEAR_MS, 1,
		       STAY_MS - LOAD_AFTER_MS + TICK_MS);
	waited = stats_value(TW_SERVER, PORT, TW_COL_TIME_MS);
	EXPECT_LE(NR_SERVER * (LOAD_AFTER_MS - TICK_MS), waited);
	EXPECT_GE(NR_SERVER * (now_ms() - begun + TICK_MS), waited);

	ASSERT_TRUE(WAIT_FOR(sockstat_tw() == 0, STAY_MS + LATE_MS));
	EXPECT_ROW(TW_SERVER, PORT, "adopted=%u expired=%u", NR_SERVER,
		   NR_SERVER);
	EXPECT_ROW(TW_CLIENT, PORT, "adopted=%u expired=%u", NR_CLIENT,
		   NR_CLIENT);
	EXPECT_HIST(TW_SERVER, PORT, "le_63s=%u", NR_SERVER);
	EXPECT_HIST(TW_CLIENT, PORT, "le_63s=%u", NR_CLIENT);
	EXPECT_BETWEEN(TW_SERVER, PORT, TW_COL_MAX_MS, STAY_MS - TICK_MS,
		       STAY_MS + LATE_MS);
}

TW_TEST_MAIN_WITH_PEERS
