# First-level cache misses per op: of simulation where the run has it, else of the hardware's counter
# (reads only). What is drawn, and by which source, stands below the heading; the two are never mixed.
load scripts."/_common.gp"

metric = "simulated_l1d_misses_per_op"
stats summary skip 1 using (wanted(metric) ? 1 : NaN) nooutput
if (!exists("STATS_records") || STATS_records == 0) { metric = "l1d_misses_per_op" }
# cell, median, low, high, n
set table $cells
plot summary skip 1 using (name_of(0)):(figure(10, 0)):(figure(11, figure(10, 0))):(figure(12, figure(10, 0))):9 \
  with table if (wanted(metric))
unset table
if (|$cells| == 0) exit
set table $sources
plot summary skip 1 using (strcol(8)) with table if (wanted(metric))
unset table
set datafile separator whitespace
load scripts."/_rows.gp"

at_floor = row_of("null/owned")
level = at_floor ? number(field($cells[at_floor], 2)) : NaN
heading = workload.": ".span(least(2), most(2))." first-level cache misses per op".(at_floor ? ", the floor at ".three(level) : "")
subheading = (metric eq "l1d_misses_per_op" ? "reads, by hardware counter" : "reads and writes, simulated").": ".$sources[1]
n_field = 5
load scripts."/_frame.gp"
set xlabel "first-level misses per op (to the left is fewer)"
told(k) = three(number(field($cells[k], 2)))
edge = 0
do for [k = 1:|$cells|] { edge = greater(edge, reach(number(field($cells[k], 4)), 3 + strlen(told(k)))) }
set xrange [0 : edge > 0 ? edge : 1]

plot $cells using 2:($0 + 1):(0):2:($0 + 1 - half_bar):($0 + 1 + half_bar):(colour(strcol(1))) \
       with boxxyerror fs solid 1 noborder lc rgb variable, \
     '+' using (level):(down(0)) with lines lc rgb line_colour lw 1, \
     $cells using (whisker($2, $3, $4)):($0 + 1):3:4 with xerrorbars pt -1 lc rgb "white" lw 4, \
     $cells using (whisker($2, $3, $4)):($0 + 1):3:4 with xerrorbars pt -1 lc rgb "#222222" lw 1.6, \
     $cells using 4:($0 + 1):(told($0 + 1)) with labels left boxed offset 1, 0 font ",11"
