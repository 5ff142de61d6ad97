/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _TW_STATS_BIND_H
#define _TW_STATS_BIND_H

#include <linux/compiler.h>
#include <net/inet_hashtables.h>

/**
 * tw_bound_by_hand() - whether anybody has called bind() for a port
 * @tb: the bind bucket of the port, kept by the caller
 *
 * __inet_hash_connect() marks a bucket that it makes with -1, and hands out the
 * port again for as long as the bucket has these marks.  They go when a socket
 * is bound to the port, by its number or as any that is free; so a port with a
 * listener does not have them.
 */
static inline bool tw_bound_by_hand(const struct inet_bind_bucket *tb)
{
	return READ_ONCE(tb->fastreuse) >= 0 ||
	       READ_ONCE(tb->fastreuseport) >= 0;
}

#endif /* _TW_STATS_BIND_H */
