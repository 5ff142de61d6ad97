// SPDX-License-Identifier: GPL-2.0-only
/* twstat explain: what a column says, and what it does not. */
#include <error.h>
#include <stdio.h>
#include <string.h>

#include "columns.h"
#include "twstat.h"

/* What the commands show besides the columns of tw_stats. */
static const struct {
	const char *name;
	const char *text;
} others[] = {
	{ "role",
	  "server: connections that were accepted.  client: connections that were\n"
	  "made from here.  any: what got no row of its own, as there are max_rows\n"
	  "already." },
	{ "port",
	  "Of a server ours, of a client the peer's: ours was another one each\n"
	  "time." },
	{ "NAME/s",
	  "twstat -w: by how much the column NAME grew in a second." },
	{ "mean",
	  "twstat -w: how many sockets were in TIME_WAIT on the average of the\n"
	  "interval; the growth of time_ms divided by its length." },
	{ "peer's port",
	  "twstat ephemeral: where the connections went to, from our own ports." },
	{ "held",
	  "twstat ephemeral: current and fin_wait2: local ports that are taken." },
	{ "of all",
	  "twstat ephemeral: held, against the local ports that connect() has for\n"
	  "one pair of addresses and one port of a peer." },
	{ "settles at",
	  "twstat ephemeral: how many ports are held in the long run if sockets go\n"
	  "on entering at this rate and stay for 60 s each.  With tcp_tw_reuse=1,\n"
	  "until connect() takes them over; but it takes over only what had\n"
	  "timestamps, and the peer may have none." },
	{ "fails in",
	  "twstat ephemeral: when connect() fails with EADDRNOTAVAIL if all of this\n"
	  "is between one source and one destination address: when held, which\n"
	  "grows as it did in the interval, has come to all ports.  With\n"
	  "tcp_tw_reuse=1 it is too good if the peer has no timestamps." },
	{ "le_63s",
	  "tw_hist: completed stays that took so long at most, and longer than the\n"
	  "bucket before.  A stay that nothing disturbs takes 60 s, and up to 2 s\n"
	  "more with HZ=250.  What took less ended early, what took more was\n"
	  "re-armed." },
};

static void explain_column(enum tw_column column)
{
	static const char *const unit[] = {
		[UNIT_SOCKETS] = "sockets",
		[UNIT_EVENTS] = "events",
		[UNIT_MS] = "milliseconds",
	};

	printf("%s (%s, %s)\n%s.\n%s\n", column_name[column],
	       column_of[column].counter ? "counter" : "gauge",
	       unit[column_of[column].unit], column_of[column].help,
	       column_of[column].more);
}

static void list_all(void)
{
	for (int i = 0; i < TW_NR_COLUMNS; i++)
		printf("%-16s %s\n", column_name[i], column_of[i].help);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		printf("%s%s", others[i].name,
		       i + 1 < ARRAY_SIZE(others) ? ", " : "\n");
}

static bool is_bucket(const char *name)
{
	for (int i = 0; i < TW_NR_HIST_BUCKETS; i++)
		if (!strcmp(name, bucket_name[i]))
			return true;
	return false;
}

/* The column whose rate it is, or -1. */
static int rate_find(const char *name)
{
	static const char *const suffix[] = { "/s", "_per_s" };
	char column[32];
	int found = -1;

	for (size_t i = 0; i < ARRAY_SIZE(suffix); i++) {
		const size_t len = strlen(name), rest = strlen(suffix[i]);

		if (len <= rest || strcmp(name + len - rest, suffix[i]))
			continue;
		snprintf(column, sizeof(column), "%.*s", (int)(len - rest),
			 name);
		found = column_find(column);
		break;
	}
	return found >= 0 && column_of[found].counter ? found : -1;
}

static bool explain_other(const char *name)
{
	const char *known = is_bucket(name)	 ? "le_63s" :
			    rate_find(name) >= 0 ? "NAME/s" :
						   name;

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (strcmp(known, others[i].name))
			continue;
		printf("%s\n%s\n", name, others[i].text);
		if (rate_find(name) >= 0)
			explain_column(rate_find(name));
		return true;
	}
	return false;
}

/**
 * cmd_explain() - print what a column says
 * @request: which; none: all, in a line each
 *
 * Return: the exit status.
 */
int cmd_explain(const struct request *request)
{
	char name[64];
	int column;

	if (!request->nr_words) {
		list_all();
		return 0;
	}
	snprintf(name, sizeof(name), request->nr_words > 1 ? "%s %s" : "%s",
		 request->word[0], request->word[1]);
	column = column_find(name);
	if (column >= 0)
		explain_column(column);
	else if (!explain_other(name))
		error(EXIT_USAGE, 0,
		      "no column %s: \"twstat explain\" lists them", name);
	return 0;
}
