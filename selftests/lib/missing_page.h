/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A page that is not there until it is filled.  Who reads a file into it is
 * suspended inside of the read().
 */
#ifndef TW_SELFTESTS_MISSING_PAGE_H
#define TW_SELFTESTS_MISSING_PAGE_H

#include <stdbool.h>

struct missing_page {
	int uffd;
	char *memory;
};

bool missing_page_make(struct missing_page *page);
bool missing_page_wait(const struct missing_page *page);
bool missing_page_fill(const struct missing_page *page);
void missing_page_free(const struct missing_page *page);

#endif /* TW_SELFTESTS_MISSING_PAGE_H */
