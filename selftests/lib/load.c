// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "load.h"
#include "netns.h"
#include "program.h"
#include "rows.h"
#include "truth.h"
#include "wait.h"

/* In which a worker gets to the end of what it is at, on a slow machine. */
#define PAUSE_MS 120000

/*
 * What the ledgers know.  The ends that time brings are not among it, nor what
 * the kernel's own retransmissions re-arm; but a raw worker knows of each
 * segment.
 */
static const enum tw_column known[] = {
	TW_COL_FIN_WAIT2_ENDED, TW_COL_ENTERED,	     TW_COL_REUSED,
	TW_COL_REOPENED,	TW_COL_RESET,	     TW_COL_KILLED,
	TW_COL_OTHER,		TW_COL_OVERFLOW,     TW_COL_UNTRACKED,
	TW_COL_REARMED,		TW_COL_CLOSED_FIRST, TW_COL_CLOSED_SECOND,
	TW_COL_CLOSED_BOTH,	TW_COL_ABORTED,
};

#define NR_KNOWN (sizeof(known) / sizeof(*known))

/**
 * load_netns() - make a namespace for workers, and enter it
 * @kind: what they do
 *
 * Return: false after a message.
 */
bool load_netns(enum load_kind kind)
{
	const bool narrow = kind == LOAD_NARROW;

	return netns_enter() &&
	       run("ip -6 route add local " LOAD_V6_PREFIX "/64 dev lo") &&
	       sysctl_set("tcp_max_tw_buckets", "2000000") &&
	       sysctl_set("tcp_fin_timeout", "60") &&
	       /*
		* On a slow machine a FIN may be sent twice, and the second
		* answer to it meet no socket, and a RST.
		*/
	       sysctl_set("tcp_rfc1337", kind == LOAD_RAW ? "0" : "1") &&
	       /* Or connect() would reuse what the ledgers do not expect. */
	       sysctl_set("tcp_tw_reuse", narrow ? "1" : "0") &&
	       sysctl_set("ip_local_port_range",
			  narrow ? "30000 30031" : "16384 60999");
}

/**
 * load_init() - set up a load without workers
 * @load: filled in; it begins paused
 *
 * Return: false after a message.
 */
bool load_init(struct load *load)
{
	const size_t size = LOAD_MAX_WORKERS * sizeof(*load->worker);
	char *shared = mmap(NULL, size + sizeof(*load->pause),
			    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			    -1, 0);

	memset(load, 0, sizeof(*load));
	if (shared == MAP_FAILED) {
		perror("# mmap");
		return false;
	}
	load->worker = (struct load_worker *)shared;
	load->pause = (unsigned int *)(shared + size);
	*load->pause = 1;
	load->since = calloc(LOAD_MAX_WORKERS, sizeof(*load->since));
	load->shown = calloc(LOAD_MAX_WORKERS, sizeof(*load->shown));
	return true;
}

/**
 * load_wait() - wait while the load is paused
 * @worker: who is between two connections
 */
void load_wait(struct load_worker *worker)
{
	unsigned int pause;

	for (;;) {
		pause = __atomic_load_n(worker->pause, __ATOMIC_RELAXED);
		if (!(pause & 1))
			return;
		/* Pairs with all_paused(): the ledger is complete. */
		__atomic_store_n(&worker->paused, pause, __ATOMIC_RELEASE);
		/* Not often: who looks at the rows meanwhile needs the CPUs. */
		usleep(20000);
	}
}

/**
 * load_note() - write down what has come of what a worker did
 * @worker: who
 * @role: of the row
 * @column: which of its values
 * @change: by how much
 */
void load_note(struct load_worker *worker, enum tw_role role,
	       enum tw_column column, int change)
{
	__u64 *value = &worker->ledger.row[role][column];

	/* Nobody else writes; pairs with noted(). */
	__atomic_store_n(value, *value + change, __ATOMIC_RELAXED);
}

/**
 * load_dice() - decide
 * @worker: who
 * @sides: between how many
 *
 * Return: 0 to @sides - 1.  The same seed gives the same numbers.
 */
