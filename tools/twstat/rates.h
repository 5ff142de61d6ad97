/* SPDX-License-Identifier: GPL-2.0-only */
/* What happened between two samples. */
#ifndef TWSTAT_RATES_H
#define TWSTAT_RATES_H

#include "proc.h"

/**
 * struct rates - the growth of counters
 * @growth: rows in which counters are what they grew by, and gauges what they
 *	were at the end
 * @ms: in what time; 0: nothing is known, see rates_make()
 */
struct rates {
	struct table growth;
	long long ms;
};

void rates_make(struct rates *rates, const struct sample *before,
		const struct sample *after);
void rates_free(struct rates *rates);
double rate_of(const struct rates *rates, __u64 growth);

#endif /* TWSTAT_RATES_H */
