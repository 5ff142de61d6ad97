/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernels that tw_stats supports declare differently, so that the rest
 * of the module reads as if written for the newest of them.  What they call and
 * inline differently is where that is hooked.
 */
#ifndef _TW_STATS_COMPAT_H
#define _TW_STATS_COMPAT_H

#include <linux/ftrace.h>
#include <linux/ptrace.h>

#ifndef CONFIG_DYNAMIC_FTRACE_WITH_ARGS
#error "tw_stats needs a kernel with CONFIG_DYNAMIC_FTRACE_WITH_ARGS=y"
#endif

#ifdef CONFIG_PREEMPT_RT
#error "tw_stats does not work with CONFIG_PREEMPT_RT=y: rows are made where that must not sleep"
#endif

/* Before 6.2 ftrace_regs wrapped pt_regs; since then x86 has a macro. */
#if defined(CONFIG_X86) && !defined(ftrace_regs_get_argument)
#define ftrace_regs_get_argument(fregs, n) \
	regs_get_kernel_argument(&(fregs)->regs, n)
#endif

#endif /* _TW_STATS_COMPAT_H */