unsigned int load_dice(struct load_worker *worker, unsigned int sides)
{
	/* Knuth's MMIX; its high bits are good enough to mix events. */
	worker->random = worker->random * 6364136223846793005ULL +
			 1442695040888963407ULL;
	return (worker->random >> 33) % sides;
}

/**
 * load_add() - add a worker to a load that has not begun
 * @load: whose
 * @kind: what it does
 * @netns: in which namespace
 * @seed: of the load
 */
void load_add(struct load *load, enum load_kind kind, int netns, __u64 seed)
{
	struct load_worker *worker = &load->worker[load->nr];

	*worker = (struct load_worker){
		.number = load->nr,
		.kind = kind,
		.netns = netns,
		.port = LOAD_PORT + load->nr,
		.random = seed * LOAD_MAX_WORKERS + load->nr,
		.pause = load->pause,
	};
	truth_server_port(worker->port, true);
	load->nr++;
}

/* With file descriptors of its own: a program it runs holds no one else's. */
static void *work(void *arg)
{
	struct load_worker *worker = arg;

	if (!unshare(CLONE_FILES) && netns_switch(worker->netns)) {
		if (worker->kind == LOAD_RAW)
			load_raw(worker);
		else
			load_mix(worker);
	}
	fprintf(stderr, "# the worker of port %u has failed\n", worker->port);
	_exit(1);
}

static void work_all(struct load *load)
{
	pthread_t thread;

	for (unsigned int i = 0; i < load->nr; i++)
		if (pthread_create(&thread, NULL, work, &load->worker[i]))
			return;
	for (;;)
		pause();
}

/**
 * load_begin() - start the workers, paused
 * @load: with all its workers
 *
 * Return: false after a message.
 */
bool load_begin(struct load *load)
{
	const pid_t parent = getpid();

	load->pid = fork();
	if (load->pid < 0) {
		perror("# fork");
		load->pid = 0;
		return false;
	}
	if (load->pid)
		return true;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == parent)
		work_all(load);
	_exit(1);
}

static bool all_paused(const struct load *load)
{
	for (unsigned int i = 0; i < load->nr; i++)
		if (__atomic_load_n(&load->worker[i].paused,
				    __ATOMIC_ACQUIRE) != *load->pause)
			return false;
	return true;
}

/* They never end by themselves; their process is reaped once. */
static bool have_ended(struct load *load)
{
	if (load->pid && waitpid(load->pid, NULL, WNOHANG)) {
		fprintf(stderr, "# the workers have ended\n");
		load->pid = 0;
	}
	return !load->pid;
}

/**
 * load_pause() - let all workers come to the end of what they are at
 * @load: whose
 *
 * Return: false after a message, when a worker has failed.
 */
bool load_pause(struct load *load)
{
	__atomic_store_n(load->pause, *load->pause | 1, __ATOMIC_RELAXED);
	if (!WAIT_FOR(all_paused(load) || have_ended(load), PAUSE_MS))
		fprintf(stderr, "# a worker does not come to its end\n");
	return all_paused(load) && !have_ended(load);
}

/**
 * load_resume() - let all workers go on
 * @load: whose; it is paused
 */
void load_resume(struct load *load)
{
	__atomic_store_n(load->pause, *load->pause + 1, __ATOMIC_RELAXED);
}

/**
 * load_start() - set up a load of LOAD_MIX in the current namespace, and begin
 * @load: filled in
 * @nr: how many workers
 *
 * Return: false after a message; else, load_end() must follow.
 */
bool load_start(struct load *load, unsigned int nr)
{
	const int netns = netns_here();

	if (netns < 0 || !load_init(load))
		return false;
	for (unsigned int i = 0; i < nr; i++)
		load_add(load, LOAD_MIX, netns, 1);
	if (!load_begin(load)) {
		load_end(load);
		return false;
	}
	load_resume(load);
	return true;
}

/**
 * load_end() - end all workers
 * @load: whose
 */
