With two copies there are rates:

  $ . "$TESTDIR/trees.sh"
  $ twstat --root busy --root later ephemeral
  connect() has 28232 local ports for each (source address, destination address,
  destination port): ip_local_port_range 32768-60999, less 0 reserved.
  tcp_tw_reuse=2: TIME_WAIT keeps a port for 60 s; to a loopback address
  for 1 s, so that what is said below is for other addresses.
  
  peer's port   held  of all  entered/s  settles at  fails in
          443  26.0k    92 %        800       48.0k     4.5 s
         5432    812     3 %       7.00         420     never
  
  held: ports in TIME_WAIT or FIN_WAIT2, over all addresses. settles at: as many
  as this rate holds in the long run. fails in: when connect() gets "Cannot assign
  requested address", if all of them are between the same two addresses.
  
  What a row proves: while it holds fewer than 28232, its TIME_WAIT
  is not what connect() to that port fails for. Open connections take ports as
  well, and so does, from all destinations, what was bound first: ss -tan
  What it cannot prove: that connect() fails when it holds more. That depends on
  the addresses: ss -tan state time-wait dport = :PORT

With one there are not:

  $ twstat --root busy ephemeral 5432 | grep -A 2 held
  peer's port  held  of all  entered/s  settles at  fails in
         5432   842     3 %          -           -         -
  
  held: ports in TIME_WAIT or FIN_WAIT2, over all addresses. settles at: as many
  as this rate holds in the long run. fails in: when connect() gets "Cannot assign
  requested address", if all of them are between the same two addresses.
  $ twstat --root busy ephemeral -H
   443  21.0k  74 %  -  -  -
  5432    842   3 %  -  -  -
  $ twstat --root busy ephemeral -j 443
  {"port_first":32768,"port_last":60999,"reserved":0,"ports":28232,"tcp_tw_reuse":2,"tcp_tw_reuse_delay_ms":1000,"tcp_timestamps":true,"of_any_port":0,"untracked":0,"interval_s":0.000,"rows":[{"role":"client","port":443,"held":21000,"entered_per_s":null,"settles_at":null,"fails_in_s":null}]}
  $ twstat --root busy --root later ephemeral -j
  {"port_first":32768,"port_last":60999,"reserved":0,"ports":28232,"tcp_tw_reuse":2,"tcp_tw_reuse_delay_ms":1000,"tcp_timestamps":true,"of_any_port":0,"untracked":0,"interval_s":10.000,"rows":[{"role":"client","port":443,"held":26000,"entered_per_s":800.000,"settles_at":48000.000,"fails_in_s":4.464},{"role":"client","port":5432,"held":812,"entered_per_s":7.000,"settles_at":420.000,"fails_in_s":null}]}

Fewer ports, all of them taken; and with tcp_tw_reuse:

  $ echo '40000	60000' >later/sys/net/ipv4/ip_local_port_range
  $ echo '39999-40009,50000,65535' | tee busy/sys/net/ipv4/ip_local_reserved_ports >later/sys/net/ipv4/ip_local_reserved_ports
  $ cp later/sys/net/ipv4/ip_local_port_range busy/sys/net/ipv4/
  $ twstat --root busy --root later ephemeral | head -n 6
  connect() has 19989 local ports for each (source address, destination address,
  destination port): ip_local_port_range 40000-60000, less 11 reserved.
  tcp_tw_reuse=2: TIME_WAIT keeps a port for 60 s; to a loopback address
  for 1 s, so that what is said below is for other addresses.
  
  peer's port   held  of all  entered/s  settles at  fails in
  $ echo 1 | tee busy/sys/net/ipv4/tcp_tw_reuse >later/sys/net/ipv4/tcp_tw_reuse
  $ twstat --root busy --root later ephemeral | sed -n '3,6p'
  tcp_tw_reuse=1: TIME_WAIT keeps a port from connect() for 1 s if the
  peer has timestamps, too. If not, for 60 s, and "fails in" is too good.
  
  peer's port   held  of all  entered/s  settles at  fails in
  $ echo 0 | tee busy/sys/net/ipv4/tcp_tw_reuse >later/sys/net/ipv4/tcp_tw_reuse
  $ twstat --root busy --root later ephemeral | sed -n 3p
  tcp_tw_reuse=0, tcp_timestamps=1: TIME_WAIT keeps a port for 60 s.

