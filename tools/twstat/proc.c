// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the files, of this network namespace, of another, or copies of them.
 * Whatever is wrong with one ends the program with a line that says so: nothing
 * has been printed by then.
 */
#include <error.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proc.h"
#include "twstat.h"

#define NETNS_DIRECTORY "/run/netns/"

/* More than any sysctl has: 65536 ports. */
#define ONE_READ 524288

/* Below /proc. */
#define STATS "net/" TW_STATS_NAME
#define HIST "net/" TW_HIST_NAME

/* The copies in their order; none: /proc itself. */
static const char **copy;
static size_t nr_copies;
static size_t at_copy;
static long long copy_ms;

/**
 * proc_add_copy() - read a copy of /proc instead
 * @directory: where it lies; has net/tw_stats and so on
 *
 * The next copy is what /proc was later.  The time of each is when its
 * net/tw_stats was last modified.
 */
void proc_add_copy(const char *directory)
{
	copy = reallocarray(copy, nr_copies + 1, sizeof(*copy));
	if (!copy)
		error(EXIT_NOTHING, 0, "out of memory");
	copy[nr_copies++] = directory;
}

/**
 * proc_is_copy() - tell whether it is not /proc that is read
 *
 * Return: whether proc_add_copy() was called.
 */
bool proc_is_copy(void)
{
	return nr_copies;
}

/**
 * proc_enter_netns() - read what another network namespace has
 * @name: as "ip netns" has it, or a path
 */
void proc_enter_netns(const char *name)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s%s",
		 strchr(name, '/') ? "" : NETNS_DIRECTORY, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		error(EXIT_NOTHING, 0,
		      "no network namespace %s: \"ip netns list\" shows which there are",
		      path);
	if (fd < 0)
		error(EXIT_NOTHING, errno, "%s", path);
	if (setns(fd, CLONE_NEWNET)) {
		if (errno == EPERM)
			error(EXIT_NOTHING, 0,
			      "only root may enter a network namespace: try sudo");
		if (errno == EINVAL)
			error(EXIT_NOTHING, 0, "%s: not a network namespace",
			      path);
		error(EXIT_NOTHING, errno, "%s", path);
	}
	close(fd);
}

static void path_of(char path[PATH_MAX], const char *name)
{
	const char *root = nr_copies ? copy[at_copy] : "/proc";

	if (snprintf(path, PATH_MAX, "%s/%s", root, name) >= PATH_MAX)
		error(EXIT_NOTHING, 0, "%s: too long a path", root);
}

static FILE *open_file(const char *path, const char *name)
{
	FILE *file = fopen(path, "re");
	const bool ours = !strcmp(name, STATS) || !strcmp(name, HIST);

	if (!file && errno == ENOENT && ours && !nr_copies)
		error(EXIT_NOTHING, 0,
		      "no %s: load the module, as root: insmod tw_stats.ko",
		      path);
	if (!file && nr_copies && (errno == ENOENT || errno == ENOTDIR))
		error(EXIT_NOTHING, 0,
		      "no %s: --root takes a folder like /proc, see EXAMPLES in man twstat",
		      path);
	if (!file)
		error(EXIT_NOTHING, errno, "%s", path);
	return file;
}

/* Returns the whole text with a byte of 0 behind it, to be freed. */
static char *file_read(const char *name, size_t *size, struct timespec *when)
{
	static char buffer[ONE_READ];
	char path[PATH_MAX], *text = NULL;
	struct stat status;
	size_t room = 0;
	ssize_t len;
	FILE *file;

	path_of(path, name);
	file = open_file(path, name);
	/* A sysctl has nothing more to say to a second read(). */
	setvbuf(file, buffer, _IOFBF, sizeof(buffer));
	/* Up to the end, as there is no such byte in a text. */
	len = getdelim(&text, &room, '\0', file);
	if (ferror(file) || fstat(fileno(file), &status))
		error(EXIT_NOTHING, errno, "%s", path);
	fclose(file);

	if (len < 0) {
		text = realloc(text, 1);
		if (!text)
			error(EXIT_NOTHING, 0, "out of memory");
		len = 0;
		*text = '\0';
	}
	*size = len;
	*when = status.st_mtim;
	return text;
}

static void table_read(struct table *table, const char *name,
		       const char *const *column, int nr_columns,
		       struct timespec *when)
{
	struct table_error reason;
	char path[PATH_MAX];
	size_t size;
	char *text;

	text = file_read(name, &size, when);
	path_of(path, name);
	if (!table_parse(table, column, nr_columns, text, size, &reason))
		error(EXIT_NOTHING, 0, "%s: %s", path, reason.text);
	free(text);
}

static long long ms_of(const struct timespec *time)
{
	return time->tv_sec * 1000LL + time->tv_nsec / 1000000;
}

/**
 * sample_read() - read tw_stats
 * @sample: filled in, for sample_free()
 */
void sample_read(struct sample *sample)
{
	struct timespec when;

	table_read(&sample->stats, STATS, column_name, TW_NR_COLUMNS, &when);
	sample->clock = when.tv_sec;
	if (!nr_copies) {
		clock_gettime(CLOCK_BOOTTIME, &when);
		sample->clock = time(NULL);
	}
	sample->ms = ms_of(&when);
	copy_ms = sample->ms;
}

/**
 * sample_next() - read tw_stats again, some time later
 * @sample: filled in, for sample_free()
 * @interval: how much later, in s; 0 not to wait, and for copies
 *
 * Return: false when there is no further copy.
 */
