A line that says what is wrong, and the exit status: 2 for usage, 1 otherwise.

  $ . "$TESTDIR/trees.sh"
  $ file=busy/net/tw_stats
  $ cp -p $file good
  $ again() { cp -p good $file; }

No module, or no file that can be read:

  $ mkdir empty
  $ twstat --root empty
  twstat: no empty/net/tw_stats: --root takes a folder like /proc, see EXAMPLES in man twstat
  [1]
  $ twstat --root nowhere hist
  twstat: no nowhere/net/tw_hist: --root takes a folder like /proc, see EXAMPLES in man twstat
  [1]
  $ rm $file && mkdir $file
  $ twstat --root busy
  twstat: busy/net/tw_stats: Is a directory
  [1]
  $ rmdir $file && again
  $ mv busy/sys/net/ipv4/tcp_tw_reuse .
  $ twstat --root busy ephemeral
  twstat: no busy/sys/net/ipv4/tcp_tw_reuse: --root takes a folder like /proc, see EXAMPLES in man twstat
  [1]
  $ echo one >busy/sys/net/ipv4/tcp_tw_reuse
  $ twstat --root busy ephemeral
  twstat: busy/sys/net/ipv4/tcp_tw_reuse: not what was expected there
  [1]
  $ mv tcp_tw_reuse busy/sys/net/ipv4/
  $ for range in '' 5 '9 5' '1 70000' 'a b'; do
  >     echo "$range" >busy/sys/net/ipv4/ip_local_port_range
  >     twstat --root busy ephemeral || true
  > done
  twstat: busy/sys/net/ipv4/ip_local_port_range: not what was expected there
  twstat: busy/sys/net/ipv4/ip_local_port_range: not what was expected there
  twstat: busy/sys/net/ipv4/ip_local_port_range: not what was expected there
  twstat: busy/sys/net/ipv4/ip_local_port_range: not what was expected there
  twstat: busy/sys/net/ipv4/ip_local_port_range: not what was expected there
  $ cp later/sys/net/ipv4/ip_local_port_range busy/sys/net/ipv4/
  $ for ports in a 9-5 70000 1-2-3 5,,6,x; do
  >     echo "$ports" >busy/sys/net/ipv4/ip_local_reserved_ports
  >     twstat --root busy ephemeral || true
  > done
  twstat: busy/sys/net/ipv4/ip_local_reserved_ports: not what was expected there
  twstat: busy/sys/net/ipv4/ip_local_reserved_ports: not what was expected there
  twstat: busy/sys/net/ipv4/ip_local_reserved_ports: not what was expected there
  twstat: busy/sys/net/ipv4/ip_local_reserved_ports: not what was expected there
  twstat: busy/sys/net/ipv4/ip_local_reserved_ports: not what was expected there

A file that is cut short, or is not one of ours:

  $ : >$file
  $ twstat --root busy
  twstat: busy/net/tw_stats: is empty
  [1]
  $ head -c 1000 good >$file
  $ twstat --root busy
  twstat: busy/net/tw_stats: ends in the middle of a line
  [1]
  $ printf '%s' "$(cat good)" >$file
  $ twstat --root busy
  twstat: busy/net/tw_stats: ends in the middle of a line
  [1]
  $ cp later/net/tw_hist $file
  $ twstat --root busy
  twstat: busy/net/tw_stats: line 1: no column that this twstat knows
  [1]
  $ echo hello >$file
  $ twstat --root busy
  twstat: busy/net/tw_stats: line 1: not a file of tw_stats, which begins with "role port"
  [1]
  $ echo 'role port' >$file
  $ twstat --root busy
  twstat: busy/net/tw_stats: line 1: not a file of tw_stats, which begins with "role port"
  [1]
  $ printf 'role port current\nserver 80 1\n\n' >$file
  $ twstat --root busy
  twstat: busy/net/tw_stats: line 3: 0 fields, but 3 columns
  [1]
  $ printf 'role port current\nserver 80 1 2\n' >$file
  $ twstat --root busy
  twstat: busy/net/tw_stats: line 2: 4 fields, but 3 columns
  [1]
  $ printf 'role port current current\nserver 80 1 2\n' >$file
  $ twstat --root busy
  twstat: busy/net/tw_stats: line 1: two columns current
  [1]
  $ printf 'role port current\nserver 80 \0\n' >$file
  $ twstat --root busy
  twstat: busy/net/tw_stats: is not text
  [1]
  $ printf 'role port current\npeer 80 1\n' >$file
  $ twstat --root busy
  twstat: busy/net/tw_stats: line 2: "peer" is no role
  [1]
  $ printf 'role port current\nserver 65536 1\n' >$file
  $ twstat --root busy
  twstat: busy/net/tw_stats: line 2: port: 65536 is too large
  [1]
  $ printf 'role port current\nserver 80 -1\n' >$file
  $ twstat --root busy
  twstat: busy/net/tw_stats: line 2: current: "-1" is no number
  [1]
  $ printf 'role port current\nserver 80 18446744073709551616\n' >$file
  $ twstat --root busy
  twstat: busy/net/tw_stats: line 2: current: 18446744073709551616 is too large
  [1]

  $ printf 'role port current\nserver 80 1\nserver 22 1\n' >$file
  $ twstat --root busy
  twstat: busy/net/tw_stats: line 3: server 22 is not in its place
  [1]
  $ printf 'role port current\nserver 80 1\nserver 80 1\n' >$file
  $ twstat --root busy
  twstat: busy/net/tw_stats: line 3: server 80 is not in its place
  [1]

