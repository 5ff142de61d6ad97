// SPDX-License-Identifier: GPL-2.0
/*
 * Everything at once: loads and unloads, namespaces that come and go, and CPUs
 * that do, under traffic and readers.  For four CPUs.  TW_STATS_STORM says how
 * many times; the default is for every day.
 */
#include "lib/test.h"

#include "lib/load.h"

#define CPU "/sys/devices/system/cpu/cpu"

#define NR_WORKERS 4
#define VM_CPUS 4
#define STORM_TIMEOUT 7200

FIXTURE(storm)
{
	struct truth truth;
	struct load load;
	unsigned int rounds;
};

FIXTURE_SETUP(storm)
{
	const char *rounds = getenv("TW_STATS_STORM");

	self->rounds = rounds && *rounds ? strtoul(rounds, NULL, 10) : 50;
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
	for (unsigned int i = 0; i < self->rounds; i++) {
		const unsigned int cpu = 1 + i % (VM_CPUS - 1);

		ASSERT_TRUE(set_cpu(cpu, false));
		ASSERT_TRUE(load_moves(&self->load, 10));
		ASSERT_TRUE(set_cpu(cpu, true));
		ASSERT_TRUE(load_moves(&self->load, 10));
	}
	EXPECT_TRUE(all_is_exact(self));
}

/* What a process does for ever, until it is killed. */
static pid_t forever(bool (*once)(void))
{
	const pid_t pid = fork();

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

/* The file may go at any moment, also while it is read. */
static bool read_once(void)
{
	struct rows rows;

	if (access(TW_STATS_PATH, F_OK)) {
		usleep(1000);
		return true;
	}
	if (stats_read(&rows))
		rows_free(&rows);
	return true;
}

TEST_F_TIMEOUT(storm, module_comes_and_goes, STORM_TIMEOUT)
{
	const pid_t reader = forever(read_once);

	for (unsigned int i = 0; i < self->rounds; i++) {
		ASSERT_EQ(0, module_unload());
		ASSERT_TRUE(load_moves(&self->load, 1));
		ASSERT_EQ(0, module_load(""));
		ASSERT_TRUE(load_moves(&self->load, 1));
	}
	EXPECT_TRUE(end_of_forever(reader));
	EXPECT_TRUE(load_pause(&self->load));
	EXPECT_TRUE(truth_holds_while_they_end(NULL));
}

/* A namespace that dies with a socket in TIME_WAIT and one in FIN_WAIT2. */
static bool namespace_once(void)
{
	const pid_t pid = fork();
	struct pair pair;
	int listener, status;

	if (pid)
		return waitpid(pid, &status, 0) == pid && status == 0;
	if (!netns_enter())
		_exit(1);
	listener = listen_on(IPV4, PORT);
	_exit(!(server_closes(listener, IPV4, PORT, 1) &&
		pair_open(&pair, IPV4, listener, PORT) &&
		close_into_fin_wait2(pair.server)));
}

TEST_F_TIMEOUT(storm, namespaces_come_and_go_with_the_module, STORM_TIMEOUT)
{
	const pid_t reader = forever(read_once);
	const pid_t others[] = { forever(namespace_once),
				 forever(namespace_once) };

	for (unsigned int i = 0; i < self->rounds; i++) {
		for (int k = 0; k < 10; k++)
			ASSERT_TRUE(namespace_once());
		if (i % 10)
			continue;
		ASSERT_EQ(0, module_unload());
		ASSERT_TRUE(namespace_once());
		ASSERT_EQ(0, module_load(""));
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		EXPECT_TRUE(end_of_forever(others[i]));
	EXPECT_TRUE(end_of_forever(reader));
	EXPECT_TRUE(load_pause(&self->load));
	EXPECT_TRUE(truth_holds_while_they_end(NULL));
}

TW_TEST_MAIN
