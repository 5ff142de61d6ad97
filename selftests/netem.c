// SPDX-License-Identifier: GPL-2.0
/*
 * A bad network, which delays, loses, reorders and doubles segments.  Then FINs
 * are sent again, ACKs and FINs come apart, and TIME_WAIT is reached by promotion
 * and re-armed, which loopback hardly does.
 */
#include "lib/test.h"

#include "lib/wire.h"

#define NR_FAMILIES 2 /* IPV4 and IPV6, with a port each */
#define NR_ROWS (NR_SIDES * NR_FAMILIES)
#define NR_CONNECTIONS 240

#define BAD "delay 20ms 10ms loss 8% reorder 10% 50% duplicate 5%"
#define DEAD "loss 100%"

/*
 * In which what is lost has been sent again for sure; less than the minute that
 * a minisocket spends in FIN_WAIT2.
 */
#define CONVERGE_MS 55000

/* Between two looks at the number of minisockets. */
#define LOOK_US 20000

/* How far a connection has come, as far as the test has seen. */
enum progress { OPEN, FIRST_CLOSED, BOTH_CLOSED, GONE };

struct connection {
	enum family family;
	enum side first; /* who closes first, */
	bool crossing; /* unless both do */
	bool orphan; /* the first lets go of its socket */
	bool patient; /* the second waits until all FINs are acknowledged */
	enum progress progress;
	int end[NR_SIDES];
	long long fin_ms[NR_SIDES]; /* its FIN was not sent before */
	long long gone_ms[NR_SIDES]; /* it was closed by then */
};

/* What the test knows of one row; the times are sums over its stays. */
struct ledger_row {
	enum side side;
	enum family family;
	unsigned int closed_first;
	unsigned int closed_second;
	unsigned int crossing;
	unsigned int fin_wait2; /* once all FINs are acknowledged */
	long long began_after_ms;
	long long began_before_ms;
	long long most_ms;
	long long longest_ms; /* the most of one stay */
};

/* When the stays of a side ended, in sum. */
struct ends {
	int nr_alive;
	long long last_look_ms;
	long long after_ms;
	long long before_ms;
};

struct network {
	struct wire wire;
	struct connection connection[NR_CONNECTIONS];
	struct ledger_row row[NR_ROWS];
	struct ends ends[NR_SIDES];
};

static struct ledger_row *row_of(struct network *net, enum side side,
				 enum family family)
{
	return &net->row[side * NR_FAMILIES + family];
}

static enum tw_role role_of(const struct ledger_row *row)
{
	return row->side == SERVER ? TW_SERVER : TW_CLIENT;
}

static unsigned int port_of(enum family family)
{
	return PORT + family;
}

static long long value_of(const struct network *net,
			  const struct ledger_row *row, enum tw_column column)
{
	if (!wire_enter(&net->wire, row->side))
		exit(1);
	return stats_value(role_of(row), port_of(row->family), column);
}

static bool value_is(const struct network *net, const struct ledger_row *row,
		     enum tw_column column, long long low, long long high)
{
	return wire_enter(&net->wire, row->side) &&
	       stats_value_between(role_of(row), port_of(row->family), column,
				   low, high);
}

/* Where all that have entered are now; "%u" is their number. */
#define ALL_WAIT "current=%u"
#define ALL_EXPIRED "expired=%u"
#define SOME_RESET "current=* expired=* reset=*"

/* What the network decides may be anything. */
static bool row_is(const struct network *net, const struct ledger_row *row,
		   const char *where)
{
	char format[128];

	snprintf(
		format, sizeof(format),
		"entered=%u closed_first=%u closed_second=%u closed_both=* rearmed=* %s",
		row->closed_first, row->closed_first, row->closed_second,
		where);
	return wire_enter(&net->wire, row->side) &&
	       stats_row_is(role_of(row), port_of(row->family), format,
			    row->closed_first);
}

static bool rows_are(const struct network *net, const char *where)
{
	bool good = true;

	for (int i = 0; i < NR_ROWS; i++)
		good &= row_is(net, &net->row[i], where);
	return good;
}

/* One in four crosses, one in four keeps its socket, two let go. */
static void connection_plan(struct connection *c, unsigned int nr)
{
	*c = (struct connection){
		.family = nr % NR_FAMILIES,
		.first = nr / 2 % NR_SIDES,
		.crossing = nr / 4 % 4 == 0,
		.orphan = nr / 4 % 4 > 1,
		.patient = nr / 16 % 2,
	};
}