void load_end(struct load *load)
{
	if (load->pid) {
		kill(load->pid, SIGKILL);
		waitpid(load->pid, NULL, 0);
	}
	munmap(load->worker,
	       LOAD_MAX_WORKERS * sizeof(*load->worker) + sizeof(*load->pause));
	free(load->since);
	free(load->shown);
}

static __u64 noted(const struct load_worker *worker, enum tw_role role,
		   enum tw_column column)
{
	return __atomic_load_n(&worker->ledger.row[role][column],
			       __ATOMIC_RELAXED);
}

/**
 * load_entered() - add up what has entered TIME_WAIT
 * @load: whose
 *
 * Return: how many times, while the workers go on; without those who may have
 * been refused.
 */
__u64 load_entered(const struct load *load)
{
	__u64 sum = 0;

	for (unsigned int i = 0; i < load->nr; i++)
		for (enum tw_role role = 0;
		     role < TW_ANY && load->worker[i].kind != LOAD_REFUSED;
		     role++)
			sum += noted(&load->worker[i], role, TW_COL_ENTERED);
	return sum;
}

/* Who looks often takes the CPU, and its TLB, from those who work. */
static unsigned int pause_ms(__u64 entries)
{
	return entries < 20 ? entries : 20;
}

/**
 * load_moves() - wait until more has entered TIME_WAIT
 * @load: whose
 * @entries: how many more
 *
 * Return: false after a message, when a worker has failed or nothing moves.
 */
bool load_moves(struct load *load, __u64 entries)
{
	const __u64 begin = load_entered(load);
	__u64 before;

	do {
		before = load_entered(load);
		if (before - begin >= entries)
			return true;
		usleep(1000 * pause_ms(begin + entries - before));
	} while (WAIT_FOR(load_entered(load) != before || have_ended(load),
			  PAUSE_MS) &&
		 !have_ended(load));
	fprintf(stderr, "# the load does not go on\n");
	return false;
}

/**
 * load_copy() - copy the ledgers, while the workers go on
 * @load: whose
 * @copy: filled in; one a worker
 */
void load_copy(const struct load *load, struct ledger copy[])
{
	for (unsigned int i = 0; i < load->nr; i++)
		for (enum tw_role role = 0; role < TW_ANY; role++)
			for (int j = 0; j < TW_NR_COLUMNS; j++)
				copy[i].row[role][j] =
					noted(&load->worker[i], role, j);
}

/* What the rows of a worker's port show now. */
static void ledger_shown(const struct load_worker *worker,
			 const struct rows *stats, struct ledger *shown)
{
	memset(shown, 0, sizeof(*shown));
	for (enum tw_role role = 0; role < TW_ANY; role++) {
		const struct row *row = rows_find(stats, role, worker->port);

		if (row)
			memcpy(shown->row[role], row->value,
			       sizeof(shown->row[role]));
	}
}

/**
 * load_restart() - compare from here on
 * @load: paused
 * @netns: whose workers; it is the current namespace
 *
 * Return: false after a message.
 */
bool load_restart(struct load *load, int netns)
{
	struct rows stats;

	if (!stats_read(&stats))
		return false;
	for (unsigned int i = 0; i < load->nr; i++) {
		if (load->worker[i].netns != netns)
			continue;
		load->since[i] = load->worker[i].ledger;
		ledger_shown(&load->worker[i], &stats, &load->shown[i]);
	}
	rows_free(&stats);
	return true;
}

/*
 * A worker that may be refused does not know when it was: its entries are
 * those and the others.  Nor does one know when a FIN_WAIT2 minisocket times
 * out: those are what has ended and what waits.
 */
static __u64 known_value(const struct load_worker *worker,
			 const struct ledger *ledger, enum tw_role role,
			 enum tw_column column)
{
	const __u64 *value = ledger->row[role];

