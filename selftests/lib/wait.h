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

/*
 * Between two looks, after so long.  Who has waited for a second may wait for a
 * minute: on a kernel that looks for faults, and under an emulator, to look each
 * 2 ms costs more than all else that a test does.
 */
static inline void wait_a_little(long long waited_ms)
{
	const long long us = waited_ms * 4;

	usleep(us < 2000 ? 2000 : us > 50000 ? 50000 : us);
}

/**
 * WAIT_FOR() - evaluate a condition until it holds
 * @condition: an expression, evaluated again and again
 * @ms: how long to go on, in milliseconds
 *
 * Return: whether the condition came to hold.
 */
#define WAIT_FOR(condition, ms)                                  \
	({                                                       \
		const long long since_ = now_ms();               \
		bool holds_;                                     \
		for (;;) {                                       \
			holds_ = (condition);                    \
			if (holds_ || now_ms() - since_ >= (ms)) \
				break;                           \
			wait_a_little(now_ms() - since_);        \
		}                                                \
		holds_;                                          \
	})

#endif /* TW_SELFTESTS_WAIT_H */