static void row_plan(struct ledger_row *row, const struct connection *c)
{
	if (!c->crossing && c->first != row->side) {
		row->closed_second++;
		return;
	}
	row->closed_first++;
	row->crossing += c->crossing;
	row->fin_wait2 += !c->crossing && c->orphan && c->patient;
}

static void plan(struct network *net)
{
	for (int i = 0; i < NR_ROWS; i++) {
		net->row[i].side = i / NR_FAMILIES;
		net->row[i].family = i % NR_FAMILIES;
	}
	for (int i = 0; i < NR_CONNECTIONS; i++) {
		struct connection *c = &net->connection[i];

		connection_plan(c, i);
		row_plan(row_of(net, SERVER, c->family), c);
		row_plan(row_of(net, CLIENT, c->family), c);
	}
}

static int connect_to_server(enum family family)
{
	int fd = connect_to(family, SERVER_V4, SERVER_V6, port_of(family), 0);

	if (fd < 0)
		perror("# connect to the server");
	return fd;
}

static bool open_one(struct connection *c, int listener)
{
	c->end[CLIENT] = connect_to_server(c->family);
	if (c->end[CLIENT] < 0)
		return false;
	c->end[SERVER] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	return c->end[SERVER] >= 0;
}

static bool open_all(struct network *net)
{
	int listener[NR_FAMILIES];
	bool open = wire_enter(&net->wire, SERVER);

	for (int family = 0; family < NR_FAMILIES; family++)
		listener[family] = listen_on(family, port_of(family));
	open &= wire_enter(&net->wire, CLIENT);
	for (int i = 0; open && i < NR_CONNECTIONS; i++)
		open = open_one(&net->connection[i],
				listener[net->connection[i].family]);
	for (int family = 0; family < NR_FAMILIES; family++)
		close(listener[family]);
	return open;
}

static void send_fin(struct connection *c, enum side side)
{
	c->fin_ms[side] = now_ms();
	shutdown(c->end[side], SHUT_WR);
}

static void close_first(struct connection *c)
{
	send_fin(c, c->first);
	if (c->orphan) {
		close(c->end[c->first]);
		c->end[c->first] = -1;
	}
	c->progress = FIRST_CLOSED;
}

static void close_second(struct connection *c)
{
	send_fin(c, !c->first);
	c->progress = BOTH_CLOSED;
}

static void close_crossing(struct network *net)
{
	for (int i = 0; i < NR_CONNECTIONS; i++) {
		struct connection *c = &net->connection[i];

		if (!c->crossing)
			continue;
		send_fin(c, SERVER);
		send_fin(c, CLIENT);
		c->progress = BOTH_CLOSED;
	}
}

static void close_all_first(struct network *net, bool patient)
{
	for (int i = 0; i < NR_CONNECTIONS; i++) {
		struct connection *c = &net->connection[i];

		if (!c->crossing && c->patient == patient)
			close_first(c);
	}
}

static void close_patient_second(struct network *net)
{
	for (int i = 0; i < NR_CONNECTIONS; i++) {
		struct connection *c = &net->connection[i];

		if (!c->crossing && c->patient)
			close_second(c);
	}
}

/* Whoever has closed first and keeps its socket is seen in FIN_WAIT2. */
static bool is_acknowledged(const struct connection *c)
{
	return c->crossing || c->orphan || !c->patient ||
	       socket_state(c->end[c->first]) == TCP_FIN_WAIT2;
}

/* What has become of the others, which are minisockets by then, rows tell. */
static bool all_acknowledged(const struct network *net)
{
	for (int i = 0; i < NR_CONNECTIONS; i++)
		if (!is_acknowledged(&net->connection[i]))
			return false;
	for (int i = 0; i < NR_ROWS; i++)
		if (value_of(net, &net->row[i], TW_COL_FIN_WAIT2) !=
		    net->row[i].fin_wait2)
			return false;
	return true;
}

static bool fin_wait2_is_exact(const struct network *net)
{
	bool good = true;

	for (int i = 0; i < NR_ROWS; i++) {
		const struct ledger_row *row = &net->row[i];

		good &= row->fin_wait2 > 0 &&
			value_is(net, row, TW_COL_FIN_WAIT2, row->fin_wait2,
				 row->fin_wait2);
	}
	return good;
}

static bool is_gone(struct connection *c, enum side side)
{
	if (c->end[side] < 0)
		return true;
	if (socket_state(c->end[side]) != TCP_CLOSE)
		return false;
	c->gone_ms[side] = now_ms() + 1;
	close(c->end[side]);
	c->end[side] = -1;
	return true;
}