	if (column == TW_COL_REARMED && worker->kind != LOAD_RAW)
		return 0;
	if (column == TW_COL_FIN_WAIT2_ENDED)
		return value[column] + value[TW_COL_FIN_WAIT2];
	if (worker->kind != LOAD_REFUSED)
		return value[column];
	if (column == TW_COL_OVERFLOW)
		return 0;
	if (column == TW_COL_ENTERED)
		return value[TW_COL_ENTERED] + value[TW_COL_OVERFLOW];
	return value[column];
}

/* Where a worker's rows began, and between which ledgers that was. */
struct begin {
	const struct ledger *shown;
	const struct ledger *before;
	const struct ledger *after;
	unsigned int behind; /* done and not written down yet, at most */
};

static bool value_agrees(const struct load_worker *worker,
			 const struct begin *begin, const struct ledger *shown,
			 enum tw_role role, enum tw_column column, bool loud)
{
	const __u64 now = known_value(worker, &worker->ledger, role, column);
	const __u64 seen = known_value(worker, shown, role, column) -
			   known_value(worker, begin->shown, role, column);
	const __u64 most =
		now - known_value(worker, begin->before, role, column);
	__u64 least = now - known_value(worker, begin->after, role, column);

	/* No ledger has what was in FIN_WAIT2 when the module was loaded. */
	if (begin->behind && column == TW_COL_FIN_WAIT2_ENDED)
		return true;
	least -= least < begin->behind ? least : begin->behind;
	if (least <= seen && seen <= most)
		return true;
	if (loud)
		fprintf(stderr,
			"# not as the ledger says: %s %u: %s: expected %llu to %llu, seen %llu\n",
			tw_role_name[role], worker->port,
			tw_column_name[column], least, most, seen);
	return false;
}

static bool worker_agrees(const struct load_worker *worker,
			  const struct begin *begin, const struct rows *stats,
			  bool loud)
{
	struct ledger shown;
	bool agrees = true;

	ledger_shown(worker, stats, &shown);
	for (enum tw_role role = 0; role < TW_ANY; role++)
		for (size_t i = 0; i < NR_KNOWN; i++)
			agrees &= value_agrees(worker, begin, &shown, role,
					       known[i], loud);
	return agrees;
}

static bool all_agree(const struct load *load, int netns,
		      const struct begin begin[], bool loud)
{
	struct rows stats;
	bool agree = true;

	if (!stats_read(&stats))
		return false;
	for (unsigned int i = 0; i < load->nr; i++)
		if (load->worker[i].netns == netns)
			agree &= worker_agrees(&load->worker[i], &begin[i],
					       &stats, loud);
	rows_free(&stats);
	return agree;
}

/**
 * load_agrees() - compare the rows with the ledgers
 * @load: paused
 * @netns: whose workers; it is the current namespace
 *
 * Return: whether all agree; if not, each value that does not has been printed.
 */
bool load_agrees(const struct load *load, int netns)
{
	struct begin begin[LOAD_MAX_WORKERS];

	for (unsigned int i = 0; i < load->nr; i++)
		begin[i] = (struct begin){ .shown = &load->shown[i],
					   .before = &load->since[i],
					   .after = &load->since[i] };
	return WAIT_FOR(all_agree(load, netns, begin, false), PROMPT_MS) ||
	       all_agree(load, netns, begin, true);
}

/**
 * load_lies_between() - compare the rows with the ledgers, after the module was
 *	loaded under the load
 * @load: paused
 * @netns: whose workers; it is the current namespace
 * @before: from load_copy(), before it was loaded
 * @after: from load_copy(), after that
 *
 * Return: whether the rows show all that came after, and nothing that came
 * before; if not, each value has been printed.
 */
bool load_lies_between(const struct load *load, int netns,
		       const struct ledger before[],
		       const struct ledger after[])
{
	static const struct ledger zero;
	struct begin begin[LOAD_MAX_WORKERS];

	for (unsigned int i = 0; i < load->nr; i++)
		begin[i] = (struct begin){ .shown = &zero,
					   .before = &before[i],
					   .after = &after[i],
					   .behind = 2 };
	return WAIT_FOR(all_agree(load, netns, begin, false), PROMPT_MS) ||
	       all_agree(load, netns, begin, true);
}
