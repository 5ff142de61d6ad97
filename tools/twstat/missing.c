// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "missing.h"
#include "units.h"

/**
 * missing_from() - find what an answer cannot take into account
 * @stats: of tw_stats
 * @role: of the rows that the answer is made of
 * @port: of the only one, or 0 for all of this role
 *
 * What is in the row "any 0" may be of any role and port.
 *
 * Return: what was found.
 */
struct missing missing_from(const struct table *stats, enum tw_role role,
			    unsigned int port)
{
	struct missing missing = {};

	for (size_t i = 0; i < stats->nr_rows; i++) {
		const struct table_row *row = &stats->row[i];

		if (row->role == TW_ANY)
			missing.any = row_held(row);
		else if (row->role != role || (port && row->port != port))
			continue;
		missing.untracked =
			add_up(missing.untracked, row->value[TW_COL_UNTRACKED]);
	}
	return missing;
}

/**
 * is_missing() - tell whether anything is
 * @missing: what missing_from() has found
 *
 * Return: whether the answer is not certain.
 */
bool is_missing(const struct missing *missing)
{
	return missing->any || missing->untracked;
}

/**
 * missing_print() - say what is missing, if anything is
 * @missing: what missing_from() has found
 */
void missing_print(const struct missing *missing)
{
	if (missing->any)
		printf("Not considered: %llu sockets, of any role, whose port has no row.\n",
		       missing->any);
	if (missing->untracked)
		printf("Not considered: %llu sockets since the module was loaded that it did not\n"
		       "follow, for want of memory or because of max_user_minisockets.\n",
		       missing->untracked);
}

/**
 * missing_json() - add what is missing to an object
 * @parent: the object
 * @missing: what missing_from() has found
 */
void missing_json(struct json_object *parent, const struct missing *missing)
{
	json_number(parent, "of_any_port", missing->any);
	json_number(parent, "untracked", missing->untracked);
}
