// SPDX-License-Identifier: GPL-2.0
/*
 * Everything at once: loads and unloads, namespaces that come and go, CPUs that
 * do, others that use ftrace, and readers that are stopped in the middle, under
 * traffic.  For two CPUs or more.  TW_STATS_STORM says how many times; the
 * default is for every day.  TW_STATS_STORM_OF names the test that it is for;
 * the others then go a few.
 */
#include "lib/test.h"

#include <signal.h>
#include <sys/prctl.h>

#include "lib/load.h"
#include "lib/missing_page.h"
#include "lib/others.h"
#include "lib/tracer.h"

#define CPU "/sys/devices/system/cpu/cpu"

#define NR_WORKERS 4
#define NR_READERS 8
#define STORM_TIMEOUT 7200
#define A_FEW 5

FIXTURE(storm)
{
	struct truth truth;
	struct load load;
	/* At the last load of the module. */
	struct ledger before[LOAD_MAX_WORKERS];
	struct ledger after[LOAD_MAX_WORKERS];
	unsigned int rounds;
};

static unsigned int rounds_of(const char *test)
{
	const char *rounds = getenv("TW_STATS_STORM");
	const char *of = getenv("TW_STATS_STORM_OF");

	if (of && strcmp(of, test))
		return A_FEW;
	return rounds && *rounds ? strtoul(rounds, NULL, 10) : 50;
}

FIXTURE_SETUP(storm)
{
	self->rounds = rounds_of(_metadata->name);
	fprintf(stderr, "# %u rounds\n", self->rounds);
	ASSERT_TRUE(load_netns(LOAD_MIX));
	ASSERT_TRUE(truth_start(&self->truth));
	ASSERT_TRUE(load_start(&self->load, NR_WORKERS));
	ASSERT_TRUE(load_moves(&self->load, 20));
}

FIXTURE_TEARDOWN(storm)
{
	load_end(&self->load);
	EXPECT_TRUE(module_restore());
}

static bool all_is_exact(FIXTURE_DATA(storm) * self)
{
	return load_pause(&self->load) &&
	       load_agrees(&self->load, netns_here()) &&
	       truth_holds_while_they_end(&self->truth);
}

static bool set_cpu(unsigned int cpu, bool online)
{
	char path[64];

	snprintf(path, sizeof(path), CPU "%u/online", cpu);
	return write_text(path, online ? "1" : "0");
}

TEST_F_TIMEOUT(storm, cpus_come_and_go, STORM_TIMEOUT)
{
	const unsigned int nr_cpus = sysconf(_SC_NPROCESSORS_CONF);

	ASSERT_LE(2, nr_cpus);
	for (unsigned int i = 0; i < self->rounds; i++) {
		const unsigned int cpu = 1 + i % (nr_cpus - 1);

		ASSERT_TRUE(set_cpu(cpu, false));
		ASSERT_TRUE(load_moves(&self->load, 10));
		ASSERT_TRUE(set_cpu(cpu, true));
		ASSERT_TRUE(load_moves(&self->load, 10));
	}
	EXPECT_TRUE(all_is_exact(self));
}

static bool refused(int error)
{
	/* From 7.3 on, nobody can. */
	return error == -EBUSY || error == -EOPNOTSUPP;
}

TEST_F_TIMEOUT(storm, ftrace_is_not_switched_off, STORM_TIMEOUT)
{
	for (unsigned int i = 0; i < self->rounds; i++) {
		ASSERT_TRUE(refused(ftrace_enable(false)));
		ASSERT_TRUE(load_moves(&self->load, 5));
		ASSERT_EQ(0, ftrace_enable(true));
		ASSERT_TRUE(load_moves(&self->load, 5));
	}
	EXPECT_TRUE(all_is_exact(self));
}

