// SPDX-License-Identifier: GPL-2.0
/* What any user can do: read the files, and make namespaces of their own. */
#include "lib/test.h"

#include <sys/klog.h>

#include "lib/text.h"

/* As <linux/syslog.h> of the kernel has it. */
#define SYSLOG_ACTION_READ_ALL 3

/*
 * The module is loaded with room for three rows in users' namespaces, and for
 * the two leaves that lead to those of servers and of clients; and follows so
 * many minisockets there.
 */
#define MAX_MINISOCKETS 20

FIXTURE(users)
{
	struct truth truth;
	int listener;
};

FIXTURE_SETUP(users)
{
	char parameters[64];

	snprintf(parameters, sizeof(parameters),
		 "max_user_rows=5 max_user_minisockets=%u", MAX_MINISOCKETS);
	ASSERT_TRUE(module_reload(parameters));
	ASSERT_TRUE(netns_enter());
	ASSERT_TRUE(truth_start(&self->truth));
	self->listener = listen_on(IPV4, PORT);
	ASSERT_TRUE(server_closes(self->listener, IPV4, PORT, 2));
}

FIXTURE_TEARDOWN(users)
{
	EXPECT_ROW(TW_SERVER, PORT, "entered=2 current=2 closed_first=2");
	EXPECT_ROW(TW_CLIENT, PORT, "closed_second=2");
	EXPECT_NO_ROW(TW_ANY, 0);
	EXPECT_TRUE(truth_holds(&self->truth));
	EXPECT_TRUE(module_restore());
}

static bool serve(unsigned int port)
{
	const int listener = listen_on(IPV4, port);

	return server_closes(listener, IPV4, port, 1) && !close(listener);
}

static bool remove_all(void)
{
	return run("ss -K state time-wait") && sockstat_tw() == 0;
}

/*
 * Does something as a user, in a process that stops when it is done.  All is
 * kept until user_ends().
 */
static pid_t user_starts(bool (*something)(void))
{
	const pid_t pid = fork();
	struct truth truth;
	int status;

	if (pid)
		return waitpid(pid, &status, WUNTRACED) == pid &&
				       WIFSTOPPED(status) ?
			       pid :
			       -1;

	if (!netns_enter_as_user() || !truth_start(&truth) || !something())
		_exit(1);
	raise(SIGSTOP);
	/* What is untracked is missing from the sums until it has gone. */
	_exit(!remove_all() || !truth_holds(&truth));
}

static bool user_ends(pid_t pid)
{
	int status;

	return pid > 0 && !kill(pid, SIGCONT) &&
	       waitpid(pid, &status, 0) == pid && status == 0;
}

static bool as_user(bool (*something)(void))
{
	return user_ends(user_starts(something));
}

static bool only_own_rows_are_there(void)
{
	return stats_nr_rows() == 0 && serve(PORT) &&
	       stats_row_is(TW_SERVER, PORT,
			    "entered=1 current=1 closed_first=1") &&
	       stats_nr_rows() == 2;
}

TEST_F(users, see_the_rows_of_their_own_namespace_only)
{
	EXPECT_TRUE(as_user(only_own_rows_are_there));
}

static bool no_row_is_left(void)
{
	return serve(PORT) &&
	       stats_row_is(
		       TW_ANY, 0,
		       "entered=1 current=1 closed_first=1 closed_second=1") &&
	       stats_nr_rows() == 1;
}

/* Both ends of a connection to a port have a row each. */
static bool three_rows_are_there(void)
{
	return serve(PORT) && serve(PORT + 1) && serve(PORT + 2) &&
	       stats_row_is(TW_SERVER, PORT,
			    "entered=1 current=1 closed_first=1") &&
	       stats_row_is(TW_CLIENT, PORT, "closed_second=1") &&
	       stats_row_is(TW_SERVER, PORT + 1,
			    "entered=1 current=1 closed_first=1") &&
	       stats_row_is(
		       TW_ANY, 0,
		       "entered=1 current=1 closed_first=1 closed_second=2") &&
	       stats_nr_rows() == 4;
}

