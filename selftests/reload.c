// SPDX-License-Identifier: GPL-2.0
/* The module comes and goes, whatever else is going on. */
#include "lib/test.h"

#include <signal.h>

#include "lib/load.h"
#include "lib/others.h"

FIXTURE(reload)
{
	struct truth truth;
};

FIXTURE_SETUP(reload)
{
	ASSERT_TRUE(load_netns(LOAD_MIX));
	ASSERT_TRUE(truth_start(&self->truth));
}

FIXTURE_TEARDOWN(reload)
{
	if (!module_loaded())
		EXPECT_TRUE(module_restore());
	EXPECT_TRUE(truth_holds_while_they_end(&self->truth));
}

static bool more_ends_than_entries(const struct rows *rows)
{
	for (size_t i = 0; i < rows->nr; i++) {
		const __u64 *value = rows->row[i].value;

		if (value[TW_COL_EXPIRED] + value[TW_COL_REUSED] +
			    value[TW_COL_REOPENED] + value[TW_COL_RESET] +
			    value[TW_COL_KILLED] + value[TW_COL_OTHER] >
		    value[TW_COL_ENTERED] + value[TW_COL_ADOPTED])
			return true;
	}
	return false;
}

static bool went_back(const struct rows *now, const struct rows *before)
{
	static const enum tw_column counter[] = {
#define GAUGE(id, name)
#define COUNTER(id, name) id,
		TW_COLUMNS(COUNTER, GAUGE)
	};

	for (size_t i = 0; i < before->nr; i++) {
		const struct row *old = &before->row[i];
		const struct row *new = rows_find(now, old->role, old->port);

		if (!new)
			return true;
		for (size_t j = 0; j < ARRAY_SIZE(counter); j++)
			if (new->value[counter[j]] < old->value[counter[j]])
				return true;
	}
	return false;
}

TEST_F_TIMEOUT(reload, snapshot_under_traffic_makes_sense, 120)
{
	struct rows now, before = {};
	struct load load;

	ASSERT_TRUE(load_start(&load, 4));
	for (int i = 0; i < 500; i++) {
		ASSERT_TRUE(stats_read(&now));
		EXPECT_FALSE(more_ends_than_entries(&now));
		EXPECT_FALSE(went_back(&now, &before));
		rows_free(&before);
		before = now;
	}
	rows_free(&before);
	EXPECT_TRUE(load_pause(&load));
	load_end(&load);
}

/* Reads what is open, bit by bit, until it is gone; then opens it again. */
static void read_forever(const char *path)
{
	char some[100];
	int fd;

	for (;;) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		for (int i = 0; fd >= 0 && i < 50; i++) {
			while (read(fd, some, sizeof(some)) > 0)
				;
			lseek(fd, 0, SEEK_SET);
		}
		if (fd >= 0)
			close(fd);
		else
			usleep(1000);
	}
}

static pid_t reader_start(const char *path)
{
	const pid_t pid = fork();

	if (!pid)
		read_forever(path);
	return pid;
}

static bool reader_stop(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
	       WTERMSIG(status) == SIGKILL;
}

TEST_F_TIMEOUT(reload, unload_and_load_under_traffic_and_readers, 400)
{
	pid_t stats_reader, hist_reader;
	struct load load;

	ASSERT_TRUE(load_start(&load, 4));
	stats_reader = reader_start(TW_STATS_PATH);
	hist_reader = reader_start(TW_HIST_PATH);
	for (int i = 0; i < 10; i++) {
		ASSERT_TRUE(load_moves(&load, 20));
		ASSERT_EQ(0, module_unload());
		ASSERT_TRUE(load_moves(&load, 20));
		ASSERT_EQ(0, module_load(""));
	}
	EXPECT_TRUE(load_moves(&load, 20));
	EXPECT_TRUE(load_pause(&load));
	EXPECT_TRUE(truth_holds_while_they_end(NULL));

	EXPECT_TRUE(reader_stop(stats_reader));
	EXPECT_TRUE(reader_stop(hist_reader));
	load_end(&load);
	ASSERT_TRUE(module_restore());
	ASSERT_TRUE(truth_restart(&self->truth));
	EXPECT_LT(0, ss_count("time-wait"));
}

TEST_F(reload, file_that_is_open_does_not_keep_the_module)
{
	char some[16];
	const int fd = open(TW_STATS_PATH, O_RDONLY);

	ASSERT_LE(0, fd);
	ASSERT_EQ(sizeof(some), read(fd, some, sizeof(some)));
	ASSERT_EQ(0, module_unload());
	EXPECT_GE(0, read(fd, some, sizeof(some)));
	close(fd);

	EXPECT_NE(0, access(TW_STATS_PATH, F_OK));
	EXPECT_NE(0, access(TW_HIST_PATH, F_OK));
	EXPECT_EQ(-1, readlink(TW_STATS_LINK, some, sizeof(some)));
	ASSERT_TRUE(module_restore());
	EXPECT_EQ(0, stats_nr_rows());
}

TEST_F_TIMEOUT(reload, what_waits_is_adopted_at_every_load, 120)
{
	const int listener = listen_on(IPV4, PORT);

	ASSERT_TRUE(server_closes(listener, IPV4, PORT, 7));
	for (int i = 0; i < 10; i++)
		ASSERT_TRUE(module_reload(""));
	ASSERT_TRUE(module_restore());
	ASSERT_TRUE(truth_restart(&self->truth));
	EXPECT_ROW(TW_SERVER, PORT, "adopted=7 current=7");
}

/* It would silence the module, which would go on and count nothing. */
TEST_F(reload, ftrace_cannot_be_switched_off_under_the_module)
{
	const int listener = listen_on(IPV4, PORT);
	struct pair pair;
	int error;

	if (access(FTRACE_ENABLED, W_OK))
		SKIP(return, "no " FTRACE_ENABLED);
	error = ftrace_enable(false);
	EXPECT_TRUE(error == -EBUSY || error == -EOPNOTSUPP);
	EXPECT_EQ(0, ftrace_enable(true));

	ASSERT_TRUE(pair_open(&pair, IPV4, listener, PORT));
	ASSERT_TRUE(close_in_order(pair.server, pair.client));
	EXPECT_ROW(TW_SERVER, PORT, "entered=1 current=1 closed_first=1");
}

TEST_F(reload, load_without_ftrace_fails_and_leaves_nothing_behind)
{
	int error;

	if (access(FTRACE_ENABLED, W_OK))
		SKIP(return, "no " FTRACE_ENABLED);
	ASSERT_EQ(0, module_unload());
	error = ftrace_enable(false);
	if (error) {
		ASSERT_TRUE(module_restore());
		ASSERT_TRUE(truth_restart(&self->truth));
		/* From 7.3 on, nobody can. */
		if (error == -EOPNOTSUPP)
			return;
		SKIP(return, "ftrace is in use by others");
	}
	error = module_load("");
	EXPECT_EQ(0, ftrace_enable(true));
	EXPECT_NE(0, error);
	EXPECT_FALSE(module_loaded());
	EXPECT_NE(0, access(TW_STATS_PATH, F_OK));

	ASSERT_TRUE(module_restore());
	ASSERT_TRUE(truth_restart(&self->truth));
}

TW_TEST_MAIN
