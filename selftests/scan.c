// SPDX-License-Identifier: GPL-2.0
/*
 * All 65,535 ports of a host, as a port scan has it: of another host from here, and
 * of this one by a peer.  It takes no more memory than security.rst says.
 */
#include "lib/test.h"

#include <sys/resource.h>

#include "lib/slab.h"

#define NR_PORTS 65535
#define MAX_ROWS 4096
#define SCAN_TIMEOUT 3600
#define NETNS_GOES_MS 60000

/* Each 13th port is listened on: more than may have a row, in all leaves. */
#define LISTEN_STEP 13
#define NR_LISTENERS ((NR_PORTS - 1) / LISTEN_STEP + 1)

#define ROWS "tw_stats_row"
#define MINISOCKETS "tw_stats_minisock"
#define LEAVES "kmalloc-2k"

/* What security.rst says. */
#define ROW_BYTES 64
#define STRIPE_BYTES 384
#define MAX_STRIPES 16
#define MINISOCKET_BYTES 64
#define CHUNK_MINISOCKETS 72
#define LEAF_PORTS 256

/* What others may take from the cache of the leaves meanwhile, or give back. */
#define LEAVES_OF_OTHERS 8

#define BIT(column) (1ULL << (column))

/* In objects. */
struct memory {
	long rows;
	long chunks;
	long leaves;
};

/* By port; 0: nothing listens there. */
static int listener[NR_PORTS + 1];

static long nr_stripes(void)
{
	char *possible = read_text("/sys/devices/system/cpu/possible");
	const char *last = possible ? strrchr(possible, '-') : NULL;
	const long nr_cpus = last ? strtol(last + 1, NULL, 10) + 1 : 1;
	long nr = 1;

	while (nr < nr_cpus && nr < MAX_STRIPES)
		nr *= 2;
	free(possible);
	return nr;
}

static struct memory memory_now(void)
{
	return (struct memory){ .rows = slab_objects(ROWS),
				.chunks = slab_objects(MINISOCKETS),
				.leaves = slab_objects(LEAVES) };
}

static bool grew(const char *cache, long before, long now, long low, long high)
{
	if (before >= 0 && now - before >= low && now - before <= high)
		return true;
	fprintf(stderr,
		"# %s: expected %ld to %ld objects more than %ld, seen %ld\n",
		cache, low, high, before, now);
	return false;
}

/* As many as there are rows with a port; those of a role are sorted by it. */
static void count_rows(const struct rows *rows, long *nr, long *nr_leaves)
{
	const struct row *last = NULL;

	*nr = 0;
	*nr_leaves = 0;
	for (size_t i = 0; i < rows->nr; i++) {
		const struct row *row = &rows->row[i];

		if (row->role == TW_ANY)
			continue;
		/* A role has a table, too, of the size of a leaf. */
		if (!last || last->role != row->role)
			*nr_leaves += 2;
		else if (last->port / LEAF_PORTS != row->port / LEAF_PORTS)
			*nr_leaves += 1;
		*nr += 1;
		last = row;
	}
}

/*
 * Whether what is held beyond @before is for the rows that are seen, and for the
 * minisockets that these have counted.  Entries are in chunks, of which each
 * stripe has one that is not full.
 */
static bool memory_is_for_rows(const struct memory *before)
{
	const struct memory now = memory_now();
	long nr, nr_leaves, low, high;
	struct rows rows;
	bool is_for;

	if (!stats_read(&rows))
		return false;
	count_rows(&rows, &nr, &nr_leaves);
	low = rows_sum(&rows, TW_COL_CURRENT);
	low = (low + CHUNK_MINISOCKETS - 1) / CHUNK_MINISOCKETS;
	high = rows_sum(&rows, TW_COL_ENTERED);
	high = high ? high / CHUNK_MINISOCKETS + nr_stripes() : 0;
	rows_free(&rows);

	is_for = grew(ROWS, before->rows, now.rows, nr, nr);
	is_for &= grew(MINISOCKETS, before->chunks, now.chunks, low, high);
	is_for &= grew(LEAVES, before->leaves, now.leaves,
		       nr_leaves - LEAVES_OF_OTHERS,
		       nr_leaves + LEAVES_OF_OTHERS);
	return is_for;
}

FIXTURE(scan)
{
	struct truth truth;
	struct memory before;
	int home;
	int tun;
};

FIXTURE_SETUP(scan)
{
	ASSERT_TRUE(module_reload("max_rows=4096"));
	self->home = netns_here();
	ASSERT_TRUE(netns_enter());
	self->tun = tun_open();
	ASSERT_LE(0, self->tun);
	ASSERT_TRUE(truth_start(&self->truth));
	self->before = memory_now();
}

/* Its rows go with the namespace, any 0, which it had at the start, included. */
static bool namespace_goes(int home, int tun, long rows_before)
{
	if (!netns_switch(home))
		return false;
	close(tun);
	for (unsigned int port = 1; port <= NR_PORTS; port++)
		if (listener[port])
			close(listener[port]);
	return WAIT_FOR(slab_objects(ROWS) == rows_before - 1, NETNS_GOES_MS);
}

