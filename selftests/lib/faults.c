// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "faults.h"
#include "text.h"

#define FAILSLAB "/sys/kernel/debug/failslab/"
#define FAIL_NTH "/proc/thread-self/fail-nth"

static bool set_number(const char *path, unsigned int number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	return write_text(path, text);
}

/**
 * faults_possible() - tell whether the kernel can let allocations fail
 *
 * Return: whether it can.
 */
bool faults_possible(void)
{
	return !access(FAILSLAB, F_OK) && !access(FAIL_NTH, F_OK);
}

/**
 * faults_in_cache() - let allocations from a cache fail, on all CPUs
 * @cache: its name in /sys/kernel/slab
 * @percent: how many of a hundred; 0: none any more
 *
 * Return: false after a message.
 */
bool faults_in_cache(const char *cache, unsigned int percent)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/failslab", cache);
	return write_text(FAILSLAB "probability", "0") &&
	       write_text(path, percent ? "1" : "0") &&
	       write_text(FAILSLAB "cache-filter", "Y") &&
	       write_text(FAILSLAB "ignore-gfp-wait", "N") &&
	       write_text(FAILSLAB "verbose", "0") &&
	       write_text(FAILSLAB "times", "-1") &&
	       set_number(FAILSLAB "probability", percent);
}

/**
 * faults_at_call() - let one allocation of this task fail
 * @number: which: the first from now on is 1; 0: none any more
 *
 * Return: false after a message.
 */
bool faults_at_call(unsigned int number)
{
	return write_text(FAILSLAB "cache-filter", "N") &&
	       write_text(FAILSLAB "ignore-gfp-wait", "N") &&
	       write_text(FAILSLAB "verbose", "0") &&
	       set_number(FAIL_NTH, number);
}

/**
 * faults_happened() - tell whether the allocation of faults_at_call() was come to
 *
 * Return: whether it was, and failed.
 */
bool faults_happened(void)
{
	char *text = read_text(FAIL_NTH);
	const bool happened = text && !strtoul(text, NULL, 10);

	free(text);
	return happened;
}