bool sample_next(struct sample *sample, double interval)
{
	const long long before_ms = copy_ms;
	const time_t whole = interval;
	struct timespec pause = { whole, (interval - whole) * 1e9 };

	if (!nr_copies) {
		while (clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, &pause) ==
		       EINTR)
			;
		sample_read(sample);
		return true;
	}
	if (at_copy + 1 == nr_copies)
		return false;
	at_copy++;
	sample_read(sample);
	if (sample->ms <= before_ms)
		error(EXIT_NOTHING, 0,
		      "%s/" STATS " is not later than %s/" STATS
		      ": the later copy comes last, and files keep their times with cp -p",
		      copy[at_copy], copy[at_copy - 1]);
	return true;
}

/**
 * sample_free() - free what was read
 * @sample: may be all zero
 */
void sample_free(struct sample *sample)
{
	table_free(&sample->stats);
}

static void require(const struct table *table, int column, const char *name,
		    const char *file)
{
	char path[PATH_MAX];

	if (table->has[column])
		return;
	path_of(path, file);
	error(EXIT_NOTHING, 0,
	      "%s has no column %s: it is of another version of the module, use the twstat that came with that",
	      path, name);
}

/**
 * sample_require() - end with a message unless there are these columns
 * @sample: where
 * @column: which
 * @nr: how many
 */
void sample_require(const struct sample *sample, const enum tw_column *column,
		    size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		require(&sample->stats, column[i], column_name[column[i]],
			STATS);
}

/**
 * hist_read() - read tw_hist, with all of its buckets
 * @hist: filled in, for table_free()
 */
void hist_read(struct table *hist)
{
	struct timespec when;

	table_read(hist, HIST, bucket_name, TW_NR_HIST_BUCKETS, &when);
	for (int i = 0; i < TW_NR_HIST_BUCKETS; i++)
		require(hist, i, bucket_name[i], HIST);
}

/* Some numbers, parted by blanks, commas or dashes. */
static char *limit_read(const char *name)
{
	char path[64];
	struct timespec when;
	size_t size;

	snprintf(path, sizeof(path), "sys/net/ipv4/%s", name);
	return file_read(path, &size, &when);
}

static void limit_is_bad(const char *name)
{
	char path[PATH_MAX];

	path_of(path, "sys/net/ipv4");
	error(EXIT_NOTHING, 0, "%s/%s: not what was expected there", path,
	      name);
}

static unsigned int limit_number(const char *name)
{
	char *text = limit_read(name), *end;
	const unsigned long number = strtoul(text, &end, 10);

	if (end == text || number > UINT_MAX)
		limit_is_bad(name);
	free(text);
	return number;
}

static void reserved_read(struct limits *limits)
{
	static const char name[] = "ip_local_reserved_ports";
	char *text = limit_read(name), *rest = NULL;
	const size_t size = strlen(text);

	if (!size || text[size - 1] != '\n')
		limit_is_bad(name);
	for (char *word = strtok_r(text, ",\n", &rest); word;
	     word = strtok_r(NULL, ",\n", &rest)) {
		unsigned int first, last;
		int end = 0;

		if (sscanf(word, "%5u%n-%5u%n", &first, &end, &last, &end) == 1)
			last = first;
		if (!end || word[end] || first > last || last > 65535)
			limit_is_bad(name);
		for (unsigned int i = first; i <= last; i++)
			limits->reserved[i] = true;
	}
	free(text);
}

/* The kernels before 6.15 have no such file, and 1 s. */
static unsigned int reuse_delay(void)
{
	static const char name[] = "tcp_tw_reuse_delay";
	char path[PATH_MAX];

	path_of(path, "sys/net/ipv4/tcp_tw_reuse_delay");
	return access(path, F_OK) ? 1000 : limit_number(name);
}

/*
 * How many ports connect() tries: of a range with an odd number it leaves out
 * one, as __inet_hash_connect() goes through the odd and the even ones in turn.
 */
static unsigned int ports_tried(const struct limits *limits)
{
	const unsigned int size = limits->port_last - limits->port_first + 1;
	const unsigned int tried = size > 1 ? size & ~1U : size;

	return tried > limits->nr_reserved ? tried - limits->nr_reserved : 0;
}

/**
 * limits_read() - read what the namespace lets connect() and timers do
 * @limits: filled in
 */
void limits_read(struct limits *limits)
{
	static const char range[] = "ip_local_port_range";
	char *text = limit_read(range);

	memset(limits, 0, sizeof(*limits));
	if (sscanf(text, "%5u %5u", &limits->port_first, &limits->port_last) !=
		    2 ||
	    limits->port_first > limits->port_last || limits->port_last > 65535)
		limit_is_bad(range);
	free(text);

	reserved_read(limits);
	for (unsigned int i = limits->port_first; i <= limits->port_last; i++)
		limits->nr_reserved += limits->reserved[i];
	limits->nr_ports = ports_tried(limits);
	limits->tw_reuse = limit_number("tcp_tw_reuse");
	limits->reuse_delay_ms = reuse_delay();
	limits->timestamps = limit_number("tcp_timestamps");
	limits->fin_timeout = limit_number("tcp_fin_timeout");
}

/**
 * port_is_ephemeral() - tell whether connect() may be given a port
 * @limits: of the namespace
 * @port: which
 *
 * Return: whether it may.
 */
bool port_is_ephemeral(const struct limits *limits, unsigned int port)
{
	return port >= limits->port_first && port <= limits->port_last &&
	       !limits->reserved[port];
}
