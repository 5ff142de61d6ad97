// SPDX-License-Identifier: GPL-2.0-only
/*
 * twstat ephemeral: which peers' ports use up ours.
 *
 * connect() needs a local port that is not taken for the same source address,
 * destination address and destination port; __inet_hash_connect() looks for one
 * in ip_local_port_range and fails with EADDRNOTAVAIL when there is none.
 */
#include <error.h>
#include <stdio.h>
#include <stdlib.h>

#include "grid.h"
#include "json.h"
#include "missing.h"
#include "proc.h"
#include "rates.h"
#include "select.h"
#include "twstat.h"
#include "units.h"

/* TCP_TIMEWAIT_LEN. */
#define STAY_S 60

/* Long enough for timers that come in batches, two seconds apart. */
#define INTERVAL_S 5

/* One row, against the ports that there are. */
struct pressure {
	__u64 held; /* now */
	bool known; /* what follows is: there was an interval */
	double entered; /* in a second */
	double settles; /* how many it holds when as many end as enter */
	double fails_in; /* in s, if all are between one pair of addresses; or -1 */
};

/* Negative where fewer are held than before. */
static double growth_of(const struct rates *rates, const struct table_row *now,
			const struct table_row *before)
{
	const double more =
		(double)row_held(now) - (before ? row_held(before) : 0);

	return rates->ms ? more * 1000 / rates->ms : 0;
}

/* FIN_WAIT2 minisockets that were made, and are no TIME_WAIT by now. */
static double fin_wait2_made(const struct rates *rates,
			     const struct table_row *now,
			     const struct table_row *before)
{
	const double more = (double)now->value[TW_COL_FIN_WAIT2] -
			    (before ? before->value[TW_COL_FIN_WAIT2] : 0) +
			    now->value[TW_COL_FIN_WAIT2_ENDED];

	return rates->ms && more > 0 ? more * 1000 / rates->ms : 0;
}

/* Whether connect() takes over what is in TIME_WAIT, after a while. */
static bool takes_over(const struct limits *limits)
{
	return limits->tw_reuse == 1 && limits->timestamps;
}

/* When all ports are taken, at this rate; negative: never. */
static double fails_in(const struct pressure *pressure, double growth,
		       const struct limits *limits)
{
	const double left = (double)limits->nr_ports - pressure->held;

	if (!limits->nr_ports)
		return 0;
	if (!takes_over(limits) && left <= 0)
		return 0;
	if (pressure->settles < limits->nr_ports)
		return -1;
	if (takes_over(limits))
		return limits->nr_ports / pressure->settles *
		       limits->reuse_delay_ms / 1000;
	return growth > 0 ? left / growth : -1;
}

/* @now: of the growth, so its counters are for the interval */
static void pressure_of(struct pressure *pressure, const struct rates *rates,
			const struct table_row *now,
			const struct table_row *before,
			const struct limits *limits)
{
	const double stay =
		takes_over(limits) ? limits->reuse_delay_ms / 1000.0 : STAY_S;

	pressure->held = row_held(now);
	pressure->known = rates->ms;
	pressure->entered = rate_of(rates, now->value[TW_COL_ENTERED]);
	pressure->settles =
		pressure->entered * stay +
		fin_wait2_made(rates, now, before) * limits->fin_timeout;
	pressure->fails_in =
		fails_in(pressure, growth_of(rates, now, before), limits);
}

