/* SPDX-License-Identifier: GPL-2.0 */
/* What every test program includes. */
#ifndef TW_SELFTESTS_TEST_H
#define TW_SELFTESTS_TEST_H

/* First: it asks the system headers for all that GNU has. */
#include "kselftest_harness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>

#include "module.h"
#include "netns.h"
#include "peer.h"
#include "program.h"
#include "rows.h"
#include "socks.h"
#include "tproxy.h"
#include "truth.h"
#include "wait.h"

/* In a namespace of its own, a test may take any port. */
#define PORT 8080
#define CLIENT_PORT 40000
#define PEER_PORT 7000

/* What a time in the tables may be off by: a jiffy at HZ=100, at both ends. */
#define TICK_MS 20

/* TCP_TIMEWAIT_LEN, and how late its timer may be at HZ=250 (2.048 s) to 100. */
#define STAY_MS 60000
#define LATE_MS 3000

/* In seconds, by a clock that a kernel which looks for faults makes run fast. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 120

/*
 * EXPECT_ROW(role, port, "column=n column=n ..."): wait until the row reads so.
 * The text is one for printf().  Every column that is not named must be 0, but
 * for the durations.  EXPECT_HIST() is the same for tw_hist.
 */
#define EXPECT_ROW(...) EXPECT_TRUE(stats_row_is(__VA_ARGS__))
#define ASSERT_ROW(...) ASSERT_TRUE(stats_row_is(__VA_ARGS__))
#define EXPECT_NO_ROW(role, port) EXPECT_ROW(role, port, " ")
#define EXPECT_HIST(...) EXPECT_TRUE(hist_row_is(__VA_ARGS__))

/*
 * For EXPECT_ROW(), where what becomes of a TIME_WAIT is up to how slow the
 * machine is; truth_holds() has the sums.  Its timer may have ended it.  CPUs
 * that connect at once can set the kernel's choice of ports back, so that one
 * is reused, or reopened.  A peer sends its FIN again when the ACK is late, and
 * that re-arms; the second ACK then finds no socket any more, and is answered
 * by the RST of RFC 1337.  Nor does a test know which options a program sets.
 */
#define ANY_END \
	"current=* expired=* reused=* reopened=* reset=* rearmed=* no_reuseaddr=* "

#define EXPECT_BETWEEN(role, port, column, low, high) \
	EXPECT_TRUE(stats_value_between(role, port, column, low, high))

/* FIXTURE_VARIANT_ADD(fixture, name) VARIANT(.member = value, ...); */
#define VARIANT(...)        \
	{                   \
		__VA_ARGS__ \
	}

/* The end of each program: TEST_HARNESS_MAIN, once the module is there. */
#define TW_TEST_MAIN                                           \
	static void __attribute__((constructor)) require(void) \
	{                                                      \
		module_require();                              \
	}                                                      \
	TEST_HARNESS_MAIN

/* The same for a program with raw peers. */
#define TW_TEST_MAIN_WITH_PEERS                                \
	static void __attribute__((constructor)) require(void) \
	{                                                      \
		tun_require();                                 \
		module_require();                              \
	}                                                      \
	TEST_HARNESS_MAIN

#endif /* TW_SELFTESTS_TEST_H */
