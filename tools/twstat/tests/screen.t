On a terminal, twstat -w draws in place until q is typed:

  $ . "$TESTDIR/trees.sh"
  $ screen() { /usr/bin/python3 "$TESTDIR/screen.py" "$@"; }
  $ cat >script <<END
  > wait q: quit
  > q
  > END
  $ screen twstat --root busy -w <script >printed
  $ grep -a -o -e '14:31:29, rates are not known yet' -e 'server *9091' printed
  14:31:29, rates are not known yet
  server  9091

It leaves the screen as it was:

  $ grep -a -o -e '\[?1049[hl]' printed
  [?1049h
  [?1049l

What it shows fits, in a window of another size, too; and with all columns:

  $ screen --display twstat --root busy --root later -w 2 </dev/null
  |14:31:39, the last 10 s
  |role    port  current  clear  entered/s   mean  closed_first/s  closed_second/s
  |total           39.1k   60 s      1.01k  36.6k           1.01k             2.50
  |client   443    26.0k   60 s        800  23.5k             800                0
  |server    80    12.3k   60 s        205  12.3k             205             2.00
  |client  5432      810   60 s       7.00    825            7.00                0
  |server  8443        0      0          0      0               0             0.50
  |server  9091        3   31 s          0   3.00               0                0
  |server  9092        2   31 s          0   2.00               0                0
  |
  |
  |
  |
  |
  |
  |
  |
  |
  |
  |
  |
  |
  |
  |q: quit
  $ cat >script <<END
  > wait closed_second/s
  > resize 8 40
  > wait [8dq: quit
  > q
  > END
  $ screen --display twstat --root busy --root later -w 2 <script
  |14:31:39, the last 10 s
  |role    port  current  clear   mean
  |total           39.1k   60 s  36.6k
  |client   443    26.0k   60 s  23.5k
  |server    80    12.3k   60 s  12.3k
  |client  5432      810   60 s    825
  |server  8443        0      0      0
  |q: quit
  $ screen --display twstat --root busy --root later -a -w 0.1 </dev/null | sed -n 1,5p
  |14:31:39, the last 10 s
  |role    port  current  fin_wait2  fin_wait2_ended/s  clear  entered/s  adopted/
  |total           39.1k          3                  0   60 s      1.01k
  |client   443    26.0k          0                  0   60 s        800
  |server    80    12.3k          0                  0   60 s        205

The module may be unloaded meanwhile: that is said when the screen is as it was.

  $ cat >script <<END
  > wait q: quit
  > run rm -r later
  > END
  $ screen twstat --root busy --root later -w 2 <script | grep -a -o 'twstat: no [^:]*'
  twstat: no later/net/tw_stats

A terminal that cannot be drawn on:

  $ screen env TERM=bogus twstat --root busy -w
  twstat: cannot draw on this terminal: set TERM, or pipe through cat
  [1]
