# SPDX-License-Identifier: GPL-2.0-only
"""usage: report.py limits FROM KERNEL...
       report.py guard KERNEL LIMITS FILE
       report.py tables FROM TO KERNEL...
       report.py accounts FROM KERNEL...

Reads what the programs of this folder have printed in VMs. "limits" prints what guard allows, "guard" says
as TAP whether a run keeps to that, "tables" writes the tables, the JSON, and the data of the pictures, and
"accounts" fails if somebody's accounts are wrong, or were not measured.
"""
import collections
import json
import os
import statistics
import sys

# In the order of the tables.
CONNECTIONS = {
    "server_first": "server closes first",
    "client_first": "client closes first",
    "reopen": "a SYN from the same port reopens",
    "fin_wait2": "through a FIN_WAIT2 minisocket",
    "round_trip": "a round trip on an open connection",
    "expiry": "end of a TIME_WAIT by its timer",
}
# Of the variants, those that keep accounts.
ACCOUNTANTS = {"module": "the module", "kprobe": "bpftrace, by kprobes", "fentry": "bpftrace, by fentry"}
# The kernel's hashes have other seeds in each: medians of what the module adds differed by up to 13 %.
BETWEEN_BOOTS = 0.15
ROWS = {"rows_1": 1, "rows_100": 100, "rows_10000": 10000}

INTRODUCTION = """.. SPDX-License-Identifier: GPL-2.0-only

========
Measured
========

Made by ``make bench``, which writes this page anew; `performance.rst <../performance.rst>`_ says what the
words and the figures mean. Without other words, figures are instructions; in brackets is how far the rounds
are from the median. The same for machines: `measured.json <measured.json>`_.

.. image:: rows.svg

.. image:: reading.svg
"""


def instructions(lines):
    """Of each variant and workload: instructions for each time, round by round."""
    result = collections.defaultdict(lambda: collections.defaultdict(list))
    for line in lines:
        words = line.split()
        if len(words) == 5 and words[1] == "workload":
            variant, _, workload, number, ns = words
            result[variant][workload].append(int(ns) / int(number))
    return result


def lines_of(directory, kernel, name):
    """What was printed in one VM, if there was one."""
    path = os.path.join(directory, kernel, name + ".out")
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return file.read().splitlines()


def added(costs, workload, variant="module"):
    """What the module adds, round by round, or another variant."""
    return [watched - alone for watched, alone in
            zip(costs[variant][workload], costs["none"][workload])]


def print_limits(directory, kernels):
    print("# How many instructions the module may add to one of each, by the median of some rounds: the median that\n"
          f"# was measured, and a tolerance: how far the highest round is above, {BETWEEN_BOOTS:.0%}, and 20, as boots differ.\n"
          "# Made by make bench.\n"
          "# kernel workload added tolerance")
    for kernel in kernels:
        costs = instructions(lines_of(directory, kernel, "connections"))
        for workload in CONNECTIONS:
            values = added(costs, workload)
            middle = statistics.median(values)
            print(kernel, workload, round(middle),
                  round(max(values) - middle + BETWEEN_BOOTS * max(middle, 0) + 20))


def guard(kernel, limits, name):
    with open(limits) as file:
        limits = [line.split() for line in file if line.split()[0] == kernel]
    with open(name) as file:
        costs = instructions(file)
    print("TAP version 13")
    print(f"1..{len(limits)}")
    for number, (_, workload, most, tolerance) in enumerate(limits, 1):
        values = added(costs, workload)
        seen = statistics.median(values) if values else float("inf")
        good = seen <= int(most) + int(tolerance)
        print(f"{'' if good else 'not '}ok {number} Linux {kernel}, {CONNECTIONS[workload]}:"
              f" the module adds {seen:.0f} instructions, {most} + {tolerance} are allowed")


def cell(values):
    """A median, and how far from it the rounds are."""
    middle = statistics.median(values)
    return f"{middle:,.0f} ({min(values) - middle:+,.0f} {max(values) - middle:+,.0f})"


def percent(values, base):
    return f"{statistics.median(values) / statistics.median(base):.2%}"


def table(heads, rows):
    """A simple table of reStructuredText."""
    widths = [max(len(row[i]) for row in [heads] + rows) for i in range(len(heads))]
    rule = "  ".join("=" * width for width in widths)
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip()
             for row in [heads] + rows]
    return "\n".join([rule, lines[0], rule] + lines[1:] + [rule]) + "\n"


