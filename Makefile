# SPDX-License-Identifier: GPL-2.0-only
# For people; Kbuild reads Kbuild.

KDIR ?= /lib/modules/$(shell uname -r)/build
KERNELS ?= 6.1 6.12 7.2
DEBUG_KERNELS ?= 6.12-kcsan 6.12-kasan 6.1-kasan
SEED ?= $(TW_STATS_SEED)
MINISOCKETS ?= $(TW_STATS_MINISOCKETS)
export TW_STATS_SEED := $(SEED)
export TW_STATS_MINISOCKETS := $(MINISOCKETS)

all: module tools ## (or just make) builds twstat, and tw_stats.ko for the running kernel, or for the one whose build tree is KDIR=

module:
	@test -f $(KDIR)/Makefile || { echo "No kernel build tree in $(KDIR): as root, run apt-get install linux-headers-$$(uname -r), or set KDIR=" >&2; exit 1; }
	$(MAKE) -C $(KDIR) M=$(CURDIR) W=1 modules

tools:
	$(MAKE) -C tools/twstat

demo: ## plays the story of a port that is in use, in a VM
	tools/vm/demo

test: ## runs the selftests in VMs; KERNELS="6.1 6.12 7.2", or paths of kernel build trees; SEED=1
	tools/vm/test $(KERNELS)

test-debug: ## runs them, and storms, on kernels that look for faults: DEBUG_KERNELS="6.12-kcsan 6.12-kasan 6.1-kasan"
	tools/debug/test $(DEBUG_KERNELS)

soak: ## runs random traffic on each of KERNELS= until it has made MINISOCKETS=10000000; SEED=
	tools/vm/soak $(KERNELS)

bench: ## measures on KERNELS= what the module costs, and writes Documentation/performance/ and tools/bench/limits
	tools/bench/run $(KERNELS)

check: ## looks for faults without a VM: warnings, sparse, checkpatch, formats; fuzzed and sanitized twstat
	tools/check/run $(KERNELS)

clean: ## removes what the other goals made in this tree
	$(RM) -r build
	$(RM) tw_stats.ko tw_stats.o tw_stats.mod* .tw_stats* Module.symvers .Module.symvers.cmd \
		modules.order .modules.order.cmd .module-common.o ..module-common.o.cmd
	$(RM) module/*.o module/.*.cmd
	$(MAKE) -C tools/twstat clean
	$(MAKE) -C tools/demo clean
	$(MAKE) -C tools/bench clean
	$(RM) $(basename $(wildcard selftests/*.c))

help: ## prints this list
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' Makefile

.PHONY: all module tools demo test test-debug soak bench check clean help
