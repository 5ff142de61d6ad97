/* SPDX-License-Identifier: GPL-2.0 */
/* The module: loaded, unloaded, and left as it was found. */
#ifndef TW_SELFTESTS_MODULE_H
#define TW_SELFTESTS_MODULE_H

#include <stdbool.h>

#define MODULE_NAME "tw_stats"

bool module_loaded(void);
int module_load(const char *parameters);
int module_unload(void);
bool module_reload(const char *parameters);

void module_require(void);
bool module_restore(void);

#endif /* TW_SELFTESTS_MODULE_H */
