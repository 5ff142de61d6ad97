# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# What every script of this folder needs: errors, the cache, packages, locks.

# What the make that runs us was told is not for those that we run.
unset MAKEFLAGS MAKELEVEL

: "${top:?the script that sources common.sh sets top to the top of the tree}"

# Everything that is not made from this tree. It can be removed at any time, and is then made again.
cache=${TW_STATS_CACHE:-${XDG_CACHE_HOME:-${HOME:?set HOME or TW_STATS_CACHE}/.cache}/tw_stats}

# Where chroot, mount and depmod are, which not every user's PATH has.
PATH=$PATH:/usr/sbin:/sbin

say() {
	echo "${0##*/}: $*" >&2
}

die() {
	say "$@"
	exit 1
}

# need COMMAND=PACKAGE...: installs the Debian packages of the commands, or files, that are not there.
need() {
	missing=
	for pair in "$@"; do
		command -v "${pair%%=*}" >/dev/null || [ -e "${pair%%=*}" ] || missing="$missing ${pair#*=}"
	done
	[ "$missing" ] || return 0

	install="apt-get install --no-install-recommends$missing"
	[ "$(id -u)" = 0 ] || die "missing packages; as root, run: $install"
	command -v apt-get >/dev/null || die "no apt-get here; install by other means:$missing"
	say "installing$missing"
	apt-get update --quiet=2 >&2 || say "apt-get update failed, trying with the package lists that are there"
	# shellcheck disable=SC2086 # a list of words
	DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends \
		-o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 $missing >/dev/null </dev/null ||
		die "cannot install$missing; is there a network?"
}

# What twstat is built with.
need_twstat() {
	need cc=gcc make=make pkg-config=pkgconf /usr/include/stdio.h=libc6-dev \
		/usr/include/json-c/json.h=libjson-c-dev /usr/include/curses.h=libncurses-dev
}

# All that the VMs take, in one go.
need_vm() {
	need cpio=cpio mmdebstrap=mmdebstrap mount=mount xz=xz-utils
}

# apt_site LABEL: the address of the archive with this label that this machine's apt is configured with.
apt_site() {
	# shellcheck disable=SC2016 # apt expands it
	apt-get indextargets --format '$(SITE)' 'Created-By: Packages' "Label: $1" | head -n 1
}

# debian_sources SUITE: the lines of a sources.list for a Debian suite, from the mirror that this
# machine's apt uses.
debian_sources() {
	site=$(apt_site Debian)
	if ! [ "$site" ] && [ "$(id -u)" = 0 ]; then
		apt-get update --quiet=2 >&2 || die "apt-get update failed; is there a network?"
		site=$(apt_site Debian)
	fi
	[ "$site" ] || die "apt knows no Debian archive; as root, run apt-get update, on Debian"
	security_site=$(apt_site Debian-Security)

	release=${1%-backports}
	echo "deb $site $release main"
	[ -z "$security_site" ] || echo "deb $security_site $release-security main"
	[ "$release" = "$1" ] || echo "deb $site $1 main"
}

# make_cached NAME FUNCTION: has FUNCTION fill the directory that it gets as its argument, unless the
# cache holds it already, and prints the directory's path. The directory appears when it is complete:
# what was interrupted is made anew.
make_cached() {
	if ! [ -d "$cache/$1" ]; then
		mkdir -p "$cache" || die "cannot make $cache; set TW_STATS_CACHE to a folder that can be written"
		(
			flock 9 || die "cannot lock $cache/$1.lock"
			[ -d "$cache/$1" ] && exit
			new=$cache/$1.new
			trap 'rm -rf "$new"' EXIT
			trap 'exit 1' HUP INT TERM
			rm -rf "$new"
			mkdir "$new"
			say "making $cache/$1"
			"$2" "$new" >&2 9>&- || {
				say "cannot make $cache/$1, see above: no network, or the disk is full?"
				die "$(df -h "$cache" | awk 'NR == 2 { print $4 " free on " $6 }')"
			}
			mv "$new" "$cache/$1"
		) 9>"$cache/$1.lock" || exit
	fi
	echo "$cache/$1"
}

# key FILE...: a short name for what the files hold: what a script makes is made anew when the script changes.
key() {
	cat "$@" | cksum | cut -d ' ' -f 1
}

# What is made from this tree. One run at a time, so that nobody boots what another is building.
build=$top/build

lock_build() {
	mkdir -p "$build"
	exec 8>"$build/lock"
	flock --nonblock 8 || { say "waiting for another run in this tree"; flock 8; }
}
