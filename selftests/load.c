// SPDX-License-Identifier: GPL-2.0
/*
 * Random traffic in several namespaces, while the module comes and goes and
 * limits change: whatever happens, every row is as the ledgers and the kernel
 * say.
 *
 * Two environment variables tell what to do, and a failure can be run again by
 * them: TW_STATS_SEED, and TW_STATS_MINISOCKETS, how many the kernel shall make.
 */
#include "lib/test.h"

#include "lib/load.h"

#define DEFAULT_SEED 1
#define DEFAULT_MINISOCKETS 6000

/* How often the traffic is stopped and compared: that costs by the socket. */
#define MIN_ROUNDS 10
#define MINISOCKETS_PER_ROUND 250000

/* A day: the traffic itself is watched, and must not stop. */
#define LOAD_TIMEOUT 86400

/* A namespace with workers of one kind. */
struct site {
	int netns;
	struct truth truth;
	__u64 made; /* how many minisockets, at the last comparison */
};

FIXTURE(load)
{
	__u64 seed;
	__u64 minisockets;
	struct load load;
	struct site site[NR_LOAD_KINDS];
	struct load_worker dice; /* the test decides, too */
};

static __u64 setting(const char *name, __u64 otherwise)
{
	const char *value = getenv(name);
	char *end;

	if (value && *value) {
		otherwise = strtoull(value, &end, 0);
		if (*end) {
			fprintf(stderr, "# %s=%s is no number\n", name, value);
			exit(1);
		}
	}
	return otherwise;
}

static bool site_make(struct site *site, enum load_kind kind)
{
	if (!load_netns(kind))
		return false;
	site->netns = netns_here();
	return site->netns >= 0 && truth_start(&site->truth);
}

static void add_workers(struct load *load, const struct site site[], __u64 seed)
{
	static const unsigned int nr[NR_LOAD_KINDS] = {
		[LOAD_MIX] = 4,
		[LOAD_REFUSED] = 2,
		[LOAD_NARROW] = 2,
		[LOAD_RAW] = 1,
	};

	for (int kind = 0; kind < NR_LOAD_KINDS; kind++)
		for (unsigned int i = 0; i < nr[kind]; i++)
			load_add(load, kind, site[kind].netns, seed);
}

FIXTURE_SETUP(load)
{
	self->seed = setting("TW_STATS_SEED", DEFAULT_SEED);
	self->minisockets =
		setting("TW_STATS_MINISOCKETS", DEFAULT_MINISOCKETS);
	self->dice.random = self->seed;
	TH_LOG("TW_STATS_SEED=%llu TW_STATS_MINISOCKETS=%llu", self->seed,
	       self->minisockets);

	ASSERT_TRUE(load_init(&self->load));
	for (int i = 0; i < NR_LOAD_KINDS; i++)
		ASSERT_TRUE(site_make(&self->site[i], i));
	add_workers(&self->load, self->site, self->seed);
	ASSERT_TRUE(load_begin(&self->load));
}

FIXTURE_TEARDOWN(load)
{
	load_end(&self->load);
	EXPECT_TRUE(module_restore());
}

/* All workers are paused. */
static bool site_agrees(const struct load *load, struct site *site)
{
	if (!netns_switch(site->netns))
		return false;
	/* The kernel has counted since the namespace was made. */
	site->made =
		kernel_counter(KERNEL_TW) + kernel_counter(KERNEL_TW_KILLED);
	if (load_agrees(load, site->netns) &&
	    truth_holds_while_they_end(&site->truth))
		return true;
	/* What else is in the rows may tell why. */
	run("sed 's/^/# /' " TW_STATS_PATH);
	return false;
}

static bool all_agree(const struct load *load, struct site site[])
{
	bool agree = true;

	for (int i = 0; i < NR_LOAD_KINDS; i++)
		agree &= site_agrees(load, &site[i]);
	return agree;
}

static __u64 made(const struct site site[])
{
	__u64 sum = 0;

	for (int i = 0; i < NR_LOAD_KINDS; i++)
		sum += site[i].made;
	return sum;
}

/* From here on; all workers are paused. */
static bool all_restart(struct load *load, struct site site[])
{
	bool good = true;

	for (int i = 0; i < NR_LOAD_KINDS; i++)
		good &= netns_switch(site[i].netns) &&
			load_restart(load, site[i].netns) &&
			truth_restart(&site[i].truth);
	return good;
}

static bool reload_between(struct load *load, struct site site[])
{
	return module_reload("") && all_restart(load, site) &&
	       all_agree(load, site);
}

/*
 * What came while the module was not there is not in the rows, what came since
 * is; and what was there is adopted.
 */
static bool reload_under_load(struct load *load, struct site site[])
{
	static struct ledger before[LOAD_MAX_WORKERS], after[LOAD_MAX_WORKERS];
	bool good;

	load_resume(load);
	good = load_moves(load, 50) && !module_unload() && load_moves(load, 50);
	load_copy(load, before);
	good = good && !module_load("");
	load_copy(load, after);
	good = good && load_moves(load, 200) && load_pause(load);
	for (int i = 0; good && i < NR_LOAD_KINDS; i++)
		good = netns_switch(site[i].netns) &&
		       load_lies_between(load, site[i].netns, before, after) &&
		       truth_holds_while_they_end(NULL);
	return good && all_restart(load, site);
}

static bool change_limit(struct load_worker *dice, const struct site site[])
{
	char limit[16];

	snprintf(limit, sizeof(limit), "%u",
		 load_dice(dice, 3) ? load_dice(dice, 2000) : 1000000);
	return netns_switch(site[LOAD_REFUSED].netns) &&
	       sysctl_set("tcp_max_tw_buckets", limit);
}

TEST_F_TIMEOUT(load, rows_are_as_the_ledgers_and_the_kernel_say, LOAD_TIMEOUT)
{
	const __u64 rounds =
		MIN_ROUNDS + self->minisockets / MINISOCKETS_PER_ROUND;
	struct load *load = &self->load;

	while (made(self->site) < self->minisockets) {
		ASSERT_TRUE(change_limit(&self->dice, self->site));
		load_resume(load);
		ASSERT_TRUE(load_moves(load, self->minisockets / rounds + 1));
		ASSERT_TRUE(load_pause(load));
		ASSERT_TRUE(all_agree(load, self->site));
		TH_LOG("%llu minisockets were made, %llu entries into TIME_WAIT known",
		       made(self->site), load_entered(load));

		switch (load_dice(&self->dice, 4)) {
		case 0:
			ASSERT_TRUE(reload_between(load, self->site));
			break;
		case 1:
			ASSERT_TRUE(reload_under_load(load, self->site));
			break;
		}
	}

	/* A minute later, all that is left to come is their end. */
	for (int i = 0; i < NR_LOAD_KINDS; i++) {
		ASSERT_TRUE(netns_switch(self->site[i].netns));
		EXPECT_TRUE(
			WAIT_FOR(sockstat_tw() == 0, STAY_MS + 2 * LATE_MS));
	}
	EXPECT_TRUE(all_agree(load, self->site));
}

TW_TEST_MAIN_WITH_PEERS
