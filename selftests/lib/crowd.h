/* SPDX-License-Identifier: GPL-2.0 */
/*
 * More TIME_WAIT sockets at once than can be made in a minute.  They are those of
 * servers whose peers sit behind a TUN device.
 */
#ifndef TW_SELFTESTS_CROWD_H
#define TW_SELFTESTS_CROWD_H

#include <stdbool.h>

/* Of the servers; each has so many peers. */
#define CROWD_PORT 1000
#define CROWD_PER_PORT 50000
#define CROWD_MAX_PORTS 32
#define CROWD_MAX (CROWD_MAX_PORTS * CROWD_PER_PORT)

struct crowd {
	int tun;
	unsigned int nr;
	int listener[CROWD_MAX_PORTS];
};

bool crowd_init(struct crowd *crowd);
bool crowd_grow(struct crowd *crowd, unsigned int nr);
bool crowd_rearm(const struct crowd *crowd);

#endif /* TW_SELFTESTS_CROWD_H */
