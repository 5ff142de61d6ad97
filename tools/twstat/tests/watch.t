What happened in an interval, a block each where it is no terminal:

  $ . "$TESTDIR/trees.sh"
  $ COLUMNS=80 twstat --root busy --root later -w
  14:31:39, the last 10 s
  role    port  current  clear  entered/s   mean  closed_first/s  closed_second/s
  total           39.1k   60 s      1.01k  36.6k           1.01k             2.50
  client   443    26.0k   60 s        800  23.5k             800                0
  server    80    12.3k   60 s        205  12.3k             205             2.00
  client  5432      810   60 s       7.00    825            7.00                0
  server  8443        0      0          0      0               0             0.50
  server  9091        3   31 s          0   3.00               0                0
  server  9092        2   31 s          0   2.00               0                0
  
  $ twstat --root busy --root later -w 5 -s port -r server
  14:31:39, the last 10 s
  role    port  current  fin_wait2  clear  entered/s  expired/s  reopened/s  rearmed/s   mean  closed_first/s  closed_second/s  aborted/s  no_reuseaddr
  total           12.3k          1   60 s        205        199        4.00       0.30  12.3k             205             2.50       0.20             3
  server    80    12.3k          0   60 s        205        199        4.00       0.30  12.3k             205             2.00       0.20             0
  server  8443        0          0      0          0          0           0          0      0               0             0.50          0             0
  server  9091        3          1   31 s          0          0           0          0   3.00               0                0          0             3
  server  9092        2          0   31 s          0          0           0          0   2.00               0                0          0             0
  
  $ twstat --root busy --root later --watch=5 -H 5432
  14:31:39, the last 10 s
  total         810  2  60 s  7.00  10.0  825  7.00  812
  client  5432  810  2  60 s  7.00  10.0  825  7.00  812
  

  $ twstat --root busy --root later -w -j 5432
  {"time":1795271499,"interval_s":10.000,"rows":[{"role":"client","port":5432,"current":810,"fin_wait2":2,"fin_wait2_ended_per_s":0.000,"clear_ms":59800,"entered_per_s":7.000,"adopted_per_s":0.000,"expired_per_s":10.000,"reused_per_s":0.000,"reopened_per_s":0.000,"reset_per_s":0.000,"killed_per_s":0.000,"other_per_s":0.000,"overflow_per_s":0.000,"untracked_per_s":0.000,"rearmed_per_s":0.000,"mean":825.000,"closed_first_per_s":7.000,"closed_second_per_s":0.000,"closed_both_per_s":0.000,"aborted_per_s":0.000,"no_reuseaddr":812}]}
  $ cp -Rp busy anew && touch -d '2026-11-21 14:31:41' anew/net/tw_stats
  $ twstat --root busy --root later --root anew -w -j | python3 -c '
  > import json, sys
  > for line in sys.stdin:
  >     block = json.loads(line)
  >     print(block["interval_s"], [row["mean"] for row in block["rows"]][:3])'
  10.0 [23500.0, 12300.0, 825.0]
  0.0 [None, None, None]

The later copy comes last:

  $ twstat --root later --root busy 80 -w
  twstat: busy/net/tw_stats is not later than later/net/tw_stats: the later copy comes last, and files keep their times with cp -p
  [1]

A counter that goes back, or a row that is gone: the module was loaded anew.

  $ touch -d '2026-11-21 14:31:40' busy/net/tw_stats
  $ twstat --root later --root busy 80 -w
  14:31:40, rates are not known yet
  role    port  current  clear  mean
  total           12.3k   60 s     -
  server    80    12.3k   60 s     -
  

One copy has no rates:

  $ twstat --root busy -w
  twstat: one copy says nothing of rates: give --root again, for what was later
  [1]
