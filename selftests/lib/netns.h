/* SPDX-License-Identifier: GPL-2.0 */
/* A network namespace of the test's own, and its sysctls. */
#ifndef TW_SELFTESTS_NETNS_H
#define TW_SELFTESTS_NETNS_H

#include <stdbool.h>

bool netns_enter(void);
bool netns_enter_as_user(void);
int netns_here(void);
bool netns_switch(int fd);
bool link_up(const char *name);
bool sysctl_set(const char *name, const char *value);

#endif /* TW_SELFTESTS_NETNS_H */