The largest number is one:

  $ printf 'role port current entered\nserver 80 1 18446744073709551615\nserver 81 0 18446744073709551615\n' >$file
  $ twstat --root busy
  role    port  current  entered
  server    80        1    18.4E
  server    81        0    18.4E
  total               1    18.4E
  $ twstat --root busy -j
  [{"role":"server","port":80,"current":1,"entered":18446744073709551615},{"role":"server","port":81,"current":0,"entered":18446744073709551615}]

A column that is not known is passed over, as are the places of the others:

  $ printf 'role port new entered current\nserver 80 9 8 7\n' >$file
  $ twstat --root busy -a
  role    port  current  entered
  server    80        7        8

One that is missing is missed by those who need it:

  $ twstat --root busy port 80
  twstat: busy/net/tw_stats has no column fin_wait2: it is of another version of the module, use the twstat that came with that
  [1]
  $ twstat --root busy ephemeral
  twstat: busy/net/tw_stats has no column fin_wait2: it is of another version of the module, use the twstat that came with that
  [1]
  $ twstat --root busy prometheus
  twstat: busy/net/tw_stats has no column stayed_ms: it is of another version of the module, use the twstat that came with that
  [1]
  $ twstat --root busy -s reset
  twstat: --sort: this tw_stats has no column reset
  [1]
  $ awk '{ NF-- } 1' busy/net/tw_hist >new && mv new busy/net/tw_hist
  $ twstat --root busy hist
  twstat: busy/net/tw_hist has no column longer: it is of another version of the module, use the twstat that came with that
  [1]

Wrong usage:

  $ twstat --bogus
  twstat: unrecognized option '--bogus'
  Try: twstat --help
  [2]
  $ twstat --sort
  twstat: option '--sort' requires an argument
  Try: twstat --help
  [2]
  $ twstat bogus
  twstat: "bogus" is no port, range of ports, or command
  Try: twstat --help
  [2]
  $ twstat 70000
  twstat: port 70000: the largest is 65535
  Try: twstat --help
  [2]
  $ twstat 99999999999999999999999
  twstat: port 99999999999999999999999: the largest is 65535
  Try: twstat --help
  [2]
  $ twstat 80-70
  twstat: 80-70: the lower port comes first
  Try: twstat --help
  [2]
  $ twstat 80-
  twstat: "80-" is no port or range of ports
  Try: twstat --help
  [2]
  $ twstat 80x
  twstat: "80x" is no port or range of ports
  Try: twstat --help
  [2]
  $ twstat -5
  twstat: invalid option -- '5'
  Try: twstat --help
  [2]
  $ twstat port
  twstat: twstat port takes a port, as in: twstat port 443
  Try: twstat --help
  [2]
  $ twstat port 80 81
  twstat: "81" is too much
  Try: twstat --help
  [2]
  $ twstat --root busy port 80-81
  twstat: twstat port takes one port
  [2]
  $ twstat port http
  twstat: "http" is no port, range of ports, or command
  Try: twstat --help
  [2]
  $ twstat hist -s entered
  twstat: "twstat hist" has no option -s
  Try: twstat --help
  [2]
  $ twstat -o file
  twstat: -o is an option of "twstat prometheus"
  Try: twstat --help
  [2]
  $ twstat -i 5
  twstat: -i is an option of "twstat ephemeral"
  Try: twstat --help
  [2]
  $ twstat -r both
  twstat: --role both: there are server, client and any
  Try: twstat --help
  [2]
  $ twstat -s role
  twstat: --sort role: no such column; "twstat explain" lists them
  Try: twstat --help
  [2]
  $ twstat --root busy --root later -w -s stayed_ms
  twstat: --sort stayed: twstat -w has no such column
  [2]
  $ twstat -w 0
  twstat: 0: not a number of seconds from 0.1 to 86400
  Try: twstat --help
  [2]
  $ twstat --watch=1e9
  twstat: 1e9: not a number of seconds from 0.1 to 86400
  Try: twstat --help
  [2]
  $ twstat ephemeral -i soon
  twstat: soon: not a number of seconds from 0.1 to 86400
  Try: twstat --help
  [2]
  $ twstat prometheus 80
  twstat: "80" is too much
  Try: twstat --help
  [2]
  $ twstat --root busy -N blue
  twstat: --root has one network namespace: no -N with it
  Try: twstat --help
  [2]
  $ twstat -N nowhere
  twstat: no network namespace /run/netns/nowhere: "ip netns list" shows which there are
  [1]

What cannot be written:

  $ again
  $ twstat --root busy >/dev/full
  twstat: cannot write: No space left on device
  [1]
  $ twstat --root busy -j >/dev/full
  twstat: cannot write: No space left on device
  [1]
  $ twstat --root busy --root later -w >/dev/full
  twstat: cannot write: No space left on device
  [1]
  $ (trap '' PIPE; (sleep 0.2; twstat --root busy; echo $? >&2) | true)
  twstat: cannot write: Broken pipe
  1

help and version:

  $ twstat --help | head -n 2
  Usage: twstat [OPTION]... [PORT | PORT-PORT]...
         twstat -w [SECONDS] [OPTION]... [PORT | PORT-PORT]...
  $ twstat -V
  twstat, of tw_stats 0.4
