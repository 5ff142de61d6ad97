/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The interface of tw_stats: what its /proc files are called and what stands
 * in them.  This header is the one home of it; the module, the tools and the
 * tests all include it.
 *
 * Both files are text.  Their first line names the columns, every further line
 * is a row with the same number of fields, separated by blanks.  A row is keyed
 * by its first two fields, role and port.  Find a column by its name: columns
 * are only ever appended, never moved, renamed or removed.
 */
#ifndef _UAPI_LINUX_TW_STATS_H
#define _UAPI_LINUX_TW_STATS_H

#define TW_STATS_VERSION "0.4"

/* Below /proc/net, so each shows the network namespace of its reader. */
#define TW_STATS_NAME "tw_stats"
#define TW_HIST_NAME "tw_hist"

#define TW_STATS_PATH "/proc/net/" TW_STATS_NAME
#define TW_HIST_PATH "/proc/net/" TW_HIST_NAME

/* A symbolic link, for the hand: /proc/tw_stats -> self/net/tw_stats. */
#define TW_STATS_LINK "/proc/" TW_STATS_NAME

/* The names of the two key columns of both files. */
#define TW_KEY_ROLE "role"
#define TW_KEY_PORT "port"

/*
 * Roles.  A server row's port is ours, where we accepted; a client row's port
 * is the peer's, where we connected to.  The row "any 0" takes the events of
 * every port that got no row of its own, because there were too many.
 */
#define TW_ROLES(X)            \
	X(TW_SERVER, "server") \
	X(TW_CLIENT, "client") \
	X(TW_ANY, "any")

/*
 * The columns of tw_stats after the key, in their order.  C marks a counter,
 * which never goes back; G a gauge.  The unit of *_ms is the millisecond, that
 * of time_ms and stayed_ms the socket-millisecond; all others count sockets or events.
 */
#define TW_COLUMNS(C, G)                             \
	G(TW_COL_CURRENT, "current")                 \
	G(TW_COL_FIN_WAIT2, "fin_wait2")             \
	C(TW_COL_FIN_WAIT2_ENDED, "fin_wait2_ended") \
	G(TW_COL_CLEAR_MS, "clear_ms")               \
	C(TW_COL_ENTERED, "entered")                 \
	C(TW_COL_ADOPTED, "adopted")                 \
	C(TW_COL_EXPIRED, "expired")                 \
	C(TW_COL_REUSED, "reused")                   \
	C(TW_COL_REOPENED, "reopened")               \
	C(TW_COL_RESET, "reset")                     \
	C(TW_COL_KILLED, "killed")                   \
	C(TW_COL_OTHER, "other")                     \
	C(TW_COL_OVERFLOW, "overflow")               \
	C(TW_COL_UNTRACKED, "untracked")             \
	C(TW_COL_REARMED, "rearmed")                 \
	C(TW_COL_TIME_MS, "time_ms")                 \
	G(TW_COL_MAX_MS, "max_ms")                   \
	C(TW_COL_CLOSED_FIRST, "closed_first")       \
	C(TW_COL_CLOSED_SECOND, "closed_second")     \
	C(TW_COL_CLOSED_BOTH, "closed_both")         \
	C(TW_COL_ABORTED, "aborted")                 \
	C(TW_COL_STAYED_MS, "stayed_ms")             \
	G(TW_COL_NO_REUSEADDR, "no_reuseaddr")

/*
 * The columns of tw_hist after the key: completed stays in TIME_WAIT that
 * lasted up to and including so many milliseconds, and longer than the column
 * before.  The last column has no upper edge.
 */
#define TW_HIST_BUCKETS(X)               \
	X(TW_LE_1MS, "le_1ms", 1)        \
	X(TW_LE_10MS, "le_10ms", 10)     \
	X(TW_LE_100MS, "le_100ms", 100)  \
	X(TW_LE_1S, "le_1s", 1000)       \
	X(TW_LE_5S, "le_5s", 5000)       \
	X(TW_LE_15S, "le_15s", 15000)    \
	X(TW_LE_30S, "le_30s", 30000)    \
	X(TW_LE_45S, "le_45s", 45000)    \
	X(TW_LE_59S, "le_59s", 59000)    \
	X(TW_LE_63S, "le_63s", 63000)    \
	X(TW_LE_90S, "le_90s", 90000)    \
	X(TW_LE_120S, "le_120s", 120000) \
	X(TW_LE_300S, "le_300s", 300000) \
	X(TW_LONGER, "longer", ~0U)

#define TW_ENUM(id, ...) id,
#define TW_NAME(id, name, ...) [id] = name,

enum tw_role { TW_ROLES(TW_ENUM) TW_NR_ROLES };
enum tw_column { TW_COLUMNS(TW_ENUM, TW_ENUM) TW_NR_COLUMNS };
enum tw_hist_bucket { TW_HIST_BUCKETS(TW_ENUM) TW_NR_HIST_BUCKETS };

#define TW_ROLE_NAMES             \
	{                         \
		TW_ROLES(TW_NAME) \
	}
#define TW_COLUMN_NAMES                      \
	{                                    \
		TW_COLUMNS(TW_NAME, TW_NAME) \
	}
#define TW_HIST_NAMES                    \
	{                                \
		TW_HIST_BUCKETS(TW_NAME) \
	}

#define TW_EDGE(id, name, ms) [id] = ms,
#define TW_HIST_EDGES_MS                 \
	{                                \
		TW_HIST_BUCKETS(TW_EDGE) \
	}

#endif /* _UAPI_LINUX_TW_STATS_H */