FIXTURE_TEARDOWN(scan)
{
	EXPECT_TRUE(truth_holds_while_they_end(&self->truth));
	EXPECT_TRUE(namespace_goes(self->home, self->tun, self->before.rows));
	EXPECT_TRUE(module_restore());
}

TEST_F(scan, fills_objects_of_the_size_that_is_documented)
{
	EXPECT_EQ(ROW_BYTES + STRIPE_BYTES * nr_stripes(),
		  slab_object_size(ROWS));
	EXPECT_GE(MINISOCKET_BYTES * CHUNK_MINISOCKETS,
		  slab_object_size(MINISOCKETS));
	EXPECT_LT(0, slab_object_size(MINISOCKETS));
}

static bool refuse(struct peer *peer)
{
	const int fd = peer_start_connect(peer, 0);
	bool refused;

	peer->kernel_port = local_port_of(fd);
	refused = peer_expect(peer, SYN) && peer_send(peer, RST | ACK) &&
		  wait_state(fd, TCP_CLOSE);
	close(fd);
	return refused;
}

static bool accept_and_close(struct peer *peer)
{
	const int fd = peer_accept(peer, 0);

	return fd >= 0 && peer_sees_close(peer, fd) && peer_closes(peer);
}

static bool scan(int tun, bool (*answer)(struct peer *peer))
{
	struct peer peer;

	for (unsigned int port = 1; port <= NR_PORTS; port++) {
		peer_init(&peer, tun, IPV4, port, 0);
		if (!answer(&peer))
			return false;
	}
	return true;
}

TEST_F_TIMEOUT(scan, that_is_refused_makes_no_row, SCAN_TIMEOUT)
{
	ASSERT_TRUE(scan(self->tun, refuse));
	EXPECT_EQ(0, stats_nr_rows());
	EXPECT_TRUE(memory_is_for_rows(&self->before));
}

TEST_F_TIMEOUT(scan, of_a_host_that_accepts_fills_max_rows, SCAN_TIMEOUT)
{
	struct rows rows;

	ASSERT_TRUE(sysctl_set("ip_local_port_range", "1024 65000"));
	ASSERT_TRUE(sysctl_set("tcp_max_tw_buckets", "100000"));
	ASSERT_TRUE(scan(self->tun, accept_and_close));
	ASSERT_TRUE(stats_read(&rows));
	EXPECT_EQ(MAX_ROWS + 1, rows.nr);
	EXPECT_EQ(NR_PORTS, rows_sum(&rows, TW_COL_ENTERED));
	EXPECT_EQ(NR_PORTS, rows_sum(&rows, TW_COL_CLOSED_FIRST));
	rows_free(&rows);
	EXPECT_TRUE(memory_is_for_rows(&self->before));
}

static bool listen_on_many(void)
{
	const struct rlimit limit = { NR_LISTENERS + 100, NR_LISTENERS + 100 };

	if (setrlimit(RLIMIT_NOFILE, &limit)) {
		perror("# RLIMIT_NOFILE");
		return false;
	}
	for (unsigned int port = 1; port <= NR_PORTS; port += LISTEN_STEP) {
		listener[port] = listen_on(IPV4, port);
		if (listener[port] < 0)
			return false;
	}
	return true;
}

static bool is_refused(struct peer *peer)
{
	return peer_send(peer, SYN) && peer_expect(peer, RST | ACK);
}

static bool scan_from_outside(int tun, bool (*visit)(struct peer *peer))
{
	struct peer peer;

	for (unsigned int port = 1; port <= NR_PORTS; port++) {
		peer_init(&peer, tun, IPV4, PEER_PORT, port);
		if (listener[port] ? !visit(&peer) : !is_refused(&peer))
			return false;
	}
	return true;
}

TEST_F_TIMEOUT(scan, from_outside_of_closed_ports_makes_no_row, SCAN_TIMEOUT)
{
	ASSERT_TRUE(scan_from_outside(self->tun, NULL));
	EXPECT_EQ(0, stats_nr_rows());
	EXPECT_TRUE(memory_is_for_rows(&self->before));
}

static bool open_by_half(struct peer *peer)
{
	return peer_send(peer, SYN) && peer_expect(peer, SYN | ACK) &&
	       peer_send(peer, RST);
}

TEST_F_TIMEOUT(scan, from_outside_that_is_half_open_makes_no_row, SCAN_TIMEOUT)
{
	ASSERT_TRUE(listen_on_many());
	ASSERT_TRUE(scan_from_outside(self->tun, open_by_half));
	EXPECT_EQ(0, stats_nr_rows());
	EXPECT_TRUE(memory_is_for_rows(&self->before));
}

