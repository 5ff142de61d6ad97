// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parser.  It goes by the rule of uapi/linux/tw_stats.h: columns are found by
 * their names, and those that are not known are passed over.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"
#include "units.h"
#include "units.h"

#define KEY_FIELDS 2
/* Of one line; a later version may have more columns than this one knows. */
#define MAX_FIELDS 128

const char *const role_name[TW_NR_ROLES] = TW_ROLE_NAMES;
const char *const column_name[TW_NR_COLUMNS] = TW_COLUMN_NAMES;
const char *const bucket_name[TW_NR_HIST_BUCKETS] = TW_HIST_NAMES;

/* A file on its way into a table. */
struct parse {
	struct table *table;
	struct table_error *error;
	size_t max_rows;
	unsigned int line;
	int nr_fields;
	int column[MAX_FIELDS]; /* what a field is; -1: nothing we know */
};

static bool __attribute__((format(printf, 2, 3)))
bad(struct parse *parse, const char *format, ...)
{
	char *text = parse->error->text;
	const size_t size = sizeof(parse->error->text);
	va_list args;
	int len = 0;

	if (parse->line)
		len = snprintf(text, size, "line %u: ", parse->line);
	va_start(args, format);
	vsnprintf(text + len, size - len, format, args);
	va_end(args);
	return false;
}

static int find_name(const char *const *name, int nr, const char *word)
{
	for (int i = 0; i < nr; i++)
		if (!strcmp(name[i], word))
			return i;
	return -1;
}

/* Returns how many fields there are, of which the first MAX_FIELDS are kept. */
static int split(char *line, char *field[MAX_FIELDS])
{
	char *rest = NULL;
	int nr = 0;

	for (char *word = strtok_r(line, " \t", &rest); word;
	     word = strtok_r(NULL, " \t", &rest)) {
		if (nr < MAX_FIELDS)
			field[nr] = word;
		nr++;
	}
	return nr;
}

static bool parse_names(struct parse *parse, char *line,
			const char *const *name, int nr_names)
{
	struct table *table = parse->table;
	char *field[MAX_FIELDS];
	bool any = false;

	parse->nr_fields = split(line, field);
	if (parse->nr_fields <= KEY_FIELDS || strcmp(field[0], TW_KEY_ROLE) ||
	    strcmp(field[1], TW_KEY_PORT))
		return bad(
			parse,
			"not a file of tw_stats, which begins with \"" TW_KEY_ROLE
			" " TW_KEY_PORT "\"");
	if (parse->nr_fields > MAX_FIELDS)
		return bad(parse, "more than %d columns", MAX_FIELDS);

	for (int i = KEY_FIELDS; i < parse->nr_fields; i++) {
		const int column = find_name(name, nr_names, field[i]);

		parse->column[i] = column;
		if (column < 0)
			continue;
		if (table->has[column])
			return bad(parse, "two columns %s", field[i]);
		table->has[column] = true;
		any = true;
	}
	return any || bad(parse, "no column that this twstat knows");
}

static bool parse_number(struct parse *parse, const char *what,
			 const char *word, __u64 max, __u64 *number)
{
	char *end;

	if (word[strspn(word, "0123456789")])
		return bad(parse, "%s: \"%.30s\" is no number", what, word);
	errno = 0;
	*number = strtoull(word, &end, 10);
	if (errno || *number > max)
		return bad(parse, "%s: %.30s is too large", what, word);
	return true;
}

static struct table_row *row_add(struct parse *parse)
{
	struct table *table = parse->table;

	if (table->nr_rows == parse->max_rows) {
		const size_t max = 2 * parse->max_rows + 64;
		struct table_row *row =
			reallocarray(table->row, max, sizeof(*row));

		if (!row)
			return NULL;
		table->row = row;
		parse->max_rows = max;
	}
	return memset(&table->row[table->nr_rows++], 0, sizeof(*table->row));
}

static int by_key(const void *one, const void *two)
{
	const struct table_row *a = one, *b = two;

	if (a->role != b->role)
		return a->role < b->role ? -1 : 1;
	return a->port < b->port ? -1 : a->port > b->port;
}

static bool parse_row(struct parse *parse, char *line, const char *const *name)
{
	char *field[MAX_FIELDS];
	const int nr = split(line, field);
	struct table_row *row;
	__u64 port;
	int role;

	if (nr != parse->nr_fields)
		return bad(parse, "%d fields, but %d columns", nr,
			   parse->nr_fields);
	role = find_name(role_name, TW_NR_ROLES, field[0]);
	if (role < 0)
		return bad(parse, "\"%.30s\" is no role", field[0]);
	if (!parse_number(parse, TW_KEY_PORT, field[1], 65535, &port))
		return false;

	row = row_add(parse);
	if (!row)
		return bad(parse, "out of memory");
	row->role = role;
	row->port = port;
	if (parse->table->nr_rows > 1 && by_key(row - 1, row) >= 0)
		return bad(parse, "%s %u is not in its place", field[0],
			   row->port);
	for (int i = KEY_FIELDS; i < nr; i++) {
		const int column = parse->column[i];

		if (column >= 0 && !parse_number(parse, name[column], field[i],
						 ~0ULL, &row->value[column]))
			return false;
	}
	return true;
}

/**
 * table_parse() - read what stands in a file
 * @table: filled in; for table_free(), whatever comes of it
 * @name: the columns of the file
 * @nr_names: how many
 * @text: the whole file, with a byte of 0 behind it; is written to
 * @size: how long, without that byte
 * @error: filled in when something is wrong
 *
 * Return: whether all is well: every line complete and in its place, and every
 * number one that fits.
 */
bool table_parse(struct table *table, const char *const *name, int nr_names,
		 char *text, size_t size, struct table_error *error)
{
	struct parse parse = { .table = table, .error = error };
	char *line, *next;

	memset(table, 0, sizeof(*table));
	if (!size)
		return bad(&parse, "is empty");
	if (memchr(text, '\0', size))
		return bad(&parse, "is not text");
	if (text[size - 1] != '\n')
		return bad(&parse, "ends in the middle of a line");

	for (line = text; *line; line = next) {
		next = strchr(line, '\n');
		*next++ = '\0';
		if (!parse.line++) {
			if (!parse_names(&parse, line, name, nr_names))
				return false;
		} else if (!parse_row(&parse, line, name)) {
			return false;
		}
	}
	return true;
}

/**
 * table_free() - free what table_parse() has allocated
 * @table: may be all zero
 */
void table_free(struct table *table)
{
	free(table->row);
	memset(table, 0, sizeof(*table));
}

/**
 * table_find() - find a row
 * @table: where; in the order of its file
 * @role: its role
 * @port: its port
 *
 * Return: the row, or NULL.
 */
const struct table_row *table_find(const struct table *table, enum tw_role role,
				   unsigned int port)
{
	const struct table_row key = { .role = role, .port = port };

	if (!table->nr_rows)
		return NULL;
	return bsearch(&key, table->row, table->nr_rows, sizeof(key), by_key);
}

/**
 * row_held() - count the minisockets of a row
 * @row: of tw_stats
 *
 * Return: how many are in either substate.
 */
__u64 row_held(const struct table_row *row)
{
	return add_up(row->value[TW_COL_CURRENT], row->value[TW_COL_FIN_WAIT2]);
}
