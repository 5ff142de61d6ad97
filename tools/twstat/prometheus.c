// SPDX-License-Identifier: GPL-2.0-only
/*
 * twstat prometheus: all rows in the text exposition format of Prometheus, for
 * the textfile collector of node_exporter.  Names and units are as
 * https://prometheus.io/docs/practices/naming/ has them.
 */
#include <errno.h>
#include <error.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "columns.h"
#include "proc.h"
#include "twstat.h"

#define PREFIX "tw_stats_"
#define STAY PREFIX "stay_seconds"

/* The histogram's sum is not a metric of its own. */
static bool is_metric(const struct table *stats, enum tw_column column)
{
	return stats->has[column] && column != TW_COL_STAYED_MS;
}

static void print_head(FILE *out, const char *metric, const char *help,
		       const char *type)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", metric, help, metric,
		type);
}

static void print_seconds(FILE *out, __u64 ms)
{
	fprintf(out, "%llu.%03llu", ms / 1000, ms % 1000);
}

static void print_labels(FILE *out, const struct table_row *row)
{
	fprintf(out, "role=\"%s\",port=\"%u\"", role_name[row->role],
		row->port);
}

static void print_metric(FILE *out, const struct table *stats,
			 enum tw_column column)
{
	const bool seconds = column_of[column].unit == UNIT_MS;
	char metric[64];

	snprintf(metric, sizeof(metric), PREFIX "%s%s%s",
		 column_heading(column), seconds ? "_seconds" : "",
		 column_of[column].counter ? "_total" : "");
	print_head(out, metric, column_of[column].help,
		   column_of[column].counter ? "counter" : "gauge");
	for (size_t i = 0; i < stats->nr_rows; i++) {
		const __u64 value = stats->row[i].value[column];

		fprintf(out, "%s{", metric);
		print_labels(out, &stats->row[i]);
		fputs("} ", out);
		if (seconds)
			print_seconds(out, value);
		else
			fprintf(out, "%llu", value);
		putc('\n', out);
	}
}

static void print_bucket(FILE *out, const struct table_row *row, int bucket,
			 __u64 count)
{
	fputs(STAY "_bucket{", out);
	print_labels(out, row);
	if (bucket == TW_LONGER)
		fputs(",le=\"+Inf\"", out);
	else
		fprintf(out, ",le=\"%g\"", bucket_edge_ms[bucket] / 1000.0);
	fprintf(out, "} %llu\n", count);
}

static void print_histogram(FILE *out, const struct table_row *row,
			    __u64 stayed_ms)
{
	__u64 count = 0;

	for (int i = 0; i < TW_NR_HIST_BUCKETS; i++) {
		count = add_up(count, row->value[i]);
		print_bucket(out, row, i, count);
	}
	fputs(STAY "_sum{", out);
	print_labels(out, row);
	fputs("} ", out);
	print_seconds(out, stayed_ms);
	fputs("\n" STAY "_count{", out);
	print_labels(out, row);
	fprintf(out, "} %llu\n", count);
}

/* Stays may end between the two files, so the sum may lack the last of them. */
static void print_histograms(FILE *out, const struct table *stats,
			     const struct table *hist)
{
	print_head(out, STAY, "completed stays in TIME_WAIT by their length",
		   "histogram");
	for (size_t i = 0; i < hist->nr_rows; i++) {
		const struct table_row *row = &hist->row[i], *sum;

		sum = table_find(stats, row->role, row->port);
		if (sum)
			print_histogram(out, row, sum->value[TW_COL_STAYED_MS]);
	}
}

static void print_limits(FILE *out, const struct limits *limits)
{
	print_head(
		out, PREFIX "ephemeral_ports",
		"local ports that connect() has for each pair of addresses and port of a peer",
		"gauge");
	fprintf(out, PREFIX "ephemeral_ports %u\n", limits->nr_ports);
}

static void print_all(FILE *out)
{
	static const enum tw_column needed[] = { TW_COL_STAYED_MS };
	struct sample sample;
	struct limits limits;
	struct table hist;

	sample_read(&sample);
	sample_require(&sample, needed, 1);
	hist_read(&hist);
	limits_read(&limits);

	for (int i = 0; i < TW_NR_COLUMNS; i++)
		if (is_metric(&sample.stats, i))
			print_metric(out, &sample.stats, i);
	print_histograms(out, &sample.stats, &hist);
	print_limits(out, &limits);
	table_free(&hist);
	sample_free(&sample);
}

/* Readable for all, as far as the umask lets it be. */
static void set_mode(int fd)
{
	const mode_t mask = umask(0);

	umask(mask);
	fchmod(fd, 0644 & ~mask);
}

/* Behind symbolic links; ends the program if what is there is no file. */
static char *target_of(const char *path)
{
	char *target = realpath(path, NULL);
	struct stat status;

	if (!target && errno != ENOENT)
		error(EXIT_NOTHING, errno, "%s", path);
	if (target && (stat(target, &status) || !S_ISREG(status.st_mode)))
		error(EXIT_NOTHING, 0,
		      "%s: not a regular file; without --output, twstat prints to stdout",
		      path);
	return target ?: strdup(path);
}

/* Who looks at the file sees the old one or the new one, each complete. */
static void replace(const char *path, const char *text, size_t size)
{
	char *target = target_of(path), *temporary;
	bool written;
	FILE *out;
	int fd;

	if (!target || asprintf(&temporary, "%s.XXXXXX", target) < 0)
		error(EXIT_NOTHING, 0, "out of memory");
	fd = mkstemp(temporary);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out)
		error(EXIT_NOTHING, errno, "%s", path);
	set_mode(fd);
	written = fwrite(text, 1, size, out) == size && !fflush(out) &&
		  !fsync(fd);
	if (!written || fclose(out) || rename(temporary, target)) {
		const int reason = errno;

		unlink(temporary);
		free(temporary);
		free(target);
		error(EXIT_NOTHING, reason, "%s", path);
	}
	free(temporary);
	free(target);
}

/**
 * cmd_prometheus() - print all rows for Prometheus
 * @request: to where
 *
 * Return: the exit status.
 */
int cmd_prometheus(const struct request *request)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out;

	out = open_memstream(&text, &size);
	if (!out)
		error(EXIT_NOTHING, errno, "no memory");
	print_all(out);
	if (fclose(out))
		error(EXIT_NOTHING, errno, "no memory");
	if (request->output)
		replace(request->output, text, size);
	else
		fwrite(text, 1, size, stdout);
	free(text);
	return 0;
}
