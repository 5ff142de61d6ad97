// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that cannot be had.  Loading works or is undone; under traffic, what
 * cannot be followed is counted.  For a kernel with CONFIG_FAILSLAB.
 */
#include "lib/test.h"

#include "lib/faults.h"

#define MINISOCKETS "tw_stats_minisock"
#define ROWS "tw_stats_row"

/*
 * A chunk of entries is for 72 of them.  They are in four stripes, or fewer, each
 * of which keeps one chunk; so this takes some allocations each time.
 */
#define NR_SOCKETS 400
/* More than are needed for a hundred allocations. */
#define MAX_SOCKETS 20000

/* Loads at one probability. */
#define NR_LOADS 5
/* More pages than the module's init function takes. */
#define MAX_PAGES 5000
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

static bool balance(const struct rows *rows)
{
	for (size_t i = 0; i < rows->nr; i++) {
		const struct row *row = &rows->row[i];

		if (row->value[TW_COL_ENTERED] + row->value[TW_COL_ADOPTED] !=
		    row->value[TW_COL_CURRENT] + row_ended(row))
			return false;
	}
	return true;
}

/* What was there, less what has come to its end meanwhile. */
static bool adopted_or_untracked(int before)
{
	const int after = sockstat_tw();
	struct rows rows;
	bool balanced;
	__u64 known;

	if (!stats_read(&rows))
		return false;
	known = rows_sum(&rows, TW_COL_ADOPTED) +
		rows_sum(&rows, TW_COL_UNTRACKED);
	balanced = balance(&rows);
	rows_free(&rows);
	if (balanced && known <= (__u64)before && known >= (__u64)after)
		return true;
	fprintf(stderr,
		"# adopted or untracked: expected %d to %d, seen %llu%s\n",
		after, before, known, balanced ? "" : ", not balanced");
	return false;
}

static bool some_wait(int listener)
{
	return sockstat_tw() || server_closes(listener, IPV4, PORT, 3);
}

/* One load, and what became of it. */
struct attempt {
	bool failed;
	unsigned int left; /* as faults_at_init_end() tells */
};

/* Returns whether loading, with such faults, has worked or was undone. */
static bool attempt_load(struct attempt *attempt, int listener,
			 bool (*faults)(unsigned int), unsigned int how)
{
	int before, error;

	if (!some_wait(listener) || (module_loaded() && module_unload()))
		return false;
	before = sockstat_tw();
	if (!faults(how))
		return false;
	error = module_load("");
	attempt->left = faults_at_init_end();
	attempt->failed = error;
	if (!error)
		return adopted_or_untracked(before);
	/* What ftrace makes of having no memory may be -EINVAL. */
	return (error == -ENOMEM || error == -EINVAL) && nothing_is_left();
}

TEST_F_TIMEOUT(faults, load_works_or_is_undone_whichever_allocation_fails, 3600)
{
	unsigned int failed = 0, number;
	struct attempt attempt = {};

	for (number = 1; !attempt.left && number < MAX_CALLS; number++) {
		ASSERT_TRUE(attempt_load(&attempt, self->listener,
					 faults_at_init, number));
		failed += attempt.failed;
		EXPECT_FALSE(attempt.failed && attempt.left);
	}
	TH_LOG("%u allocations, of which %u made the load fail", number - 2,
	       failed);
	EXPECT_LT(0, attempt.left);
	EXPECT_LT(0, failed);
	ASSERT_TRUE(module_restore());
	ASSERT_TRUE(truth_restart(&self->truth));
}

TEST_F_TIMEOUT(faults, load_works_or_is_undone_however_many_fail, 3600)
{
	static const unsigned int percent[] = { 1, 10, 100 };
	unsigned int failed;
	struct attempt attempt;

	for (size_t i = 0; i < ARRAY_SIZE(percent); i++) {
		failed = 0;
		for (int load = 0; load < NR_LOADS; load++) {
			ASSERT_TRUE(attempt_load(&attempt, self->listener,
						 faults_at_init_by_chance,
						 percent[i]));
			failed += attempt.failed;
		}
		TH_LOG("%u %%: %u of %u loads failed", percent[i], failed,
		       NR_LOADS);
	}
	EXPECT_EQ(NR_LOADS, failed);
	ASSERT_TRUE(module_restore());
	ASSERT_TRUE(truth_restart(&self->truth));
}

