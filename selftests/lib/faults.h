/* SPDX-License-Identifier: GPL-2.0 */
/* Allocations that fail: Documentation/fault-injection of the kernel. */
#ifndef TW_SELFTESTS_FAULTS_H
#define TW_SELFTESTS_FAULTS_H

#include <stdbool.h>

void faults_require(void);
bool faults_in_cache(const char *cache, unsigned int percent);
bool faults_at_init(unsigned int number);
unsigned int faults_at_init_end(void);

#endif /* TW_SELFTESTS_FAULTS_H */
