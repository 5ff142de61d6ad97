// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "truth.h"
#include "wait.h"

#define AUDIT_PAUSE_US 100000

#define NR_PORTS 65536

/* TAINT_DIE, TAINT_WARN, TAINT_SOFTLOCKUP: the kernel itself complained. */
#define TAINT_SPLAT 0x4280UL

/* The minisockets that ss lists, by the role and port that they count for. */
struct minisockets {
	unsigned int time_wait[TW_ANY][NR_PORTS];
	unsigned int fin_wait2[TW_ANY][NR_PORTS];
};

/* One round of looking: what was read, and what did not agree. */
struct audit {
	const struct truth *since; /* NULL: what is now, but no growth */
	bool ends_go_on; /* what is alive is listed between two looks */
	struct rows stats;
	struct rows hist;
	const struct minisockets *alive;
	int sockstat;
	struct rows later; /* the second look at stats */
	FILE *log; /* NULL: only tell whether all is well */
	bool holds;
};

static bool server_port[NR_PORTS];

/**
 * truth_server_port() - tell what a local port is for
 * @port: the port
 * @is_server: whether its connections are accepted; listen_on() says so
 */
void truth_server_port(unsigned int port, bool is_server)
{
	server_port[port] = is_server;
}

static unsigned long taint(void)
{
	char *text = read_text("/proc/sys/kernel/tainted");
	const unsigned long flags = text ? strtoul(text, NULL, 10) : 0;

	free(text);
	return flags & TAINT_SPLAT;
}

/* The n-th word of the line that follows the line of names. */
static __u64 netstat_value(const char *names, const char *values,
			   const char *name)
{
	const size_t length = strlen(name);

	while (*names != '\n' && *values != '\n') {
		names += strcspn(names, "\n ");
		values += strcspn(values, "\n ");
		if (*names == '\n' || *values == '\n')
			break;
		names++;
		values++;
		if (!strncmp(names, name, length) &&
		    strchr("\n ", names[length]))
			return strtoull(values, NULL, 10);
	}
	fprintf(stderr, "# /proc/net/netstat: no %s\n", name);
	exit(1);
}

static void kernel_counters(__u64 value[NR_KERNEL_COUNTERS])
{
	static const char *const name[NR_KERNEL_COUNTERS] = {
		[KERNEL_TW] = "TW",
		[KERNEL_TW_KILLED] = "TWKilled",
		[KERNEL_TW_RECYCLED] = "TWRecycled",
		[KERNEL_TW_OVERFLOW] = "TCPTimeWaitOverflow",
	};
	char *text = read_text("/proc/net/netstat");
	char *names = text ? strstr(text, "TcpExt:") : NULL;
	char *values = names ? strstr(names + 1, "TcpExt:") : NULL;

	if (!values) {
		fprintf(stderr, "# /proc/net/netstat: no TcpExt\n");
		exit(1);
	}
	for (int i = 0; i < NR_KERNEL_COUNTERS; i++)
		value[i] = netstat_value(names, values, name[i]);
	free(text);
}

/**
 * kernel_counter() - read what the kernel counts itself
 * @counter: which
 *
 * Return: its value in the current network namespace.
 */
long long kernel_counter(enum kernel_counter counter)
{
	__u64 value[NR_KERNEL_COUNTERS];

	kernel_counters(value);
	return value[counter];
}

/**
 * sockstat_tw() - count minisockets, those in FIN_WAIT2 included
 *
 * Return: tw of /proc/net/sockstat.
 */
int sockstat_tw(void)
{
	char *text = read_text("/proc/net/sockstat");
	char *tw = text ? strstr(text, " tw ") : NULL;
	int nr = tw ? strtoul(tw + 4, NULL, 10) : 0;

	if (!tw) {
		fprintf(stderr, "# /proc/net/sockstat: no tw\n");
		exit(1);
	}
	free(text);
	return nr;
}

