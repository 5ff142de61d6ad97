// SPDX-License-Identifier: GPL-2.0
/*
 * Multipath TCP: each subflow is a TCP connection, and counts as one.  So does
 * the one that is left when the peer speaks plain TCP.
 */
#include "lib/test.h"

#include <linux/mptcp.h>

#ifndef SOL_MPTCP
#define SOL_MPTCP 284
#endif

#define NR_CONNECTIONS 50

FIXTURE(mptcp)
{
	struct truth truth;
};

FIXTURE_VARIANT(mptcp)
{
	int server;
	int client;
};

FIXTURE_VARIANT_ADD(mptcp, both)
VARIANT(.server = IPPROTO_MPTCP, .client = IPPROTO_MPTCP);
FIXTURE_VARIANT_ADD(mptcp, client_only)
VARIANT(.server = IPPROTO_TCP, .client = IPPROTO_MPTCP);
FIXTURE_VARIANT_ADD(mptcp, server_only)
VARIANT(.server = IPPROTO_MPTCP, .client = IPPROTO_TCP);

static bool mptcp_is_there(void)
{
	const int fd = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);

	close(fd);
	return fd >= 0;
}

static int listen_by(int protocol)
{
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, protocol);
	union addr any;
	const socklen_t size = addr_make(&any, IPV4, "127.0.0.1", NULL, PORT);

	truth_server_port(PORT, true);
	return bind(fd, &any.any, size) || listen(fd, SOMAXCONN) ? -1 : fd;
}

static bool pass_byte(int from, int to)
{
	char byte = 'x';

	return write(from, &byte, 1) == 1 && read(to, &byte, 1) == 1;
}

/* The bytes complete the handshake of MPTCP, which is longer than TCP's. */
static bool pair_open_by(int protocol, struct pair *pair, int listener)
{
	union addr to;
	const socklen_t size = addr_make(&to, IPV4, "127.0.0.1", NULL, PORT);

	pair->client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, protocol);
	if (connect(pair->client, &to.any, size)) {
		perror("# connect");
		return false;
	}
	pair->server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	return pass_byte(pair->client, pair->server) &&
	       pass_byte(pair->server, pair->client);
}

/* Neither plain TCP, nor fallen back to it. */
static bool speaks_mptcp(int fd)
{
	struct mptcp_info info = {};
	socklen_t size = sizeof(info);

	return !getsockopt(fd, SOL_MPTCP, MPTCP_INFO, &info, &size) &&
	       !(info.mptcpi_flags & MPTCP_INFO_FLAG_FALLBACK);
}

/* The first of them has closed when the second sees the end of the data. */
static bool close_by_turns(int first, int second)
{
	char byte;
	bool end;

	close(first);
	end = read(second, &byte, 1) == 0;
	close(second);
	return end;
}

static long long value(enum tw_role role, enum tw_column column)
{
	return stats_value(role, PORT, column);
}

static bool all_closed(enum tw_role role)
{
	return value(role, TW_COL_CLOSED_FIRST) +
		       value(role, TW_COL_CLOSED_SECOND) ==
	       NR_CONNECTIONS;
}

static bool all_entered(enum tw_role role)
{
	return value(role, TW_COL_ENTERED) == value(role, TW_COL_CLOSED_FIRST);
}

/*
 * What the close() of an MPTCP socket sends is data to TCP.  When both ends
 * have closed, a worker closes each end's subflow, and nobody can tell whose
 * worker is first; FINs may cross.
 */
static bool each_subflow_has_one(void)
{
	const long long both = value(TW_SERVER, TW_COL_CLOSED_BOTH);

	return all_closed(TW_SERVER) && all_closed(TW_CLIENT) &&
	       all_entered(TW_SERVER) && all_entered(TW_CLIENT) &&
	       value(TW_CLIENT, TW_COL_CLOSED_BOTH) == both &&
	       value(TW_SERVER, TW_COL_ENTERED) +
			       value(TW_CLIENT, TW_COL_ENTERED) ==
		       NR_CONNECTIONS + both &&
	       !value(TW_SERVER, TW_COL_ABORTED) &&
	       !value(TW_CLIENT, TW_COL_ABORTED);
}

