# SPDX-License-Identifier: GPL-2.0-only
# Counts the results in the output of run_kselftest.sh: "passed failed skipped", and each failure's name on
# stderr. A program with cases of its own counts by its cases; each case that its plan promised must have a result.

function failure(name) {
	failed++
	print "failed: " name > "/dev/stderr"
}

{ sub(/\r$/, "") }

/^1\.\.[0-9]+$/ { programs_due += substr($0, 4) }

/^# selftests: / {
	program = $0
	sub(/^# selftests: /, "", program)
	cases = cases_failed = cases_due = 0
}

/^# 1\.\.[0-9]+/ { cases_due = substr($2, 4) + 0 }

/^# (not )?ok [0-9]+/ {
	cases++
	name = $0
	sub(/^# (not )?ok [0-9]+ */, "", name)
	if (/^# not/) {
		cases_failed++
		failure(program ": " name)
	} else if (/# SKIP/) {
		skipped++
	} else {
		passed++
	}
}

/^(not )?ok [0-9]+/ {
	programs++
	if (cases < cases_due)
		failure(program ": " cases " of " cases_due " cases have a result")
	else if (/^not/ && !cases_failed)
		failure(program ": " $0)
	else if (!cases && /# SKIP/)
		skipped++
	else if (!cases)
		passed++
}

END {
	if (!programs_due)
		failure("no tests were run")
	else if (programs != programs_due)
		failure(programs + 0 " of " programs_due " programs have a result")
	print passed + 0, failed + 0, skipped + 0
}
