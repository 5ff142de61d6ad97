// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <linux/types.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "faults.h"
#include "kselftest.h"
#include "text.h"

#define FAILSLAB "/sys/kernel/debug/failslab/"
#define FAIL_PAGES "/sys/kernel/debug/fail_page_alloc/"
#define FAIL_NTH "/proc/thread-self/fail-nth"

static bool set_number(const char *path, unsigned int number)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", number);
	return write_text(path, text);
}

static bool set_address(const char *path, __u64 address)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%llx", address);
	return write_text(path, text);
}

/**
 * faults_require() - skip the whole program where allocations cannot be made to
 *	fail
 */
void faults_require(void)
{
	if (!access(FAILSLAB, F_OK) && !access(FAIL_PAGES, F_OK) &&
	    !access(FAIL_NTH, F_OK))
		return;
	ksft_print_header();
	ksft_exit_skip(
		"no CONFIG_FAILSLAB, no CONFIG_FAIL_PAGE_ALLOC, or no debugfs\n");
}

/**
 * faults_in_cache() - let allocations from a cache fail, on all CPUs
 * @cache: its name in /sys/kernel/slab
 * @percent: 100: all; 10, 1: each tenth, each hundredth; 0: none any more
 *
 * Return: false after a message.
 */
bool faults_in_cache(const char *cache, unsigned int percent)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/slab/%s/failslab", cache);
	return write_text(FAILSLAB "probability", "0") &&
	       set_address(FAILSLAB "require-start", 0) &&
	       set_address(FAILSLAB "require-end", ~0ULL) &&
	       write_text(path, percent ? "1" : "0") &&
	       write_text(FAILSLAB "cache-filter", "Y") &&
	       write_text(FAILSLAB "ignore-gfp-wait", "N") &&
	       write_text(FAILSLAB "verbose", "0") &&
	       write_text(FAILSLAB "times", "-1") &&
	       set_number(FAILSLAB "interval", percent ? 100 / percent : 1) &&
	       set_number(FAILSLAB "probability", percent ? 100 : 0);
}

/* Where a function of the kernel is: from its first byte to the next symbol. */
static bool find_function(const char *name, __u64 *start, __u64 *end)
{
	char *symbols = read_text("/proc/kallsyms"), *rest = symbols, *line;
	bool found = false;

	*end = 0;
	while (symbols && !*end && (line = strsep(&rest, "\n"))) {
		unsigned long long address;
		char symbol[128];

		if (sscanf(line, "%llx %*c %127s", &address, symbol) != 2)
			continue;
		if (found && address > *start)
			*end = address;
		if (!found && !strcmp(symbol, name)) {
			*start = address;
			found = true;
		}
	}
	free(symbols);
	if (!*end)
		fprintf(stderr, "# /proc/kallsyms has no %s\n", name);
	return *end;
}

/* The allocations of a module's init function, and of all that it calls. */
static bool only_init(void)
{
	static __u64 start, end;

	return (end || find_function("do_init_module", &start, &end)) &&
	       set_address(FAILSLAB "require-start", start) &&
	       set_address(FAILSLAB "require-end", end) &&
	       set_address(FAIL_PAGES "require-start", start) &&
	       set_address(FAIL_PAGES "require-end", end);
}

/* Any of them can fail, those of the slab's own pages included. */
static bool any_at_init(void)
{
	return only_init() && write_text(FAILSLAB "cache-filter", "N") &&
	       write_text(FAILSLAB "ignore-gfp-wait", "N") &&
	       write_text(FAILSLAB "verbose", "0") &&
	       write_text(FAILSLAB "times", "-1") &&
	       write_text(FAILSLAB "interval", "1") &&
	       write_text(FAIL_PAGES "ignore-gfp-wait", "N") &&
	       write_text(FAIL_PAGES "ignore-gfp-highmem", "N") &&
	       write_text(FAIL_PAGES "min-order", "0") &&
	       write_text(FAIL_PAGES "verbose", "0") &&
	       write_text(FAIL_PAGES "times", "-1");
}

/**
 * faults_at_init() - let one allocation of this task fail, in the init function
 *	of the module that it loads next
 * @number: which: the first is 1
 *
 * Return: false after a message.
 */
bool faults_at_init(unsigned int number)
{
	return any_at_init() && set_number(FAIL_NTH, number);
}

/**
 * faults_at_init_by_chance() - let allocations fail in the init functions of
 *	modules
 * @percent: how probably
 *
 * Return: false after a message.
 */
bool faults_at_init_by_chance(unsigned int percent)
{
	return any_at_init() && set_number(FAIL_PAGES "space", 0) &&
	       set_number(FAIL_PAGES "probability", percent) &&
	       set_number(FAILSLAB "probability", percent);
}

/**
 * faults_at_init_without_pages() - let the init functions of modules have so many
 *	pages, and no more
 * @pages: how many
 *
 * Return: false after a message.
 */
bool faults_at_init_without_pages(unsigned int pages)
{
	/* The last one that there is space for fails, too. */
	return any_at_init() && set_number(FAIL_PAGES "space", pages + 1) &&
	       set_number(FAIL_PAGES "probability", 100);
}

/**
 * faults_at_init_end() - let no allocation fail any more
 *
 * Return: how many more allocations there could have been until that of
 * faults_at_init(); 0: it was come to, and failed.
 */
unsigned int faults_at_init_end(void)
{
	char *text = read_text(FAIL_NTH);
	const unsigned int left = text ? strtoul(text, NULL, 10) : 0;

	free(text);
	return set_number(FAIL_NTH, 0) &&
			       set_number(FAILSLAB "probability", 0) &&
			       set_number(FAIL_PAGES "probability", 0) ?
		       left :
		       0;
}
