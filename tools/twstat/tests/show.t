The rows, busiest first, in units, and their total:

  $ . "$TESTDIR/trees.sh"
  $ twstat --root busy
  role    port  current  fin_wait2  fin_wait2_ended  clear  entered  adopted  expired  reused  reopened  reset  killed  overflow  rearmed   time    max  closed_first  closed_second  closed_both  aborted  stayed  no_reuseaddr
  server    80    12.3k          0                0   60 s    1.23M       40    1.22M       0      2301      5       0        17      210  861 d  118 s         1.23M           9031           12      377   855 d             0
  client   443    21.0k          0                0   60 s    64.0k        0    42.0k    1000         0      0       0         0        0   37 d   62 s         64.0k            300            0        0    29 d         21.0k
  client  5432      840          2                1   59 s     4120        0     3279       0         0      0       1         0        0    2 d   62 s          4123              0            0        0     2 d           842
  server  9091        3          1                0   41 s        3        0        0       0         0      0       0         0        0   56 s      0             4              0            0        0       0             3
  server  9092        2          0                0   41 s        2        0        0       0         0      0       0         0        0   38 s      0             2              0            0        0       0             0
  server    22        0          0                0      0        0        0        0       0         0      0       0         0        0      0      0             0             12            0        1       0             0
  total           34.1k          3                1   60 s    1.30M       40    1.27M    1000      2301      5       1        17      210  900 d  118 s         1.30M           9343           12      378   887 d         21.8k

Only the columns for which there is room:

  $ COLUMNS=80 twstat --root busy
  role    port  current  clear  entered  overflow  closed_first  closed_second
  server    80    12.3k   60 s    1.23M        17         1.23M           9031
  client   443    21.0k   60 s    64.0k         0         64.0k            300
  client  5432      840   59 s     4120         0          4123              0
  server  9091        3   41 s        3         0             4              0
  server  9092        2   41 s        2         0             2              0
  server    22        0      0        0         0             0             12
  total           34.1k   60 s    1.30M        17         1.30M           9343
  (no room for 15 more columns: twstat -a, or -j)
  $ COLUMNS=20 twstat --root busy 9091
  role    port  current
  server  9091        3
  (no room for 6 more columns: twstat -a, or -j)

All columns:

  $ twstat --root busy -a 9091
  role    port  current  fin_wait2  fin_wait2_ended  clear  entered  adopted  expired  reused  reopened  reset  killed  other  overflow  untracked  rearmed  time  max  closed_first  closed_second  closed_both  aborted  stayed  no_reuseaddr
  server  9091        3          1                0   41 s        3        0        0       0         0      0       0      0         0          0        0  56 s    0             4              0            0        0       0             3

A port, several, a range of them; without a line of names:

  $ twstat --root busy 443 5000-6000
  role    port  current  fin_wait2  fin_wait2_ended  clear  entered  expired  reused  killed  time   max  closed_first  closed_second  stayed  no_reuseaddr
  client   443    21.0k          0                0   60 s    64.0k    42.0k    1000       0  37 d  62 s         64.0k            300    29 d         21.0k
  client  5432      840          2                1   59 s     4120     3279       0       1   2 d  62 s          4123              0     2 d           842
  total           21.8k          2                1   60 s    68.1k    45.3k    1000       1  39 d  62 s         68.1k            300    32 d         21.8k
  $ twstat --root busy -H 22
  server  22  0  12  1

