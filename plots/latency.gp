# Latency of an op as a percentile curve: how long all but one op in so many take at most. Both axes
# are logarithmic; a line a cell in its backend's colour, the library's strategies told apart by
# their dashes. Quantiles below the clock's resolution, and those of too few samples, are left out.
load scripts."/_common.gp"

is_quantile(dummy) = strcol(1) eq workload && strcol(4) eq "1" && strcol(5) eq "0" && \
  strcol(6)[1:12] eq "latency_op_p" && strcol(10) ne "n/a" && strstrt(strcol(16), "sentinel") == 0 && \
  strstrt(strcol(16), "unresolved") == 0
# "latency_op_p99_9": 99.9; its place on the axis, one op in 1000.
percent(metric) = (text = metric[13:*], low = strstrt(text, "_"), \
  low ? real(text[1:low - 1].".".text[low + 1:*]) : real(text))
place(metric) = is_quantile(0) ? 100 / (100 - percent(metric)) : 0
# cell, one in, ns, n
set table $points
plot summary skip 1 using (name_of(0)):(place(strcol(6))):(figure(10, 0)):9 with table if (is_quantile(0))
unset table
if (|$points| == 0) exit
set datafile separator whitespace

# Cells in the order of the file.
cells = ""
last = ""
do for [k = 1:|$points|] {
  if (word($points[k], 1) ne last) { last = word($points[k], 1); cells = cells." ".last }
}
most_n = 0
top = 0
bottom = 1e300
reached = 0
do for [k = 1:|$points|] {
  value = number(word($points[k], 3))
  if (value > top) { top = value }
  if (value < bottom) { bottom = value }
  if (number(word($points[k], 2)) > reached) { reached = number(word($points[k], 2)) }
  if (number(word($points[k], 4)) > most_n) { most_n = number(word($points[k], 4)) }
}
strategy(cell) = substr(cell, strstrt(cell, "/") + 1, strlen(cell))
dash(cell) = strategy(cell) eq "owned" ? 1 : strategy(cell) eq "pooled" ? 2 : 3

set terminal svg size 900,520 dynamic font "sans-serif,14" background rgb "white"
set output picture
set border 3 lc rgb line_colour
set logscale xy
set xrange [1.9 : reached * 1.15]
set yrange [bottom / 1.3 : top * 1.3]
set xtics nomirror scale 0.6 ("50 %%" 2, "90 %%" 10, "99 %%" 100, "99.9 %%" 1000, "99.99 %%" 10000)
set ytics nomirror scale 0.6
set grid xtics ytics lc rgb "#dddddd" lt 1
set key outside right top Left reverse noenhanced samplen 3
set lmargin 10
set tmargin 5.2
set bmargin 6.4
set label 1 workload.": latency of an op, up to the slowest one in ".sprintf("%d", reached + 0.5) \
  at screen 0.012, graph 1 offset 0, 3.5 font ",16" noenhanced
set label 2 "share of sampled ops that take no longer; log scales; lower is faster" \
  at screen 0.012, graph 1 offset 0, 2.0 font ",11" tc rgb "#444444" noenhanced
set label 3 caption at screen 0.012, screen 0 offset 0, 1.9 font ",10" tc rgb "#666666" noenhanced
set label 4 sprintf("n = %d round%s, medians; figures below the clock's resolution are left out", most_n, most_n == 1 ? "" : "s") \
  at screen 0.012, screen 0 offset 0, 0.8 font ",10" tc rgb "#666666" noenhanced
set xlabel "share of ops"
set ylabel "time per op, ns"

plot for [k = 1:words(cells)] $points \
  using (strcol(1) eq word(cells, k) ? $2 : NaN):3 with linespoints pt 7 ps 0.45 lw 2 \
  dt dash(word(cells, k)) lc rgb colour(word(cells, k)) title word(cells, k)
