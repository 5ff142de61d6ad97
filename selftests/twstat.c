// SPDX-License-Identifier: GPL-2.0
/*
 * twstat against the module: it shows what the files say, and what it says of
 * bind() and connect() is what these do.
 */
#include "lib/test.h"

#include "lib/diag.h"

#define NR_PORTS 16

/* What twstat advises. */
#define REMOVE "ss -K state time-wait sport = :8080"
#define REMOVE_FIN_WAIT2 "ss -K state fin-wait-2 sport = :8080"

/* How a program that was started anew asks for its port. */
enum option { WITHOUT_REUSEADDR, WITH_REUSEADDR };

FIXTURE(twstat)
{
	struct truth truth;
};

FIXTURE_VARIANT(twstat)
{
	enum family family;
};

FIXTURE_VARIANT_ADD(twstat, ipv4) VARIANT(.family = IPV4);
FIXTURE_VARIANT_ADD(twstat, ipv6) VARIANT(.family = IPV6);
FIXTURE_VARIANT_ADD(twstat, mapped) VARIANT(.family = MAPPED);

FIXTURE_SETUP(twstat)
{
	if (!program_installed("twstat"))
		SKIP(return, "no twstat");
	ASSERT_TRUE(netns_enter());
	ASSERT_TRUE(truth_start(&self->truth));
}

FIXTURE_TEARDOWN(twstat)
{
	EXPECT_TRUE(truth_holds(&self->truth));
}

static void set_reuseaddr(int fd, int on)
{
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
}

static int bind_any(int fd, enum family family)
{
	union addr any;
	const socklen_t size = addr_make(&any, family == IPV4 ? IPV4 : IPV6,
					 "0.0.0.0", "::", PORT);

	return bind(fd, &any.any, size);
}

static int listen_with(enum family family, enum option option)
{
	const int v6only = family == IPV6;
	const int fd = socket_open(family);

	if (family != IPV4)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6only,
			   sizeof(v6only));
	set_reuseaddr(fd, option == WITH_REUSEADDR);
	if (!bind_any(fd, family) && !listen(fd, SOMAXCONN)) {
		truth_server_port(PORT, true);
		return fd;
	}
	close(fd);
	return -1;
}

static bool restart_fails(enum family family, enum option option)
{
	const int fd = listen_with(family, option);

	if (fd >= 0)
		close(fd);
	return fd < 0;
}

/* Whether the program exits so, and prints these words among others. */
static bool says(const char *command, int status, const char *words)
{
	int exit_status;
	char *text = run_and_read(&exit_status, "%s", command);
	const bool good = text && exit_status == status && strstr(text, words);

	if (!good)
		fprintf(stderr,
			"# %s: expected %d and \"%s\", seen %d and:\n# %s\n",
			command, status, words, exit_status, text ?: "nothing");
	free(text);
	return good;
}

/* What twstat says, and what is. */
static bool restart_is(enum family family, bool fails_without, bool fails_with)
{
	char words[128], command[32];

	snprintf(command, sizeof(command), "twstat port -j %u", PORT);
	snprintf(
		words, sizeof(words),
		"\"bind_fails\":{\"without_reuseaddr\":%s,\"with_reuseaddr\":%s}",
		fails_without ? "true" : "false",
		fails_with ? "true" : "false");
	return says(command, 0, words) &&
	       restart_fails(family, WITHOUT_REUSEADDR) == fails_without &&
	       restart_fails(family, WITH_REUSEADDR) == fails_with;
}

static bool open_from(struct pair *pair, enum family family, enum option option)
{
	const int listener = listen_with(family, option);
	const bool opened = listener >= 0 &&
			    pair_open(pair, family, listener, PORT);

	close(listener);
	return opened;
}

