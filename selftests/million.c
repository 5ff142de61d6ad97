// SPDX-License-Identifier: GPL-2.0
/*
 * A million TIME_WAIT sockets at once: every one is known, adopted by a module that
 * is loaded then, and seen to its end.  It takes 4 GB of memory, and 150 G instructions.
 */
#include "lib/test.h"

#include "lib/crowd.h"

#define MILLION 1000000
#define MILLION_TIMEOUT 7200

FIXTURE(million)
{
	struct truth truth;
	struct crowd crowd;
};

FIXTURE_SETUP(million)
{
	ASSERT_TRUE(netns_enter());
	ASSERT_TRUE(truth_start(&self->truth));
	ASSERT_TRUE(crowd_init(&self->crowd));
}

FIXTURE_TEARDOWN(million)
{
	EXPECT_TRUE(module_restore());
}

static long long sum(enum tw_column column)
{
	struct rows rows;
	long long all;

	if (!stats_read(&rows))
		return -1;
	all = rows_sum(&rows, column);
	rows_free(&rows);
	return all;
}

/* What a call took, told in the log. */
#define TOLD_MS(call)                                            \
	({                                                       \
		const long long start_ = now_ms();               \
		const typeof(call) result_ = (call);             \
		TH_LOG("%s: %lld ms", #call, now_ms() - start_); \
		result_;                                         \
	})

TEST_F_TIMEOUT(million, each_is_counted_adopted_and_seen_to_its_end,
	       MILLION_TIMEOUT)
{
	ASSERT_TRUE(TOLD_MS(crowd_grow(&self->crowd, MILLION)));
	ASSERT_TRUE(TOLD_MS(crowd_rearm(&self->crowd)));
	EXPECT_EQ(MILLION, sockstat_tw());
	EXPECT_EQ(MILLION, TOLD_MS(sum(TW_COL_CURRENT)));
	EXPECT_EQ(MILLION, sum(TW_COL_ENTERED));
	EXPECT_TRUE(truth_holds_while_they_end(&self->truth));

	ASSERT_TRUE(TOLD_MS(crowd_rearm(&self->crowd)));
	ASSERT_EQ(0, TOLD_MS(module_unload()));
	ASSERT_EQ(0, TOLD_MS(module_load("")));
	EXPECT_EQ(MILLION, sockstat_tw());
	EXPECT_EQ(MILLION, sum(TW_COL_ADOPTED));
	EXPECT_EQ(MILLION, sum(TW_COL_CURRENT));

	ASSERT_TRUE(WAIT_FOR(!sockstat_tw(), STAY_MS + 2 * LATE_MS));
	EXPECT_EQ(MILLION, sum(TW_COL_EXPIRED));
	EXPECT_EQ(0, sum(TW_COL_CURRENT));
	EXPECT_TRUE(truth_holds_while_they_end(NULL));
}

TW_TEST_MAIN_WITH_PEERS