/* Who tries while the kernel still takes down the one before is refused. */
static bool as_user_later(bool (*something)(void))
{
	sleep(2);
	return as_user(something);
}

TEST_F_TIMEOUT(users, have_max_user_rows_in_all_their_namespaces, 180)
{
	const pid_t first = user_starts(three_rows_are_there);

	EXPECT_TRUE(as_user(no_row_is_left));
	EXPECT_TRUE(user_ends(first));
	EXPECT_TRUE(WAIT_FOR(as_user_later(three_rows_are_there), 120000));
}

TEST_F(users, leave_the_rows_of_others_alone)
{
	const pid_t user = user_starts(three_rows_are_there);

	for (unsigned int i = 1; i < 4; i++) {
		ASSERT_TRUE(serve(PORT + i));
		EXPECT_ROW(TW_SERVER, PORT + i,
			   "entered=1 current=1 closed_first=1");
		EXPECT_ROW(TW_CLIENT, PORT + i, "closed_second=1");
	}
	EXPECT_TRUE(user_ends(user));
}

static bool all_are_followed_but_ten(void)
{
	const int listener = listen_on(IPV4, PORT);

	return server_closes(listener, IPV4, PORT, MAX_MINISOCKETS + 10) &&
	       stats_row_is(
		       TW_SERVER, PORT,
		       "entered=%u current=%u untracked=10 closed_first=%u",
		       MAX_MINISOCKETS, MAX_MINISOCKETS, MAX_MINISOCKETS + 10);
}

/* There is no row left, either. */
static bool none_is_followed(void)
{
	return serve(PORT) &&
	       stats_row_is(TW_ANY, 0,
			    "untracked=1 closed_first=1 closed_second=1") &&
	       remove_all();
}

static bool who_ends_makes_room(void)
{
	return all_are_followed_but_ten() && remove_all() && serve(PORT + 1) &&
	       stats_row_is(TW_SERVER, PORT + 1,
			    "entered=1 current=1 closed_first=1");
}

TEST_F_TIMEOUT(users, have_max_user_minisockets_in_all_their_namespaces, 180)
{
	const pid_t first = user_starts(all_are_followed_but_ten);

	EXPECT_TRUE(as_user(none_is_followed));
	EXPECT_TRUE(serve(PORT + 1));
	EXPECT_ROW(TW_SERVER, PORT + 1, "entered=1 current=1 closed_first=1");
	EXPECT_TRUE(user_ends(first));
	EXPECT_TRUE(WAIT_FOR(as_user_later(who_ends_makes_room), 120000));
}

/* As %px or a pointer that is not hashed would show it. */
static bool shows_address(const char *text)
{
	return !text || strstr(text, "ffff") || strstr(text, "0x");
}

/* What the module has said, since the log began. */
static bool log_shows_address(void)
{
	static char log[1 << 20];
	const int len = klogctl(SYSLOG_ACTION_READ_ALL, log, sizeof(log) - 1);
	char *rest = log, *line;
	unsigned int nr = 0;

	log[len < 0 ? 0 : len] = '\0';
	while ((line = strsep(&rest, "\n"))) {
		if (!strstr(line, MODULE_NAME ":"))
			continue;
		nr++;
		if (shows_address(line))
			return true;
	}
	return nr == 0;
}

TEST_F(users, are_shown_no_address_of_the_kernel)
{
	char *stats = read_text(TW_STATS_PATH);
	char *hist = read_text(TW_HIST_PATH);

	EXPECT_FALSE(shows_address(stats));
	EXPECT_FALSE(shows_address(hist));
	EXPECT_FALSE(log_shows_address());
	free(stats);
	free(hist);
}

TW_TEST_MAIN