class SideBySide:
    """The module and bpftrace, in turns in one machine."""

    def __init__(self, lines):
        self.costs = instructions(lines)
        self.accounts = collections.defaultdict(list)
        self.reasons = {}
        for line in lines:
            words = line.split()
            if words[1:2] == ["account"]:
                self.accounts[words[0]].append([int(word) for word in words[2:]])
            elif words[1:2] == ["unmeasured"]:
                self.reasons[words[0]] = " ".join(words[2:])

    def why_unmeasured(self, variant):
        if variant in self.reasons:
            return self.reasons[variant]
        if not self.accounts[variant]:
            return "it was not run"
        if any(len(self.costs[variant][workload]) < len(rounds)
               for workload, rounds in self.costs["none"].items()):
            return "a workload failed"
        return None

    def verdict(self, variant):
        """What it has counted, in words, and whether that is right."""
        reason = self.why_unmeasured(variant)
        if reason:
            return f"not measured: {reason}", False
        right = all(entries == made and ends == made - left
                    for entries, ends, made, left in self.accounts[variant])
        entries, ends, made, left = map(sum, zip(*self.accounts[variant]))
        return (f"{'' if right else 'WRONG: '}{entries:,} entries into TIME_WAIT, of {made:,}, and {ends:,} ends,"
                f" of {made - left:,}", right)

    def text(self):
        heads = ["instructions", "without"]
        for name in ACCOUNTANTS.values():
            heads += [name, "%"]
        rows = []
        for workload, base in self.costs["none"].items():
            rows.append([CONNECTIONS[workload], cell(base)])
            for variant in ACCOUNTANTS:
                values = added(self.costs, workload, variant)
                rows[-1] += [cell(values), percent(values, base)] if values else ["", ""]
        lines = [f"- {name}: {self.verdict(variant)[0]}" for variant, name in ACCOUNTANTS.items()]
        return "\n".join(([table(heads, rows)] if rows else []) + lines) + "\n"

    def as_json(self):
        return {variant: {"account": self.verdict(variant)[0],
                          "added": {workload: added(self.costs, workload, variant)
                                    for workload in self.costs["none"]}}
                for variant in ACCOUNTANTS}


