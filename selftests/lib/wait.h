/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TW_SELFTESTS_WAIT_H
#define TW_SELFTESTS_WAIT_H

#include <stdbool.h>
#include <time.h>
#include <unistd.h>

/* How long a test waits for what takes no time but the kernel's own. */
#define PROMPT_MS 5000

static inline long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/**
 * WAIT_FOR() - evaluate a condition until it holds
 * @condition: an expression, evaluated again and again
 * @ms: how long to go on, in milliseconds
 *
 * Return: whether the condition came to hold.
 */
#define WAIT_FOR(condition, ms)                           \
	({                                                \
		const long long until_ = now_ms() + (ms); \
		bool holds_;                              \
		for (;;) {                                \
			holds_ = (condition);             \
			if (holds_ || now_ms() >= until_) \
				break;                    \
			usleep(2000);                     \
		}                                         \
		holds_;                                   \
	})

#endif /* TW_SELFTESTS_WAIT_H */
