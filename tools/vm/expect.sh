# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# For tests of commands: their results, in TAP.

expect_output=$(mktemp)
trap 'rm -f "$expect_output"' EXIT
trap 'exit 1' HUP INT TERM
expect_number=0

# result STATUS NAME [COMMENT]: a result line; STATUS 0 is ok.
result() {
	expect_number=$((expect_number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $expect_number $2"
	else
		sed 's/^/# /' "$expect_output"
		echo "not ok $expect_number $2${3:+ # $3}"
	fi
}

# expect STATUS TEXT NAME COMMAND...: COMMAND must exit with STATUS, and say TEXT on stdout or stderr.
expect() {
	expected=$1
	text=$2
	name=$3
	shift 3

	status=0
	"$@" >"$expect_output" 2>&1 </dev/null || status=$?
	passed=1
	if [ "$status" = "$expected" ] && grep -q -e "$text" "$expect_output"; then
		passed=0
	fi
	result "$passed" "$name" "exit status $status, expected $expected and '$text'"
}
