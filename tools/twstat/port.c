// SPDX-License-Identifier: GPL-2.0-only
/*
 * twstat port: does something in TIME_WAIT hold a port, until when, why, and
 * what can be done.
 *
 * What is said of bind() follows inet_csk_get_port() and
 * inet_csk_bind_conflict(): a minisocket is in the bind bucket of its local
 * port, in TIME_WAIT as in FIN_WAIT2, and is no obstacle for a bind() to its
 * address if both have SO_REUSEADDR set.
 */
#include <error.h>
#include <stdio.h>
#include <time.h>

#include "columns.h"
#include "json.h"
#include "missing.h"
#include "proc.h"
#include "twstat.h"

/* What the answer is made of. */
struct holding {
	unsigned int port;
	__u64 time_wait;
	__u64 fin_wait2;
	__u64 no_reuseaddr; /* of both */
	struct missing missing; /* may be on the port as well */
	__u64 clear_ms;
	__u64 first; /* connections that we closed first, */
	__u64 second; /* that the peer did, */
	__u64 aborted; /* and that were reset */
	bool ephemeral; /* connect() may be given the port, too */
	unsigned int fin_timeout;
	time_t now;
};

static const enum tw_column needed[] = {
	TW_COL_CURRENT,	     TW_COL_FIN_WAIT2,	   TW_COL_CLEAR_MS,
	TW_COL_CLOSED_FIRST, TW_COL_CLOSED_SECOND, TW_COL_ABORTED,
	TW_COL_NO_REUSEADDR, TW_COL_UNTRACKED,
};

static const char *ending(__u64 nr)
{
	return nr == 1 ? "" : "s";
}

static __u64 held(const struct holding *h)
{
	return add_up(h->time_wait, h->fin_wait2);
}

/* Until when, by the clock, rounded up. */
static time_t clear_at(const struct holding *h)
{
	return h->now + (h->clear_ms + 999) / 1000;
}

static void print_clock(time_t when)
{
	char clock[16];

	strftime(clock, sizeof(clock), "%H:%M:%S", localtime(&when));
	fputs(clock, stdout);
}

static void print_time_wait(const struct holding *h)
{
	printf("Port %u is held by %llu socket%s in TIME_WAIT, until ", h->port,
	       h->time_wait, ending(h->time_wait));
	print_clock(clear_at(h));
	printf(" (%s from now)\n"
	       "if no more come and none is re-armed; timers may be some seconds late.\n",
	       ms_text(h->clear_ms).s);
}

static void print_fin_wait2(const struct holding *h)
{
	printf("Port %u is%s held by %llu in FIN_WAIT2, closed here and not yet by the peer:\n"
	       "into TIME_WAIT when the peer closes, or gone after %u s (tcp_fin_timeout).\n",
	       h->port, h->time_wait ? " also" : "", h->fin_wait2,
	       h->fin_timeout);
}

static void print_held(const struct holding *h)
{
	if (h->time_wait)
		print_time_wait(h);
	if (h->fin_wait2)
		print_fin_wait2(h);
	if (!held(h))
		printf("Nothing that was accepted on port %u is left in TIME_WAIT or FIN_WAIT2.\n",
		       h->port);
	missing_print(&h->missing);
}

static void print_who(const struct holding *h)
{
	printf("\nWho closed first, since the module was loaded: this end %llu time%s, the peer\n"
	       "%llu time%s; %llu more aborted, by a RST or for want of an answer. Who closes\n"
	       "first gets the TIME_WAIT.\n",
	       h->first, ending(h->first), h->second, ending(h->second),
	       h->aborted);
}

static void print_bind(const struct holding *h)
{
	if (!held(h)) {
		printf("\nbind() to port %u now: neither state stands in its way%s.\n"
		       "Listeners and open connections, and a connect() from this port, may:\n"
		       "ss -tanp sport = :%u\n",
		       h->port,
		       is_missing(&h->missing) ? ", as far as is known" : "",
		       h->port);
		return;
	}
	printf("\nbind() to port %u now, on the address of these sockets or on all:\n"
	       "  without SO_REUSEADDR: fails, \"Address already in use\"\n"
	       "  with SO_REUSEADDR:    ",
	       h->port);
	if (h->no_reuseaddr)
		printf("fails, because %llu of the sockets did not have it set\n",
		       h->no_reuseaddr);
	else
		puts(is_missing(&h->missing) ?
			     "succeeds, unless one not considered did not have it set" :
			     "succeeds, because all of the sockets had it set");
	printf("Two sockets with SO_REUSEPORT share it anyhow. Listeners and open connections,\n"
	       "and a connect() from this port, hold it as well: ss -tanp sport = :%u\n",
	       h->port);
}

static void print_ephemeral(const struct holding *h)
{
	if (h->ephemeral)
		printf("\n"
		       "Port %u is in net.ipv4.ip_local_port_range: connect() may have been given it,\n"
		       "and what that leaves in TIME_WAIT is not considered here, but holds the port.\n"
		       "To keep it for servers, add it to net.ipv4.ip_local_reserved_ports.\n",
		       h->port);
}

/* When all of them are gone, as far as that is known. */
static void print_wait(const struct holding *h)
{
	if (h->fin_wait2) {
		puts("- now: wait until the peers have closed, and a minute more");
		return;
	}
	fputs("- now: wait until ", stdout);
	print_clock(clear_at(h));
	putchar('\n');
}