static bool advance(struct connection *c)
{
	if (c->progress == FIRST_CLOSED && !c->patient &&
	    socket_state(c->end[!c->first]) == TCP_CLOSE_WAIT)
		close_second(c);
	if (c->progress == BOTH_CLOSED &&
	    (is_gone(c, SERVER) & is_gone(c, CLIENT)))
		c->progress = GONE;
	return c->progress == GONE;
}

static bool all_gone(struct network *net)
{
	bool gone = true;

	for (int i = 0; i < NR_CONNECTIONS; i++)
		gone &= advance(&net->connection[i]);
	return gone;
}

static long long later(long long a, long long b)
{
	return a > b ? a : b;
}

/*
 * A stay begins when the peer's FIN comes: after it was sent, and before our own
 * socket is seen closed; that of an orphan is not seen, but the acknowledgment
 * closes the peer's.  It is re-armed until the peer stops to send its FIN again.
 */
static void stay_book(struct ledger_row *row, const struct connection *c)
{
	const enum side self = row->side, peer = !row->side;
	const long long began_before = c->gone_ms[c->orphan ? peer : self];
	const long long armed_before = later(c->gone_ms[peer], began_before);
	const long long most =
		armed_before - c->fin_ms[peer] + STAY_MS + LATE_MS;

	row->began_after_ms += c->fin_ms[peer];
	row->began_before_ms += began_before;
	row->most_ms += most;
	row->longest_ms = later(row->longest_ms, most);
}

static void stays_book(struct network *net)
{
	for (int i = 0; i < NR_CONNECTIONS; i++) {
		const struct connection *c = &net->connection[i];

		if (c->crossing || c->first == SERVER)
			stay_book(row_of(net, SERVER, c->family), c);
		if (c->crossing || c->first == CLIENT)
			stay_book(row_of(net, CLIENT, c->family), c);
	}
}

static long long of_both(struct network *net, enum family family,
			 enum tw_column column)
{
	return value_of(net, row_of(net, SERVER, family), column) +
	       value_of(net, row_of(net, CLIENT, family), column);
}

/*
 * Of two FINs that cross, the first to come finds the other end in FIN_WAIT1,
 * and moves it to CLOSING.  The second may come after the acknowledgment of the
 * first, and is then like one of a peer that closed later.
 */
static bool closed_both_is_possible(struct network *net, enum family family)
{
	const long long crossing = row_of(net, SERVER, family)->crossing;
	const long long seen = of_both(net, family, TW_COL_CLOSED_BOTH);

	if (crossing && seen >= crossing && seen <= 2 * crossing)
		return true;
	fprintf(stderr,
		"# closed_both of both sides: expected %lld to %lld, seen %lld\n",
		crossing, 2 * crossing, seen);
	return false;
}

static void begin_to_look(struct network *net)
{
	for (int i = 0; i < NR_ROWS; i++)
		net->ends[net->row[i].side].nr_alive +=
			net->row[i].closed_first;
	net->ends[SERVER].last_look_ms = now_ms();
	net->ends[CLIENT].last_look_ms = now_ms();
}

/* At rest, what has gone between two looks has ended between them. */
static void look(struct ends *ends)
{
	const long long before = now_ms();
	const int nr_alive = sockstat_tw();

	ends->after_ms += (ends->nr_alive - nr_alive) * ends->last_look_ms;
	ends->before_ms += (ends->nr_alive - nr_alive) * (now_ms() + 1);
	ends->nr_alive = nr_alive;
	ends->last_look_ms = before;
}

static bool all_ended(struct network *net)
{
	int nr = 0;

	for (int side = 0; side < NR_SIDES; side++) {
		if (!wire_enter(&net->wire, side))
			return false;
		look(&net->ends[side]);
		nr += net->ends[side].nr_alive;
	}
	if (nr)
		usleep(LOOK_US);
	return !nr;
}

/* Each row for itself, by what TCP does. */
static bool durations_are_possible(const struct network *net)
{
	bool good = true;

	for (int i = 0; i < NR_ROWS; i++) {
		const struct ledger_row *row = &net->row[i];
		const long long least = (long long)STAY_MS * row->closed_first;

		good &= value_is(net, row, TW_COL_TIME_MS, least,
				 row->most_ms) &
			value_is(net, row, TW_COL_MAX_MS, STAY_MS,
				 row->longest_ms);
	}
	return good;
}

/*
 * Both rows of a side in sum, by the ends that the kernel's own count of
 * minisockets has shown, whenever a timer was armed and however late it was.
 */
