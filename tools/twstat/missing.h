/* SPDX-License-Identifier: GPL-2.0-only */
/* What the rows that an answer is made of do not tell of. */
#ifndef TWSTAT_MISSING_H
#define TWSTAT_MISSING_H

#include <stdbool.h>

#include <linux/types.h>

#include "json.h"
#include "table.h"

struct missing {
	__u64 any; /* sockets now, of servers and clients, without a row */
	__u64 untracked; /* sockets since the module was loaded */
};

struct missing missing_from(const struct table *stats, enum tw_role role,
			    unsigned int port);
bool is_missing(const struct missing *missing);
void missing_print(const struct missing *missing);
void missing_json(struct json_object *parent, const struct missing *missing);

#endif /* TWSTAT_MISSING_H */
