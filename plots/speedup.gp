# How many times as fast as system/owned each cell is, with its interval; and the targets, each on
# the row of its candidate.
load scripts."/_common.gp"

set table $cells
plot summary skip 1 using (name_of(0)):(figure(13, 1)):(figure(14, 1)):(figure(15, 1)) with table \
  if (wanted("ns_per_op"))
unset table
set table $aims
plot targets skip 1 using (strcol(5)):(real(strcol(8))) with table \
  if (strcol(3) eq workload && strcol(6) eq "system/owned" && strcol(7) eq "speedup >=")
unset table
set datafile separator whitespace
rows = |$cells|

# Row of the cell that a target is for; NaN where the run does not have it.
row_of(name) = (at = NaN, sum [k = 1:rows] (word($cells[k], 1) eq name ? (at = k, 0) : 0), at)

set title workload.": time of system/owned ÷ time of each cell" noenhanced
set xlabel "speedup over system/owned (to the right is faster)"
set xrange [0:*]
set yrange [rows + 0.6 : 0.4]
set ytics () noenhanced
do for [k = 1:rows] { set ytics add (word($cells[k], 1) k) }
set key outside top right horizontal samplen 2 font ",11"
set arrow 1 from 1, graph 0 to 1, graph 1 nohead lc rgb "#444444" dt 3 front

plot $cells using 2:($0 + 1):(0):2:($0 + 1 + bar_top):($0 + 1 + bar_bottom):(colour(strcol(1))) \
       with boxxyerror fs solid 0.85 noborder lc rgb variable notitle, \
     $cells using 2:($0 + 1):3:4 with xerrorbars pt 7 ps 0.3 lc rgb "#222222" lw 2 \
       title "95 % interval", \
     $cells using 4:($0 + 1):(sprintf("  %.2f", column(2))) with labels left font ",11" notitle, \
     $aims using 2:(row_of(strcol(1))) with points pt 9 ps 1.3 lc rgb "#aa0000" title "target"