/**
 * ss_count() - count the sockets that ss lists
 * @state: in which state, in the words of ss
 *
 * Return: how many.
 */
int ss_count(const char *state)
{
	int nr = 0;
	char command[64];
	int c, last = '\n';
	FILE *ss;

	snprintf(command, sizeof(command), "ss -Htan state %s", state);
	ss = popen(command, "r");
	while (ss && (c = fgetc(ss)) != EOF) {
		nr += c == '\n' && last != '\n';
		last = c;
	}
	if (!ss || pclose(ss)) {
		fprintf(stderr, "# %s: failed\n", command);
		exit(1);
	}
	return nr;
}

static unsigned int port_of(const char *address)
{
	const char *colon = strrchr(address, ':');

	return colon ? strtoul(colon + 1, NULL, 10) % NR_PORTS : 0;
}

static void minisocket_add(struct minisockets *alive, const char *line)
{
	char state[32], local[128], peer[128];
	unsigned int port;
	enum tw_role role;

	if (sscanf(line, "%31s %*s %*s %127s %127s", state, local, peer) != 3)
		return;

	port = port_of(local);
	role = server_port[port] ? TW_SERVER : TW_CLIENT;
	if (role == TW_CLIENT)
		port = port_of(peer);

	if (!strcmp(state, "TIME-WAIT"))
		alive->time_wait[role][port]++;
	else if (!strcmp(state, "FIN-WAIT-2"))
		alive->fin_wait2[role][port]++;
}

/*
 * A full socket can be in FIN_WAIT2, too.  The timer tells them apart: ss calls
 * only that of a minisocket "timewait".
 */
static const struct minisockets *minisockets_list(void)
{
	static struct minisockets alive;
	char line[512];
	FILE *ss;

	memset(&alive, 0, sizeof(alive));
	ss = popen("ss -Htano", "r");
	while (ss && fgets(line, sizeof(line), ss))
		if (strstr(line, "timer:(timewait,"))
			minisocket_add(&alive, line);
	if (!ss || pclose(ss)) {
		fprintf(stderr, "# ss -Htano: failed\n");
		exit(1);
	}
	return &alive;
}

/* @row: NULL for what is about all of them. */
static void audit_equal(struct audit *audit, const struct row *row, __u64 want,
			__u64 seen, const char *what)
{
	if (want == seen)
		return;
	audit->holds = false;
	if (!audit->log)
		return;
	fputs("# not balanced: ", audit->log);
	if (row)
		fprintf(audit->log, "%s %u: ", tw_role_name[row->role],
			row->port);
	fprintf(audit->log, "%s: expected %llu, seen %llu\n", what, want, seen);
}

/* A gauge of minisockets, which may fall while they are listed. */
static void audit_gauge(struct audit *audit, const struct row *row,
			unsigned int listed, enum tw_column column)
{
	static const char *const what[TW_NR_COLUMNS] = {
		[TW_COL_CURRENT] = "current against ss",
		[TW_COL_FIN_WAIT2] = "fin_wait2 against ss",
	};
	const struct row *later =
		rows_find(&audit->later, row->role, row->port);

	if (audit->ends_go_on && later && listed < row->value[column] &&
	    listed >= later->value[column])
		return;
	audit_equal(audit, row, listed, row->value[column], what[column]);
}

static __u64 hist_total(const struct rows *hist, const struct row *row)
{
	const struct row *found = rows_find(hist, row->role, row->port);
	__u64 total = 0;

	for (int i = 0; found && i < TW_NR_HIST_BUCKETS; i++)
		total += found->value[i];
	return total;
}

