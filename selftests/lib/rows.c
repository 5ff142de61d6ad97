// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rows.h"
#include "wait.h"

/* Columns that the tests do not know are read and left alone. */
#define MAX_FIELDS 64

const char *const tw_role_name[TW_NR_ROLES] = TW_ROLE_NAMES;
const char *const tw_column_name[TW_NR_COLUMNS] = TW_COLUMN_NAMES;
const char *const tw_bucket_name[TW_NR_HIST_BUCKETS] = TW_HIST_NAMES;

struct columns {
	const char *path;
	const char *const *name;
	int nr;
	int role_field;
	int port_field;
	int field[ROW_MAX_VALUES];
	int nr_fields;
};

static int split(char *line, char *field[MAX_FIELDS])
{
	char *rest = NULL;
	int nr = 0;

	for (char *word = strtok_r(line, " \t", &rest); word && nr < MAX_FIELDS;
	     word = strtok_r(NULL, " \t", &rest))
		field[nr++] = word;
	return nr;
}

static int find_name(const char *name, char *const *names, int nr)
{
	for (int i = 0; i < nr; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

static bool columns_parse(struct columns *c, char *header)
{
	char *field[MAX_FIELDS];

	c->nr_fields = split(header, field);
	c->role_field = find_name(TW_KEY_ROLE, field, c->nr_fields);
	c->port_field = find_name(TW_KEY_PORT, field, c->nr_fields);
	if (c->role_field < 0 || c->port_field < 0) {
		fprintf(stderr, "# %s: no columns %s and %s\n", c->path,
			TW_KEY_ROLE, TW_KEY_PORT);
		return false;
	}

	for (int i = 0; i < c->nr; i++) {
		c->field[i] = find_name(c->name[i], field, c->nr_fields);
		if (c->field[i] < 0) {
			fprintf(stderr, "# %s: no column %s\n", c->path,
				c->name[i]);
			return false;
		}
	}
	return true;
}

static bool number_parse(const struct columns *c, const char *word, __u64 *to)
{
	char *end;

	errno = 0;
	*to = strtoull(word, &end, 10);
	if (!errno && end != word && !*end && *word != '-')
		return true;
	fprintf(stderr, "# %s: '%s' is no number\n", c->path, word);
	return false;
}

static bool row_parse(const struct columns *c, char *line, struct row *row)
{
	char *field[MAX_FIELDS];
	int nr = split(line, field);
	__u64 port;
	int role;

	if (nr != c->nr_fields) {
		fprintf(stderr, "# %s: %d columns, but a row of %d fields\n",
			c->path, c->nr_fields, nr);
		return false;
	}

	role = find_name(field[c->role_field], (char *const *)tw_role_name,
			 TW_NR_ROLES);
	if (role < 0) {
		fprintf(stderr, "# %s: unknown role '%s'\n", c->path,
			field[c->role_field]);
		return false;
	}
	row->role = role;

	if (!number_parse(c, field[c->port_field], &port))
		return false;
	row->port = port;

	for (int i = 0; i < c->nr; i++)
		if (!number_parse(c, field[c->field[i]], &row->value[i]))
			return false;
	return true;
}

static bool rows_read(struct rows *rows, struct columns *c)
{
	char *rest = NULL, *text = read_text(c->path), *line;
	bool good;

	memset(rows, 0, sizeof(*rows));
	if (!text)
		return false;

	line = strtok_r(text, "\n", &rest);
	good = line && columns_parse(c, line);
	while (good && (line = strtok_r(NULL, "\n", &rest))) {
		rows->row =
			realloc(rows->row, (rows->nr + 1) * sizeof(*rows->row));
		good = row_parse(c, line, &rows->row[rows->nr++]);
	}
	free(text);
	if (!good)
		rows_free(rows);
	return good;
}

/**
 * stats_read_at() - read a tw_stats file, of another network namespace perhaps
 * @path: the file
 * @rows: filled in; free with rows_free()
 *
 * Return: false after a message, when the file does not read as its ABI says.
 */
bool stats_read_at(const char *path, struct rows *rows)
{
	struct columns c = { .path = path,
			     .name = tw_column_name,
			     .nr = TW_NR_COLUMNS };

	return rows_read(rows, &c);
}

/**
 * stats_read() - read tw_stats of the current network namespace
 * @rows: filled in; free with rows_free()
 *
 * Return: false after a message.
 */
bool stats_read(struct rows *rows)
{
	return stats_read_at(TW_STATS_PATH, rows);
}

/**
 * hist_read() - read tw_hist of the current network namespace
 * @rows: filled in; free with rows_free()
 *
 * Return: false after a message.
 */
bool hist_read(struct rows *rows)
{
	struct columns c = { .path = TW_HIST_PATH,
			     .name = tw_bucket_name,
			     .nr = TW_NR_HIST_BUCKETS };

	return rows_read(rows, &c);
}

/**
 * rows_free() - free what stats_read() or hist_read() gave
 * @rows: left empty
 */
void rows_free(struct rows *rows)
{
	free(rows->row);
	memset(rows, 0, sizeof(*rows));
}

/**
 * rows_find() - look a row up
 * @rows: where
 * @role: first half of its key
 * @port: second half of its key
 *
 * Return: the row or NULL.
 */
const struct row *rows_find(const struct rows *rows, enum tw_role role,
			    unsigned int port)
{
	for (size_t i = 0; i < rows->nr; i++)
		if (rows->row[i].role == role && rows->row[i].port == port)
			return &rows->row[i];
	return NULL;
}

/**
 * row_ended() - add up the ends of a row of tw_stats
 * @row: the row
 *
 * Return: how many stays in TIME_WAIT have come to their end.
 */
__u64 row_ended(const struct row *row)
{
	return row->value[TW_COL_EXPIRED] + row->value[TW_COL_REUSED] +
	       row->value[TW_COL_REOPENED] + row->value[TW_COL_RESET] +
	       row->value[TW_COL_KILLED] + row->value[TW_COL_OTHER];
}

/**
 * rows_sum() - add a column up
 * @rows: over which rows
 * @column: enum tw_column or enum tw_hist_bucket, as @rows were read
 *
 * Return: the sum.
 */
__u64 rows_sum(const struct rows *rows, int column)
{
	__u64 sum = 0;

	for (size_t i = 0; i < rows->nr; i++)
		sum += rows->row[i].value[column];
	return sum;
}

/*
 * A row that is not shown is a row of zeroes.  A file that cannot be read is
 * the end of the test: no waiting will mend it.
 */
static struct row row_now(bool (*read)(struct rows *rows), enum tw_role role,
			  unsigned int port)
{
	struct row copy = { .role = role, .port = port };
	const struct row *found;
	struct rows rows;

	if (!read(&rows))
		exit(1);
	found = rows_find(&rows, role, port);
	if (found)
		copy = *found;
	rows_free(&rows);
	return copy;
}

/**
 * stats_nr_rows() - count the rows of this network namespace
 *
 * Return: their number, 0 when the file cannot be read.
 */
int stats_nr_rows(void)
{
	struct rows rows;
	int nr;

	if (!stats_read(&rows))
		return 0;
	nr = rows.nr;
	rows_free(&rows);
	return nr;
}

/**
 * stats_value() - read one number
 * @role: of which row
 * @port: of which row
 * @column: which column of it
 *
 * Return: what stands there now, 0 where there is no such row.
 */
long long stats_value(enum tw_role role, unsigned int port,
		      enum tw_column column)
{
	return row_now(stats_read, role, port).value[column];
}

/* What a row should be: the columns that were named, all others zero. */
struct want {
	const char *path;
	bool (*read)(struct rows *rows);
	const char *const *name;
	int nr;
	__u64 value[ROW_MAX_VALUES];
	bool may_be_anything[ROW_MAX_VALUES];
};

static void want_one(struct want *want, char *word)
{
	char *number = strchr(word, '=');
	int column = -1;

	if (number) {
		*number++ = '\0';
		column = find_name(word, (char *const *)want->name, want->nr);
	}
	if (column < 0) {
		fprintf(stderr, "# no column %s in %s\n", word, want->path);
		exit(1);
	}
	if (strcmp(number, "*"))
		want->value[column] = strtoull(number, NULL, 10);
	else
		want->may_be_anything[column] = true;
}

static void want_parse(struct want *want, const char *format, va_list args)
{
	char text[256], *word[MAX_FIELDS];
	int nr;

	vsnprintf(text, sizeof(text), format, args);
	nr = split(text, word);
	for (int i = 0; i < nr; i++)
		want_one(want, word[i]);
}

static bool differs(const struct want *want, const struct row *row, int column)
{
	return row->value[column] != want->value[column] &&
	       !want->may_be_anything[column];
}

static bool row_equals(const struct want *want, enum tw_role role,
		       unsigned int port)
{
	const struct row row = row_now(want->read, role, port);

	for (int i = 0; i < want->nr; i++)
		if (differs(want, &row, i))
			return false;
	return true;
}

static bool row_comes_to_be(const struct want *want, enum tw_role role,
			    unsigned int port)
{
	struct row row;

	if (WAIT_FOR(row_equals(want, role, port), PROMPT_MS))
		return true;

	row = row_now(want->read, role, port);
	for (int i = 0; i < want->nr; i++)
		if (differs(want, &row, i))
			fprintf(stderr,
				"# %s: %s %u %s: expected %llu, seen %llu\n",
				want->path, tw_role_name[role], port,
				want->name[i], want->value[i], row.value[i]);
	return false;
}

/**
 * stats_row_is() - wait until a row of tw_stats is what it should be
 * @role: of which row
 * @port: of which row
 * @want: "column=number ...", as for printf(), or "column=*" for any number;
 *	what is not named must be 0, but for the durations, of which no test
 *	knows the last digit; a row of zeroes is one that is not shown
 *
 * Return: whether it came to be so; if not, each column that differs has been
 * printed.
 */
bool stats_row_is(enum tw_role role, unsigned int port, const char *want, ...)
{
	struct want row = { .path = TW_STATS_NAME,
			    .read = stats_read,
			    .name = tw_column_name,
			    .nr = TW_NR_COLUMNS,
			    .may_be_anything = { [TW_COL_CLEAR_MS] = true,
						 [TW_COL_TIME_MS] = true,
						 [TW_COL_MAX_MS] = true,
						 [TW_COL_STAYED_MS] = true } };
	va_list args;

	va_start(args, want);
	want_parse(&row, want, args);
	va_end(args);
	return row_comes_to_be(&row, role, port);
}

/**
 * hist_row_is() - wait until a row of tw_hist is what it should be
 * @role: of which row
 * @port: of which row
 * @want: "bucket=number ...", as for stats_row_is()
 *
 * Return: whether it came to be so; if not, each bucket that differs has been
 * printed.
 */
bool hist_row_is(enum tw_role role, unsigned int port, const char *want, ...)
{
	struct want row = { .path = TW_HIST_NAME,
			    .read = hist_read,
			    .name = tw_bucket_name,
			    .nr = TW_NR_HIST_BUCKETS };
	va_list args;

	va_start(args, want);
	want_parse(&row, want, args);
	va_end(args);
	return row_comes_to_be(&row, role, port);
}

/**
 * stats_value_between() - look whether a number lies in a range
 * @role: of which row
 * @port: of which row
 * @column: which column of it
 * @low: the smallest good value
 * @high: the largest good value
 *
 * Return: whether it does; if not, it has been printed.
 */
bool stats_value_between(enum tw_role role, unsigned int port,
			 enum tw_column column, __u64 low, __u64 high)
{
	__u64 seen = stats_value(role, port, column);

	if (seen >= low && seen <= high)
		return true;
	fprintf(stderr, "# %s: %s %u %s: expected %llu to %llu, seen %llu\n",
		TW_STATS_NAME, tw_role_name[role], port, tw_column_name[column],
		low, high, seen);
	return false;
}
