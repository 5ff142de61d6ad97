The manual page and the help have the same options and commands:

  $ sed -n 's/^\.It Fl [^-]*-\([a-z-]*\).*/--\1/p' "$TESTDIR/../twstat.8" | sort >manual
  $ twstat --help | grep -o -e '--[a-z-]*' | sort -u | diff - manual
  $ sed -n 's/^\.It Cm \([a-z]*\).*/\1/p' "$TESTDIR/../twstat.8" | sort >manual
  $ twstat --help | sed -n 's/^  twstat \([a-z][a-z]*\) .*/\1/p' | sort | diff - manual