static bool each_subflow_comes_to_have_one(void)
{
	if (WAIT_FOR(each_subflow_has_one(), PROMPT_MS))
		return true;
	for (enum tw_role role = TW_SERVER; role <= TW_CLIENT; role++)
		fprintf(stderr,
			"# %s: entered=%lld closed_first=%lld closed_second=%lld closed_both=%lld aborted=%lld\n",
			tw_role_name[role], value(role, TW_COL_ENTERED),
			value(role, TW_COL_CLOSED_FIRST),
			value(role, TW_COL_CLOSED_SECOND),
			value(role, TW_COL_CLOSED_BOTH),
			value(role, TW_COL_ABORTED));
	return false;
}

#define EXPECT_FIRST(role)                                            \
	EXPECT_ROW(role, PORT, "entered=%d closed_first=%d " ANY_END, \
		   NR_CONNECTIONS, NR_CONNECTIONS)

FIXTURE_SETUP(mptcp)
{
	ASSERT_TRUE(netns_enter());
	ASSERT_TRUE(truth_start(&self->truth));
}

FIXTURE_TEARDOWN(mptcp)
{
	EXPECT_TRUE(truth_holds(&self->truth));
}

static bool open_and_close_all(int listener, int client, bool both,
			       enum tw_role first)
{
	struct pair pair;

	for (int i = 0; i < NR_CONNECTIONS; i++) {
		if (!pair_open_by(client, &pair, listener) ||
		    speaks_mptcp(pair.client) != both ||
		    speaks_mptcp(pair.server) != both)
			return false;
		if (first == TW_SERVER ?
			    !close_by_turns(pair.server, pair.client) :
			    !close_by_turns(pair.client, pair.server))
			return false;
	}
	return true;
}

TEST_F(mptcp, server_closes_first)
{
	const bool both = variant->server == variant->client;

	if (!mptcp_is_there())
		SKIP(return, "no MPTCP");
	ASSERT_TRUE(open_and_close_all(listen_by(variant->server),
				       variant->client, both, TW_SERVER));
	if (both) {
		EXPECT_TRUE(each_subflow_comes_to_have_one());
		return;
	}
	EXPECT_FIRST(TW_SERVER);
	EXPECT_ROW(TW_CLIENT, PORT, "closed_second=%d", NR_CONNECTIONS);
}

TEST_F(mptcp, client_closes_first)
{
	const bool both = variant->server == variant->client;

	if (!mptcp_is_there())
		SKIP(return, "no MPTCP");
	ASSERT_TRUE(open_and_close_all(listen_by(variant->server),
				       variant->client, both, TW_CLIENT));
	if (both) {
		EXPECT_TRUE(each_subflow_comes_to_have_one());
		return;
	}
	EXPECT_FIRST(TW_CLIENT);
	EXPECT_ROW(TW_SERVER, PORT, "closed_second=%d", NR_CONNECTIONS);
}

/* MPTCP's fast close is a RST, and so is TCP's answer to unread data. */
TEST_F(mptcp, close_with_unread_data_is_an_abort)
{
	struct pair pair;
	int listener;
	char byte;

	if (!mptcp_is_there())
		SKIP(return, "no MPTCP");
	listener = listen_by(variant->server);
	ASSERT_LE(0, listener);
	for (int i = 0; i < NR_CONNECTIONS; i++) {
		ASSERT_TRUE(pair_open_by(variant->client, &pair, listener));
		ASSERT_EQ(1, write(pair.client, "x", 1));
		ASSERT_EQ(1, recv(pair.server, &byte, 1, MSG_PEEK));
		EXPECT_FALSE(close_by_turns(pair.server, pair.client));
	}

	EXPECT_ROW(TW_SERVER, PORT, "aborted=%d", NR_CONNECTIONS);
	EXPECT_ROW(TW_CLIENT, PORT, "aborted=%d", NR_CONNECTIONS);
}

TW_TEST_MAIN
