// SPDX-License-Identifier: GPL-2.0
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "stays.h"

/* What the tracer's rounding may add to the difference of two stamps. */
#define ROUNDING_US 1

#define MAX_CPUS 1024

/* A minisocket, from tcp_time_wait() on. */
struct minisocket {
	__u64 sk; /* until it has settled */
	__u64 tw; /* once it is made */
	unsigned int num;
	unsigned int dport;
	unsigned int substate;
	__u64 entered_after;
	__u64 entered_before; /* 0 until it is known */
	__u64 touched; /* when something last found it */
};

struct witness {
	struct stays *stays;
	struct minisocket *alive;
	size_t nr_alive;
	__u64 arming[MAX_CPUS]; /* whose timer, or 0 */
	__u64 timer[MAX_CPUS]; /* when one last expired there */
};

static struct minisocket *by_tw(struct witness *witness, __u64 tw)
{
	for (size_t i = 0; tw && i < witness->nr_alive; i++)
		if (witness->alive[i].tw == tw)
			return &witness->alive[i];
	return NULL;
}

static struct minisocket *by_sk(struct witness *witness, __u64 sk)
{
	for (size_t i = 0; sk && i < witness->nr_alive; i++)
		if (witness->alive[i].sk == sk)
			return &witness->alive[i];
	return NULL;
}

static void forget(struct witness *witness, struct minisocket *mini)
{
	*mini = witness->alive[--witness->nr_alive];
}

static void on_time_wait(struct witness *witness, const struct traced *event)
{
	witness->alive = realloc(witness->alive, (witness->nr_alive +
						  1) * sizeof(*witness->alive));
	witness->alive[witness->nr_alive++] =
		(struct minisocket){ .sk = event->sk,
				     .substate = event->substate,
				     .entered_after = event->us };
}

static void on_made(struct witness *witness, const struct traced *event)
{
	struct minisocket *mini = by_sk(witness, event->sk);

	if (!mini)
		return;
	mini->tw = event->tw;
	mini->num = event->num;
	mini->dport = event->dport;
}

static void on_settled(struct witness *witness, const struct traced *event)
{
	struct minisocket *mini = by_sk(witness, event->sk);

	if (!mini)
		return;
	if (mini->tw) {
		mini->sk = 0;
		/* It may have been promoted by now, on another CPU. */
		if (!mini->entered_before)
			mini->entered_before = event->us;
	} else {
		forget(witness, mini); /* the kernel refused to make one */
	}
}

static void on_touch(struct witness *witness, const struct traced *event)
{
	struct minisocket *mini = by_tw(witness, event->tw);

	if (mini)
		mini->touched = event->us;
}

static void on_arm(struct witness *witness, const struct traced *event)
{
	struct minisocket *mini = by_tw(witness, event->tw);

	if (!mini || !event->rearm || mini->substate != TCP_FIN_WAIT2)
		return;
	mini->substate = TCP_TIME_WAIT;
	mini->entered_after = mini->touched;
	witness->arming[event->cpu] = event->tw;
}

static void on_armed(struct witness *witness, const struct traced *event)
{
	struct minisocket *mini = by_tw(witness, witness->arming[event->cpu]);

	if (mini)
		mini->entered_before = event->us;
	witness->arming[event->cpu] = 0;
}

static __u64 later(__u64 a, __u64 b)
{
	return a > b ? a : b;
}

static void stay_add(struct stays *stays, const struct minisocket *mini,
		     __u64 ended_after, __u64 ended_before)
{
	const __u64 longest = ended_before - mini->entered_after;
	const __u64 shortest =
		ended_after - later(mini->entered_before, mini->entered_after);

	stays->stay =
		realloc(stays->stay, (stays->nr + 1) * sizeof(*stays->stay));
	stays->stay[stays->nr++] = (struct stay){
		.num = mini->num,
		.dport = mini->dport,
		.shortest_us = later(shortest, ROUNDING_US) - ROUNDING_US,
		.longest_us = longest + ROUNDING_US,
	};
}

static void on_kill(struct witness *witness, const struct traced *event)
{
	struct minisocket *mini = by_tw(witness, event->tw);
	__u64 ended_after;

	if (!mini)
		return;
	/* By its own timer, or by what has found it; that was earlier then. */
	ended_after = later(witness->timer[event->cpu], mini->touched);
	ended_after = later(ended_after, mini->entered_before);
	if (mini->substate == TCP_TIME_WAIT)
		stay_add(witness->stays, mini, ended_after, event->us);
	forget(witness, mini);
}

static void on_event(struct witness *witness, const struct traced *event)
{
	switch (event->kind) {
	case TRACE_TIME_WAIT:
		on_time_wait(witness, event);
		break;
	case TRACE_MADE:
		on_made(witness, event);
		break;
	case TRACE_SETTLED:
		on_settled(witness, event);
		break;
	case TRACE_SEGMENT:
	case TRACE_UNIQUE:
	case TRACE_ABORT:
		on_touch(witness, event);
		break;
	case TRACE_ARM:
		on_arm(witness, event);
		break;
	case TRACE_ARMED:
		on_armed(witness, event);
		break;
	case TRACE_TIMER:
		witness->timer[event->cpu] = event->us;
		break;
	case TRACE_KILL:
		on_kill(witness, event);
		break;
	case NR_TRACE_KINDS:
		break;
	}
}

/**
 * stays_of() - tell the stays in TIME_WAIT from a trace
 * @trace: of nothing lost
 * @stays: filled in; the stays are to be freed by the caller
 */
void stays_of(const struct trace *trace, struct stays *stays)
{
	struct witness *witness = calloc(1, sizeof(*witness));

	*stays = (struct stays){};
	witness->stays = stays;
	for (size_t i = 0; i < trace->nr; i++)
		if (trace->event[i].cpu < MAX_CPUS)
			on_event(witness, &trace->event[i]);
	free(witness->alive);
	free(witness);
}
