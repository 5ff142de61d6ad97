// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/perf_event.h>

#include "others.h"
#include "text.h"

#define TRACEFS "/sys/kernel/tracing/"
#define KPROBE_TYPE "/sys/bus/event_source/devices/kprobe/type"

/*
 * What the module hooks, and who ends minisockets early: the module knows the
 * latter by their return addresses, which function_graph replaces.  The blank
 * tells the kernel where a word ends.
 */
static const char *const traced_function[] = {
	"*inet_twsk_* ",	"tw_timer_handler ",
	"tcp_update_metrics ",	"__inet*_check_established ",
	"__inet_hash_connect ", "tcp_v4_rcv ",
	"tcp_v6_rcv ",		"tcp_timewait_state_process ",
	"tcp_abort ",
};

#define NR_TRACED (sizeof(traced_function) / sizeof(*traced_function))

/**
 * ftrace_enable() - write to the sysctl kernel.ftrace_enabled
 * @enable: 1 rather than 0
 *
 * Return: 0 or a negative errno.
 */
int ftrace_enable(bool enable)
{
	const int fd = open(FTRACE_ENABLED, O_WRONLY | O_CLOEXEC);
	int error = 0;

	if (fd < 0 || write(fd, enable ? "1" : "0", 1) != 1)
		error = -errno;
	if (fd >= 0)
		close(fd);
	return error;
}

static bool filter_set(void)
{
	const int fd = open(TRACEFS "set_ftrace_filter",
			    O_WRONLY | O_TRUNC | O_CLOEXEC);
	bool set = fd >= 0;

	/* The kernel takes one word from each write(). */
	for (size_t i = 0; set && i < NR_TRACED; i++) {
		const ssize_t len = strlen(traced_function[i]);

		set = write(fd, traced_function[i], len) == len;
	}
	if (!set)
		perror("# set_ftrace_filter");
	if (fd >= 0)
		close(fd);
	return set;
}

/**
 * others_trace() - have the kernel's own tracer trace
 * @tracer: "function" or "function_graph"
 *
 * Return: false after a message.
 */
bool others_trace(const char *tracer)
{
	return filter_set() && write_text(TRACEFS "current_tracer", tracer);
}

/**
 * others_trace_end() - have it trace no more
 *
 * Return: false after a message.
 */
bool others_trace_end(void)
{
	return write_text(TRACEFS "current_tracer", "nop") &&
	       write_text(TRACEFS "set_ftrace_filter", "\n");
}

/**
 * others_traced() - ask what the kernel's own tracer has traced
 *
 * Return: how many calls of the last some on the first CPU.
 */
__u64 others_traced(void)
{
	char *text = read_text(TRACEFS "per_cpu/cpu0/stats");
	unsigned long long entries = 0;

	if (text)
		sscanf(text, "entries: %llu", &entries);
	free(text);
	return entries;
}

/* One that does nothing but have the event counted. */
static int bpf_program(void)
{
	static const struct bpf_insn program[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K,
		  .dst_reg = BPF_REG_0,
		  .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	static const char license[] = "GPL";
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_KPROBE,
		.insns = (uintptr_t)program,
		.insn_cnt = sizeof(program) / sizeof(*program),
		.license = (uintptr_t)license,
	};

	return syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

static int kprobe_open(const char *function, bool at_return)
{
	char *type = read_text(KPROBE_TYPE);
	struct perf_event_attr attr = {
		.type = type ? strtoul(type, NULL, 10) : 0,
		.size = sizeof(attr),
		.config = at_return,
		.kprobe_func = (uintptr_t)function,
	};

	free(type);
	return syscall(SYS_perf_event_open, &attr, -1, 0, -1,
		       PERF_FLAG_FD_CLOEXEC);
}

/**
 * bpf_probe() - attach a BPF program to a kprobe, as bpftrace would
 * @function: where
 * @at_return: of it, rather than at its entry
 *
 * Return: what bpf_probe_end() takes, or -1 after a message.
 */
int bpf_probe(const char *function, bool at_return)
{
	const int program = bpf_program();
	int probe = kprobe_open(function, at_return);

	if (probe < 0 || program < 0 ||
	    ioctl(probe, PERF_EVENT_IOC_SET_BPF, program)) {
		fprintf(stderr, "# no BPF program on %s: %s\n", function,
			strerror(errno));
		if (probe >= 0)
			close(probe);
		probe = -1;
	}
	if (program >= 0)
		close(program);
	return probe;
}

/**
 * bpf_probe_end() - detach a BPF program
 * @probe: from bpf_probe()
 *
 * Return: how many times it has run on the first CPU.
 */
__u64 bpf_probe_end(int probe)
{
	__u64 hits = 0;

	if (read(probe, &hits, sizeof(hits)) != sizeof(hits))
		perror("# perf event");
	close(probe);
	return hits;
}
