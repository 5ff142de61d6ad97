# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# Runs the selftests in VMs, and counts the results.

: "${top:?the script that sources selftests.sh sets top to the top of the tree}"

# What a VM is made of: set before boot.
kernel=
module=
guest=
servers=
# What runs the selftests in it, and which: set to change that.
inside=
tests=
# Set when all is there that the tests need: then a test that is skipped is a failure.
all_there=

machines=
passed=0
failed=0
skipped=0
trap 'kill $machines 2>/dev/null || :' EXIT
trap 'exit 1' HUP INT TERM

fail() {
	failed=$((failed + 1))
	echo "not ok: $*"
}

# count FILE: adds the results in a TAP file.
count() {
	counts=$(awk -f "$top/tools/vm/count-ktap.awk" "$1")
	# shellcheck disable=SC2086 # three words
	set -- $counts
	passed=$((passed + $1))
	failed=$((failed + $2))
	skipped=$((skipped + $3))
}

# boot NAME OPTION...: starts a VM with the selftests; NAME.tap is what they print, NAME.log has the kernel's
# messages.
boot() {
	name=$1
	shift
	: >"$module/$name.tap"
	# shellcheck disable=SC2086 # lists of words
	"$top/tools/vm/run" --kernel "$kernel" --timeout 1500 --log "$module/$name.log" \
		--add "$servers" --add "$guest/root" --add "$module/root" "$@" \
		$inside env TW_STATS_KO=/tw_stats.ko TW_STATS_SEED="${TW_STATS_SEED-}" \
		TW_STATS_MINISOCKETS="${TW_STATS_MINISOCKETS-}" TW_STATS_STORM="${TW_STATS_STORM-}" \
		/selftests/run_kselftest.sh $tests >"$module/$name.tap" 2>&1 &
	machines="$machines $!"
	echo "$!" >"$module/$name.pid"
}

# collect NAME: shows what a VM prints until it ends, and counts its results.
collect() {
	echo "# Linux $kernel, $1"
	read -r machine <"$module/$1.pid"
	tail -n +1 -f --pid="$machine" "$module/$1.tap" &
	wait "$!" || :
	status=0
	wait "$machine" || status=$?
	before=$skipped
	count "$module/$1.tap"
	[ "$skipped" = "$before" ] || ! [ "$all_there" ] || fail "Linux $kernel, $1: tests are skipped"
	[ "$status" = 0 ] || fail "Linux $kernel, $1: run exits with $status"
}

# report: the last line, and the exit status.
report() {
	skips=
	[ "$skipped" = 0 ] || skips=", $skipped skipped"
	echo "$passed passed, $failed failed$skips"
	[ "$failed" = 0 ]
}
