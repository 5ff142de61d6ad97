/* SPDX-License-Identifier: GPL-2.0-only */
/* The rows that the user wants to see, in the order that was asked for. */
#ifndef TWSTAT_SELECT_H
#define TWSTAT_SELECT_H

#include "table.h"
#include "twstat.h"

bool row_wanted(const struct request *request, const struct table_row *row);
void rows_select(struct table *stats, const struct request *request);

#endif /* TWSTAT_SELECT_H */
