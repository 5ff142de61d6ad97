// SPDX-License-Identifier: GPL-2.0-only
/*
 * For libFuzzer: whatever a file holds, the parser either says what is wrong with
 * it, or makes a table that can be written out and read again.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../table.h"

static bool parse(struct table *table, const char *const *name, int nr_names,
		  const char *data, size_t size)
{
	struct table_error error = {};
	char *text = malloc(size + 1);
	bool good;

	memcpy(text, data, size);
	text[size] = '\0';
	good = table_parse(table, name, nr_names, text, size, &error);
	if (!good && !*error.text)
		abort();
	free(text);
	return good;
}

static void write_out(const struct table *table, const char *const *name,
		      int nr_names, char **text, size_t *size)
{
	FILE *out = open_memstream(text, size);

	fputs(TW_KEY_ROLE " " TW_KEY_PORT, out);
	for (int i = 0; i < nr_names; i++)
		if (table->has[i])
			fprintf(out, " %s", name[i]);
	putc('\n', out);
	for (size_t k = 0; k < table->nr_rows; k++) {
		const struct table_row *row = &table->row[k];

		if (row->port > 65535)
			abort();
		fprintf(out, "%s %u", role_name[row->role], row->port);
		for (int i = 0; i < nr_names; i++)
			if (table->has[i])
				fprintf(out, " %llu", row->value[i]);
		putc('\n', out);
	}
	fclose(out);
}

static bool same(const struct table *a, const struct table *b)
{
	if (a->nr_rows != b->nr_rows || memcmp(a->has, b->has, sizeof(a->has)))
		return false;
	return !a->nr_rows ||
	       !memcmp(a->row, b->row, a->nr_rows * sizeof(*a->row));
}

static void check(const char *const *name, int nr_names, const char *data,
		  size_t size)
{
	struct table table, again;
	size_t written;
	char *text;

	if (parse(&table, name, nr_names, data, size)) {
		write_out(&table, name, nr_names, &text, &written);
		if (!parse(&again, name, nr_names, text, written) ||
		    !same(&table, &again))
			abort();
		table_free(&again);
		free(text);
	}
	table_free(&table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check(column_name, TW_NR_COLUMNS, (const char *)data, size);
	check(bucket_name, TW_NR_HIST_BUCKETS, (const char *)data, size);
	return 0;
}
