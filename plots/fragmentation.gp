# Fragmentation of the heap, four bars a cell: what is committed over what is live by three measures
# (when most is committed, when most is live, of the means), and rounding up within blocks, which is
# part of them. On a log axis where a linear one would squeeze most cells to nothing.
load scripts."/_common.gp"

metric = "external_fragmentation"
metrics = metric." external_fragmentation_at_peak_live external_fragmentation_mean internal_fragmentation"
# cell, median, low, high, n of the first measure: its cells are the rows
set table $cells
plot summary skip 1 using (name_of(0)):(figure(10, 0)):(figure(11, figure(10, 0))):(figure(12, figure(10, 0))):9 \
  with table if (wanted(metric))
unset table
if (|$cells| == 0) exit
load scripts."/_missing.gp"
set table $all
plot for [m = 1:4] summary skip 1 using (name_of(0)):(m):(figure(10, 0)):(figure(11, figure(10, 0))):(figure(12, figure(10, 0))):(strstrt(strcol(16), "exact") > 0) \
  with table if (wanted(word(metrics, m)))
unset table
set datafile separator whitespace
load scripts."/_rows.gp"

# row, measure, median, low, high, whether exact; all bars of cells that have a row
greatest = 0
lowest = 0
base = 0
set print $bars
do for [k = 1:|$all|] {
  if (words($all[k]) == 6 && row_of(field($all[k], 1)) > 0) {
    print sprintf("%d ", row_of(field($all[k], 1))).after_first($all[k])
    greatest = greater(greatest, number(field($all[k], 5)))
    lowest = lesser(lowest, number(field($all[k], 4)))
    if (field($all[k], 1) eq "system/owned") { base = greater(base, number(field($all[k], 3))) }
  }
}
unset print

# A log axis is of C/L, so that a bar still begins at 0.
log_axis = base > 0 && greatest > 1.5 && greatest > 6 * base
at(x) = log_axis ? log(1 + x) : x
heading = workload.": external fragmentation ".span(least(2), most(2)).(row_of("system/owned") ? \
  ", system/owned ".three(number(field($cells[row_of("system/owned")], 2))) : "")
subheading = "what the heap has committed (C) over what is live (L); 0: it holds nothing beyond what was asked for".(log_axis ? "; log axis" : "")
n_field = 5
row_height = 66
load scripts."/_frame.gp"
set tmargin 6
set label 1 offset 0, 4.3
set label 2 offset 0, 2.8
set xlabel "fragmentation".(log_axis ? ", log scale of 1 + fragmentation" : "")." (to the left is less)"
lane = 0.2
lane_of(row, m) = row + (m - 2.5) * lane
shade(m, rgb) = tint(rgb, m == 1 ? 1 : m == 2 ? 0.6 : 0.3)
array what[3] = ["C/L − 1 at peak C", "at peak L", "mean C ÷ mean L − 1"]
told(k) = three(number(field($bars[k], 3))).(field($bars[k], 6) eq "1" ? " exact" : "")
edge = 0
do for [k = 1:|$bars|] { edge = greater(edge, reach(at(number(field($bars[k], 5))), 3 + strlen(told(k)))) }
set xrange [at(lowest) : edge > 0 ? edge : 1]
if (log_axis) {
  set xtics ()
  do for [tick in "-0.5 0 0.1 0.25 0.5 1 2 4 8 16 32 64 128 256 512 1024"] { set xtics add (tick at(tick)) }
}
if (lowest < 0) { set arrow 1 from 0, graph 0 to 0, graph 1 nohead lc rgb line_colour lw 1 }
set key at graph 0, graph 1 left bottom horizontal Left reverse noenhanced samplen 1.2 font ",11" width -2 maxrows 1
rgb_of(row) = colour(field($cells[int(row)], 1))

plot $bars using ($2 < 4 ? at($3) : NaN):(lane_of($1, $2)):(0):(at($3)):(lane_of($1, $2) - lane / 2):(lane_of($1, $2) + lane / 2):(shade($2, rgb_of($1))) \
       with boxxyerror fs solid 1 noborder lc rgb variable notitle, \
     $bars using ($2 == 4 ? at($3) : NaN):(lane_of($1, $2)):(0):(at($3)):(lane_of($1, $2) - 0.3 * lane):(lane_of($1, $2) + 0.3 * lane) \
       with boxxyerror fs solid 1 border rgb "#777777" lc rgb "white" notitle, \
     for [m = 1:3] NaN with boxes fs solid 1 noborder lc rgb shade(m, 0x444444) title what[m], \
     NaN with boxes fs solid 1 border rgb "#777777" lc rgb "white" title "internal: rounding up", \
     $bars using (whisker(at($3), $4, $5)):(lane_of($1, $2)):(at($4)):(at($5)) with xerrorbars pt -1 lc rgb "white" lw 3 notitle, \
     $bars using (whisker(at($3), $4, $5)):(lane_of($1, $2)):(at($4)):(at($5)) with xerrorbars pt -1 lc rgb "#222222" lw 1.2 notitle, \
     $bars using (at($5)):(lane_of($1, $2)):(told($0 + 1)) with labels left offset 0.8, 0 font ",9" notitle