TEST_F_TIMEOUT(storm, others_trace_the_same_functions, STORM_TIMEOUT)
{
	__u64 traced = 0, hits = 0, events = 0;

	for (unsigned int i = 0; i <= self->rounds / 5; i++) {
		struct trace trace;
		int entry, end;

		ASSERT_TRUE(
			others_trace(i % 2 ? "function_graph" : "function"));
		ASSERT_TRUE(load_moves(&self->load, 10));
		ASSERT_EQ(NULL, tracer_start());
		ASSERT_TRUE(load_moves(&self->load, 10));
		entry = bpf_probe("tcp_update_metrics", false);
		end = bpf_probe("inet_twsk_deschedule_put", true);
		ASSERT_TRUE(entry >= 0 && end >= 0);
		ASSERT_TRUE(load_moves(&self->load, 50));

		traced += others_traced();
		ASSERT_TRUE(others_trace_end());
		ASSERT_TRUE(load_moves(&self->load, 10));
		ASSERT_TRUE(tracer_stop(&trace));
		events += trace.nr;
		free(trace.event);
		ASSERT_TRUE(load_moves(&self->load, 10));
		hits += bpf_probe_end(entry) + bpf_probe_end(end);
	}
	EXPECT_LT(0, traced);
	EXPECT_LT(0, hits);
	EXPECT_LT(0, events);
	EXPECT_TRUE(all_is_exact(self));
}

/* What a process does for ever, until it is killed. */
static pid_t forever(bool (*once)(void))
{
	const pid_t pid = fork();

	if (!pid)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (!pid)
		if (!once())
			_exit(1);
	return pid;
}

static bool end_of_forever(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status);
}

/* While somebody else switches ftrace off and on, the module may be refused. */
static bool load_again(FIXTURE_DATA(storm) * self)
{
	int error;

	do {
		load_copy(&self->load, self->before);
		error = module_load("");
		load_copy(&self->load, self->after);
	} while (error == -EBUSY);
	return !error;
}

static bool all_is_exact_again(FIXTURE_DATA(storm) * self)
{
	return load_pause(&self->load) &&
	       load_lies_between(&self->load, netns_here(), self->before,
				 self->after) &&
	       truth_holds_while_they_end(NULL);
}

static void tell_how_far(unsigned int to_go)
{
	if (to_go % 100 == 0)
		fprintf(stderr, "# %u rounds to go\n", to_go);
}

static bool come_and_go(FIXTURE_DATA(storm) * self, unsigned int times)
{
	while (times--) {
		if (module_unload() || !load_moves(&self->load, 1) ||
		    !load_again(self) || !load_moves(&self->load, 1))
			return false;
		tell_how_far(times);
	}
	return true;
}

static int words_of(const char *line)
{
	int nr = 0;

	while (*line != '\n' && *line) {
		line += strspn(line, " ");
		nr += *line != '\n' && *line;
		line += strcspn(line, "\n ");
	}
	return nr;
}

/* All lines end, and have as many words as the first. */
static bool lines_are_whole(const char *text)
{
	const int nr = words_of(text);

	while (*text && words_of(text) == nr && strchr(text, '\n'))
		text = strchr(text, '\n') + 1;
	if (!*text)
		return true;
	fprintf(stderr, "# no line of %d words: %s\n", nr, text);
	return false;
}

/* Each of them @piece bytes.  When the module has gone, there is no more. */
static bool read_in_pieces(int fd, size_t piece)
{
	static char text[1 << 20];
	size_t used = 0;
	ssize_t got;

	while (used + piece < sizeof(text) &&
	       (got = read(fd, text + used, piece)) > 0)
		used += got;
	text[used] = '\0';
	return got ? got < 0 && errno == EIO : lines_are_whole(text);
}

/* The file may go at any moment, also while it is read. */
static int open_if_there(const char *path)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	const int error = errno;

	if (fd < 0)
		usleep(1000);
	errno = error;
	return fd;
}

static bool read_once(void)
{
	const int fd = open_if_there(TW_STATS_PATH);
	bool good;

	if (fd < 0)
		return errno == ENOENT;
	good = read_in_pieces(fd, 4096);
	close(fd);
	return good;
}

