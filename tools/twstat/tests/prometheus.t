Names and units are those of Prometheus; buckets are cumulative:

  $ . "$TESTDIR/trees.sh"
  $ twstat --root busy prometheus | grep -e ephemeral -e 'port="443"'
  tw_stats_current{role="client",port="443"} 21000
  tw_stats_fin_wait2{role="client",port="443"} 0
  tw_stats_fin_wait2_ended_total{role="client",port="443"} 0
  tw_stats_clear_seconds{role="client",port="443"} 59.996
  tw_stats_entered_total{role="client",port="443"} 64000
  tw_stats_adopted_total{role="client",port="443"} 0
  tw_stats_expired_total{role="client",port="443"} 42000
  tw_stats_reused_total{role="client",port="443"} 1000
  tw_stats_reopened_total{role="client",port="443"} 0
  tw_stats_reset_total{role="client",port="443"} 0
  tw_stats_killed_total{role="client",port="443"} 0
  tw_stats_other_total{role="client",port="443"} 0
  tw_stats_overflow_total{role="client",port="443"} 0
  tw_stats_untracked_total{role="client",port="443"} 0
  tw_stats_rearmed_total{role="client",port="443"} 0
  tw_stats_time_seconds_total{role="client",port="443"} 3200000.000
  tw_stats_max_seconds{role="client",port="443"} 62.058
  tw_stats_closed_first_total{role="client",port="443"} 64000
  tw_stats_closed_second_total{role="client",port="443"} 300
  tw_stats_closed_both_total{role="client",port="443"} 0
  tw_stats_aborted_total{role="client",port="443"} 0
  tw_stats_no_reuseaddr{role="client",port="443"} 21000
  tw_stats_stay_seconds_bucket{role="client",port="443",le="0.001"} 0
  tw_stats_stay_seconds_bucket{role="client",port="443",le="0.01"} 0
  tw_stats_stay_seconds_bucket{role="client",port="443",le="0.1"} 0
  tw_stats_stay_seconds_bucket{role="client",port="443",le="1"} 0
  tw_stats_stay_seconds_bucket{role="client",port="443",le="5"} 1000
  tw_stats_stay_seconds_bucket{role="client",port="443",le="15"} 1000
  tw_stats_stay_seconds_bucket{role="client",port="443",le="30"} 1000
  tw_stats_stay_seconds_bucket{role="client",port="443",le="45"} 1000
  tw_stats_stay_seconds_bucket{role="client",port="443",le="59"} 1000
  tw_stats_stay_seconds_bucket{role="client",port="443",le="63"} 43000
  tw_stats_stay_seconds_bucket{role="client",port="443",le="90"} 43000
  tw_stats_stay_seconds_bucket{role="client",port="443",le="120"} 43000
  tw_stats_stay_seconds_bucket{role="client",port="443",le="300"} 43000
  tw_stats_stay_seconds_bucket{role="client",port="443",le="+Inf"} 43000
  tw_stats_stay_seconds_sum{role="client",port="443"} 2570000.000
  tw_stats_stay_seconds_count{role="client",port="443"} 43000
  # HELP tw_stats_ephemeral_ports local ports that connect() has for each pair of addresses and port of a peer
  # TYPE tw_stats_ephemeral_ports gauge
  tw_stats_ephemeral_ports 28232
  $ twstat --root busy prometheus | grep '^# '
  # HELP tw_stats_current sockets in TIME_WAIT now
  # TYPE tw_stats_current gauge
  # HELP tw_stats_fin_wait2 minisockets in FIN_WAIT2 now, which wait for the peer's FIN
  # TYPE tw_stats_fin_wait2 gauge
  # HELP tw_stats_fin_wait2_ended_total FIN_WAIT2 minisockets that ended and never came to TIME_WAIT
  # TYPE tw_stats_fin_wait2_ended_total counter
  # HELP tw_stats_clear_seconds time until the last timer of those in TIME_WAIT is due
  # TYPE tw_stats_clear_seconds gauge
  # HELP tw_stats_entered_total sockets that entered TIME_WAIT
  # TYPE tw_stats_entered_total counter
  # HELP tw_stats_adopted_total sockets that were in TIME_WAIT when the module was loaded
  # TYPE tw_stats_adopted_total counter
  # HELP tw_stats_expired_total stays ended by their timer, after a minute, as they should
  # TYPE tw_stats_expired_total counter
  # HELP tw_stats_reused_total stays ended by a connect() of this machine that took over the port
  # TYPE tw_stats_reused_total counter
  # HELP tw_stats_reopened_total stays ended by a new SYN of the peer, from the same port
  # TYPE tw_stats_reopened_total counter
  # HELP tw_stats_reset_total stays ended by a RST: the assassination of RFC 1337
  # TYPE tw_stats_reset_total counter
  # HELP tw_stats_killed_total stays ended by somebody with "ss -K", or SOCK_DESTROY otherwise
  # TYPE tw_stats_killed_total counter
  # HELP tw_stats_other_total stays ended by anything else
  # TYPE tw_stats_other_total counter
  # HELP tw_stats_overflow_total times that the kernel refused a TIME_WAIT or FIN_WAIT2 minisocket
  # TYPE tw_stats_overflow_total counter
  # HELP tw_stats_untracked_total minisockets not followed: no memory, or max_user_minisockets
  # TYPE tw_stats_untracked_total counter
  # HELP tw_stats_rearmed_total times that a wait started over
  # TYPE tw_stats_rearmed_total counter
  # HELP tw_stats_time_seconds_total time spent in TIME_WAIT, summed over sockets, until now
  # TYPE tw_stats_time_seconds_total counter
  # HELP tw_stats_max_seconds the longest completed stay in TIME_WAIT
  # TYPE tw_stats_max_seconds gauge
  # HELP tw_stats_closed_first_total connections that we closed first: our FIN went out first
  # TYPE tw_stats_closed_first_total counter
  # HELP tw_stats_closed_second_total connections that the peer closed first
  # TYPE tw_stats_closed_second_total counter
  # HELP tw_stats_closed_both_total of closed_first, connections in which the two FINs crossed
  # TYPE tw_stats_closed_both_total counter
  # HELP tw_stats_aborted_total open connections that ended by a RST, or by no answer
  # TYPE tw_stats_aborted_total counter
  # HELP tw_stats_no_reuseaddr of current and fin_wait2, sockets without SO_REUSEADDR
  # TYPE tw_stats_no_reuseaddr gauge
  # HELP tw_stats_stay_seconds completed stays in TIME_WAIT by their length
  # TYPE tw_stats_stay_seconds histogram
  # HELP tw_stats_ephemeral_ports local ports that connect() has for each pair of addresses and port of a peer
  # TYPE tw_stats_ephemeral_ports gauge

