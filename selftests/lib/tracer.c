// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rows.h"
#include "tracer.h"

#define TRACEFS "/sys/kernel/tracing/"
#define GROUP "tw_stats_test"
#define INSTANCE TRACEFS "instances/" GROUP "/"
#define TIMER_EVENT INSTANCE "events/timer/timer_expire_entry/"

/* So that kprobe_profile, which names no group, tells them from others. */
#define PREFIX "twt_"

#define BUFFER_KB "8192"

/* "TASK-PID [CPU] FLAGS TIMESTAMP: ", where any task is 16 characters long. */
#define TASK_LENGTH 16

/* Where struct sock_common, with which a minisocket begins, has them. */
#define PORTS "num=+14($arg1):u16 dport=+12($arg1):u16"

/* Where a function has had two names, either will do. */
static const struct probe {
	const char *name;
	const char *function[2]; /* none: it is no kprobe */
	const char *arguments;
	bool at_return;
} probe[NR_TRACE_KINDS] = {
	[TRACE_TIME_WAIT] = { .name = PREFIX "time_wait",
			      .function = { "tcp_time_wait" },
			      .arguments = "sk=$arg1:x64 substate=$arg2:u32" },
	[TRACE_MADE] = { .name = PREFIX "made",
			 .function = { "inet_twsk_hashdance_schedule",
				       "inet_twsk_hashdance" },
			 .arguments = "tw=$arg1:x64 sk=$arg2:x64 " PORTS },
	[TRACE_SETTLED] = { .name = PREFIX "settled",
			    .function = { "tcp_update_metrics" },
			    .arguments = "sk=$arg1:x64" },
	[TRACE_SEGMENT] = { .name = PREFIX "segment",
			    .function = { "tcp_timewait_state_process" },
			    .arguments = "tw=$arg1:x64" },
	[TRACE_UNIQUE] = { .name = PREFIX "unique",
			   .function = { "tcp_twsk_unique" },
			   .arguments = "tw=$arg2:x64" },
	[TRACE_ABORT] = { .name = PREFIX "abort",
			  .function = { "tcp_abort" },
			  .arguments = "tw=$arg1:x64" },
	[TRACE_ARM] = { .name = PREFIX "arm",
			.function = { "__inet_twsk_schedule" },
			.arguments = "tw=$arg1:x64 rearm=$arg3:u8" },
	[TRACE_ARMED] = { .name = PREFIX "armed",
			  .function = { "__inet_twsk_schedule" },
			  .arguments = "",
			  .at_return = true },
	[TRACE_TIMER] = { .name = "timer_expire_entry" },
	[TRACE_KILL] = { .name = PREFIX "kill",
			 .function = { "inet_twsk_kill" },
			 .arguments = "tw=$arg1:x64" },
};

static char reason[256];

/* Return: 0 or a negative errno. */
static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	int error = 0;

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		error = -errno;
	if (fd >= 0)
		close(fd);
	return error;
}

static bool probe_add(const struct probe *p)
{
	char text[256];
	int error = 0;

	for (int i = 0; i < 2 && p->function[i]; i++) {
		snprintf(text, sizeof(text), "%c:" GROUP "/%s %s %s",
			 p->at_return ? 'r' : 'p', p->name, p->function[i],
			 p->arguments);
		error = put(TRACEFS "kprobe_events", text);
		if (!error)
			return true;
	}
	snprintf(reason, sizeof(reason), "no kprobe event on %s: %s",
		 p->function[0], strerror(-error));
	return false;
}

static bool probes_add(void)
{
	for (int i = 0; i < NR_TRACE_KINDS; i++)
		if (probe[i].function[0] && !probe_add(&probe[i]))
			return false;
	return true;
}

/* The tracepoint shows every timer of the machine; by address, only these. */
static bool filter_timers(void)
{
	char *symbols = read_text("/proc/kallsyms");
	char *symbol = symbols ? strstr(symbols, " t tw_timer_handler") : NULL;
	char filter[64] = "";

	if (symbol) {
		*symbol = '\0';
		symbol = strrchr(symbols, '\n');
	}
	if (symbol)
		snprintf(filter, sizeof(filter), "function == 0x%s",
			 symbol + 1);
	free(symbols);
	return *filter && !put(TIMER_EVENT "filter", filter);
}

static bool instance_start(void)
{
	return !mkdir(INSTANCE, 0700) &&
	       !put(INSTANCE "buffer_size_kb", BUFFER_KB) &&
	       !put(INSTANCE "trace_clock", "mono") && filter_timers() &&
	       !put(TIMER_EVENT "enable", "1") &&
	       !put(INSTANCE "events/" GROUP "/enable", "1");
}

