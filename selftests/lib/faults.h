/* SPDX-License-Identifier: GPL-2.0 */
/* Allocations that fail: Documentation/fault-injection of the kernel. */
#ifndef TW_SELFTESTS_FAULTS_H
#define TW_SELFTESTS_FAULTS_H

#include <stdbool.h>

void faults_require(void);
bool faults_in_cache(const char *cache, unsigned int percent);
bool faults_at_init(unsigned int number);
bool faults_at_init_by_chance(unsigned int percent);
bool faults_at_init_without_pages(unsigned int pages);
unsigned int faults_at_init_end(void);

#endif /* TW_SELFTESTS_FAULTS_H */
