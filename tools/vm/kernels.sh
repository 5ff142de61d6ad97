# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The kernels: by series, with the Debian suite that has each, or by the path of a kernel build tree.

# kernel_suite KERNEL: prints nothing for a build tree.
kernel_suite() {
	case $1 in
	6.1) echo bookworm ;;
	6.12) echo trixie ;;
	7.2 | 7.3) echo trixie-backports ;;
	*) [ -f "$1/Makefile" ] || die "unknown kernel '$1': it is 6.1, 6.12, 7.2, 7.3, or the path of a kernel build tree" ;;
	esac
}

# kernel_label KERNEL: a file name.
kernel_label() {
	echo "$1" | tr -c 'A-Za-z0-9._\n' _
}
