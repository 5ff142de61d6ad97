/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TW_STATS_ADOPT_H
#define _TW_STATS_ADOPT_H

void tw_adopt_roles(void);
int tw_adopt(void);

#endif /* _TW_STATS_ADOPT_H */
