// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "columns.h"
#include "table.h"

const struct column column_of[TW_NR_COLUMNS] = {
	[TW_COL_CURRENT] = {
		.unit = UNIT_SOCKETS,
		.help = "sockets in TIME_WAIT now",
		.more = "As many as \"ss -tan state time-wait\" lists.  FIN_WAIT2 minisockets,\n"
			"which sockstat's tw counts as well, are in fin_wait2.",
	},
	[TW_COL_FIN_WAIT2] = {
		.unit = UNIT_SOCKETS,
		.rank = 13,
		.help = "minisockets in FIN_WAIT2 now, which wait for the peer's FIN",
		.more = "We have closed, nobody holds the socket any more, and the peer has not\n"
			"closed yet.  Its FIN makes it a TIME_WAIT (entered); tcp_fin_timeout, 60\n"
			"s, or something else (fin_wait2_ended).  It holds its port meanwhile.",
	},
	[TW_COL_FIN_WAIT2_ENDED] = {
		.unit = UNIT_SOCKETS,
		.counter = true,
		.rank = 21,
		.help = "FIN_WAIT2 minisockets that ended and never came to TIME_WAIT",
		.more = "The peer never closed and tcp_fin_timeout was over, or it sent a RST, a\n"
			"new SYN, or data that nobody was left to read; or ss -K ended it, or a\n"
			"connect() that took over the port.  No end of a TIME_WAIT: killed, reused\n"
			"and so on do not count these.",
	},
	[TW_COL_CLEAR_MS] = {
		.heading = "clear",
		.unit = UNIT_MS,
		.longest = true,
		.rank = 1,
		.help = "time until the last timer of those in TIME_WAIT is due",
		.more = "If nothing else happens: new sockets put it off, and so does a segment\n"
			"that comes for one that waits.  The kernel's timers are never early, and\n"
			"may be some seconds late (2 s with HZ=250).",
	},
	[TW_COL_ENTERED] = {
		.unit = UNIT_SOCKETS,
		.counter = true,
		.rank = 2,
		.help = "sockets that entered TIME_WAIT",
		.more = "Directly, or out of fin_wait2.  Not those that the kernel refused\n"
			"(overflow).",
	},
	[TW_COL_ADOPTED] = {
		.unit = UNIT_SOCKETS,
		.counter = true,
		.rank = 18,
		.help = "sockets that were in TIME_WAIT when the module was loaded",
		.more = "Their stay counts from when their timer was last armed.",
	},
	[TW_COL_EXPIRED] = {
		.unit = UNIT_SOCKETS,
		.counter = true,
		.rank = 8,
		.help = "stays ended by their timer, after a minute, as they should",
		.more = "TIME_WAIT takes 60 s on Linux; no sysctl changes that.",
	},
	[TW_COL_REUSED] = {
		.unit = UNIT_SOCKETS,
		.counter = true,
		.rank = 11,
		.help = "stays ended by a connect() of this machine that took over the port",
		.more = "By tcp_tw_reuse where the kernel chose the port; also where it was bound\n"
			"by hand.  Both ends must have timestamps.",
	},
	[TW_COL_REOPENED] = {
		.unit = UNIT_SOCKETS,
		.counter = true,
		.rank = 10,
		.help = "stays ended by a new SYN of the peer, from the same port",
		.more = "Peers with few ports, or proxies, do that; no harm in it.  It does not\n"
			"say that the new connection was established.",
	},
	[TW_COL_RESET] = {
		.unit = UNIT_SOCKETS,
		.counter = true,
		.rank = 9,
		.help = "stays ended by a RST: the assassination of RFC 1337",
		.more = "An old duplicate made the peer send it, or the peer did so itself.  The\n"
			"connection is no longer protected.  net.ipv4.tcp_rfc1337=1 prevents it.\n"
			"Resets of open connections are in aborted.",
	},
	[TW_COL_KILLED] = {
		.unit = UNIT_SOCKETS,
		.counter = true,
		.rank = 12,
		.help = "stays ended by somebody with \"ss -K\", or SOCK_DESTROY otherwise",
		.more = "Not TcpExtTWKilled, which counts minisockets with a short timeout.",
	},
	[TW_COL_OTHER] = {
		.unit = UNIT_SOCKETS,
		.counter = true,
		.rank = 20,
		.help = "stays ended by anything else",
		.more = "0 on Linux 6.1, 6.12 and 7.2, but for a socket that left FIN_WAIT2 and\n"
			"ended in the moment in which it was adopted.  On another kernel: a\n"
			"function that the module does not know has ended it.",
	},
	[TW_COL_OVERFLOW] = {
		.unit = UNIT_SOCKETS,
		.counter = true,
		.alarm = true,
		.rank = 3,
		.help = "times that the kernel refused a TIME_WAIT or FIN_WAIT2 minisocket",
		.more = "There are net.ipv4.tcp_max_tw_buckets already, or memory is short.  The\n"
			"socket is closed at once: old segments may disturb the next connection.\n"
			"In sum TcpExtTCPTimeWaitOverflow.",
	},
	[TW_COL_UNTRACKED] = {
		.unit = UNIT_SOCKETS,
		.counter = true,
		.alarm = true,
		.rank = 4,
		.help = "minisockets not followed: no memory, or max_user_minisockets",
		.more = "Of the other columns, only closed_first, closed_second and closed_both\n"
			"count them; the others are too low by as many.",
	},
	[TW_COL_REARMED] = {
		.unit = UNIT_EVENTS,
		.counter = true,
		.rank = 14,
		.help = "times that a wait started over",
		.more = "The peer sent its FIN again, or another segment: TIME_WAIT did its job.\n"
			"Each time the wait is 60 s again.",
	},
	[TW_COL_TIME_MS] = {
		.heading = "time",
		.unit = UNIT_MS,
		.counter = true,
		.rank = 17,
		.help = "time spent in TIME_WAIT, summed over sockets, until now",
		.more = "Those still there are included, so its growth in a second is the mean\n"
			"number of sockets in TIME_WAIT, exactly.",
	},
	[TW_COL_MAX_MS] = {
		.heading = "max",
		.unit = UNIT_MS,
		.longest = true,
		.rank = 16,
		.help = "the longest completed stay in TIME_WAIT",
		.more = "Over 63 s it was re-armed on the way.",
	},
	[TW_COL_CLOSED_FIRST] = {
		.unit = UNIT_EVENTS,
		.counter = true,
		.rank = 5,
		.help = "connections that we closed first: our FIN went out first",
		.more = "Who closes first gets the TIME_WAIT.  FINs that crossed are included,\n"
			"see closed_both.",
	},
	[TW_COL_CLOSED_SECOND] = {
		.unit = UNIT_EVENTS,
		.counter = true,
		.rank = 6,
		.help = "connections that the peer closed first",
		.more = "They have no TIME_WAIT here; the peer has it.",
	},
	[TW_COL_CLOSED_BOTH] = {
		.unit = UNIT_EVENTS,
		.counter = true,
		.rank = 19,
		.help = "of closed_first, connections in which the two FINs crossed",
		.more = "Both ends get a TIME_WAIT.",
	},
	[TW_COL_ABORTED] = {
		.unit = UNIT_EVENTS,
		.counter = true,
		.rank = 7,
		.help = "open connections that ended by a RST, or by no answer",
		.more = "SO_LINGER with 0 s, a close with something unread, a crash of the peer.\n"
			"No TIME_WAIT at either end.",
	},
	[TW_COL_STAYED_MS] = {
		.heading = "stayed",
		.unit = UNIT_MS,
		.counter = true,
		.rank = 22,
		.help = "time spent in TIME_WAIT, summed over the stays that are over",
		.more = "Divided by their number (twstat hist) it is the mean stay.",
	},
	[TW_COL_NO_REUSEADDR] = {
		.unit = UNIT_SOCKETS,
		.rank = 15,
		.help = "of current and fin_wait2, sockets without SO_REUSEADDR",
		.more = "While they are there, no bind() to their address, or to all addresses,\n"
			"gets their port, not even one with SO_REUSEADDR; unless both have\n"
			"SO_REUSEPORT.  Of the others, one with SO_REUSEADDR does.  A client's\n"
			"sockets mostly are without, and it does not matter.",
	},
};