TEST_F_TIMEOUT(storm, module_comes_and_goes, STORM_TIMEOUT)
{
	const pid_t reader = forever(read_once);

	EXPECT_TRUE(come_and_go(self, self->rounds));
	EXPECT_TRUE(end_of_forever(reader));
	EXPECT_TRUE(all_is_exact_again(self));
}

static bool others_trace_once(void)
{
	return others_trace("function") && others_trace("function_graph") &&
	       others_trace_end();
}

TEST_F_TIMEOUT(storm, module_comes_and_goes_while_others_trace, STORM_TIMEOUT)
{
	const pid_t others = forever(others_trace_once);

	EXPECT_TRUE(come_and_go(self, self->rounds / 5));
	EXPECT_TRUE(end_of_forever(others));
	EXPECT_TRUE(others_trace_end());
	EXPECT_TRUE(all_is_exact_again(self));
}

/* Off for a moment, on for a while of any length: a load may meet either. */
static bool ftrace_off_and_on_once(void)
{
	const int error = ftrace_enable(false);

	usleep(1000);
	if ((error && !refused(error)) || ftrace_enable(true))
		return false;
	usleep(rand() % 300000);
	return true;
}

TEST_F_TIMEOUT(storm, module_comes_and_goes_while_ftrace_does, STORM_TIMEOUT)
{
	const pid_t others = forever(ftrace_off_and_on_once);

	EXPECT_TRUE(come_and_go(self, self->rounds / 5));
	EXPECT_TRUE(end_of_forever(others));
	EXPECT_EQ(0, ftrace_enable(true));
	EXPECT_TRUE(all_is_exact_again(self));
}

/* lseek() makes the kernel go through all rows before that place again. */
static bool read_and_seek_once(void)
{
	static unsigned int turn;
	const size_t piece = 1 + turn % 97;
	const int fd = open_if_there(turn % 2 ? TW_STATS_PATH : TW_HIST_PATH);
	char some[10];
	bool good;

	turn++;
	if (fd < 0)
		return errno == ENOENT;
	good = read_in_pieces(fd, piece);
	for (off_t place = 1000; good && place; place /= 3)
		if (lseek(fd, place, SEEK_SET) == place)
			good = read(fd, some, sizeof(some)) >= 0 ||
			       errno == EIO;
	if (good && !lseek(fd, 0, SEEK_SET))
		good = read_in_pieces(fd, piece);
	close(fd);
	return good;
}

static void signal_all(const pid_t pid[], int nr, int signal)
{
	for (int i = 0; i < nr; i++)
		kill(pid[i], signal);
}

TEST_F_TIMEOUT(storm, module_comes_and_goes_while_readers_are_stopped,
	       STORM_TIMEOUT)
{
	pid_t reader[NR_READERS];

	for (int i = 0; i < NR_READERS; i++)
		reader[i] = forever(read_and_seek_once);
	for (unsigned int i = 0; i < self->rounds / 5; i++) {
		signal_all(reader, NR_READERS, SIGSTOP);
		ASSERT_EQ(0, module_unload());
		/* They find out before it is back, or after. */
		if (i % 2)
			signal_all(reader, NR_READERS, SIGCONT);
		ASSERT_TRUE(load_moves(&self->load, 1));
		ASSERT_TRUE(load_again(self));
		signal_all(reader, NR_READERS, SIGCONT);
		ASSERT_TRUE(load_moves(&self->load, 10));
	}
	for (int i = 0; i < NR_READERS; i++)
		EXPECT_TRUE(end_of_forever(reader[i]));
	EXPECT_TRUE(all_is_exact_again(self));
}

