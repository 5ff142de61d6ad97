All rows in one, the rows of a role, each row of a port:

  $ . "$TESTDIR/trees.sh"
  $ twstat --root busy hist
  3 rows: 1.27M completed stays in TIME_WAIT
    up to 0.001 s       3   0.0 %  #
    up to 0.01 s       40   0.0 %  #
    up to 0.1 s       120   0.0 %  #
    up to 1 s         700   0.1 %  #
    up to 5 s        1443   0.1 %  #
    up to 15 s        300   0.0 %  #
    up to 30 s        250   0.0 %  #
    up to 45 s        251   0.0 %  #
    up to 59 s        200   0.0 %  #
    up to 63 s      1.27M  99.7 %  ################################################
    up to 90 s        180   0.0 %  #
    up to 120 s        30   0.0 %  #
  $ twstat --root busy hist -r client
  2 client rows: 46.3k completed stays in TIME_WAIT
    up to 5 s        1000   2.2 %  #
    up to 15 s          0   0.0 %
    up to 30 s          0   0.0 %
    up to 45 s          1   0.0 %  #
    up to 59 s          0   0.0 %
    up to 63 s      45.3k  97.8 %  ################################################
  $ twstat --root busy hist 443 5432
  client 443: 43.0k completed stays in TIME_WAIT
    up to 5 s        1000   2.3 %  ##
    up to 15 s          0   0.0 %
    up to 30 s          0   0.0 %
    up to 45 s          0   0.0 %
    up to 59 s          0   0.0 %
    up to 63 s      42.0k  97.7 %  ################################################
  
  client 5432: 3280 completed stays in TIME_WAIT
    up to 45 s          1   0.0 %  #
    up to 59 s          0   0.0 %
    up to 63 s       3279 100.0 %  ################################################

As wide as the terminal; in eighths of a character where the locale has them:

  $ COLUMNS=60 twstat --root busy hist 443
  client 443: 43.0k completed stays in TIME_WAIT
    up to 5 s        1000   2.3 %  #
    up to 15 s          0   0.0 %
    up to 30 s          0   0.0 %
    up to 45 s          0   0.0 %
    up to 59 s          0   0.0 %
    up to 63 s      42.0k  97.7 %  ############################
  $ COLUMNS=60 LC_ALL=C.UTF-8 twstat --root busy hist 443
  client 443: 43.0k completed stays in TIME_WAIT
    up to 5 s        1000   2.3 %  \xe2\x96\x8b (esc)
    up to 15 s          0   0.0 %
    up to 30 s          0   0.0 %
    up to 45 s          0   0.0 %
    up to 59 s          0   0.0 %
    up to 63 s      42.0k  97.7 %  \xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88 (esc)
  $ COLUMNS=1 twstat --root busy hist 443
  client 443: 43.0k completed stays in TIME_WAIT
    up to 5 s        1000   2.3 %  #
    up to 15 s          0   0.0 %
    up to 30 s          0   0.0 %
    up to 45 s          0   0.0 %
    up to 59 s          0   0.0 %
    up to 63 s      42.0k  97.7 %  ##########

For programs:

  $ twstat --root busy hist -j 443
  [{"role":"client","port":443,"le_1ms":0,"le_10ms":0,"le_100ms":0,"le_1s":0,"le_5s":1000,"le_15s":0,"le_30s":0,"le_45s":0,"le_59s":0,"le_63s":42000,"le_90s":0,"le_120s":0,"le_300s":0,"longer":0}]

Nothing to show:

  $ twstat --root busy hist 9091
  twstat: no stay in TIME_WAIT has come to its end there since the module was loaded
  [1]