const __u64 bucket_edge_ms[TW_NR_HIST_BUCKETS] = TW_HIST_EDGES_MS;

/**
 * column_heading() - what stands above the numbers of a column
 * @column: which
 *
 * Return: its name, without the unit where the numbers have theirs.
 */
const char *column_heading(enum tw_column column)
{
	return column_of[column].heading ?: column_name[column];
}

/**
 * column_find() - look up a column of tw_stats
 * @name: its name, or heading
 *
 * Return: its enum tw_column, or -1.
 */
int column_find(const char *name)
{
	for (int i = 0; i < TW_NR_COLUMNS; i++)
		if (!strcmp(name, column_name[i]) ||
		    !strcmp(name, column_heading(i)))
			return i;
	return -1;
}

/**
 * column_total() - bring a row into the total
 * @total: of the rows before
 * @column: which
 * @value: the row's
 *
 * Return: the total with it.
 */
__u64 column_total(__u64 total, enum tw_column column, __u64 value)
{
	if (column_of[column].longest)
		return value > total ? value : total;
	return add_up(total, value);
}

/**
 * column_text() - write a number of a column
 * @column: which
 * @value: the number
 *
 * Return: its text, with the unit if it is not a count.
 */
struct text column_text(enum tw_column column, __u64 value)
{
	return column_of[column].unit == UNIT_MS ? ms_text(value) :
						   count_text(value);
}