TEST_F(twstat, server_without_reuseaddr_cannot_be_restarted)
{
	struct pair pair;

	ASSERT_TRUE(open_from(&pair, variant->family, WITHOUT_REUSEADDR));
	ASSERT_TRUE(close_in_order(pair.server, pair.client));
	ASSERT_ROW(TW_SERVER, PORT,
		   "entered=1 current=1 closed_first=1 no_reuseaddr=1");
	EXPECT_TRUE(restart_is(variant->family, true, true));

	ASSERT_TRUE(module_reload(""));
	ASSERT_ROW(TW_SERVER, PORT, "adopted=1 current=1 no_reuseaddr=1");
	EXPECT_TRUE(restart_is(variant->family, true, true));
	EXPECT_TRUE(says("twstat port 8080", 0, REMOVE));
	ASSERT_TRUE(run(REMOVE));
	ASSERT_ROW(TW_SERVER, PORT, "adopted=1 killed=1");
	EXPECT_TRUE(restart_is(variant->family, false, false));
	ASSERT_TRUE(module_restore());
	ASSERT_TRUE(truth_restart(&self->truth));
}

TEST_F(twstat, server_with_reuseaddr_can_be_restarted_with_it)
{
	struct pair pair;

	ASSERT_TRUE(open_from(&pair, variant->family, WITH_REUSEADDR));
	ASSERT_TRUE(close_in_order(pair.server, pair.client));
	ASSERT_ROW(TW_SERVER, PORT, "entered=1 current=1 closed_first=1");
	EXPECT_TRUE(restart_is(variant->family, true, false));
}

TEST_F(twstat, one_socket_without_reuseaddr_is_enough)
{
	struct pair one, two;
	struct end end;
	int listener;

	listener = listen_with(variant->family, WITHOUT_REUSEADDR);
	ASSERT_LE(0, listener);
	ASSERT_TRUE(pair_open(&one, variant->family, listener, PORT));
	ASSERT_TRUE(pair_open(&two, variant->family, listener, PORT));
	close(listener);
	set_reuseaddr(two.server, true);
	ASSERT_TRUE(end_of(one.server, &end));
	ASSERT_TRUE(close_in_order(one.server, one.client));
	ASSERT_TRUE(close_in_order(two.server, two.client));
	ASSERT_ROW(TW_SERVER, PORT,
		   "entered=2 current=2 closed_first=2 no_reuseaddr=1");
	EXPECT_TRUE(restart_is(variant->family, true, true));

	ASSERT_EQ(0, diag_destroy(diag_open(), &end));
	ASSERT_ROW(TW_SERVER, PORT,
		   "entered=2 current=1 killed=1 closed_first=2");
	EXPECT_TRUE(restart_is(variant->family, true, false));
}

TEST_F(twstat, fin_wait2_holds_the_port_too)
{
	struct pair pair;

	ASSERT_TRUE(open_from(&pair, variant->family, WITHOUT_REUSEADDR));
	ASSERT_TRUE(close_into_fin_wait2(pair.server));
	ASSERT_ROW(TW_SERVER, PORT,
		   "fin_wait2=1 closed_first=1 no_reuseaddr=1");
	EXPECT_TRUE(restart_is(variant->family, true, true));
	EXPECT_TRUE(says("twstat port 8080", 0, REMOVE_FIN_WAIT2));
	ASSERT_TRUE(run(REMOVE_FIN_WAIT2));
	ASSERT_ROW(TW_SERVER, PORT, "fin_wait2_ended=1 closed_first=1");
	EXPECT_TRUE(restart_is(variant->family, false, false));
	close_abort(pair.client);
}

TEST_F(twstat, promotion_counts_no_socket_twice)
{
	struct pair pair;

	ASSERT_TRUE(open_from(&pair, variant->family, WITHOUT_REUSEADDR));
	ASSERT_TRUE(close_into_fin_wait2(pair.server));
	ASSERT_ROW(TW_SERVER, PORT,
		   "fin_wait2=1 closed_first=1 no_reuseaddr=1");
	close(pair.client);
	ASSERT_ROW(TW_SERVER, PORT,
		   "entered=1 current=1 closed_first=1 no_reuseaddr=1");
	EXPECT_TRUE(restart_is(variant->family, true, true));
}

