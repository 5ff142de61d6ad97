/* SPDX-License-Identifier: GPL-2.0 */
/* Files that are read and written whole. */
#ifndef TW_SELFTESTS_TEXT_H
#define TW_SELFTESTS_TEXT_H

#include <stdbool.h>

char *read_text(const char *path);
bool write_text(const char *path, const char *text);

#endif /* TW_SELFTESTS_TEXT_H */
