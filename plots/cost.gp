# Time per op, split at the floor: what splitting, copying and reading cost with no memory management
# at all (null/owned), and what lies above it. A cell that copies less than the floor lies below it.
load scripts."/_common.gp"

# cell, median, low, high, n
set table $cells
plot summary skip 1 using (name_of(0)):(figure(10, 0)):(figure(11, figure(10, 0))):(figure(12, figure(10, 0))):9 \
  with table if (wanted("ns_per_op"))
unset table
if (|$cells| == 0) exit
# cell, median above the floor
set table $above
plot summary skip 1 using (name_of(0)):(figure(10, 0)) with table if (wanted("ns_per_op_above_floor"))
unset table
set datafile separator whitespace
load scripts."/_rows.gp"

at_floor = row_of("null/owned")
level = at_floor ? number(field($cells[at_floor], 2)) : 0
# " (floor + 81.0)" behind a cell's figure.
against(cell) = (text = cell eq "null/owned" ? " (the floor)" : "", sum [k = 1:|$above|] \
  (word($above[k], 1) eq cell ? (text = " (floor ".signed(number(word($above[k], 2))).")", 0) : 0), text)

heading = workload.": ".span(least(2), most(2))." ns per op".(at_floor ? ", the floor at ".three(level)." ns" : "")
subheading = at_floor ? "grey: up to the floor null/owned, the work without memory management; colour: memory management above it" \
  : "this run has no floor (null/owned), so nothing is split off"
n_field = 5
load scripts."/_frame.gp"
set xlabel "time per op, ns (to the left is faster)"
told(k) = three(number(field($cells[k], 2))).against(field($cells[k], 1))
edge = 0
do for [k = 1:|$cells|] { edge = greater(edge, reach(number(field($cells[k], 4)), 3 + strlen(told(k)))) }
set xrange [0 : edge]

upto(x) = at_floor ? lesser(x, level) : 0
plot $cells using 2:($0 + 1):(0):(upto($2)):($0 + 1 - half_bar):($0 + 1 + half_bar) \
       with boxxyerror fs solid 1 noborder lc rgb floor_colour, \
     $cells using 2:($0 + 1):(upto($2)):2:($0 + 1 - half_bar):($0 + 1 + half_bar):(colour(strcol(1))) \
       with boxxyerror fs solid 1 noborder lc rgb variable, \
     '+' using (at_floor ? level : NaN):(down(0)) with lines lc rgb line_colour lw 1, \
     $cells using (whisker($2, $3, $4)):($0 + 1):3:4 with xerrorbars pt -1 lc rgb "white" lw 4, \
     $cells using (whisker($2, $3, $4)):($0 + 1):3:4 with xerrorbars pt -1 lc rgb "#222222" lw 1.6, \
     $cells using 4:($0 + 1):(told($0 + 1)) with labels left boxed offset 1, 0 font ",11"
