Held, by sockets without SO_REUSEADDR:

  $ . "$TESTDIR/trees.sh"
  $ twstat --root busy port 9091
  Port 9091 is held by 3 sockets in TIME_WAIT, until 14:32:11 (41 s from now)
  if no more come and none is re-armed; timers may be some seconds late.
  Port 9091 is also held by 1 in FIN_WAIT2, closed here and not yet by the peer:
  into TIME_WAIT when the peer closes, or gone after 60 s (tcp_fin_timeout).
  
  Who closed first, since the module was loaded: this end 4 times, the peer
  0 times; 0 more aborted, by a RST or for want of an answer. Who closes
  first gets the TIME_WAIT.
  
  bind() to port 9091 now, on the address of these sockets or on all:
    without SO_REUSEADDR: fails, "Address already in use"
    with SO_REUSEADDR:    fails, because 3 of the sockets did not have it set
  Two sockets with SO_REUSEPORT share it anyhow. Listeners and open connections,
  and a connect() from this port, hold it as well: ss -tanp sport = :9091
  
  What to do:
  - now: wait until the peers have closed, and a minute more
  - now: remove them, as root, at the risk that an old segment disturbs
    the next connection between the same ports:
    ss -K state time-wait sport = :9091
    ss -K state fin-wait-2 sport = :9091 (half-closed connections, too)
  - from now on: let the server set SO_REUSEADDR before bind()
  - or let the client close first: then there is no TIME_WAIT here

Held, by sockets with it:

  $ twstat --root busy port 9092
  Port 9092 is held by 2 sockets in TIME_WAIT, until 14:32:11 (41 s from now)
  if no more come and none is re-armed; timers may be some seconds late.
  
  Who closed first, since the module was loaded: this end 2 times, the peer
  0 times; 0 more aborted, by a RST or for want of an answer. Who closes
  first gets the TIME_WAIT.
  
  bind() to port 9092 now, on the address of these sockets or on all:
    without SO_REUSEADDR: fails, "Address already in use"
    with SO_REUSEADDR:    succeeds, because all of the sockets had it set
  Two sockets with SO_REUSEPORT share it anyhow. Listeners and open connections,
  and a connect() from this port, hold it as well: ss -tanp sport = :9092
  
  What to do:
  - let the server set SO_REUSEADDR before bind(); nothing else is needed
  - or let the client close first: then there is no TIME_WAIT here
  $ TZ=IST-5:30 twstat --root later port 9092 | head -n 1
  Port 9092 is held by 2 sockets in TIME_WAIT, until 20:02:11 (31 s from now)

Not held:

  $ twstat --root busy port 22
  Nothing that was accepted on port 22 is left in TIME_WAIT or FIN_WAIT2.
  
  Who closed first, since the module was loaded: this end 0 times, the peer
  12 times; 1 more aborted, by a RST or for want of an answer. Who closes
  first gets the TIME_WAIT.
  
  bind() to port 22 now: neither state stands in its way.
  Listeners and open connections, and a connect() from this port, may:
  ss -tanp sport = :22