/**
 * tracer_remove() - take the events away, a killed former run's as well
 */
void tracer_remove(void)
{
	char text[128];

	if (!access(INSTANCE, F_OK)) {
		put(TIMER_EVENT "enable", "0");
		put(INSTANCE "events/" GROUP "/enable", "0");
		rmdir(INSTANCE);
	}
	for (int i = 0; i < NR_TRACE_KINDS; i++) {
		snprintf(text, sizeof(text), "-:" GROUP "/%s", probe[i].name);
		if (probe[i].function[0])
			put(TRACEFS "kprobe_events", text);
	}
}

/**
 * tracer_start() - begin to trace
 *
 * Return: NULL, or why this machine cannot.
 */
const char *tracer_start(void)
{
	if (access(TRACEFS "kprobe_events", W_OK))
		return "no kprobe events in " TRACEFS;

	tracer_remove();
	if (!probes_add()) {
		tracer_remove();
		return reason;
	}
	if (!instance_start()) {
		tracer_remove();
		return "no instance in " TRACEFS ", or not all of its events";
	}
	return NULL;
}

/* Return: the number after "@name=", or 0. */
static __u64 argument(const char *line, const char *name)
{
	const char *found = strstr(line, name);

	return found ? strtoull(found + strlen(name), NULL, 0) : 0;
}

static bool traced_parse(const char *line, struct traced *event)
{
	unsigned long long s, us;
	char name[32];

	if (line[0] == '#' || strlen(line) < TASK_LENGTH)
		return false;
	if (sscanf(line + TASK_LENGTH, "-%*d [%u] %*s %llu.%6llu: %31[^:]:",
		   &event->cpu, &s, &us, name) != 4)
		return false;

	event->kind = 0;
	while (event->kind < NR_TRACE_KINDS &&
	       strcmp(probe[event->kind].name, name))
		event->kind++;
	event->us = s * 1000000 + us;
	event->tw = argument(line, " tw=");
	event->sk = argument(line, " sk=");
	event->substate = argument(line, " substate=");
	event->num = argument(line, " num=");
	event->dport = ntohs(argument(line, " dport="));
	event->rearm = argument(line, " rearm=");
	return event->kind < NR_TRACE_KINDS;
}

static bool trace_read(struct trace *trace)
{
	char *text = read_text(INSTANCE "trace"), *rest, *line;
	size_t room = 0;

	if (!text)
		return false;
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		if (trace->nr == room) {
			room = room ? 2 * room : 1024;
			trace->event = realloc(trace->event,
					       room * sizeof(*trace->event));
		}
		if (traced_parse(line, &trace->event[trace->nr]))
			trace->nr++;
		else if (line[0] != '#')
			trace->lost++;
	}
	free(text);
	return true;
}

/* A kprobe that is hit while another one runs on that CPU is only counted. */
static bool count_missed(struct trace *trace)
{
	char *text = read_text(TRACEFS "kprobe_profile"), *rest, *line;
	unsigned long missed;
	char name[64];

	if (!text)
		return false;
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		if (sscanf(line, "%63s %*u %lu", name, &missed) == 2 &&
		    !strncmp(name, PREFIX, strlen(PREFIX)))
			trace->lost += missed;
	free(text);
	return true;
}

static bool count_dropped(struct trace *trace, const char *cpu)
{
	char path[512], *text;

	snprintf(path, sizeof(path), INSTANCE "per_cpu/%s/stats", cpu);
	text = read_text(path);
	if (!text)
		return false;
	trace->lost += argument(text, "\noverrun: ");
	trace->lost += argument(text, "\ncommit overrun: ");
	trace->lost += argument(text, "\ndropped events: ");
	free(text);
	return true;
}

static bool count_lost(struct trace *trace)
{
	DIR *cpus = opendir(INSTANCE "per_cpu");
	bool counted = cpus && count_missed(trace);
	struct dirent *cpu;

	while (counted && (cpu = readdir(cpus)))
		if (cpu->d_name[0] != '.')
			counted = count_dropped(trace, cpu->d_name);
	if (cpus)
		closedir(cpus);
	return counted;
}

/**
 * tracer_stop() - stop tracing, and read what was traced
 * @trace: filled in; its events are to be freed by the caller
 *
 * Return: false after a message.
 */
bool tracer_stop(struct trace *trace)
{
	bool read;

	*trace = (struct trace){};
	put(INSTANCE "tracing_on", "0");
	read = count_lost(trace) && trace_read(trace);
	tracer_remove();
	return read;
}