class Run:
    """What was measured on one kernel."""

    def __init__(self, directory, kernel):
        self.kernel = kernel
        self.lines = []
        for name in ("reading", "million", "memory", "rate"):
            self.lines += lines_of(directory, kernel, name)
        self.about = dict(line.split() for line in lines_of(directory, kernel, "about"))
        self.costs = instructions(lines_of(directory, kernel, "connections"))
        self.added = {workload: added(self.costs, workload) for workload in self.costs["none"]}
        self.floor = {workload: added(self.costs, workload, "floor") for workload in self.costs["none"]}
        self.tracepoint = {workload: added(self.costs, workload, "tracepoint") for workload in self.costs["none"]}
        self.side_by_side = SideBySide(lines_of(directory, kernel, "bpftrace"))

    def numbers(self, kind):
        """Of lines "KIND count value name"."""
        for line in self.lines:
            words = line.split(maxsplit=3)
            if words[0] == kind:
                yield int(words[1]), int(words[2]), words[3]

    def rates(self):
        """Connections a second by ports and variant, round by round."""
        result = collections.defaultdict(lambda: collections.defaultdict(list))
        for line in self.lines:
            words = line.split()
            if words[1:2] == ["rate"]:
                result[int(words[2])][words[0]].append(int(words[3]) * 1e9 / int(words[4]))
        return result

    def memory(self):
        """Bytes for each, from what is free with one more kind of thing."""
        rows = list(self.numbers("memory"))
        result = {"the module, when there is nothing": rows[0][1]}
        for before, (number, taken, _), name in zip(rows, rows[1:], (
                "a TIME_WAIT socket", "a row", "an idle network namespace")):
            result[name] = (taken - before[1]) / number
        return result

    def connection_table(self, workloads):
        rows = []
        for workload, name in workloads.items():
            if not self.costs["none"][workload]:
                continue
            base = self.costs["none"][workload]
            values = self.added[workload]
            rows.append([str(name), cell(base), cell(values), percent(values, base),
                         cell(self.floor[workload]), cell(self.tracepoint[workload])])
        return table(["instructions", "without the module", "it adds", "%", "its hooks alone add",
                      "of these, the tracepoint's"], rows)

    def reading_table(self, kind):
        values = collections.defaultdict(dict)
        for sockets, ns, what in self.numbers(kind):
            values[what][sockets] = ns
        sizes = sorted({size for row in values.values() for size in row})
        return table(["sockets in TIME_WAIT"] + [f"{size:,}" for size in sizes],
                     [[what] + [f"{row[size]:,}" if size in row else "" for size in sizes]
                      for what, row in values.items()])

    def rate_table(self):
        rows = []
        for ports, by_variant in self.rates().items():
            without, with_it = by_variant["none"], by_variant["module"]
            ratios = [100 * (b / a - 1) for a, b in zip(without, with_it)]
            rows.append([str(ports), cell(without), cell(with_it),
                         f"{statistics.median(ratios):+.1f} ({min(ratios):+.1f} to {max(ratios):+.1f})"])
        return table(["ports", "none, connections/s", "module, connections/s", "difference of pairs, %"], rows)

    def text(self):
        parts = [f"Linux {self.about['release']}, tw_stats {self.about['source']}, {self.about['date']}"]
        parts.append("-" * len(parts[0]) + "\n")
        parts.append("Connections, and their ends in TIME_WAIT:\n")
        parts.append(self.connection_table(CONNECTIONS))
        parts.append("Connections that the client closes first, by the number of rows:\n")
        parts.append(self.connection_table(ROWS))
        parts.append("What the module adds, and what the same accounting in bpftrace does, side by side; then what they\n"
                     "have counted, of what the kernel did:\n")
        parts.append(self.side_by_side.text())
        parts.append("Reading, in instructions:\n")
        parts.append(self.reading_table("read"))
        parts.append("Loading and unloading, in ns of the machine's clock, waits included:\n")
        parts.append(self.reading_table("reload"))
        if any(self.numbers("memory")):
            parts.append("Memory, with one CPU:\n")
            parts.append(table(["for", "bytes"], [[name, f"{taken:,.0f}"]
                                                  for name, taken in self.memory().items()]))
        if self.rates():
            parts.append("Connections a second on four CPUs, in real time:\n")
            parts.append(self.rate_table())
        return "\n".join(parts)

    def as_json(self):
        return {
            **self.about,
            "instructions": self.costs["none"],
            "added": self.added,
            "added_by_hooks_alone": self.floor,
            "added_by_hook_at_tracepoint_alone": self.tracepoint,
            "side_by_side": self.side_by_side.as_json(),
            "reading": [{"sockets": n, "instructions": ns, "command": what}
                        for n, ns, what in self.numbers("read")],
            "reload": [{"sockets": n, "ns": ns, "what": what} for n, ns, what in self.numbers("reload")],
            "memory_bytes": self.memory() if any(self.numbers("memory")) else {},
            "connections_per_second": self.rates(),
        }

    def write_pictures(self, directory):
        """What gnuplot draws: one file a picture, one column a line."""
        with open(os.path.join(directory, f"rows-{self.kernel}.dat"), "w") as file:
            print("rows module", file=file)
            for workload, rows in ROWS.items():
                print(rows, statistics.median(self.added[workload]), file=file)
        readings = collections.defaultdict(dict)
        for sockets, ns, what in self.numbers("read"):
            readings[sockets][what] = ns
        commands = list(next(iter(readings.values())))
        with open(os.path.join(directory, f"reading-{self.kernel}.dat"), "w") as file:
            print("sockets", *(json.dumps(what) for what in commands), file=file)
            for sockets, row in sorted(readings.items()):
                # A logarithmic axis has no 0.
                print(max(sockets, 1), *(row[what] for what in commands), file=file)


def write_tables(directory, to, kernels):
    runs = [Run(directory, kernel) for kernel in kernels]
    with open(os.path.join(to, "measured.json"), "w") as file:
        json.dump({run.kernel: run.as_json() for run in runs}, file, indent=1)
        print(file=file)
    with open(os.path.join(to, "measured.rst"), "w") as file:
        print(INTRODUCTION, file=file)
        for run in runs:
            print(run.text(), file=file)
    for run in runs:
        run.write_pictures(directory)


def check_accounts(directory, kernels):
    wrong = []
    for kernel in kernels:
        side_by_side = SideBySide(lines_of(directory, kernel, "bpftrace"))
        for variant, name in ACCOUNTANTS.items():
            words, right = side_by_side.verdict(variant)
            if not right:
                wrong.append(f"Linux {kernel}: {name}: {words}")
    if wrong:
        sys.exit("\n".join(wrong))


match sys.argv[1:]:
    case ["limits", directory, *kernels] if kernels:
        print_limits(directory, kernels)
    case ["guard", kernel, limits, name]:
        guard(kernel, limits, name)
    case ["accounts", directory, *kernels] if kernels:
        check_accounts(directory, kernels)
    case ["tables", directory, to, *kernels] if kernels:
        write_tables(directory, to, kernels)
    case _:
        sys.exit(__doc__)
