/* SPDX-License-Identifier: GPL-2.0 */
/* Allocations that fail: Documentation/fault-injection of the kernel. */
#ifndef TW_SELFTESTS_FAULTS_H
#define TW_SELFTESTS_FAULTS_H

#include <stdbool.h>

bool faults_possible(void);
bool faults_in_cache(const char *cache, unsigned int percent);
bool faults_at_call(unsigned int number);
bool faults_happened(void);

#endif /* TW_SELFTESTS_FAULTS_H */
