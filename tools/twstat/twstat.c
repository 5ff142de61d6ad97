// SPDX-License-Identifier: GPL-2.0-only
/*
 * twstat: shows /proc/net/tw_stats, or /proc/net/tw_hist, as a table that fits
 * a screen: numbers aligned, and without the columns that are zero throughout.
 */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/tw_stats.h>

#define KEY_FIELDS 2

enum { EXIT_NOTHING = 1, EXIT_USAGE = 2 };

/* Lines of fields, all of the same number; the first line holds the names. */
struct table {
	char ***line;
	size_t nr_lines;
	size_t nr_fields;
};

static void *must(void *memory)
{
	if (!memory) {
		fprintf(stderr, "twstat: out of memory\n");
		exit(EXIT_NOTHING);
	}
	return memory;
}

/* Takes @text, which the fields returned point into. */
static char **split(char *text, size_t *nr_fields)
{
	char **field = NULL, *word, *rest = text;
	size_t nr = 0;

	while ((word = strtok_r(rest, "\n ", &rest))) {
		field = must(reallocarray(field, nr + 1, sizeof(*field)));
		field[nr++] = word;
	}
	*nr_fields = nr;
	return field;
}

static void bad_file(const char *path, const char *what)
{
	fprintf(stderr, "twstat: %s: %s\n", path, what);
	exit(EXIT_NOTHING);
}

static void table_add(struct table *table, const char *path, char *text)
{
	size_t nr_fields;
	char **field = split(text, &nr_fields);

	if (!table->nr_lines) {
		if (nr_fields <= KEY_FIELDS || strcmp(field[0], TW_KEY_ROLE) ||
		    strcmp(field[1], TW_KEY_PORT))
			bad_file(
				path,
				"not a file of tw_stats: it does not begin with \"" TW_KEY_ROLE
				" " TW_KEY_PORT "\"");
		table->nr_fields = nr_fields;
	} else if (nr_fields != table->nr_fields) {
		bad_file(path, "a line is cut short, or has too many fields");
	}

	table->line = must(reallocarray(table->line, table->nr_lines + 1,
					sizeof(*table->line)));
	table->line[table->nr_lines++] = field;
}

static void cannot_open(const char *path)
{
	const bool ours = !strcmp(path, TW_STATS_PATH) ||
			  !strcmp(path, TW_HIST_PATH);

	if (errno == ENOENT && ours)
		fprintf(stderr,
			"twstat: no %s: load the module, as root: insmod tw_stats.ko\n",
			path);
	else
		fprintf(stderr, "twstat: %s: %s\n", path, strerror(errno));
	exit(EXIT_NOTHING);
}

static void table_read(struct table *table, const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;

	if (!file)
		cannot_open(path);
	while (getline(&text, &size, file) > 0) {
		table_add(table, path, text);
		text = NULL;
		size = 0;
	}
	if (ferror(file))
		bad_file(path, strerror(errno));
	if (!table->nr_lines)
		bad_file(path, "is empty");
	free(text);
	fclose(file);
}

static bool is_blank(const struct table *table, size_t field)
{
	size_t i;

	if (field < KEY_FIELDS)
		return false;
	for (i = 1; i < table->nr_lines; i++)
		if (strcmp(table->line[i][field], "0"))
			return false;
	return true;
}

static int width(const struct table *table, size_t field)
{
	size_t widest = 0, i;

	for (i = 0; i < table->nr_lines; i++) {
		const size_t len = strlen(table->line[i][field]);

		widest = len > widest ? len : widest;
	}
	return widest;
}

static void table_print(const struct table *table, bool all)
{
	size_t i, k;

	for (i = 0; i < table->nr_lines; i++) {
		printf("%-*s", width(table, 0), table->line[i][0]);
		for (k = 1; k < table->nr_fields; k++)
			if (all || !is_blank(table, k))
				printf("  %*s", width(table, k),
				       table->line[i][k]);
		putchar('\n');
	}
}

static void synopsis(FILE *out)
{
	fprintf(out,
		"Usage: twstat [-a] [FILE]\n"
		"Shows the TCP TIME_WAIT sockets of this network namespace, a row a port.\n"
		"\n"
		"  -a, --all    all columns, not only those with something in them\n"
		"  -h, --help   this text\n"
		"\n"
		"FILE is " TW_STATS_PATH " (the default), " TW_HIST_PATH
		", or a copy.\n"
		"Exit status: 0 good, 1 nothing to show or failed, 2 usage.\n");
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "all", no_argument, NULL, 'a' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	struct table table = {};
	bool all = false;
	int c;

	while ((c = getopt_long(argc, argv, "ah", options, NULL)) != -1) {
		switch (c) {
		case 'a':
			all = true;
			break;
		case 'h':
			synopsis(stdout);
			return 0;
		default:
			synopsis(stderr);
			return EXIT_USAGE;
		}
	}
	if (argc - optind > 1) {
		fprintf(stderr, "twstat: one FILE at most\n");
		return EXIT_USAGE;
	}

	table_read(&table, optind < argc ? argv[optind] : TW_STATS_PATH);
	if (table.nr_lines == 1) {
		fprintf(stderr,
			"twstat: no TIME_WAIT seen in this network namespace yet\n");
		return EXIT_NOTHING;
	}
	table_print(&table, all);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "twstat: writing: %s\n", strerror(errno));
		return EXIT_NOTHING;
	}
	return 0;
}