static void print_limits(const struct limits *limits)
{
	const double delay = limits->reuse_delay_ms / 1000.0;

	printf("connect() has %u local ports for each (source address, destination address,\n"
	       "destination port): ip_local_port_range %u-%u, less %u reserved.\n",
	       limits->nr_ports, limits->port_first, limits->port_last,
	       limits->nr_reserved);
	if (!limits->timestamps || !limits->tw_reuse)
		printf("tcp_tw_reuse=%u, tcp_timestamps=%u: TIME_WAIT keeps a port for %d s.\n",
		       limits->tw_reuse, limits->timestamps, STAY_S);
	else if (limits->tw_reuse == 1)
		printf("tcp_tw_reuse=1: TIME_WAIT keeps a port from connect() for %g s if the\n"
		       "peer has timestamps, too. If not, for %d s, and \"fails in\" is too good.\n",
		       delay, STAY_S);
	else
		printf("tcp_tw_reuse=%u: TIME_WAIT keeps a port for %d s; to a loopback address\n"
		       "for %g s, so that what is said below is for other addresses.\n",
		       limits->tw_reuse, STAY_S, delay);
	putchar('\n');
}

static void add_pressure(struct grid *grid, const struct table_row *row,
			 const struct pressure *pressure,
			 const struct limits *limits)
{
	const enum style style = pressure->known && pressure->fails_in >= 0 ?
					 STYLE_ALARM :
					 STYLE_PLAIN;
	const double share = limits->nr_ports ?
				     100.0 * pressure->held / limits->nr_ports :
				     100;

	if (row->role == TW_ANY)
		grid_add(grid, style, "any");
	else
		grid_add(grid, style, "%u", row->port);
	grid_add(grid, style, "%s", count_text(pressure->held).s);
	grid_add(grid, style, "%.0f %%", share);
	if (!pressure->known) {
		for (int i = 0; i < 3; i++)
			grid_add(grid, style, "-");
		return;
	}
	grid_add(grid, style, "%s", rate_text(pressure->entered).s);
	grid_add(grid, style, "%s", count_text(pressure->settles + 0.5).s);
	if (pressure->fails_in < 0)
		grid_add(grid, style, "never");
	else if (pressure->fails_in == 0)
		grid_add(grid, style, "now");
	else
		grid_add(grid, style, "%s",
			 ms_text(pressure->fails_in * 1000).s);
}

static const struct table_row *row_before(const struct sample *before,
					  const struct table_row *row)
{
	return table_find(&before->stats, row->role, row->port);
}

static void print_text(const struct rates *rates, const struct sample *before,
		       const struct limits *limits,
		       const struct missing *missing,
		       const struct request *request)
{
	static const struct grid_column column[] = {
		{ .name = "peer's port", .kept = true },
		{ .name = "held", .kept = true },
		{ .name = "of all", .kept = true },
		{ .name = "entered/s", .kept = true },
		{ .name = "settles at", .kept = true },
		{ .name = "fails in", .kept = true },
	};
	const struct table *growth = &rates->growth;
	struct output output;
	struct grid grid;

	grid_init(&grid, column, ARRAY_SIZE(column));
	for (size_t i = 0; i < growth->nr_rows; i++) {
		const struct table_row *row = &growth->row[i];
		struct pressure pressure;

		pressure_of(&pressure, rates, row, row_before(before, row),
			    limits);
		add_pressure(&grid, &growth->row[i], &pressure, limits);
	}
	if (request->header)
		print_limits(limits);
	output_stdout(&output);
	grid_print(&grid, &output, request->header, false);
	grid_free(&grid);
	if (!request->header)
		return;
	printf("\n"
	       "held: ports in TIME_WAIT or FIN_WAIT2, over all addresses. settles at: as many\n"
	       "as this rate holds in the long run. fails in: when connect() gets \"Cannot assign\n"
	       "requested address\", if all of them are between the same two addresses.\n"
	       "\n");
	missing_print(missing);
	if (is_missing(missing))
		putchar('\n');
	printf("What a row proves: while it holds fewer than %u%s, its TIME_WAIT\n"
	       "is not what connect() to that port fails for. Open connections take ports as\n"
	       "well, and so does, from all destinations, what was bound first: ss -tan\n"
	       "What it cannot prove: that connect() fails when it holds more. That depends on\n"
	       "the addresses: ss -tan state time-wait dport = :PORT\n",
	       limits->nr_ports, is_missing(missing) ? ", with these" : "");
}

