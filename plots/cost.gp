# Time per op, split into the floor (what splitting, copying and reading cost with no memory
# management at all) and what lies above it. A cell that copies less than the floor lies below it.
load scripts."/_common.gp"

set table $cells
plot summary skip 1 using (name_of(0)):(figure(10, 0)):(figure(11, figure(10, 0))):(figure(12, figure(10, 0))) \
  with table if (wanted("ns_per_op"))
unset table
set table $floor
plot summary skip 1 using (name_of(0)):(figure(10, 0)) with table \
  if (wanted("ns_per_op") && strcol(3) eq "null" && strcol(2) eq "owned")
unset table
set datafile separator whitespace
rows = |$cells|
has_floor = |$floor| > 0
level = has_floor ? real(word($floor[1], 2)) : 0

set title workload.": time per op".(has_floor ? ", split at the floor null/owned" : "") noenhanced
set xlabel "time per op, ns (to the left is faster)"
set xrange [0:*]
set yrange [rows + 0.6 : 0.4]
set ytics () noenhanced
do for [k = 1:rows] { set ytics add (word($cells[k], 1) k) }
set key outside top right horizontal samplen 2 font ",11"
if (has_floor) set arrow 1 from level, graph 0 to level, graph 1 nohead lc rgb "#444444" dt 3 front

lesser(x) = x < level ? x : level
plot $cells using 2:($0 + 1):(0):(lesser(column(2))):($0 + 1 + bar_top):($0 + 1 + bar_bottom) \
       with boxxyerror fs solid 1 noborder lc rgb "#cccccc" title (has_floor ? "floor" : ""), \
     $cells using 2:($0 + 1):(lesser(column(2))):2:($0 + 1 + bar_top):($0 + 1 + bar_bottom):(colour(strcol(1))) \
       with boxxyerror fs solid 0.85 noborder lc rgb variable \
       title (has_floor ? "above the floor: memory management" : ""), \
     $cells using 2:($0 + 1):3:4 with xerrorbars pt 7 ps 0.3 lc rgb "#222222" lw 2 \
       title "95 % interval", \
     $cells using 4:($0 + 1):(sprintf("  %.3g", column(2))) with labels left font ",11" notitle
