/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Others that use ftrace while the module does, on the functions that it hooks
 * and on those that call them.
 */
#ifndef TW_SELFTESTS_OTHERS_H
#define TW_SELFTESTS_OTHERS_H

#include <stdbool.h>

#include <linux/types.h>

#define FTRACE_ENABLED "/proc/sys/kernel/ftrace_enabled"

int ftrace_enable(bool enable);

bool others_trace(const char *tracer);
bool others_trace_end(void);
__u64 others_traced(void);

int bpf_probe(const char *function, bool at_return);
__u64 bpf_probe_end(int probe);

#endif /* TW_SELFTESTS_OTHERS_H */