/* Some of these leave the module without its table, for which there are two ways. */
TEST_F_TIMEOUT(faults, load_works_or_is_undone_wherever_pages_end, 3600)
{
	struct attempt attempt = { .failed = true };
	unsigned int pages, failed = 0;

	for (pages = 0; attempt.failed && pages < MAX_PAGES; pages++) {
		ASSERT_TRUE(attempt_load(&attempt, self->listener,
					 faults_at_init_without_pages, pages));
		failed += attempt.failed;
	}
	TH_LOG("%u loads failed for want of pages", failed);
	EXPECT_FALSE(attempt.failed);
	EXPECT_LT(0, failed);
	ASSERT_TRUE(module_restore());
	ASSERT_TRUE(truth_restart(&self->truth));
}

/* All of these are counted, though some may have come to their end. */
static bool untracked_of(__u64 sockets, __u64 *untracked)
{
	struct rows rows;
	bool balanced;
	__u64 entered;

	if (!stats_read(&rows))
		return false;
	entered = rows_sum(&rows, TW_COL_ENTERED);
	*untracked = rows_sum(&rows, TW_COL_UNTRACKED);
	balanced = balance(&rows);
	rows_free(&rows);
	if (balanced && entered + *untracked == sockets)
		return true;
	fprintf(stderr, "# of %llu: entered %llu, untracked %llu%s\n", sockets,
		entered, *untracked, balanced ? "" : ", not balanced");
	return false;
}

static bool remove_all(void)
{
	return run("ss -K state time-wait sport = :%u", PORT) &&
	       WAIT_FOR(sockstat_tw() == 0, PROMPT_MS);
}

/*
 * Makes sockets until one is not followed: an allocation is for many of them, and
 * one that fails leaves out one.
 */
static bool one_is_left_out(int listener, unsigned int percent)
{
	__u64 untracked = 0, made = 0;

	if (!faults_in_cache(MINISOCKETS, percent))
		return false;
	while (!untracked && made < MAX_SOCKETS) {
		made += NR_SOCKETS;
		if (!server_closes(listener, IPV4, PORT, NR_SOCKETS) ||
		    !untracked_of(made, &untracked) || !remove_all())
			return false;
	}
	fprintf(stderr, "# %llu of %llu sockets untracked\n", untracked, made);
	return untracked && untracked < NR_SOCKETS &&
	       faults_in_cache(MINISOCKETS, 0);
}

TEST_F_TIMEOUT(faults, what_one_failure_in_a_hundred_leaves_out_is_counted, 900)
{
	EXPECT_TRUE(one_is_left_out(self->listener, 1));
}

TEST_F_TIMEOUT(faults, what_one_failure_in_ten_leaves_out_is_counted, 300)
{
	EXPECT_TRUE(one_is_left_out(self->listener, 10));
}

TEST_F_TIMEOUT(faults, all_that_cannot_be_followed_are_counted, 300)
{
	__u64 untracked;

	ASSERT_TRUE(faults_in_cache(MINISOCKETS, 100));
	ASSERT_TRUE(server_closes(self->listener, IPV4, PORT, NR_SOCKETS));
	ASSERT_TRUE(faults_in_cache(MINISOCKETS, 0));
	EXPECT_TRUE(untracked_of(NR_SOCKETS, &untracked));
	EXPECT_EQ(NR_SOCKETS, untracked);
	EXPECT_ROW(TW_SERVER, PORT, "untracked=%u closed_first=%u", NR_SOCKETS,
		   NR_SOCKETS);
	EXPECT_TRUE(remove_all());
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
