// SPDX-License-Identifier: GPL-2.0-only
/* twstat -w: what happens, again and again. */
#include <curses.h>
#include <errno.h>
#include <error.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "columns.h"
#include "grid.h"
#include "json.h"
#include "proc.h"
#include "rates.h"
#include "select.h"
#include "twstat.h"

#define KEYS 2
/* A pair of colours. */
#define RED 1
/* On the screen, above and below the rows. */
#define OTHER_LINES 4

static const enum tw_column needed[] = { TW_COL_CURRENT, TW_COL_TIME_MS };

/* The mean number of sockets in TIME_WAIT is the rate of time_ms. */
static bool is_mean(enum tw_column column)
{
	return column == TW_COL_TIME_MS;
}

/* Two say nothing of an interval. */
static bool is_of_interval(enum tw_column column)
{
	return column != TW_COL_MAX_MS && column != TW_COL_STAYED_MS;
}

static bool is_shown(const struct table *stats, enum tw_column column)
{
	return stats->has[column] && is_of_interval(column);
}

static double mean(const struct rates *rates, __u64 time_ms)
{
	return rate_of(rates, time_ms) / 1000;
}

static void heading(char text[32], enum tw_column column)
{
	if (is_mean(column))
		strcpy(text, "mean");
	else
		snprintf(text, 32, "%s%s", column_heading(column),
			 column_of[column].counter ? "/s" : "");
}

static void add_value(struct grid *grid, const struct rates *rates,
		      enum tw_column column, __u64 value)
{
	const enum style style =
		column_of[column].alarm && value ? STYLE_ALARM : STYLE_PLAIN;
	struct text text;

	if (!column_of[column].counter)
		text = column_text(column, value);
	else if (!rates->ms)
		text = (struct text){ "-" };
	else
		text = rate_text(is_mean(column) ? mean(rates, value) :
						   rate_of(rates, value));
	grid_add(grid, style, "%s", text.s);
}

static __u64 total(const struct table *stats, enum tw_column column)
{
	__u64 sum = 0;

	for (size_t i = 0; i < stats->nr_rows; i++)
		sum = column_total(sum, column, stats->row[i].value[column]);
	return sum;
}

/* The total first: it is always on the screen. */
static void add_rows(struct grid *grid, const struct rates *rates, size_t nr)
{
	const struct table *growth = &rates->growth;

	grid_add(grid, STYLE_PLAIN, "total");
	grid_add(grid, STYLE_PLAIN, "%s", "");
	for (int i = 0; i < TW_NR_COLUMNS; i++)
		if (is_shown(growth, i))
			add_value(grid, rates, i, total(growth, i));

	for (size_t i = 0; i < nr; i++) {
		const struct table_row *row = &growth->row[i];

		grid_add(grid, STYLE_PLAIN, "%s", role_name[row->role]);
		grid_add(grid, STYLE_PLAIN, "%u", row->port);
		for (int k = 0; k < TW_NR_COLUMNS; k++)
			if (is_shown(growth, k))
				add_value(grid, rates, k, row->value[k]);
	}
}

static void print_title(const struct output *output, const struct rates *rates,
			time_t now)
{
	char clock[16], title[80];

	strftime(clock, sizeof(clock), "%H:%M:%S", localtime(&now));
	if (rates->ms)
		snprintf(title, sizeof(title), "%s, the last %s", clock,
			 ms_text(rates->ms).s);
	else
		snprintf(title, sizeof(title), "%s, rates are not known yet",
			 clock);
	output->put(STYLE_PLAIN, title);
	output->put(STYLE_PLAIN, "\n");
}

static void print_block(const struct rates *rates, time_t now,
			const struct output *output,
			const struct request *request)
{
	const struct table *growth = &rates->growth;
	char name[TW_NR_COLUMNS][32];
	struct grid_column column[KEYS + TW_NR_COLUMNS] = {
		{ .name = TW_KEY_ROLE, .left = true, .kept = true },
		{ .name = TW_KEY_PORT, .kept = true },
	};
	size_t nr = KEYS, nr_rows = growth->nr_rows, room;
	struct grid grid;

	for (int i = 0; i < TW_NR_COLUMNS; i++) {
		if (!is_shown(growth, i))
			continue;
		heading(name[i], i);
		column[nr++] = (struct grid_column){
			.name = name[i],
			.rank = is_mean(i) ? 2 : column_of[i].rank,
			.kept = i == TW_COL_CURRENT || is_mean(i),
		};
	}
	room = output->lines > OTHER_LINES ? output->lines - OTHER_LINES : 0;
	if (output->lines && nr_rows > room)
		nr_rows = room;

	grid_init(&grid, column, nr);
	add_rows(&grid, rates, nr_rows);
	print_title(output, rates, now);
	grid_print(&grid, output, request->header, request->all);
	grid_free(&grid);
}

static void print_json(const struct rates *rates, time_t now,
		       const struct request *request)
{
	const struct table *growth = &rates->growth;
	struct json_object *block = json_root(), *rows;
	char name[32];

	json_number(block, "time", now);
	json_fraction(block, "interval_s", rates->ms / 1000.0);
	rows = json_child_array(block, "rows");
	for (size_t i = 0; i < growth->nr_rows; i++) {
		struct json_object *item = json_item(rows);

		json_key(item, &growth->row[i]);
		for (int k = 0; k < TW_NR_COLUMNS; k++) {
			const __u64 value = growth->row[i].value[k];

			if (!is_shown(growth, k))
				continue;
			if (!column_of[k].counter) {
				json_number(item, column_name[k], value);
				continue;
			}
			snprintf(name, sizeof(name),
				 is_mean(k) ? "mean" : "%s_per_s",
				 column_name[k]);
			if (!rates->ms)
				json_null(item, name);
			else
				json_fraction(item, name,
					      is_mean(k) ?
						      mean(rates, value) :
						      rate_of(rates, value));
		}
	}
	json_print(block, request);
}

