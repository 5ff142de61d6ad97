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
	{ "held",
	  "twstat ephemeral: current and fin_wait2: local ports that are taken." },
	{ "settles",
	  "twstat ephemeral: how many ports are held in the long run if sockets go\n"
	  "on entering at this rate and stay for 60 s each (1 s with\n"
	  "tcp_tw_reuse=1)." },
	{ "fails",
	  "twstat ephemeral: when connect() fails with EADDRNOTAVAIL if all of this\n"
	  "were between one source and one destination address: when what enters\n"
	  "less what ends has filled the ports that are left." },
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
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		printf("%s%s", others[i].name,
		       i + 1 < sizeof(others) / sizeof(*others) ? ", " : "\n");
}

static bool explain_other(const char *name)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		const bool bucket =
			!strcmp(others[i].name, "le_63s") &&
			(!strncmp(name, "le_", 3) || !strcmp(name, "longer"));

		if (!bucket && strcmp(name, others[i].name))
			continue;
		printf("%s\n%s\n", name, others[i].text);
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
	int column;

	if (!request->nr_words) {
		list_all();
		return 0;
	}
	column = column_find(request->word[0]);
	if (column >= 0)
		explain_column(column);
	else if (!explain_other(request->word[0]))
		error(EXIT_USAGE, 0,
		      "no column %s: \"twstat explain\" lists them",
		      request->word[0]);
	return 0;
}
