All columns, in a line each:

  $ twstat explain
  current          sockets in TIME_WAIT now
  fin_wait2        minisockets in FIN_WAIT2 now, which wait for the peer's FIN
  fin_wait2_ended  FIN_WAIT2 minisockets that ended and never came to TIME_WAIT
  clear_ms         time until the last timer of those in TIME_WAIT is due
  entered          sockets that entered TIME_WAIT
  adopted          sockets that were in TIME_WAIT when the module was loaded
  expired          stays ended by their timer, after a minute, as they should
  reused           stays ended by a connect() of this machine that took over the port
  reopened         stays ended by a new SYN of the peer, from the same port
  reset            stays ended by a RST: the assassination of RFC 1337
  killed           stays ended by somebody with "ss -K", or SOCK_DESTROY otherwise
  other            stays ended by anything else
  overflow         times that the kernel refused a TIME_WAIT or FIN_WAIT2 minisocket
  untracked        minisockets not followed: no memory, or max_user_minisockets
  rearmed          times that a wait started over
  time_ms          time spent in TIME_WAIT, summed over sockets, until now
  max_ms           the longest completed stay in TIME_WAIT
  closed_first     connections that we closed first: our FIN went out first
  closed_second    connections that the peer closed first
  closed_both      of closed_first, connections in which the two FINs crossed
  aborted          open connections that ended by a RST, or by no answer
  stayed_ms        time spent in TIME_WAIT, summed over the stays that are over
  no_reuseaddr     of current and fin_wait2, sockets without SO_REUSEADDR
  role, port, NAME/s, mean, peer's port, held, of all, settles at, fails in, le_63s

One; by the name that it has in the file, or in the table:

  $ twstat explain reset
  reset (counter, sockets)
  stays ended by a RST: the assassination of RFC 1337.
  An old duplicate made the peer send it, or the peer did so itself.  The
  connection is no longer protected.  net.ipv4.tcp_rfc1337=1 prevents it.
  Resets of open connections are in aborted.
  $ [ "$(twstat explain clear)" = "$(twstat explain clear_ms)" ] && twstat explain clear
  clear_ms (gauge, milliseconds)
  time until the last timer of those in TIME_WAIT is due.
  If nothing else happens: new sockets put it off, and so does a segment
  that comes for one that waits.  The kernel's timers are never early, and
  may be some seconds late (2 s with HZ=250).
  $ twstat explain le_5s
  le_5s
  tw_hist: completed stays that took so long at most, and longer than the
  bucket before.  A stay that nothing disturbs takes 60 s, and up to 2 s
  more with HZ=250.  What took less ended early, what took more was
  re-armed.
  $ twstat explain held
  held
  twstat ephemeral: current and fin_wait2: local ports that are taken.

Whatever a command shows is explained:

  $ . "$TESTDIR/trees.sh"
  $ for name in $(head -qn 1 busy/net/tw_stats busy/net/tw_hist) $(twstat --root busy -a | head -n 1); do
  >     twstat explain "$name" >/dev/null || echo "$name"
  > done

  $ twstat --root busy --root later -w | head -n 2 | tail -n 1 >names
  $ twstat --root busy --root later -j -w | head -n 1 | grep -o '"[a-z_0-9]*_per_s"' | tr -d '"' >>names
  $ for name in $(cat names) "peer's port" held 'of all' 'settles at' 'fails in'; do
  >     twstat explain "$name" >/dev/null || echo "$name"
  > done

  $ twstat explain entered/s
  entered/s
  twstat -w: by how much the column NAME grew in a second.
  entered (counter, sockets)
  sockets that entered TIME_WAIT.
  Directly, or out of fin_wait2.  Not those that the kernel refused
  (overflow).
  $ twstat explain nothing
  twstat: no column nothing: "twstat explain" lists them
  [2]