static void audit_row(struct audit *audit, const struct row *row)
{
	const __u64 *value = row->value;

	audit_equal(audit, row, value[TW_COL_ENTERED] + value[TW_COL_ADOPTED],
		    value[TW_COL_CURRENT] + row_ended(row),
		    "current + ended against entered + adopted");
	audit_equal(audit, row, row_ended(row), hist_total(&audit->hist, row),
		    "stays in tw_hist against ended");
	audit_equal(audit, row, 1,
		    value[TW_COL_MAX_MS] <= value[TW_COL_STAYED_MS] &&
			    value[TW_COL_STAYED_MS] <= value[TW_COL_TIME_MS],
		    "max_ms is part of stayed_ms, and that of time_ms");
	audit_equal(audit, row, 1,
		    value[TW_COL_NO_REUSEADDR] <=
			    value[TW_COL_CURRENT] + value[TW_COL_FIN_WAIT2],
		    "no_reuseaddr is part of current + fin_wait2");
}

static void audit_port(struct audit *audit, const struct row *row,
		       unsigned int time_wait, unsigned int fin_wait2)
{
	audit_gauge(audit, row, time_wait, TW_COL_CURRENT);
	audit_gauge(audit, row, fin_wait2, TW_COL_FIN_WAIT2);
}

static void audit_row_port(struct audit *audit, const struct row *row)
{
	const struct minisockets *alive = audit->alive;

	audit_port(audit, row, alive->time_wait[row->role][row->port],
		   alive->fin_wait2[row->role][row->port]);
}

/* Ports without a row of their own count in the row "any 0". */
static void audit_ports(struct audit *audit)
{
	const struct minisockets *alive = audit->alive;
	const struct row *any = rows_find(&audit->stats, TW_ANY, 0);
	unsigned int time_wait = 0, fin_wait2 = 0;

	for (int key = 0; key < TW_ANY * NR_PORTS; key++) {
		const struct row none = { .role = key / NR_PORTS,
					  .port = key % NR_PORTS };
		const unsigned int tw = alive->time_wait[none.role][none.port];
		const unsigned int fw = alive->fin_wait2[none.role][none.port];

		if ((!tw && !fw) ||
		    rows_find(&audit->stats, none.role, none.port))
			continue;
		time_wait += tw;
		fin_wait2 += fw;
		if (!any)
			audit_port(audit, &none, tw, fw);
	}
	if (any)
		audit_port(audit, any, time_wait, fin_wait2);

	for (size_t i = 0; i < audit->stats.nr; i++)
		if (audit->stats.row[i].role != TW_ANY)
			audit_row_port(audit, &audit->stats.row[i]);
}

static void audit_growth(struct audit *audit)
{
	const struct truth *since = audit->since;
	__u64 kernel[NR_KERNEL_COUNTERS], sum[TW_NR_COLUMNS], made;

	kernel_counters(kernel);
	for (int i = 0; i < NR_KERNEL_COUNTERS; i++)
		kernel[i] -= since->kernel[i];
	for (int i = 0; i < TW_NR_COLUMNS; i++)
		sum[i] = rows_sum(&audit->stats, i) - since->sum[i];

	made = sum[TW_COL_ENTERED] + sum[TW_COL_UNTRACKED] +
	       sum[TW_COL_FIN_WAIT2_ENDED] + sum[TW_COL_FIN_WAIT2];
	audit_equal(audit, NULL, kernel[KERNEL_TW] + kernel[KERNEL_TW_KILLED],
		    made, "entered, or in FIN_WAIT2, against TW + TWKilled");
	audit_equal(audit, NULL, kernel[KERNEL_TW_OVERFLOW],
		    sum[TW_COL_OVERFLOW],
		    "overflow against TCPTimeWaitOverflow");
	audit_equal(audit, NULL, kernel[KERNEL_TW_RECYCLED],
		    sum[TW_COL_REUSED] + since->fin_wait2_recycled,
		    "reused against TWRecycled");
	audit_equal(audit, NULL, since->taint, taint(),
		    "kernel.tainted, by a complaint of the kernel");
}

static __u64 alive(const struct rows *stats)
{
	return rows_sum(stats, TW_COL_CURRENT) +
	       rows_sum(stats, TW_COL_FIN_WAIT2);
}

