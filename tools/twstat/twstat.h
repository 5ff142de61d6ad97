/* SPDX-License-Identifier: GPL-2.0-only */
/* What the user asked for, and the commands that answer. */
#ifndef TWSTAT_TWSTAT_H
#define TWSTAT_TWSTAT_H

#include <stdbool.h>
#include <stddef.h>

#include "table.h"

/* What rows may be sorted by, besides the columns of tw_stats. */
enum { BY_TRAFFIC = -1, BY_KEY = -2 };

enum { EXIT_NOTHING = 1, EXIT_USAGE = 2 };

/* Ports from @first to @last. */
struct range {
	unsigned int first;
	unsigned int last;
};

/**
 * struct request - the command line
 * @all: show every column
 * @header: show a line of names
 * @json: print JSON
 * @pretty: print it for people
 * @watch: go on, every @interval
 * @interval: in seconds; 0: as long as the command likes
 * @netns: the network namespace, or NULL
 * @by_role: show only @role
 * @role: which
 * @sort: the column to sort by, or BY_TRAFFIC, or BY_KEY
 * @output: the file to write to, or NULL
 * @word: the arguments behind the command
 * @nr_words: how many
 * @range: the ports to show, all if there are none
 * @nr_ranges: how many
 */
struct request {
	bool all;
	bool header;
	bool json;
	bool pretty;
	bool watch;
	double interval;
	const char *netns;
	bool by_role;
	enum tw_role role;
	int sort;
	const char *output;
	char *const *word;
	int nr_words;
	struct range *range;
	size_t nr_ranges;
};

/* Each returns the exit status; what it cannot do it says on stderr. */
int cmd_show(const struct request *request);
int cmd_watch(const struct request *request);
int cmd_port(const struct request *request);
int cmd_ephemeral(const struct request *request);
int cmd_hist(const struct request *request);
int cmd_prometheus(const struct request *request);
int cmd_explain(const struct request *request);

#endif /* TWSTAT_TWSTAT_H */
