/* SPDX-License-Identifier: GPL-2.0 */
/* TPROXY: a listener takes the connections to a port, whatever their address. */
#ifndef TW_SELFTESTS_TPROXY_H
#define TW_SELFTESTS_TPROXY_H

#include <stdbool.h>

#include "socks.h"

bool tproxy_on(enum family family, unsigned int service_port,
	       unsigned int proxy_port);

#endif /* TW_SELFTESTS_TPROXY_H */