TEST_F(twstat, client_that_closes_first_leaves_the_port_free)
{
	struct pair pair;

	ASSERT_TRUE(open_from(&pair, variant->family, WITHOUT_REUSEADDR));
	ASSERT_TRUE(close_in_order(pair.client, pair.server));
	ASSERT_ROW(TW_CLIENT, PORT, "entered=1 current=1 closed_first=1");
	ASSERT_ROW(TW_SERVER, PORT, "closed_second=1");
	EXPECT_TRUE(restart_is(variant->family, false, false));
}

/* What the answer leaves out, and says so. */
TEST_F(twstat, another_address_is_free)
{
	struct pair pair;
	union addr other;
	socklen_t size;
	int fd;

	ASSERT_TRUE(open_from(&pair, variant->family, WITHOUT_REUSEADDR));
	ASSERT_TRUE(close_in_order(pair.server, pair.client));
	EXPECT_TRUE(restart_is(variant->family, true, true));
	EXPECT_TRUE(
		says("twstat port 8080", 0, "on the address of these sockets"));

	size = addr_make(&other, variant->family, "127.0.0.2", "::2", PORT);
	ASSERT_TRUE(variant->family != IPV6 ||
		    run("ip address add ::2 dev lo nodad"));
	fd = socket_open(variant->family);
	set_reuseaddr(fd, false);
	EXPECT_EQ(0, bind(fd, &other.any, size));
	close(fd);
}