/* What has happened to the rows that were asked for, idle ones left out. */
static void rates_select(struct rates *rates, const struct sample *before,
			 const struct sample *after,
			 const struct request *request)
{
	rates_make(rates, before, after);
	for (size_t i = 0; i < rates->growth.nr_rows; i++)
		rates->growth.row[i].value[TW_COL_MAX_MS] = 0;
	rows_select(&rates->growth, request);
}

static double interval_of(const struct request *request)
{
	return request->interval ?: 1;
}

static int watch_stream(const struct request *request)
{
	struct sample before, after;
	int status = EXIT_NOTHING;
	struct output output;
	struct rates rates;

	output_stdout(&output);
	sample_read(&before);
	sample_require(&before, needed, ARRAY_SIZE(needed));
	while (sample_next(&after, interval_of(request))) {
		rates_select(&rates, &before, &after, request);
		if (request->json) {
			print_json(&rates, after.clock, request);
		} else {
			print_block(&rates, after.clock, &output, request);
			putchar('\n');
		}
		if (fflush(stdout))
			error(EXIT_NOTHING, errno, "cannot write");
		rates_free(&rates);
		sample_free(&before);
		before = after;
		status = 0;
	}
	sample_free(&before);
	if (status)
		error(0, 0,
		      "one copy says nothing of rates: give --root again, for what was later");
	return status;
}

static void put_on_screen(enum style style, const char *text)
{
	const chtype attribute[] = {
		[STYLE_PLAIN] = A_NORMAL,
		[STYLE_HEADER] = A_BOLD,
		[STYLE_ALARM] = A_BOLD | COLOR_PAIR(RED),
	};
	int y, x, end;

	attrset(attribute[style]);
	/* A line that is too long is cut off, not continued. */
	getyx(stdscr, y, x);
	end = strlen(text);
	if (!strcmp(text, "\n"))
		move(y + 1, 0);
	else if (x + end < COLS)
		addstr(text);
	else
		addnstr(text, COLS - x - 1);
}

static void draw(const struct sample *before, const struct sample *after,
		 const struct request *request)
{
	struct output output = { .put = put_on_screen,
				 .columns = COLS,
				 .lines = LINES };
	struct rates rates;

	rates_select(&rates, before, after, request);
	erase();
	print_block(&rates, after->clock, &output, request);
	attrset(A_NORMAL);
	mvaddstr(LINES - 1, 0, "q: quit");
	refresh();
	rates_free(&rates);
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static long long next_time(long long last, long long ms)
{
	const long long now = now_ms();

	return last + ms > now ? last + ms : now + ms;
}

static bool hung_up(void)
{
	struct pollfd terminal = { .fd = STDIN_FILENO, .events = POLLIN };

	return poll(&terminal, 1, 0) > 0 &&
	       terminal.revents & (POLLHUP | POLLERR | POLLNVAL);
}

/* False when the user has had enough, or is gone. */
static bool wait_for_keys(long long until, const struct sample *before,
			  const struct sample *after,
			  const struct request *request)
{
	long long left;

	while ((left = until - now_ms()) > 0) {
		timeout(left);
		switch (getch()) {
		case 'q':
		case 'Q':
			return false;
		case KEY_RESIZE:
			draw(before, after, request);
			break;
		case ERR:
			if (hung_up())
				return false;
		}
	}
	return true;
}

static void leave_screen(void)
{
	endwin();
	fputs("twstat: ", stderr);
}

static int watch_screen(const struct request *request)
{
	void (*const print_name)(void) = error_print_progname;
	struct sample before, after, next;
	long long until;

	sample_read(&before);
	sample_require(&before, needed, ARRAY_SIZE(needed));
	after = before;
	if (!newterm(NULL, stdout, stdin))
		error(EXIT_NOTHING, 0,
		      "cannot draw on this terminal: set TERM, or pipe through cat");
	error_print_progname = leave_screen;
	if (wants_colour() && start_color() == OK) {
		use_default_colors();
		init_pair(RED, COLOR_RED, -1);
	}
	cbreak();
	noecho();
	curs_set(0);

	until = now_ms();
	do {
		draw(&before, &after, request);
		/* What was missed, while we were stopped, stays so. */
		until = next_time(until, interval_of(request) * 1000);
		if (!wait_for_keys(until, &before, &after, request) ||
		    !sample_next(&next, 0))
			break;
		if (before.stats.row != after.stats.row)
			sample_free(&before);
		before = after;
		after = next;
	} while (true);

	endwin();
	error_print_progname = print_name;
	if (before.stats.row != after.stats.row)
		sample_free(&before);
	sample_free(&after);
	return 0;
}

/**
 * cmd_watch() - print the rates of the rows in each interval
 * @request: which, how, and how long an interval is
 *
 * On a terminal, in place, until the user ends it.  Elsewhere a block for each.
 *
 * Return: the exit status.
 */
int cmd_watch(const struct request *request)
{
	if (request->sort >= 0 && !is_of_interval(request->sort))
		error(EXIT_USAGE, 0, "--sort %s: twstat -w has no such column",
		      column_heading(request->sort));
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && !request->json)
		return watch_screen(request);
	return watch_stream(request);
}
