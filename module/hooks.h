/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TW_STATS_HOOKS_H
#define _TW_STATS_HOOKS_H

int tw_roles_init(void);
void tw_roles_exit(void);
int tw_hooks_init(void);
void tw_hooks_exit(void);

#endif /* _TW_STATS_HOOKS_H */