Into a file, at once; the file that was there stays if anything goes wrong:

  $ umask 022
  $ twstat --root busy prometheus -o tw_stats.prom
  $ twstat --root busy prometheus | cmp - tw_stats.prom
  $ stat -c %a tw_stats.prom
  644
  $ (umask 077; twstat --root later prometheus --output tw_stats.prom)
  $ stat -c %a tw_stats.prom
  600
  $ twstat --root later prometheus | cmp - tw_stats.prom

  $ twstat --root empty prometheus -o tw_stats.prom
  twstat: no empty/net/tw_stats: --root takes a folder like /proc, see EXAMPLES in man twstat
  [1]
  $ twstat --root busy prometheus -o nowhere/tw_stats.prom
  twstat: nowhere/tw_stats.prom: No such file or directory
  [1]
  $ (trap '' XFSZ; ulimit -f 1; twstat --root busy prometheus -o tw_stats.prom)
  twstat: tw_stats.prom: File too large
  [1]

A link is followed; what is no file is not replaced by one:

  $ ln -s tw_stats.prom link
  $ twstat --root later prometheus -o link && readlink link
  tw_stats.prom
  $ mkfifo fifo
  $ twstat --root later prometheus -o fifo
  twstat: fifo: not a regular file; without --output, twstat prints to stdout
  [1]
  $ mkdir folder
  $ twstat --root busy prometheus -o folder
  twstat: folder: not a regular file; without --output, twstat prints to stdout
  [1]
  $ ls
  busy
  fifo
  folder
  later
  link
  tw_stats.prom
  $ twstat --root later prometheus | cmp - tw_stats.prom
