# How many times as fast as system/owned each cell is, with its interval; and the targets, each a
# red tick on the row of its candidate.
load scripts."/_common.gp"

# cell, ratio, low, high, n. The baseline has no ratio to itself: it is 1.
set table $cells
plot summary skip 1 using (name_of(0)):(figure(13, 1)):(figure(14, figure(13, 1))):(figure(15, figure(13, 1))):9 \
  with table if (wanted("ns_per_op"))
unset table
if (|$cells| == 0) exit

# candidate, threshold, tier
set table $aims
plot targets skip 1 using (strcol(5)):(number(strcol(8))):(strcol(2)) with table \
  if (strcol(3) eq workload && strcol(6) eq "system/owned" && strcol(7) eq "speedup >=" \
  && (substr(strcol(4), 1, 7) eq "ns_per_" || substr(strcol(4), 1, 7) eq "ms_per_"))
unset table
set datafile separator whitespace
load scripts."/_rows.gp"

# Targets far beyond what was measured do not squeeze the bars: they are named at the edge.
aim_of(i) = number(word($aims[i], 2))
slowest = lesser(1, least(3))
measured = greater(1, most(4))
fastest = measured
shown = 0
beyond = 0
do for [i = 1:|$aims|] {
  if (row_of(word($aims[i], 1))) {
    shown = shown + 1
    if (aim_of(i) < 1.6 * measured) { fastest = greater(fastest, aim_of(i)) } else { beyond = beyond + 1 }
  }
}
# A log axis where bars from 0 would leave the small ones unreadable; its bars begin at 1.
wide = measured / slowest > 16
origin = wide ? 1 : 0
room = beyond ? 0.3 : 0.14
edge = wide ? fastest * (fastest / slowest) ** room : fastest * (1 + room)

has_others = least_if(2, 1) <= most_if(2, 1)
heading = workload.": ".(has_others ? \
  "cells at ".span(least_if(2, 1), most_if(2, 1))." times the speed of system/owned" : "system/owned alone")
subheading = "time of system/owned ÷ time of each cell, both of the same round".(shown ? \
  "; red: targets of that cell" : "").(row_of("null/owned") ? "; null/owned is the floor, no allocator" : "")
n_field = 5
load scripts."/_frame.gp"
set xlabel "speedup over system/owned".(wide ? ", log scale" : "")." (to the right is faster)"
if (wide) { set logscale x }
set xrange [(wide ? slowest / (fastest / slowest) ** 0.05 : 0) : edge]

# The least target of several is labelled on its left, the others on their right; those beyond the
# edge share a label.
same(i, k) = word($aims[i], 1) eq word($aims[k], 1)
rank(i) = sum [k = 1:|$aims|] (same(i, k) && aim_of(k) < aim_of(i) ? 1 : 0)
several(i) = (sum [k = 1:|$aims|] (same(i, k) ? 1 : 0)) > 1
told(i) = (word($aims[i], 3) eq "stated" ? "" : word($aims[i], 3)." ").sprintf("%g×", aim_of(i))
do for [i = 1:|$aims|] {
  at_row = row_of(word($aims[i], 1))
  if (at_row && aim_of(i) <= edge) {
    set arrow from aim_of(i), at_row - 0.5 to aim_of(i), at_row + 0.42 nohead front lc rgb target_colour lw 2.5
    if (several(i) && rank(i) == 0) {
      set label told(i) at aim_of(i), at_row - 0.45 right offset -0.4, 0 front font ",10" tc rgb target_colour
    } else {
      set label told(i) at aim_of(i), at_row - 0.45 left offset 0.4, 0 front font ",10" tc rgb target_colour
    }
  }
}
do for [j = 1:|$cells|] {
  far = ""
  do for [i = 1:|$aims|] {
    if (word($aims[i], 1) eq field($cells[j], 1) && aim_of(i) > edge) { far = far.told(i)." → " }
  }
  if (strlen(far)) {
    set label far at graph 1, first j right front font ",10" tc rgb target_colour
  }
}

plot $cells using 2:($0 + 1):(origin):2:($0 + 1 - half_bar):($0 + 1 + half_bar):(colour(strcol(1))) \
       with boxxyerror fs solid 1 noborder lc rgb variable, \
     '+' using (1):(down(0)) with lines lc rgb line_colour lw 1, \
     $cells using (whisker($2, $3, $4)):($0 + 1):3:4 with xerrorbars pt -1 lc rgb "white" lw 4, \
     $cells using (whisker($2, $3, $4)):($0 + 1):3:4 with xerrorbars pt -1 lc rgb "#222222" lw 1.6, \
     $cells using (wide && $2 < 1 ? 1 : $4):($0 + 1):(three($2)) with labels left boxed offset 1, 0 font ",11"