By role, and sorted otherwise:

  $ COLUMNS=60 twstat --root busy --role client
  role    port  current  clear  entered  closed_first
  client   443    21.0k   60 s    64.0k         64.0k
  client  5432      840   59 s     4120          4123
  total           21.8k   60 s    68.1k         68.1k
  (no room for 10 more columns: twstat -a, or -j)
  $ COLUMNS=60 twstat --root busy --sort clear
  role    port  current  clear  entered  overflow
  client   443    21.0k   60 s    64.0k         0
  server    80    12.3k   60 s    1.23M        17
  client  5432      840   59 s     4120         0
  server  9091        3   41 s        3         0
  server  9092        2   41 s        2         0
  server    22        0      0        0         0
  total           34.1k   60 s    1.30M        17
  (no room for 17 more columns: twstat -a, or -j)
  $ COLUMNS=60 twstat --root busy -s clear_ms -r server
  role    port  current  clear  entered  overflow
  server    80    12.3k   60 s    1.23M        17
  server  9091        3   41 s        3         0
  server  9092        2   41 s        2         0
  server    22        0      0        0         0
  total           12.3k   60 s    1.23M        17
  (no room for 14 more columns: twstat -a, or -j)
  $ COLUMNS=60 twstat --root busy -s port
  role    port  current  clear  entered  overflow
  server    22        0      0        0         0
  server    80    12.3k   60 s    1.23M        17
  server  9091        3   41 s        3         0
  server  9092        2   41 s        2         0
  client   443    21.0k   60 s    64.0k         0
  client  5432      840   59 s     4120         0
  total           34.1k   60 s    1.30M        17
  (no room for 17 more columns: twstat -a, or -j)

What has no row of its own:

  $ sed 's/^client  5432/any        0/' busy/net/tw_stats >new && mv new busy/net/tw_stats
  $ COLUMNS=60 twstat --root busy -r any
  role  port  current  clear  entered  expired  closed_first
  any      0      840   59 s     4120     3279          4123
  (no room for 7 more columns: twstat -a, or -j)
  $ . "$TESTDIR/trees.sh"

JSON has exact numbers, and is JSON:

  $ twstat --root busy -j 22
  [{"role":"server","port":22,"current":0,"fin_wait2":0,"fin_wait2_ended":0,"clear_ms":0,"entered":0,"adopted":0,"expired":0,"reused":0,"reopened":0,"reset":0,"killed":0,"other":0,"overflow":0,"untracked":0,"rearmed":0,"time_ms":0,"max_ms":0,"closed_first":0,"closed_second":12,"closed_both":0,"aborted":1,"stayed_ms":0,"no_reuseaddr":0}]
  $ twstat --root busy -p 22 | head -n 5
  [
    {
      "role": "server",
      "port": 22,
      "current": 0,
  $ twstat --root busy --json | python3 -c 'import json, sys; print([row["entered"] for row in json.load(sys.stdin)])'
  [1234567, 64000, 4120, 3, 2, 0]

Nothing to show:

  $ twstat --root busy 1-21
  twstat: none of the 6 rows is one that was asked for
  [1]
  $ twstat --root busy -j -r any
  []
  twstat: none of the 6 rows is one that was asked for
  [1]
  $ head -n 1 busy/net/tw_stats >names && mv names busy/net/tw_stats
  $ twstat --root busy
  twstat: nothing has closed a TCP connection in this network namespace since the module was loaded
  [1]

Colour is for terminals, unless NO_COLOR says no:

  $ . "$TESTDIR/trees.sh"
  $ screen() { /usr/bin/python3 "$TESTDIR/screen.py" "$@"; }
  $ screen twstat --root busy 80 22 | cat -v
  ^[[1mrole  ^[[m^[[1m  port^[[m^[[1m  current^[[m^[[1m  clear^[[m^[[1m  entered^[[m^[[1m  overflow^[[m^[[1m  closed_first^[[m^[[1m  closed_second^[[m
  server    80    12.3k   60 s    1.23M^[[1;31m        17^[[m         1.23M           9031
  server    22        0      0        0         0             0             12
  total           12.3k   60 s    1.23M^[[1;31m        17^[[m         1.23M           9043
  (no room for 10 more columns: twstat -a, or -j)
  $ NO_COLOR=1 screen twstat --root busy 80 22 | cat -v
  role    port  current  clear  entered  overflow  closed_first  closed_second
  server    80    12.3k   60 s    1.23M        17         1.23M           9031
  server    22        0      0        0         0             0             12
  total           12.3k   60 s    1.23M        17         1.23M           9043
  (no room for 10 more columns: twstat -a, or -j)