/*
 * Whether a row has counted one connection in the columns of @once, and none in
 * the other columns of events.  The row any 0 has as many as got no row.
 */
static bool counts(const struct row *row, __u64 once)
{
	static const enum tw_column event[] = {
		TW_COL_ENTERED,	     TW_COL_ADOPTED,
		TW_COL_OVERFLOW,     TW_COL_UNTRACKED,
		TW_COL_CLOSED_FIRST, TW_COL_CLOSED_SECOND,
		TW_COL_CLOSED_BOTH,  TW_COL_ABORTED,
		TW_COL_REUSED,	     TW_COL_REOPENED,
		TW_COL_RESET,	     TW_COL_KILLED,
		TW_COL_OTHER,	     TW_COL_REARMED,
		TW_COL_FIN_WAIT2,    TW_COL_FIN_WAIT2_ENDED,
	};
	const __u64 all = row->role == TW_ANY ? NR_LISTENERS - MAX_ROWS : 1;

	for (size_t i = 0; i < ARRAY_SIZE(event); i++) {
		const __u64 nr = once & BIT(event[i]) ? all : 0;

		if (row->value[event[i]] == nr)
			continue;
		fprintf(stderr, "# %s %u %s: expected %llu, seen %llu\n",
			tw_role_name[row->role], row->port,
			tw_column_name[event[i]], nr, row->value[event[i]]);
		return false;
	}
	return true;
}

/* The ports that are scanned first have the rows.  @once is as for counts(). */
static bool rows_count(__u64 once)
{
	struct rows rows;
	bool hold;

	if (!stats_read(&rows))
		return false;
	hold = rows.nr == MAX_ROWS + 1;
	if (!hold)
		fprintf(stderr, "# expected %u rows, seen %zu\n", MAX_ROWS + 1,
			rows.nr);
	for (size_t i = 0; hold && i < rows.nr; i++) {
		const struct row *row = &rows.row[i];

		hold = i < MAX_ROWS ? row->role == TW_SERVER &&
					      row->port == 1 + i * LISTEN_STEP :
				      row->role == TW_ANY;
		if (!hold)
			fprintf(stderr, "# row %zu is %s %u\n", i,
				tw_role_name[row->role], row->port);
		hold = hold && counts(row, once);
	}
	rows_free(&rows);
	return hold;
}

/* Whether a scan that connects counts like that, and takes no more memory. */
static bool scan_fills_rows(const FIXTURE_DATA(scan) * self,
			    bool (*visit)(struct peer *peer), __u64 once)
{
	return listen_on_many() && scan_from_outside(self->tun, visit) &&
	       rows_count(once) && memory_is_for_rows(&self->before);
}

static bool reset(struct peer *peer)
{
	const int fd = peer_connect(peer, listener[peer->kernel_port]);

	return fd >= 0 && peer_send(peer, RST | ACK) &&
	       wait_state(fd, TCP_CLOSE) && !close(fd);
}

TEST_F_TIMEOUT(scan, from_outside_that_resets_fills_max_rows, SCAN_TIMEOUT)
{
	EXPECT_TRUE(scan_fills_rows(self, reset, BIT(TW_COL_ABORTED)));
}

static bool close_first(struct peer *peer)
{
	const int fd = peer_connect(peer, listener[peer->kernel_port]);

	return fd >= 0 && peer_closes(peer) && !close(fd) &&
	       peer_expect(peer, FIN | ACK) && peer_send(peer, ACK);
}

TEST_F_TIMEOUT(scan, from_outside_that_closes_fills_max_rows, SCAN_TIMEOUT)
{
	EXPECT_TRUE(
		scan_fills_rows(self, close_first, BIT(TW_COL_CLOSED_SECOND)));
}

static bool close_and_reset(struct peer *peer)
{
	const int fd = peer_connect(peer, listener[peer->kernel_port]);

	return fd >= 0 && peer_closes(peer) && peer_send(peer, RST | ACK) &&
	       wait_state(fd, TCP_CLOSE) && !close(fd);
}

/* The FIN came first; it is not aborted from ESTABLISHED. */
TEST_F_TIMEOUT(scan, from_outside_that_closes_and_resets_fills_max_rows,
	       SCAN_TIMEOUT)
{
	EXPECT_TRUE(scan_fills_rows(self, close_and_reset,
				    BIT(TW_COL_CLOSED_SECOND)));
}

static bool wait_for_close(struct peer *peer)
{
	const int fd = peer_connect(peer, listener[peer->kernel_port]);

	return fd >= 0 && peer_sees_close(peer, fd) && peer_closes(peer);
}

TEST_F_TIMEOUT(scan, from_outside_of_servers_that_close_fills_max_rows,
	       SCAN_TIMEOUT)
{
	EXPECT_TRUE(scan_fills_rows(self, wait_for_close,
				    BIT(TW_COL_ENTERED) |
					    BIT(TW_COL_CLOSED_FIRST)));
}

TW_TEST_MAIN_WITH_PEERS
