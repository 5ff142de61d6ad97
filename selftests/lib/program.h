/* SPDX-License-Identifier: GPL-2.0 */
/* Other programs: run to their end, or while a test goes on. */
#ifndef TW_SELFTESTS_PROGRAM_H
#define TW_SELFTESTS_PROGRAM_H

#include <stdbool.h>
#include <sys/types.h>

bool program_installed(const char *name);
pid_t program_start(const char *output, const char *format, ...);
bool program_wait(pid_t program);
bool program_ended(pid_t program);
void program_stop(pid_t program);
bool run(const char *format, ...);
char *run_and_read(int *status, const char *format, ...);

#endif /* TW_SELFTESTS_PROGRAM_H */