/* When the file has gone, only the reader keeps the module from going. */
static bool unload_waits_for_the_reader(const struct missing_page *page)
{
	pid_t unload;
	int status;

	if (!missing_page_wait(page))
		return false;
	unload = fork();
	if (!unload)
		_exit(module_unload() != 0);
	return WAIT_FOR(access(TW_STATS_PATH, F_OK), PROMPT_MS) &&
	       module_loaded() && missing_page_fill(page) &&
	       waitpid(unload, &status, 0) == unload && !status;
}

static bool unload_under_a_read(void)
{
	const int fd = open(TW_STATS_PATH, O_RDONLY | O_CLOEXEC);
	struct missing_page page;
	int status = 1;
	bool read_on;
	pid_t pid;

	if (fd < 0 || !missing_page_make(&page))
		return false;
	pid = fork();
	if (!pid)
		_exit(!unload_waits_for_the_reader(&page));
	read_on = read(fd, page.memory, 100) == 100;
	waitpid(pid, &status, 0);
	read_on &= read(fd, page.memory, 100) == -1 && errno == EIO;
	missing_page_free(&page);
	close(fd);
	return read_on && !status;
}

TEST_F_TIMEOUT(storm, module_goes_while_a_reader_is_inside, STORM_TIMEOUT)
{
	for (unsigned int i = 0; i < self->rounds / 5; i++) {
		ASSERT_TRUE(unload_under_a_read());
		ASSERT_TRUE(load_moves(&self->load, 1));
		ASSERT_TRUE(load_again(self));
		ASSERT_TRUE(load_moves(&self->load, 10));
	}
	EXPECT_TRUE(all_is_exact_again(self));
}

/* A namespace with a socket in TIME_WAIT and one in FIN_WAIT2. */
static bool namespace_enter(struct pair *pair)
{
	int listener;

	if (!netns_enter())
		return false;
	listener = listen_on(IPV4, PORT);
	return server_closes(listener, IPV4, PORT, 1) &&
	       pair_open(pair, IPV4, listener, PORT) &&
	       close_into_fin_wait2(pair->server);
}

static bool namespace_once(void)
{
	const pid_t pid = fork();
	struct pair pair;
	int status;

	if (!pid)
		_exit(!namespace_enter(&pair));
	return waitpid(pid, &status, 0) == pid && status == 0;
}

static void inhabit(int tell)
{
	struct pair pair;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (namespace_enter(&pair) && write(tell, "", 1) == 1)
		pause();
	_exit(1);
}

/* Then the open file is all that keeps it. */
static bool namespace_that_is_read_once(void)
{
	char path[64], byte;
	int hear[2], fd;
	bool good;
	pid_t pid;

	if (pipe2(hear, O_CLOEXEC))
		return false;
	pid = fork();
	if (!pid)
		inhabit(hear[1]);
	close(hear[1]);
	good = read(hear[0], &byte, 1) == 1;
	close(hear[0]);

	snprintf(path, sizeof(path), "/proc/%d/net/" TW_STATS_NAME, pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	good &= end_of_forever(pid);
	if (fd < 0)
		return good;
	good &= read_in_pieces(fd, 10);
	close(fd);
	return good;
}

/* Two namespaces a round and a load every fifth, while others make more. */
TEST_F_TIMEOUT(storm, namespaces_come_and_go_with_the_module, STORM_TIMEOUT)
{
	const pid_t reader = forever(read_once);
	const pid_t others[] = { forever(namespace_once),
				 forever(namespace_that_is_read_once) };

	for (unsigned int i = 0; i < self->rounds; i++) {
		tell_how_far(self->rounds - i);
		ASSERT_TRUE(namespace_once());
		ASSERT_TRUE(namespace_that_is_read_once());
		if (i % 5)
			continue;
		ASSERT_EQ(0, module_unload());
		ASSERT_TRUE(namespace_once());
		ASSERT_TRUE(load_again(self));
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		EXPECT_TRUE(end_of_forever(others[i]));
	EXPECT_TRUE(end_of_forever(reader));
	EXPECT_TRUE(all_is_exact_again(self));
}

TW_TEST_MAIN
