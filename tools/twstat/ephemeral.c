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

#include "grid.h"
#include "json.h"
#include "proc.h"
#include "rates.h"
#include "select.h"
#include "twstat.h"
#include "units.h"

/* TCP_TIMEWAIT_LEN, and how long connect() leaves one alone with tcp_tw_reuse=1. */
#define STAY_S 60
#define REUSE_S 1

/* One row, against the ports that there are. */
struct pressure {
	__u64 held; /* now */
	bool known; /* what follows is: there was an interval */
	double entered; /* in a second */
	double settles; /* how many it holds when as many end as enter */
	double fails_in; /* in s, if all are between one pair of addresses; or -1 */
};

static __u64 ended(const struct table_row *row)
{
	static const enum tw_column cause[] = { TW_COL_EXPIRED,	 TW_COL_REUSED,
						TW_COL_REOPENED, TW_COL_RESET,
						TW_COL_KILLED,	 TW_COL_OTHER };
	__u64 sum = 0;

	for (size_t i = 0; i < sizeof(cause) / sizeof(*cause); i++)
		sum = add_up(sum, row->value[cause[i]]);
	return sum;
}

/* When all ports are taken, at this rate; negative: never. */
static double fails_in(const struct pressure *pressure,
		       const struct rates *rates, const struct table_row *row,
		       const struct limits *limits)
{
	const double growth = pressure->entered - rate_of(rates, ended(row));
	const double left = (double)limits->nr_ports - pressure->held;

	if (limits->tw_reuse != 1 && left <= 0)
		return 0;
	if (pressure->settles < limits->nr_ports)
		return -1;
	if (limits->tw_reuse == 1)
		return limits->nr_ports / pressure->entered;
	return growth > 0 ? left / growth : -1;
}

static void pressure_of(struct pressure *pressure, const struct rates *rates,
			const struct table_row *row,
			const struct limits *limits)
{
	const double stay = limits->tw_reuse == 1 ? REUSE_S : STAY_S;

	pressure->held = add_up(row->value[TW_COL_CURRENT],
				row->value[TW_COL_FIN_WAIT2]);
	pressure->known = rates->ms;
	pressure->entered = rate_of(rates, row->value[TW_COL_ENTERED]);
	pressure->settles = pressure->entered * stay;
	pressure->fails_in = fails_in(pressure, rates, row, limits);
}

static void print_limits(const struct limits *limits)
{
	static const char *const reuse[] = {
		"TIME_WAIT keeps a port for 60 s",
		"connect() takes over what has been in TIME_WAIT for 1 s",
		"TIME_WAIT keeps a port for 60 s, but 1 s to a loopback address",
	};

	printf("connect() has %u local ports for each (source address, destination address,\n"
	       "destination port): ip_local_port_range %u-%u, less %u reserved.\n",
	       limits->nr_ports, limits->port_first, limits->port_last,
	       limits->nr_reserved);
	if (limits->tw_reuse < sizeof(reuse) / sizeof(*reuse))
		printf("tcp_tw_reuse=%u: %s.\n", limits->tw_reuse,
		       reuse[limits->tw_reuse]);
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

static void print_text(const struct rates *rates, const struct limits *limits,
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

	grid_init(&grid, column, sizeof(column) / sizeof(*column));
	for (size_t i = 0; i < growth->nr_rows; i++) {
		struct pressure pressure;

		pressure_of(&pressure, rates, &growth->row[i], limits);
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
	       "\n"
	       "What a row proves: while it holds fewer than %u, connect() does not fail for\n"
	       "TIME_WAIT alone. Open connections take ports as well: ss -tan dport = :PORT\n"
	       "What it cannot prove: that connect() fails when it holds more. That depends on\n"
	       "the addresses: ss -tan state time-wait dport = :PORT\n",
	       limits->nr_ports);
}

static void json_pressure(struct json_object *item,
			  const struct pressure *pressure)
{
	json_number(item, "held", pressure->held);
	if (!pressure->known)
		return;
	json_fraction(item, "entered_per_s", pressure->entered);
	json_fraction(item, "settles_at", pressure->settles);
	if (pressure->fails_in < 0)
		json_null(item, "fails_in_s");
	else
		json_fraction(item, "fails_in_s", pressure->fails_in);
}

static void print_json(const struct rates *rates, const struct limits *limits,
		       const struct request *request)
{
	const struct table *growth = &rates->growth;
	struct json_object *root = json_root(), *rows;

	json_number(root, "port_first", limits->port_first);
	json_number(root, "port_last", limits->port_last);
	json_number(root, "reserved", limits->nr_reserved);
	json_number(root, "ports", limits->nr_ports);
	json_number(root, "tcp_tw_reuse", limits->tw_reuse);
	json_fraction(root, "interval_s", rates->ms / 1000.0);
	rows = json_child_array(root, "rows");
	for (size_t i = 0; i < growth->nr_rows; i++) {
		struct json_object *item = json_item(rows);
		struct pressure pressure;

		pressure_of(&pressure, rates, &growth->row[i], limits);
		json_key(item, &growth->row[i]);
		json_pressure(item, &pressure);
	}
	json_print(root, request);
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
	static const enum tw_column needed[] = { TW_COL_CURRENT,
						 TW_COL_FIN_WAIT2,
						 TW_COL_ENTERED };
	struct request by_held = *request;
	struct sample before, after;
	struct limits limits;
	struct rates rates;
	bool any;

	sample_read(&before);
	sample_require(&before, needed, sizeof(needed) / sizeof(*needed));
	limits_read(&limits);
	if (!sample_next(&after, request->interval))
		sample_read(&after);

	rates_make(&rates, &before, &after);
	drop_servers(&rates.growth);
	by_held.sort = TW_COL_CURRENT;
	rows_select(&rates.growth, &by_held);
	any = rates.growth.nr_rows;
	if (request->json)
		print_json(&rates, &limits, request);
	else if (any)
		print_text(&rates, &limits, request);
	else
		error(0, 0,
		      "no connection to such a port was closed from here since the module was loaded");

	rates_free(&rates);
	sample_free(&before);
	sample_free(&after);
	return any ? 0 : EXIT_NOTHING;
}
