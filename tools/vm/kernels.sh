# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# The kernels: by series, with the Debian suite that has each, or by the path of a kernel build tree.

: "${top:?the script that sources kernels.sh sets top to the top of the tree}"

# kernel_suite KERNEL: prints nothing for a build tree.
kernel_suite() {
	case $1 in
	6.1) echo bookworm ;;
	6.12) echo trixie ;;
	7.2 | 7.3) echo trixie-backports ;;
	*) [ -f "$1/Makefile" ] || die "unknown kernel '$1': it is 6.1, 6.12, 7.2, 7.3, or the path of a kernel build tree" ;;
	esac
}

# kernel_make KERNEL DIRECTORY ARGUMENT...: has Kbuild build the modules whose sources are in DIRECTORY.
kernel_make() {
	tree=$1
	directory=$2
	shift 2
	set -- modules W=1 "-j$(nproc)" "$@"
	if [ "$(kernel_suite "$tree")" ]; then
		boot=$("$top/tools/vm/kernel" "$tree") || return
		"$top/tools/vm/in-sysroot" "${boot%/vm}" "$directory" \
			make -C "/lib/modules/$(cat "$boot/release")/build" M=/build "$@"
	else
		make -C "$tree" "M=$directory" "$@"
	fi
}

# kernel_label KERNEL: a file name.
kernel_label() {
	echo "$1" | tr -c 'A-Za-z0-9._\n' _
}
