// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "units.h"

#define SECOND 1000ULL
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* Three digits. */
static struct text scaled(double number)
{
	static const char prefix[] = " kMGTPE";
	const char *p = prefix;
	struct text text;

	while (number >= 999.5 && p[1]) {
		number /= 1000;
		p++;
	}
	snprintf(text.s, sizeof(text.s), "%.*f%.*s",
		 number < 9.995 ? 2 :
		 number < 99.95 ? 1 :
				  0,
		 number, p != prefix, p);
	return text;
}

/**
 * count_text() - write a count
 * @count: how many
 *
 * Return: all of its digits, up to four; or three and a prefix: 12.3k, 4.56M.
 */
struct text count_text(__u64 count)
{
	struct text text;

	if (count >= 10000)
		return scaled(count);
	snprintf(text.s, sizeof(text.s), "%llu", count);
	return text;
}

/**
 * rate_text() - write how many in a second, or how many on the average
 * @rate: not negative
 *
 * Return: 0, or three digits: 0.05, 12.3, 4.56k.
 */
struct text rate_text(double rate)
{
	if (rate < 0.005)
		return (struct text){ "0" };
	return scaled(rate);
}

/**
 * ms_text() - write a duration
 * @ms: in milliseconds
 *
 * Return: two digits or more with their unit: 340 ms, 4.1 s, 41 s, 95 min, 30 h.
 */
struct text ms_text(__u64 ms)
{
	struct text text;

	if (!ms)
		return (struct text){ "0" };
	if (ms < SECOND)
		snprintf(text.s, sizeof(text.s), "%llu ms", ms);
	else if (ms < 9950)
		snprintf(text.s, sizeof(text.s), "%.1f s", (double)ms / SECOND);
	else if (ms < 2 * MINUTE)
		snprintf(text.s, sizeof(text.s), "%llu s",
			 (ms + SECOND / 2) / SECOND);
	else if (ms < 2 * HOUR)
		snprintf(text.s, sizeof(text.s), "%llu min", ms / MINUTE);
	else if (ms < 2 * DAY)
		snprintf(text.s, sizeof(text.s), "%llu h", ms / HOUR);
	else
		snprintf(text.s, sizeof(text.s), "%llu d", ms / DAY);
	return text;
}

/**
 * add_up() - add without wrapping around
 * @a: one number
 * @b: another
 *
 * Return: their sum, or the largest number there is.
 */
__u64 add_up(__u64 a, __u64 b)
{
	__u64 sum;

	return __builtin_add_overflow(a, b, &sum) ? ~0ULL : sum;
}
