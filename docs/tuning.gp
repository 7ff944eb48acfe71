# The curves of docs/tuning.md from tuning.csv: time and memory over the first chunk's size, the pool
# over its limit, time and container over tokens a line.
#
# Given by -e: csv, pictures (the folder to write to), scripts (plots/), caption (the machine). Columns:
# 1 sweep, 2 value, 3 workload, 4 strategy, 5 backend, 6 metric, 9-11 median and interval, 12-14 system/owned over it in the
# same rounds, and interval. The rows
# of a curve stand together.
load scripts."/_palette.gp"
set datafile separator comma
set encoding utf8

# gnuplot's real() does not take "1e+06", only "1.0e+06". Too few rounds have no interval: n/a.
number(text) = text eq "n/a" ? NaN : (exponent = strstrt(text, "e"), exponent && !strstrt(text, ".") ? \
  real(text[1:exponent - 1].".0".text[exponent:*]) : real(text))
is_row(sweep, workload, metric) = strcol(1) eq sweep && strcol(3) eq workload && strcol(6) eq metric
is_point(sweep, workload, metric, cell) = is_row(sweep, workload, metric) && strcol(5)."/".strcol(4) eq cell
strategy(cell) = cell[strstrt(cell, "/") + 1:*]
dash(cell) = strategy(cell) eq "owned" ? 1 : strategy(cell) eq "pooled" ? 2 : 3

caption_colour = "#666666"
set border 3 lc rgb line_colour
set xtics nomirror scale 0.6
set ytics nomirror scale 0.6
set grid xtics ytics lc rgb "#dddddd" lt 1 dt solid
set title offset 0, -0.4 font ",13" noenhanced
page(width, height) = sprintf("set terminal svg size %d,%d dynamic font 'sans-serif,13' background rgb 'white'", width, height)

# One panel: a metric over the sweep, in a unit of its own, with intervals. Rows of others are no
# points, and none of their figures are to set the scale.
x_of(dummy) = number(strcol(2))
# Columns 9 to 11, or system/owned's 1 over those of the ratio to it: the longest time is the least.
share(c) = 100 / number(strcol(c == 9 ? 12 : c == 10 ? 14 : 13))
y_of(c, wanted) = !wanted ? NaN : shares ? share(c) : number(strcol(c)) / unit
panel = "plot for [cell in cells] csv skip 1 using \
    (x_of(0)):(y_of(10, is_point(sweep, workload, metric, cell))):(0): \
    (y_of(11, is_point(sweep, workload, metric, cell)) - y_of(10, is_point(sweep, workload, metric, cell))) \
    with vectors nohead lw 1.2 lc rgb colour(cell), \
  for [cell in cells] csv skip 1 using \
    (x_of(0)):(y_of(9, is_point(sweep, workload, metric, cell))) \
    with linespoints pt 7 ps 0.4 lw 2 dt dash(cell) lc rgb colour(cell)"
around = "set xrange [*:*]; set yrange [*:*]; stats csv skip 1 using (strcol(1) eq sweep ? number(strcol(2)) : NaN) nooutput; \
  set xrange [STATS_min / 1.4 : STATS_max * 1.4]"
# On the first panel of a picture: what stands around them all, a line of names at `legend` among it.
# No two widths are the same: gnuplot's SVG would draw the second of two such lines with the dashes of
# the first.
heading = "set label 1 headline at screen 0.012, screen 1 offset 0, -1.2 font ',16' noenhanced; \
  set label 2 under at screen 0.012, screen 1 offset 0, -2.5 font ',11' tc rgb line_colour noenhanced; \
  set label 3 caption.'; medians with 95 % intervals' at screen 0.012, screen 0 offset 0, 0.8 font ',10' tc rgb caption_colour noenhanced; \
  do for [k = 1:words(cells)] { \
    at = 0.07 + 0.16 * (k - 1); \
    set label 10 + k word(cells, k) at screen at + 0.045, screen legend font ',12' noenhanced; \
    set arrow 10 + k from screen at, screen legend to screen at + 0.035, screen legend nohead lw 2 + 0.01 * k \
      dt dash(word(cells, k)) lc rgb colour(word(cells, k)) }"
plain = "unset label; do for [k = 11:10 + words(cells)] { unset arrow k }"
unset key
binary = "set xtics ('1K' 1024, '4K' 4096, '16K' 16384, '64K' 65536, '256K' 262144, '1M' 1048576)"