static void json_pressure(struct json_object *item,
			  const struct pressure *pressure)
{
	json_number(item, "held", pressure->held);
	if (!pressure->known) {
		json_null(item, "entered_per_s");
		json_null(item, "settles_at");
		json_null(item, "fails_in_s");
		return;
	}
	json_fraction(item, "entered_per_s", pressure->entered);
	json_fraction(item, "settles_at", pressure->settles);
	if (pressure->fails_in < 0)
		json_null(item, "fails_in_s");
	else
		json_fraction(item, "fails_in_s", pressure->fails_in);
}

static void print_json(const struct rates *rates, const struct sample *before,
		       const struct limits *limits,
		       const struct missing *missing,
		       const struct request *request)
{
	const struct table *growth = &rates->growth;
	struct json_object *root = json_root(), *rows;

	json_number(root, "port_first", limits->port_first);
	json_number(root, "port_last", limits->port_last);
	json_number(root, "reserved", limits->nr_reserved);
	json_number(root, "ports", limits->nr_ports);
	json_number(root, "tcp_tw_reuse", limits->tw_reuse);
	json_number(root, "tcp_tw_reuse_delay_ms", limits->reuse_delay_ms);
	json_boolean(root, "tcp_timestamps", limits->timestamps);
	missing_json(root, missing);
	json_fraction(root, "interval_s", rates->ms / 1000.0);
	rows = json_child_array(root, "rows");
	for (size_t i = 0; i < growth->nr_rows; i++) {
		const struct table_row *row = &growth->row[i];
		struct json_object *item = json_item(rows);
		struct pressure pressure;

		pressure_of(&pressure, rates, row, row_before(before, row),
			    limits);
		json_key(item, row);
		json_pressure(item, &pressure);
	}
	json_print(root, request);
}

static int most_held_first(const void *a, const void *b)
{
	const __u64 x = row_held(a), y = row_held(b);

	return x > y ? -1 : x < y;
}

/* A server's connections take no port of ours but the server's. */
static void drop_servers(struct table *stats)
{
	size_t nr = 0;

	for (size_t i = 0; i < stats->nr_rows; i++)
		if (stats->row[i].role != TW_SERVER)
			stats->row[nr++] = stats->row[i];
	stats->nr_rows = nr;
}

/**
 * cmd_ephemeral() - print what holds our ephemeral ports
 * @request: towards which ports, and how long to measure
 *
 * Return: the exit status.
 */
int cmd_ephemeral(const struct request *request)
{
	static const enum tw_column needed[] = {
		TW_COL_CURRENT, TW_COL_FIN_WAIT2, TW_COL_FIN_WAIT2_ENDED,
		TW_COL_ENTERED, TW_COL_UNTRACKED
	};
	struct sample before, after;
	struct missing missing;
	struct limits limits;
	struct rates rates;
	bool any;

	sample_read(&before);
	sample_require(&before, needed, ARRAY_SIZE(needed));
	limits_read(&limits);
	if (!sample_next(&after, request->interval ?: INTERVAL_S))
		sample_read(&after);

	missing = missing_from(&after.stats, TW_CLIENT, 0);
	rates_make(&rates, &before, &after);
	drop_servers(&rates.growth);
	rows_select(&rates.growth, request);
	qsort(rates.growth.row, rates.growth.nr_rows, sizeof(*rates.growth.row),
	      most_held_first);
	any = rates.growth.nr_rows;
	if (request->json)
		print_json(&rates, &before, &limits, &missing, request);
	else if (any)
		print_text(&rates, &before, &limits, &missing, request);
	if (!any)
		error(0, 0,
		      "no connection to such a port was closed from here since the module was loaded");

	rates_free(&rates);
	sample_free(&before);
	sample_free(&after);
	return any ? 0 : EXIT_NOTHING;
}