TEST_F(twstat, reuseport_on_both_is_another_matter)
{
	const int on = 1;
	struct pair pair;
	int fd;

	ASSERT_TRUE(open_from(&pair, variant->family, WITHOUT_REUSEADDR));
	setsockopt(pair.server, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	ASSERT_TRUE(close_in_order(pair.server, pair.client));
	EXPECT_TRUE(restart_is(variant->family, true, true));
	EXPECT_TRUE(says("twstat port 8080", 0, "SO_REUSEPORT share it"));

	fd = socket_open(variant->family);
	set_reuseaddr(fd, false);
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	EXPECT_EQ(0, bind_any(fd, variant->family));
	close(fd);
}

static bool connect_fails(enum family family)
{
	const int fd = connect_loopback(family, PORT, 0);

	if (fd >= 0)
		close(fd);
	return fd < 0 && errno == EADDRNOTAVAIL;
}

TEST_F(twstat, connect_fails_when_it_says_that_all_ports_are_held)
{
	const int listener = listen_on(variant->family, PORT);

	ASSERT_TRUE(sysctl_set("ip_local_port_range", "40000 40019"));
	ASSERT_TRUE(sysctl_set("ip_local_reserved_ports",
			       "40001,40010-40012,50000"));
	ASSERT_TRUE(sysctl_set("tcp_tw_reuse", "0"));
	ASSERT_TRUE(
		client_closes(listener, variant->family, PORT, NR_PORTS - 1));
	EXPECT_TRUE(says("twstat ephemeral -i 0.1 -j 8080", 0,
			 "\"reserved\":4,\"ports\":16,"));
	EXPECT_TRUE(says(
		"twstat ephemeral -i 0.1 -j", 0,
		"\"held\":15,\"entered_per_s\":0.000,\"settles_at\":0.000,\"fails_in_s\":null"));

	ASSERT_TRUE(client_closes(listener, variant->family, PORT, 1));
	EXPECT_TRUE(says(
		"twstat ephemeral -i 0.1 -j", 0,
		"\"held\":16,\"entered_per_s\":0.000,\"settles_at\":0.000,\"fails_in_s\":0.000"));
	EXPECT_TRUE(connect_fails(variant->family));
}

FIXTURE(rows)
{
	struct truth truth;
	int listener;
};

FIXTURE_SETUP(rows)
{
	if (!program_installed("twstat"))
		SKIP(return, "no twstat");
	ASSERT_TRUE(netns_enter());
	ASSERT_TRUE(truth_start(&self->truth));
	self->listener = listen_on(IPV4, PORT);
	ASSERT_TRUE(server_closes(self->listener, IPV4, PORT, 3));
	ASSERT_TRUE(client_closes(self->listener, IPV4, PORT, 2));
	ASSERT_TRUE(run("ss -K state time-wait dport = :%u", PORT));
	ASSERT_ROW(TW_CLIENT, PORT,
		   "entered=2 killed=2 closed_first=2 closed_second=3");
	ASSERT_ROW(TW_SERVER, PORT,
		   "entered=3 current=3 closed_first=3 closed_second=2");
}

FIXTURE_TEARDOWN(rows)
{
	EXPECT_TRUE(truth_holds(&self->truth));
}

/* A row as JSON, but for the durations, which go on. */
static bool shows_row(enum tw_role role, const char *const *name, int nr,
		      const __u64 *value, const char *command)
{
	char words[2048];
	int len = snprintf(words, sizeof(words), "{\"role\":\"%s\",\"port\":%u",
			   tw_role_name[role], PORT);

	for (int i = 0; i < nr; i++)
		len += snprintf(words + len, sizeof(words) - len,
				",\"%s\":%llu", name[i], value[i]);
	snprintf(words + len, sizeof(words) - len, "}");
	return says(command, 0, words);
}

TEST_F(rows, json_has_every_column_of_the_files)
{
	const struct row *row;
	struct rows rows;

	/* Of a row in which nothing waits, no column moves. */
	ASSERT_TRUE(stats_read(&rows));
	row = rows_find(&rows, TW_CLIENT, PORT);
	ASSERT_NE(NULL, row);
	EXPECT_TRUE(shows_row(TW_CLIENT, tw_column_name, TW_NR_COLUMNS,
			      row->value, "twstat -j"));
	rows_free(&rows);

	ASSERT_TRUE(hist_read(&rows));
	row = rows_find(&rows, TW_CLIENT, PORT);
	ASSERT_NE(NULL, row);
	EXPECT_TRUE(shows_row(TW_CLIENT, tw_bucket_name, TW_NR_HIST_BUCKETS,
			      row->value, "twstat hist -j"));
	rows_free(&rows);
}

TEST_F(rows, watch_shows_how_many_wait_on_the_average)
{
	int status;
	char *text = run_and_read(&status, "timeout 7 twstat -j -w 2");
	const char *mean = text ? strstr(text, "\"mean\":") : NULL;

	/* The module's clock is read some time before twstat's. */
	EXPECT_EQ(124, status);
	ASSERT_NE(NULL, mean);
	EXPECT_LT(2.9, strtod(mean + strlen("\"mean\":"), NULL));
	EXPECT_GT(3.1, strtod(mean + strlen("\"mean\":"), NULL));
	free(text);
}

TEST_F(rows, another_network_namespace_can_be_looked_into)
{
	char command[64];
	const int here = netns_here();

	ASSERT_TRUE(netns_enter());
	EXPECT_TRUE(says("twstat", 1, "since the module was loaded"));
	snprintf(command, sizeof(command), "twstat -N /proc/%d/fd/%d -s port",
		 getpid(), here);
	EXPECT_TRUE(says(command, 0, "server  8080        3"));
	EXPECT_TRUE(says("twstat -N nowhere", 1,
			 "no network namespace /run/netns/nowhere"));
	EXPECT_TRUE(says("twstat -N /proc/self/maps", 1,
			 "not a network namespace"));
	ASSERT_TRUE(netns_switch(here));
}

TEST_F(rows, anybody_may_look)
{
	ASSERT_EQ(0, setgid(65534));
	ASSERT_EQ(0, setuid(65534));
	EXPECT_TRUE(says("twstat", 0, "server  8080        3"));
	EXPECT_TRUE(
		says("twstat port 8080", 0, "Port 8080 is held by 3 sockets"));
	EXPECT_TRUE(says("twstat -N /proc/self/ns/net", 1, "only root may"));
}

TEST_F(rows, without_the_module_it_says_how_to_load_it)
{
	ASSERT_EQ(0, module_unload());
	EXPECT_TRUE(says("twstat", 1, "insmod tw_stats.ko"));
	EXPECT_TRUE(says("twstat hist", 1, "insmod tw_stats.ko"));
	EXPECT_TRUE(says("twstat prometheus", 1, "insmod tw_stats.ko"));
	ASSERT_TRUE(module_restore());
	ASSERT_TRUE(truth_restart(&self->truth));
}

TW_TEST_MAIN
