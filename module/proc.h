/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TW_STATS_PROC_H
#define _TW_STATS_PROC_H

int tw_proc_init(void);
void tw_proc_exit(void);

#endif /* _TW_STATS_PROC_H */