static bool time_is_exact(struct network *net, enum side side)
{
	long long least = net->ends[side].after_ms - NR_FAMILIES;
	long long most = net->ends[side].before_ms, seen = 0;
	unsigned int nr = 0;

	for (int family = 0; family < NR_FAMILIES; family++) {
		const struct ledger_row *row = row_of(net, side, family);

		least -= row->began_before_ms;
		most -= row->began_after_ms;
		seen += value_of(net, row, TW_COL_TIME_MS);
		nr += row->closed_first;
	}
	fprintf(stderr, "# time_ms of %u stays: %lld to %lld, seen %lld\n", nr,
		least, most, seen);
	return seen >= least && seen <= most;
}

/*
 * Until all are closed and those that wait, wait.  A minute is not over then,
 * since the first has begun to.
 */
static bool open_and_close_all(struct network *net)
{
	if (!wire_does(&net->wire, "delay 0") || !open_all(net))
		return false;

	/* So that no FIN arrives before the other one is sent. */
	if (!wire_does(&net->wire, DEAD))
		return false;
	close_crossing(net);
	if (!wire_does(&net->wire, BAD))
		return false;

	/*
	 * The normal way in, by promotion: each one of them is seen before.
	 * Meanwhile those that cross come to their end.
	 */
	close_all_first(net, true);
	WAIT_FOR(all_gone(net) | all_acknowledged(net), CONVERGE_MS);
	if (!fin_wait2_is_exact(net))
		return false;
	close_patient_second(net);

	/* ACK and FIN of the second come together, or in any order. */
	close_all_first(net, false);
	return WAIT_FOR(all_gone(net), CONVERGE_MS);
}

FIXTURE(netem)
{
	struct network net;
	struct truth truth[NR_SIDES];
	bool is_there;
};

FIXTURE_SETUP(netem)
{
	struct network *net = &self->net;

	plan(net);
	for (int side = 0; side < NR_SIDES; side++) {
		ASSERT_TRUE(netns_enter());
		net->wire.netns[side] = netns_here();
		ASSERT_LE(0, net->wire.netns[side]);
		ASSERT_TRUE(truth_start(&self->truth[side]));
		/* No FIN is given up. */
		ASSERT_TRUE(sysctl_set("tcp_orphan_retries", "15"));
	}
	self->is_there = wire_make(&net->wire) && wire_does(&net->wire, DEAD);
}

FIXTURE_TEARDOWN(netem)
{
	for (int side = 0; side < NR_SIDES; side++) {
		EXPECT_TRUE(wire_enter(&self->net.wire, side));
		EXPECT_TRUE(truth_holds(&self->truth[side]));
	}
}

#define NOT_THERE "no veth between network namespaces, no tc, or no netem"

TEST_F_TIMEOUT(netem, all_is_exact_when_segments_are_lost_late_and_doubled, 400)
{
	struct network *net = &self->net;

	if (!self->is_there)
		SKIP(return, NOT_THERE);
	for (int side = 0; side < NR_SIDES; side++) {
		ASSERT_TRUE(wire_enter(&net->wire, side));
		ASSERT_TRUE(sysctl_set("tcp_rfc1337", "1"));
	}
	ASSERT_TRUE(open_and_close_all(net));
	stays_book(net);

	ASSERT_TRUE(rows_are(net, ALL_WAIT));
	for (int family = 0; family < NR_FAMILIES; family++) {
		EXPECT_TRUE(closed_both_is_possible(net, family));
		EXPECT_LT(0, of_both(net, family, TW_COL_REARMED));
	}
	for (int side = 0; side < NR_SIDES; side++) {
		EXPECT_TRUE(wire_enter(&net->wire, side));
		EXPECT_TRUE(truth_holds(&self->truth[side]));
	}

	begin_to_look(net);
	ASSERT_TRUE(WAIT_FOR(all_ended(net), STAY_MS + LATE_MS + PROMPT_MS));
	EXPECT_TRUE(rows_are(net, ALL_EXPIRED));
	EXPECT_TRUE(durations_are_possible(net));
	EXPECT_TRUE(time_is_exact(net, SERVER));
	EXPECT_TRUE(time_is_exact(net, CLIENT));
}

/*
 * Whoever closed second is gone after the first acknowledgment, and answers one
 * that was doubled by a RST.
 */
TEST_F_TIMEOUT(netem, doubled_acknowledgment_leads_to_assassination, 200)
{
	struct network *net = &self->net;
	long long resets = 0;

	if (!self->is_there)
		SKIP(return, NOT_THERE);
	ASSERT_TRUE(open_and_close_all(net));

	EXPECT_TRUE(rows_are(net, SOME_RESET));
	for (int family = 0; family < NR_FAMILIES; family++)
		resets += of_both(net, family, TW_COL_RESET);
	EXPECT_LT(0, resets);
}

TW_TEST_MAIN
