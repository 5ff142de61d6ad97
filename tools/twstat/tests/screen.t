On a terminal, twstat -w draws in place until q is typed:

  $ . "$TESTDIR/trees.sh"
  $ screen() { python3 "$TESTDIR/screen.py" "$@"; }
  $ cat >script <<END
  > wait q: quit
  > q
  > END
  $ screen twstat --root busy -w <script >printed
  $ grep -a -o -e '14:31:29, rates are not known yet' -e 'server *9091' printed
  14:31:29, rates are not known yet
  server  9091

It leaves the screen as it was, and fits in a window of another size:

  $ grep -a -o -e '\[?1049[hl]' printed
  [?1049h
  [?1049l
  $ cat >script <<END
  > wait closed_second/s
  > resize 10 40
  > wait [10dq: quit
  > q
  > END
  $ screen twstat --root busy --root later -w 2 <script >printed

The module may be unloaded meanwhile: that is said when the screen is as it was.

  $ cat >script <<END
  > wait q: quit
  > run rm -r later
  > END
  $ screen twstat --root busy --root later -w 2 <script | grep -a -o 'twstat: .*directory'
  twstat: later/net/tw_stats: No such file or directory

A terminal that cannot be drawn on:

  $ screen env TERM=bogus twstat --root busy -w
  twstat: cannot draw on this terminal: set TERM, or pipe through cat
  [1]