A port that connect() may be given, and sockets that could not be followed:

  $ echo '9000	9100' >busy/sys/net/ipv4/ip_local_port_range
  $ twstat --root busy port 9092 | grep -A 2 net.ipv4.ip_local_port_range
  Port 9092 is in net.ipv4.ip_local_port_range: connect() may have been given it,
  and what that leaves in TIME_WAIT is not considered here, but holds the port.
  To keep it for servers, add it to net.ipv4.ip_local_reserved_ports.
  $ echo '22,9092-9095' >busy/sys/net/ipv4/ip_local_reserved_ports
  $ twstat --root busy port 9092 | grep net.ipv4.ip_local_port_range
  [1]
  $ awk 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "untracked") column = i }
  > $2 == 9092 { $column = 7 } 1' busy/net/tw_stats >new && mv new busy/net/tw_stats
  $ touch -d '2026-11-21 14:31:29' busy/net/tw_stats
  $ twstat --root busy port 9092 | head -n 3
  Port 9092 is held by 2 sockets in TIME_WAIT, until 14:32:11 (41 s from now)
  if no more come and none is re-armed; timers may be some seconds late.
  Not considered: 7 sockets since the module was loaded that it did not

  $ twstat --root busy port 9092 | grep -A 2 without
    without SO_REUSEADDR: fails, "Address already in use"
    with SO_REUSEADDR:    succeeds, unless one not considered did not have it set
  Two sockets with SO_REUSEPORT share it anyhow. Listeners and open connections,
  $ twstat --root busy port 9092 | grep 'let the server'
  - let the server set SO_REUSEADDR before bind()
  $ twstat --root busy port 9092 -j | grep -o 'bind_fails.*'
  bind_fails":{"without_reuseaddr":true,"with_reuseaddr":null}}
  $ sed 's/^client  5432/any        0/' busy/net/tw_stats >new && mv new busy/net/tw_stats
  $ twstat --root busy port 22
  Nothing that was accepted on port 22 is left in TIME_WAIT or FIN_WAIT2.
  Not considered: 842 sockets, of any role, whose port has no row.
  
  Who closed first, since the module was loaded: this end 0 times, the peer
  12 times; 1 more aborted, by a RST or for want of an answer. Who closes
  first gets the TIME_WAIT.
  
  bind() to port 22 now: neither state stands in its way, as far as is known.
  Listeners and open connections, and a connect() from this port, may:
  ss -tanp sport = :22
  $ twstat --root busy port 22 -j | grep -o 'bind_fails.*'
  bind_fails":{"without_reuseaddr":null,"with_reuseaddr":null}}
  $ awk 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "untracked") column = i }
  > $1 == "any" { $3 = 0; $4 = 0; $column = 5 } 1' busy/net/tw_stats >new && mv new busy/net/tw_stats
  $ twstat --root busy port 22 | grep -A 1 'Not considered'
  Not considered: 5 sockets since the module was loaded that it did not
  follow, for want of memory or because of max_user_minisockets.
  $ twstat --root busy port 1
  twstat: port 1 has no row, and 5 sockets that were not followed may be on it: ss -tanp sport = :1
  [1]
  $ . "$TESTDIR/trees.sh"

For programs:

  $ echo '9000	9100' >busy/sys/net/ipv4/ip_local_port_range
  $ twstat --root busy port -j 9091
  {"port":9091,"time_wait":3,"fin_wait2":1,"no_reuseaddr":3,"of_any_port":0,"untracked":0,"time":1795271489,"clear_ms":41250,"closed_first":4,"closed_second":0,"aborted":0,"ephemeral":true,"bind_fails":{"without_reuseaddr":true,"with_reuseaddr":true}}
  $ twstat --root busy port --pretty 22 | tail -n 5
    "bind_fails": {
      "without_reuseaddr": false,
      "with_reuseaddr": false
    }
  }

Nothing known:

  $ twstat --root busy port 1
  twstat: nothing that was accepted on port 1 was closed since the module was loaded; for what holds it: ss -tanp sport = :1
  [1]
  $ twstat --root busy port 1 -j
  {"port":1,"time_wait":0,"fin_wait2":0,"no_reuseaddr":0,"of_any_port":0,"untracked":0,"time":1795271489,"clear_ms":0,"closed_first":0,"closed_second":0,"aborted":0,"ephemeral":false,"bind_fails":{"without_reuseaddr":false,"with_reuseaddr":false}}
  twstat: nothing that was accepted on port 1 was closed since the module was loaded; for what holds it: ss -tanp sport = :1
  [1]
  $ twstat --root busy port 443
  twstat: nothing that was accepted on port 443 was closed since the module was loaded; for connections to port 443 elsewhere: twstat ephemeral 443
  [1]
  $ sed 's/^client  5432/any        0/' later/net/tw_stats >new && mv new later/net/tw_stats
  $ twstat --root later port 1
  twstat: port 1 has no row, and 812 sockets without a row wait: raise max_rows, or max_user_rows for a user namespace, in /sys/module/tw_stats/parameters
  [1]