What waits in FIN_WAIT2 counts; and what connect() takes over is not held for long:

  $ . "$TESTDIR/trees.sh"
  $ awk 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "fin_wait2") column = i }
  > $2 == 5432 { $column = 20002 } 1' later/net/tw_stats >new && mv new later/net/tw_stats
  $ touch -d '2026-11-21 14:31:39' later/net/tw_stats
  $ twstat --root busy --root later ephemeral -H 5432
  5432  20.8k  74 %  7.00  120k  3.7 s
  $ echo 1 >later/sys/net/ipv4/tcp_tw_reuse
  $ cp later/sys/net/ipv4/tcp_tw_reuse busy/sys/net/ipv4/
  $ echo 50000 >busy/sys/net/ipv4/tcp_tw_reuse_delay
  $ twstat --root busy --root later ephemeral -j 443
  {"port_first":32768,"port_last":60999,"reserved":0,"ports":28232,"tcp_tw_reuse":1,"tcp_tw_reuse_delay_ms":50000,"tcp_timestamps":true,"of_any_port":0,"untracked":0,"interval_s":10.000,"rows":[{"role":"client","port":443,"held":26000,"entered_per_s":800.000,"settles_at":40000.000,"fails_in_s":35.290}]}
  $ echo 0 >busy/sys/net/ipv4/tcp_timestamps
  $ twstat --root busy --root later ephemeral | sed -n '3,6p'
  tcp_tw_reuse=1, tcp_timestamps=0: TIME_WAIT keeps a port for 60 s.
  
  peer's port   held  of all  entered/s  settles at  fails in
          443  26.0k    92 %        800       48.0k     4.5 s

What the rows lack: 812 sockets that share a row with servers', and 7 that were not followed:

  $ . "$TESTDIR/trees.sh"
  $ awk 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "untracked") column = i }
  > $2 == 443 { $column = 7 } $2 == 5432 { $1 = "any"; $2 = 0 } 1' later/net/tw_stats >new && mv new later/net/tw_stats
  $ touch -d '2026-11-21 14:31:39' later/net/tw_stats
  $ twstat --root later ephemeral 443 | tail -n 9
  Not considered: 812 sockets, of any role, whose port has no row.
  Not considered: 7 sockets since the module was loaded that it did not
  follow, for want of memory or because of max_user_minisockets.
  
  What a row proves: while it holds fewer than 28232, with these, its TIME_WAIT
  is not what connect() to that port fails for. Open connections take ports as
  well, and so does, from all destinations, what was bound first: ss -tan
  What it cannot prove: that connect() fails when it holds more. That depends on
  the addresses: ss -tan state time-wait dport = :PORT
  $ twstat --root later ephemeral -j 443 | grep -o '"of_any_port.*"interval'
  "of_any_port":812,"untracked":7,"interval

There is no port at all:

  $ . "$TESTDIR/trees.sh"
  $ echo '40000	40001' >busy/sys/net/ipv4/ip_local_port_range
  $ echo '40000-40001' >busy/sys/net/ipv4/ip_local_reserved_ports
  $ twstat --root busy --root later ephemeral -j 5432
  {"port_first":40000,"port_last":40001,"reserved":2,"ports":0,"tcp_tw_reuse":2,"tcp_tw_reuse_delay_ms":1000,"tcp_timestamps":true,"of_any_port":0,"untracked":0,"interval_s":10.000,"rows":[{"role":"client","port":5432,"held":812,"entered_per_s":7.000,"settles_at":420.000,"fails_in_s":0.000}]}

A long list of reserved ports is read to its end:

  $ seq -s , 32769 2 60999 >busy/sys/net/ipv4/ip_local_reserved_ports
  $ cp later/sys/net/ipv4/ip_local_port_range busy/sys/net/ipv4/
  $ twstat --root busy --root later ephemeral | sed -n 2p
  destination port): ip_local_port_range 32768-60999, less 14116 reserved.

Nobody has connected anywhere:

  $ twstat --root busy ephemeral 22
  twstat: no connection to such a port was closed from here since the module was loaded
  [1]