# ---- the first chunk's size ----
sweep = "chunk"
cells = "system/owned arena/owned pool/owned pool/pooled"
workloads = "small_strings batch_processing long_tokens"
eval(page(1000, 640))
legend = 0.065
set output pictures."/chunk.svg"
set logscale x 4
eval(around)
eval(binary)
set multiplot layout 2,3 margins 0.075, 0.985, 0.175, 0.845 spacing 0.075, 0.14
headline = "What the arena's first chunk costs"
under = "time against system/owned in the same rounds, which knows no chunk: how fast the machine was meanwhile is left out"
eval(heading)
metric = "ns_per_op"
unit = 1
shares = 1
set yrange [0 : *]
set ylabel "time, % of system/owned" offset 1, 0
do for [k = 1:3] {
  workload = word(workloads, k)
  set title workload
  eval(panel)
  eval(plain)
}
metric = "peak_committed_bytes"
shares = 0
set logscale y 10
set yrange [* : *]
set format y "%.0s%cB"
set ylabel "peak committed memory" offset 1, 0
set xlabel "first chunk, bytes (K: 1024)" offset 0, 0.5
do for [k = 1:3] {
  workload = word(workloads, k)
  unset title
  eval(panel)
}
unset multiplot
unset output

# ---- the pool's limit ----
sweep = "pool_limit"
cells = "pool/pooled pool/view"
workload = "batch_processing"
eval(page(1000, 400))
legend = 0.1
set output pictures."/pool_limit.svg"
eval(around)
set title offset 0, -0.4 font ",13" noenhanced
set multiplot layout 1,3 margins 0.06, 0.985, 0.27, 0.75 spacing 0.075, 0.1
headline = "What the pool's limit on idle bytes costs"
under = "batch_processing: 1000 containers of 128 bytes are held at once and returned together; time against system/owned in the same rounds"
eval(heading)
unset logscale y
unset ylabel
set format y "%g"
set xlabel "limit, bytes (K: 1024)" offset 0, 0.3
set yrange [0 : *]
metric = "ns_per_op"
set title "time per line, % of system/owned"
shares = 1
eval(panel)
shares = 0
eval(plain)
metric = "heap_allocations_per_op"
set title "general heap's allocations per line"
eval(panel)
metric = "pool_hit_rate"
set title "share of containers served by the pool"
set yrange [0 : 1.05]
eval(panel)
unset multiplot
unset output

# ---- tokens a line ----
sweep = "tokens"
cells = "system/owned arena/owned pool/owned pool/pooled pool/view"
eval(page(1000, 460))
legend = 0.09
set output pictures."/tokens.svg"
set logscale x 2
eval(around)
set xtics autofreq
set multiplot layout 1,3 margins 0.06, 0.985, 0.24, 0.77 spacing 0.075, 0.1
headline = "What tokens a line cost"
under = "dotted: where a class of containers is full, at 16, 64, 128 and 256 tokens; tokens are of 3-12 bytes"
eval(heading)
do for [edge in "16 64 128 256"] {
  if (real(edge) > STATS_min / 1.4 && real(edge) < STATS_max * 1.4) {
    set arrow from real(edge), graph 0 to real(edge), graph 1 nohead lw 1.2 dt 3 lc rgb "#888888" back
  }
}
set xlabel "tokens of a line" offset 0, 0.3
set yrange [0 : *]
metric = "ns_per_token"
workload = "small_strings"
set title "small_strings: time per token, ns"
eval(panel)
eval(plain)
workload = "batch_processing"
set title "batch_processing: time per token, ns"
eval(panel)
# A view takes nothing but containers.
set table $held
plot csv skip 1 using (number(strcol(2))):(number(strcol(9))) with table \
  if (is_point(sweep, workload, "live_blocks_max", "pool/view"))
unset table
containers = number(word($held[1], 2))
set title "pool: container bytes per token (dashed: 8)"
plot csv skip 1 using (x_of(0)):(y_of(9, is_point(sweep, workload, "peak_committed_bytes", "pool/view")) / containers / x_of(0)) \
    with linespoints pt 7 ps 0.5 lw 2 lc rgb colour("pool/view"), \
  8 with lines lw 1.5 dt 2 lc rgb line_colour
unset multiplot
unset output
