# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
# For the transcripts: copies of two moments, 10 s apart, in the current folder.
export TZ=UTC LC_ALL=C
unset COLUMNS NO_COLOR
rm -rf busy later
cp -R "$TESTDIR/busy" .
cp -R "$TESTDIR/busy" later
cp "$TESTDIR/later.tw_stats" later/net/tw_stats
touch -d '2026-11-21 14:31:29' busy/net/tw_stats
touch -d '2026-11-21 14:31:39' later/net/tw_stats
