# SPDX-License-Identifier: GPL-2.0-only
# usage: gnuplot -c pictures.gnuplot FROM TO KERNEL
# Draws what report.py has written, as SVG.
from = ARG1 . "/"
to = ARG2 . "/"
kernel = ARG3

set terminal svg size 800,500 font "sans-serif,13" background "white"
set grid
set key outside bottom center horizontal
set logscale xy
set format xy "10^{%T}"

set output to . "rows.svg"
set title "Linux " . kernel . ": what the module adds to a connection"
set xlabel "rows that the connections are spread over" noenhanced
set ylabel "instructions"
data = from . "rows-" . kernel . ".dat"
stats data skip 1 nooutput
plot for [i = 2:STATS_columns] data using 1:i with linespoints linewidth 2 pointtype 7 title columnheader(i)

set output to . "reading.svg"
set title "Linux " . kernel . ": what it takes to look"
set xlabel "sockets in TIME_WAIT" noenhanced
data = from . "reading-" . kernel . ".dat"
stats data skip 1 nooutput
plot for [i = 2:STATS_columns] data using 1:i with linespoints linewidth 2 pointtype 7 title columnheader(i) noenhanced