static void audit_sockstat(struct audit *audit)
{
	const __u64 listed = audit->sockstat;
	const __u64 seen = alive(&audit->stats);

	if (audit->ends_go_on && listed < seen &&
	    listed >= alive(&audit->later))
		return;
	audit_equal(audit, NULL, listed, seen,
		    "current + fin_wait2 against tw of sockstat");
}

/* An end between two files is in the one and not in the other. */
static bool hist_agrees(const struct rows *stats, const struct rows *hist)
{
	for (size_t i = 0; i < stats->nr; i++)
		if (row_ended(&stats->row[i]) !=
		    hist_total(hist, &stats->row[i]))
			return false;
	return true;
}

static void audit_read(struct audit *audit)
{
	int tries = audit->ends_go_on ? 100 : 1;

	do {
		rows_free(&audit->stats);
		rows_free(&audit->hist);
		if (!stats_read(&audit->stats) || !hist_read(&audit->hist))
			exit(1);
	} while (!hist_agrees(&audit->stats, &audit->hist) && --tries);

	audit->alive = minisockets_list();
	audit->sockstat = sockstat_tw();
	if (audit->ends_go_on && !stats_read(&audit->later))
		exit(1);
}

static bool audit_round(struct audit *audit)
{
	audit->holds = true;
	audit_read(audit);

	for (size_t i = 0; i < audit->stats.nr; i++)
		audit_row(audit, &audit->stats.row[i]);
	audit_ports(audit);
	audit_sockstat(audit);
	if (audit->since)
		audit_growth(audit);

	rows_free(&audit->stats);
	rows_free(&audit->hist);
	rows_free(&audit->later);
	return audit->holds;
}

/*
 * A round costs by the socket, so there is a pause between two of them.  What
 * did not agree until the last is printed by that.
 */
static bool audit_until(struct audit *audit, long long ms)
{
	const long long until = now_ms() + ms;

	while (!audit_round(audit)) {
		if (now_ms() >= until) {
			audit->log = stderr;
			return audit_round(audit);
		}
		usleep(AUDIT_PAUSE_US);
	}
	return true;
}

/**
 * truth_start() - remember where a test begins
 * @truth: filled in, for truth_holds()
 *
 * Return: false after a message.
 */
bool truth_start(struct truth *truth)
{
	struct rows stats;

	memset(truth, 0, sizeof(*truth));
	if (!stats_read(&stats))
		return false;
	for (int i = 0; i < TW_NR_COLUMNS; i++)
		truth->sum[i] = rows_sum(&stats, i);
	rows_free(&stats);
	kernel_counters(truth->kernel);
	truth->taint = taint();
	return true;
}

/**
 * truth_restart() - begin anew, after the module was reloaded
 * @truth: filled in, but for what the kernel had to complain about until now
 *
 * Return: false after a message.
 */
bool truth_restart(struct truth *truth)
{
	const unsigned long taint_before = truth->taint;
	const bool started = truth_start(truth);

	truth->taint = taint_before;
	return started;
}

/**
 * truth_holds() - wait until all equations hold
 * @truth: where the test began
 *
 * The sockets must come to rest by themselves: an equation that holds only
 * between events is waited for a while.
 *
 * Return: whether they do; if not, each that does not has been printed with
 * its row and both its numbers.
 */
bool truth_holds(const struct truth *truth)
{
	struct audit audit = { .since = truth };

	return audit_until(&audit, PROMPT_MS);
}

/**
 * truth_holds_while_they_end() - like truth_holds(), for many minisockets
 * @truth: where the test began; or NULL, to leave out what compares growth
 *
 * Between the first that ss lists and the last, some expire.  What it lists of
 * a row must lie between what the row shows before and after.  Nothing may
 * be made meanwhile.
 *
 * Return: whether they do.
 */
bool truth_holds_while_they_end(const struct truth *truth)
{
	struct audit audit = { .since = truth, .ends_go_on = true };

	return audit_until(&audit, PROMPT_MS);
}