static void print_kill(const struct holding *h)
{
	puts("- now: remove them, as root, at the risk that an old segment disturbs\n"
	     "  the next connection between the same ports:");
	if (h->time_wait)
		printf("  ss -K state time-wait sport = :%u\n", h->port);
	if (h->fin_wait2)
		printf("  ss -K state fin-wait-2 sport = :%u (half-closed connections, too)\n",
		       h->port);
}

static void print_advice(const struct holding *h)
{
	if (!held(h))
		return;
	puts("\nWhat to do:");
	if (h->no_reuseaddr) {
		print_wait(h);
		print_kill(h);
		puts("- from now on: let the server set SO_REUSEADDR before bind()");
	} else {
		printf("- let the server set SO_REUSEADDR before bind()%s\n",
		       is_missing(&h->missing) ? "" :
						 "; nothing else is needed");
	}
	if (h->first)
		puts("- or let the client close first: then there is no TIME_WAIT here");
}

static void print_text(const struct holding *h)
{
	print_held(h);
	print_who(h);
	print_bind(h);
	print_ephemeral(h);
	print_advice(h);
}

/* What @known sockets do is certain, what others might do is not. */
static void json_fails(struct json_object *bind, const char *name, bool known,
		       const struct holding *h)
{
	if (!known && is_missing(&h->missing))
		json_null(bind, name);
	else
		json_boolean(bind, name, known);
}

static void print_json(const struct holding *h, const struct request *request)
{
	struct json_object *root = json_root(), *bind;

	json_number(root, "port", h->port);
	json_number(root, "time_wait", h->time_wait);
	json_number(root, "fin_wait2", h->fin_wait2);
	json_number(root, "no_reuseaddr", h->no_reuseaddr);
	missing_json(root, &h->missing);
	json_number(root, "time", h->now);
	json_number(root, "clear_ms", h->clear_ms);
	json_number(root, "closed_first", h->first);
	json_number(root, "closed_second", h->second);
	json_number(root, "aborted", h->aborted);
	json_boolean(root, "ephemeral", h->ephemeral);
	bind = json_child(root, "bind_fails");
	json_fails(bind, "without_reuseaddr", held(h), h);
	json_fails(bind, "with_reuseaddr", h->no_reuseaddr, h);
	json_print(root, request);
}

static void report_nothing(const struct holding *h, bool is_peers)
{
	if (h->missing.any)
		error(EXIT_NOTHING, 0,
		      "port %u has no row, and %llu sockets without a row wait: raise max_rows, or max_user_rows for a user namespace, in /sys/module/tw_stats/parameters",
		      h->port, h->missing.any);
	if (h->missing.untracked)
		error(EXIT_NOTHING, 0,
		      "port %u has no row, and %llu sockets that were not followed may be on it: ss -tanp sport = :%u",
		      h->port, h->missing.untracked, h->port);
	if (h->ephemeral)
		error(EXIT_NOTHING, 0,
		      "nothing that was accepted on port %u was closed since the module was loaded, but connect() may have been given it: ss -tanp sport = :%u",
		      h->port, h->port);
	if (is_peers)
		error(EXIT_NOTHING, 0,
		      "nothing that was accepted on port %u was closed since the module was loaded; for connections to port %u elsewhere: twstat ephemeral %u",
		      h->port, h->port, h->port);
	error(0, 0,
	      "nothing that was accepted on port %u was closed since the module was loaded; for what holds it: ss -tanp sport = :%u",
	      h->port, h->port);
}

/**
 * cmd_port() - tell about one port
 * @request: which
 *
 * Return: the exit status.
 */
int cmd_port(const struct request *request)
{
	static const struct table_row nothing;
	const unsigned int number = request->range[0].first;
	const struct table_row *row;
	struct holding holding;
	const __u64 *value;
	struct sample sample;
	struct limits limits;

	if (number != request->range[0].last)
		error(EXIT_USAGE, 0, "twstat port takes one port");
	sample_read(&sample);
	sample_require(&sample, needed, ARRAY_SIZE(needed));
	row = table_find(&sample.stats, TW_SERVER, number);
	limits_read(&limits);
	value = (row ?: &nothing)->value;
	holding = (struct holding){
		.port = number,
		.time_wait = value[TW_COL_CURRENT],
		.fin_wait2 = value[TW_COL_FIN_WAIT2],
		.no_reuseaddr = value[TW_COL_NO_REUSEADDR],
		.missing = missing_from(&sample.stats, TW_SERVER, number),
		.clear_ms = value[TW_COL_CLEAR_MS],
		.first = value[TW_COL_CLOSED_FIRST],
		.second = value[TW_COL_CLOSED_SECOND],
		.aborted = value[TW_COL_ABORTED],
		.ephemeral = port_is_ephemeral(&limits, number),
		.fin_timeout = limits.fin_timeout,
		.now = sample.clock,
	};
	if (request->json)
		print_json(&holding, request);
	else if (row)
		print_text(&holding);
	if (!row)
		report_nothing(&holding,
			       table_find(&sample.stats, TW_CLIENT, number));
	sample_free(&sample);
	return row ? 0 : EXIT_NOTHING;
}
