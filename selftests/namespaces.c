// SPDX-License-Identifier: GPL-2.0
/* Each network namespace has its own rows, and takes them with it. */
#include "lib/test.h"

#include <net/if.h>

FIXTURE(namespaces)
{
	struct truth truth;
};

FIXTURE_SETUP(namespaces)
{
	ASSERT_TRUE(netns_enter());
	ASSERT_TRUE(truth_start(&self->truth));
}

FIXTURE_TEARDOWN(namespaces)
{
	EXPECT_TRUE(truth_holds(&self->truth));
}

/* A process in a namespace of its own, which lives until it is told to go. */
struct inhabitant {
	pid_t pid;
	int tell; /* a byte: go */
	int hear; /* a byte: it has settled */
};

static bool leave_sockets_behind(struct pair *pair)
{
	const int listener = listen_on(IPV4, PORT);

	/* One in TIME_WAIT, one in FIN_WAIT2. */
	return pair_open(pair, IPV4, listener, PORT) &&
	       close_in_order(pair->server, pair->client) &&
	       pair_open(pair, IPV4, listener, PORT) &&
	       close_into_fin_wait2(pair->server) &&
	       stats_row_is(TW_SERVER, PORT,
			    "entered=1 current=1 fin_wait2=1 closed_first=2");
}

/*
 * A process that exits closes its sockets, which would promote what is in
 * FIN_WAIT2.  With the loopback down, nobody learns of it.
 */
static bool vanish(struct pair *pair)
{
	const bool down = run("ip link set lo down");

	close_abort(pair->client);
	return down;
}

static void inhabit(int hear, int tell)
{
	struct truth truth;
	struct pair pair;
	char byte = 0;
	bool good;

	good = netns_enter() && truth_start(&truth) &&
	       leave_sockets_behind(&pair) && write(tell, &byte, 1) == 1 &&
	       read(hear, &byte, 1) == 1 && truth_holds(&truth) &&
	       vanish(&pair);
	_exit(!good);
}

static bool inhabitant_start(struct inhabitant *inhabitant)
{
	int to[2], from[2];

	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		return false;
	inhabitant->pid = fork();
	if (!inhabitant->pid) {
		close(to[1]);
		close(from[0]);
		inhabit(to[0], from[1]);
	}
	close(to[0]);
	close(from[1]);
	inhabitant->tell = to[1];
	inhabitant->hear = from[0];
	return inhabitant->pid > 0;
}

static bool inhabitant_has_settled(const struct inhabitant *inhabitant)
{
	char byte;

	return read(inhabitant->hear, &byte, 1) == 1;
}

static bool inhabitant_end(struct inhabitant *inhabitant)
{
	bool told = write(inhabitant->tell, "", 1) == 1;
	int status;

	close(inhabitant->tell);
	close(inhabitant->hear);
	return told &&
	       waitpid(inhabitant->pid, &status, 0) == inhabitant->pid &&
	       status == 0;
}

TEST_F(namespaces, two_do_not_see_each_other)
{
	const int listener = listen_on(IPV6, PORT);
	struct inhabitant inhabitant;

	ASSERT_TRUE(inhabitant_start(&inhabitant));
	ASSERT_TRUE(inhabitant_has_settled(&inhabitant));
	EXPECT_EQ(0, stats_nr_rows());

	/* Same ports, other numbers. */
	ASSERT_TRUE(client_closes(listener, IPV6, PORT, 2));
	EXPECT_ROW(TW_CLIENT, PORT, "entered=2 current=2 closed_first=2");
	EXPECT_ROW(TW_SERVER, PORT, "closed_second=2");
	EXPECT_TRUE(inhabitant_end(&inhabitant));
}

TEST_F(namespaces, open_file_outlives_the_last_process_of_its_namespace)
{
	struct inhabitant inhabitant;
	const struct row *row;
	struct rows rows;
	char path[64];
	int fd;

	ASSERT_TRUE(inhabitant_start(&inhabitant));
	ASSERT_TRUE(inhabitant_has_settled(&inhabitant));
	snprintf(path, sizeof(path), "/proc/%d/net/" TW_STATS_NAME,
		 inhabitant.pid);
	fd = open(path, O_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_TRUE(inhabitant_end(&inhabitant));

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ASSERT_TRUE(stats_read_at(path, &rows));
	row = rows_find(&rows, TW_SERVER, PORT);
	ASSERT_NE(NULL, row);
	EXPECT_EQ(1, row->value[TW_COL_ENTERED]);
	rows_free(&rows);
	close(fd);
}

/*
 * The kernel ends a namespace in its own time.  One end of a veth pair in it
 * tells when: the other end goes with it.  Those that were left before are
 * ended before, or in the same go.
 */
static bool last_one_ends(void)
{
	struct inhabitant last;

	return inhabitant_start(&last) && inhabitant_has_settled(&last) &&
	       run("ip link add name probe type veth peer name end netns %d",
		   last.pid) &&
	       if_nametoindex("probe") && inhabitant_end(&last) &&
	       WAIT_FOR(!if_nametoindex("probe"), 30000);
}

#define NR_ROUNDS 15
#define NR_AT_ONCE 8

static bool namespaces_come_and_go(void)
{
	struct inhabitant inhabitant[NR_AT_ONCE];
	bool good = true;

	for (int i = 0; i < NR_AT_ONCE; i++)
		good = good && inhabitant_start(&inhabitant[i]);
	for (int i = 0; good && i < NR_AT_ONCE; i++)
		good = inhabitant_has_settled(&inhabitant[i]);
	for (int i = 0; good && i < NR_AT_ONCE; i++)
		good = inhabitant_end(&inhabitant[i]);
	return good;
}

TEST_F_TIMEOUT(namespaces, exit_with_sockets_waiting_leaves_the_others_alone,
	       240)
{
	struct pair pair;

	if (!run("ip link add name probe type veth peer name end") ||
	    !run("ip link del probe"))
		SKIP(return, "no veth");

	/* The sockets of others wait for a minute only: they see the last round. */
	for (int round = 1; round < NR_ROUNDS; round++)
		ASSERT_TRUE(namespaces_come_and_go());
	ASSERT_TRUE(leave_sockets_behind(&pair));
	ASSERT_TRUE(namespaces_come_and_go());
	ASSERT_TRUE(last_one_ends());
	EXPECT_ROW(TW_SERVER, PORT,
		   "entered=1 current=1 fin_wait2=1 closed_first=2");
	EXPECT_TRUE(truth_holds(&self->truth));

	/* Nothing of theirs is left that would keep the module from going. */
	ASSERT_TRUE(module_restore());
	EXPECT_ROW(TW_SERVER, PORT, "adopted=1 current=1 fin_wait2=1");
	ASSERT_TRUE(truth_restart(&self->truth));
}

TW_TEST_MAIN
