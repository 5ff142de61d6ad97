// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that cannot be had.  Loading works or is undone; under traffic, what
 * cannot be followed is counted.  For a kernel with CONFIG_FAILSLAB.
 */
#include "lib/test.h"

#include "lib/faults.h"

#define MINISOCKETS "tw_stats_minisock"
#define ROWS "tw_stats_row"

#define NR_SOCKETS 200
/* More allocations than the module's init function takes. */
#define MAX_CALLS 5000

FIXTURE(faults)
{
	struct truth truth;
	int listener;
};

FIXTURE_SETUP(faults)
{
	/* With no chunk of entries that another test has left. */
	ASSERT_TRUE(module_reload(""));
	ASSERT_TRUE(netns_enter());
	ASSERT_TRUE(truth_start(&self->truth));
	self->listener = listen_on(IPV4, PORT);
	ASSERT_LE(0, self->listener);
}

FIXTURE_TEARDOWN(faults)
{
	EXPECT_TRUE(faults_in_cache(MINISOCKETS, 0));
	EXPECT_TRUE(faults_in_cache(ROWS, 0));
	EXPECT_TRUE(truth_holds(&self->truth));
}

static bool nothing_is_left(void)
{
	return !module_loaded() && access(TW_STATS_PATH, F_OK) &&
	       access(TW_HIST_PATH, F_OK) && access(TW_STATS_LINK, F_OK) &&
	       access("/sys/kernel/slab/" MINISOCKETS, F_OK) &&
	       access("/sys/kernel/slab/" ROWS, F_OK);
}

/* Returns 0 or a negative errno. */
static int load_with_fault(unsigned int number, unsigned int *left)
{
	int error;

	if (!faults_at_init(number))
		return -EINVAL;
	error = module_load("");
	*left = faults_at_init_end();
	return error;
}

/* What was there, less what has come to its end meanwhile. */
static bool adopted_or_untracked(int before)
{
	const int after = sockstat_tw();
	struct rows rows;
	__u64 known;

	if (!stats_read(&rows))
		return false;
	known = rows_sum(&rows, TW_COL_ADOPTED) +
		rows_sum(&rows, TW_COL_UNTRACKED);
	rows_free(&rows);
	if (known <= (__u64)before && known >= (__u64)after)
		return true;
	fprintf(stderr,
		"# adopted or untracked: expected %d to %d, seen %llu\n", after,
		before, known);
	return false;
}

static bool some_wait(int listener)
{
	return sockstat_tw() || server_closes(listener, IPV4, PORT, 3);
}

TEST_F_TIMEOUT(faults, load_works_or_is_undone_whichever_allocation_fails, 3600)
{
	unsigned int failed = 0, number, left = 0;

	for (number = 1; !left && number < MAX_CALLS; number++) {
		int before, error;

		ASSERT_TRUE(some_wait(self->listener));
		if (module_loaded())
			ASSERT_EQ(0, module_unload());
		before = sockstat_tw();
		error = load_with_fault(number, &left);
		if (!error) {
			EXPECT_TRUE(adopted_or_untracked(before));
			continue;
		}
		failed++;
		EXPECT_EQ(0, left);
		EXPECT_TRUE(error == -ENOMEM || error == -EINVAL);
		EXPECT_TRUE(nothing_is_left());
	}
	TH_LOG("%u allocations, of which %u made the load fail", number - 2,
	       failed);
	EXPECT_LT(0, left);
	EXPECT_LT(0, failed);
	ASSERT_TRUE(module_restore());
	ASSERT_TRUE(truth_restart(&self->truth));
}

/* None of these has come to its end when it is looked at. */
static bool untracked_between(unsigned int low, unsigned int high)
{
	const long long entered = stats_value(TW_SERVER, PORT, TW_COL_ENTERED);
	const long long untracked =
		stats_value(TW_SERVER, PORT, TW_COL_UNTRACKED);
	const long long current = stats_value(TW_SERVER, PORT, TW_COL_CURRENT);

	fprintf(stderr, "# entered %lld, untracked %lld, current %lld\n",
		entered, untracked, current);
	return entered + untracked == NR_SOCKETS && current == entered &&
	       untracked >= low && untracked <= high &&
	       kernel_counter(KERNEL_TW) == NR_SOCKETS &&
	       ss_count("time-wait") == NR_SOCKETS;
}

static bool remove_all(void)
{
	return run("ss -K state time-wait sport = :%u", PORT) &&
	       WAIT_FOR(sockstat_tw() == 0, PROMPT_MS);
}

static bool follow_some(int listener, unsigned int percent, unsigned int low,
			unsigned int high)
{
	return faults_in_cache(MINISOCKETS, percent) &&
	       server_closes(listener, IPV4, PORT, NR_SOCKETS) &&
	       faults_in_cache(MINISOCKETS, 0) &&
	       untracked_between(low, high) && remove_all();
}

/* An allocation is for many sockets; one that fails leaves out one of them. */
TEST_F_TIMEOUT(faults, what_one_failure_in_a_hundred_leaves_out_is_counted, 300)
{
	EXPECT_TRUE(follow_some(self->listener, 1, 0, NR_SOCKETS / 10));
}

TEST_F_TIMEOUT(faults, what_nine_failures_in_ten_leave_out_is_counted, 300)
{
	EXPECT_TRUE(follow_some(self->listener, 90, 1, NR_SOCKETS - 1));
}

TEST_F_TIMEOUT(faults, all_that_cannot_be_followed_are_counted, 300)
{
	EXPECT_TRUE(follow_some(self->listener, 100, NR_SOCKETS, NR_SOCKETS));
	EXPECT_ROW(TW_SERVER, PORT, "untracked=%u closed_first=%u", NR_SOCKETS,
		   NR_SOCKETS);
}

TEST_F(faults, ports_without_a_row_of_their_own_share_one)
{
	const int other = listen_on(IPV4, PORT + 1);

	ASSERT_TRUE(faults_in_cache(ROWS, 100));
	ASSERT_TRUE(client_closes(other, IPV4, PORT + 1, 5));
	ASSERT_TRUE(faults_in_cache(ROWS, 0));
	EXPECT_NO_ROW(TW_CLIENT, PORT + 1);
	EXPECT_ROW(TW_ANY, 0,
		   "entered=5 current=5 closed_first=5 closed_second=5");

	/* The next event on a port tries again. */
	ASSERT_TRUE(client_closes(other, IPV4, PORT + 1, 1));
	EXPECT_ROW(TW_CLIENT, PORT + 1, "entered=1 current=1 closed_first=1");
	EXPECT_ROW(TW_SERVER, PORT + 1, "closed_second=1");

	/* Whose row a socket is in, ss cannot tell. */
	ASSERT_TRUE(run("ss -K state time-wait dport = :%u", PORT + 1));
	EXPECT_ROW(TW_ANY, 0,
		   "entered=5 killed=5 closed_first=5 closed_second=5");
}

static void __attribute__((constructor)) require_faults(void)
{
	faults_require();
}

TW_TEST_MAIN
