# A heap's life over ops: what was live, committed and resident, a panel a cell on common axes, and
# what is left when all was freed, and after a purge. One trial of each cell: that of the first round
# which reported series. Live and committed are the most since the point before, so no peak is lost
# between two; resident is what the kernel said at a point.
load scripts."/_common.gp"
series = run."/series.csv"
trials = run."/trials.csv"

# Cells of the workload, and which n/a says why.
set table $cells
plot summary skip 1 using (name_of(0)) with table if (of_metric("peak_live_bytes"))
unset table
if (|$cells| == 0) exit
set table $missing
plot summary skip 1 using (name_of(0)):(strcol(8)) with table \
  if (of_metric("peak_committed_bytes") && strcol(10) eq "n/a")
unset table
# Columns of trials.csv: 1 trial, 2 round, 4 kind, 5 workload, 6 strategy, 7 backend, 8 threads, 9 litter.
set table $trials
plot trials skip 1 using (strcol(1)):(strcol(7)."/".strcol(6)) with table \
  if (strcol(5) eq workload && strcol(4) eq "memory" && strcol(2) eq "1" && strcol(8) eq "1" && strcol(9) eq "0")
unset table
if (|$trials| == 0) exit
cell_by_trial = " "
do for [k = 1:|$trials|] { cell_by_trial = cell_by_trial.word($trials[k], 1)."=".word($trials[k], 2)." " }
at_trial(trial) = strstrt(cell_by_trial, " ".trial."=")
cell_of(trial) = word(cell_by_trial[at_trial(trial) + strlen(trial) + 2:*], 1)
# cell, series, ops, bytes. A file that is not there is passed over, as a run may have none; the
# summary beside it has no row with this condition.
set table $points
plot summary skip 1 using (0):(0):(0):(0) with table if (0), \
  series skip 1 using (cell_of(strcol(1))):(strcol(2)):3:4 with table if (at_trial(strcol(1)) && strcol(5) eq "bytes")
unset table
if (|$points| == 0) exit
set datafile separator whitespace
set datafile missing NaN # a line goes on over the points of others
load scripts."/_rows.gp"

# The most of a series in a cell; NaN: there is none.
most_of(cell, name) = (high = NaN, sum [i = 1:|$points|] \
  (word($points[i], 1) eq cell && word($points[i], 2) eq name ? \
    (value = number(word($points[i], 4)), high = high >= value ? high : value, 0) : 0), high)
known(x) = x == x

# Of each cell with a curve its peaks, as text with NaN where there is none.
cells = ""
without = ""
peaks = ""
top = 0
most_live = 0
highest = 0
lowest = 1e300
do for [k = 1:|$cells|] {
  cell = word($cells[k], 1)
  live = most_of(cell, "live_bytes")
  committed = most_of(cell, "committed_bytes")
  resident = most_of(cell, "resident_bytes")
  left = most_of(cell, "resident_bytes_freed") # nothing is looked at between the last op and then
  resident = greater(left, resident)
  if (known(live) || known(committed) || known(resident)) {
    cells = cells." ".cell
    peaks = peaks.sprintf(" %g %g %g", live, committed, resident)
    most_live = greater(live, most_live)
    top = greater(live, greater(committed, greater(resident, top)))
    if (committed > highest) { highest = committed; highest_cell = cell }
    if (committed < lowest) { lowest = committed; lowest_cell = cell }
  } else { without = without.(strlen(without) ? ", " : "").cell }
}
panels = words(cells)
if (panels == 0) exit
ops = 0
do for [k = 1:|$points|] { ops = greater(number(word($points[k], 3)), ops) }
unit = top >= 2e9 ? 1e9 : top >= 2e6 ? 1e6 : top >= 2e3 ? 1e3 : 1
unit_name = top >= 2e9 ? "GB" : top >= 2e6 ? "MB" : top >= 2e3 ? "kB" : "bytes"
ops_unit = ops >= 2e6 ? 1e6 : ops >= 2e3 ? 1e3 : 1
ops_name = ops >= 2e6 ? "million ops" : ops >= 2e3 ? "thousand ops" : "ops"

told(x) = known(x) ? amount(x) : "n/a"
peak(k, c) = (text = word(peaks, 3 * (k - 1) + c), strstrt(text, "nan") || strstrt(text, "NaN") ? NaN : number(text))

# Panels in rows of three, of two where names are long. Everything is placed in pixels.
widest = 0
do for [k = 1:panels] { widest = greater(widest, strlen(word(cells, k))) }
across = widest > 34 ? 2 : 3
if (panels < across) { across = panels }
down = int((panels + across - 1) / across)
high = 172.0
top_margin = 138
total = top_margin + high * down + (|$missing| ? 74 : 56)
wide = (900.0 - 70 - 12) / across
from_left(column) = (70 + wide * column) / 900.0
from_top(pixels) = 1 - pixels / total
set terminal svg size 900,total dynamic font "sans-serif,14" background rgb "white"
set output picture
set multiplot
set style fill solid 1 noborder
set border 3 lc rgb line_colour
set grid ytics lc rgb "#dddddd" lt 1
set xtics nomirror scale 0.6 font ",11"
set ytics nomirror scale 0.6 font ",11"
unset key
# Behind the last op there is room for what is left when all was freed, and after a purge.
freed = 1.15 * ops / ops_unit
purged = 1.27 * ops / ops_unit
edge = 1.36 * ops / ops_unit
set xrange [0 : edge]
# Some four marks up to the last op.
decade = 10 ** floor(log10(ops / ops_unit))
step = decade * (ops / ops_unit / decade < 2 ? 0.5 : ops / ops_unit / decade < 4 ? 1 : 2)
set yrange [0 : 1.06 * top / unit]
heading = workload.": ".(highest == 0 ? "at most ".told(most_live)." live" : \
  "committed at most ".(lowest < highest ? told(lowest)." (".lowest_cell.") to " : "").told(highest)." (".highest_cell.")")
if (strlen(heading) > 90) { heading = workload.": committed at most ".told(lowest)." to ".told(highest) }
set label 1 heading at screen 0.012, screen from_top(26) font ",16" noenhanced
set label 2 "memory over ops, on common axes, with the most of each; behind the last op: what is left when all was freed (F), and after a purge (P)" \
  at screen 0.012, screen from_top(52) font ",11" tc rgb "#444444" noenhanced
# The legend.
legend = from_top(84)
set object 1 rectangle from screen 0.014, screen from_top(90) to screen 0.040, screen from_top(78) fs solid noborder fc rgb floor_colour
set label 3 "live: requested and not yet freed" at screen 0.046, screen legend font ",11" noenhanced
set arrow 1 from screen 0.320, screen legend to screen 0.346, screen legend nohead lw 2 lc rgb line_colour
set label 4 "committed: of the system, by the heap's own interface" at screen 0.352, screen legend font ",11" noenhanced
set arrow 2 from screen 0.742, screen legend to screen 0.768, screen legend nohead lw 1 lc rgb line_colour
set object 2 circle at screen 0.755, screen legend size screen 0.003 fs solid fc rgb line_colour
set label 5 "resident: by the kernel" at screen 0.774, screen legend font ",11" noenhanced
set label 6 caption at screen 0.012, screen from_top(|$missing| ? total - 48 : total - 30) font ",10" tc rgb "#666666" noenhanced
set label 7 "n = 1 trial of each cell, its first; live and committed are the most since the point before". \
  (strlen(without) ? "; no curve: ".without : "") at screen 0.012, screen from_top(|$missing| ? total - 30 : total - 12) font ",10" tc rgb "#666666" noenhanced
# Each reason once, behind those that it is of.
reason(k) = (text = $missing[k][strlen(word($missing[k], 1)) + 1:*], from = strstrt(text, word(text, 1)), text[from:*])
unknown = ""
do for [k = 1:|$missing|] {
  unknown = unknown.(k == 1 ? "committed n/a: " : "").word($missing[k], 1). \
    (k < |$missing| ? (reason(k) eq reason(k + 1) ? ", " : " (".reason(k)."); ") : " (".reason(k).")")
}
if (|$missing|) {
  set label 8 strlen(unknown) > 150 ? unknown[1:149]."…" : unknown at screen 0.012, screen from_top(total - 12) font ",10" tc rgb "#666666" noenhanced
}

# Where a row of what is left is drawn.
after(cell, name) = strcol(1) ne cell ? NaN : strcol(2) eq name."_freed" ? freed : strcol(2) eq name."_purged" ? purged : NaN
set bars 0
do for [k = 1:panels] {
  cell = word(cells, k)
  column = (k - 1) % across
  row = int((k - 1) / across)
  set lmargin at screen from_left(column)
  set rmargin at screen from_left(column) + (wide - 16) / 900
  set tmargin at screen from_top(top_margin + high * row)
  set bmargin at screen from_top(top_margin + high * (row + 1) - 48)
  set label 11 cell at graph 0, graph 1 offset 0, 1.5 font ",12" noenhanced
  set label 12 told(peak(k, 1))." live, ".told(peak(k, 2))." committed, ".told(peak(k, 3))." resident" \
    at graph 0, graph 1 offset 0, 0.5 font ",9" tc rgb "#444444" noenhanced
  is_last = k + across > panels # of its column
  set format x (is_last ? "%g" : "")
  set format y (column == 0 ? "%g" : "")
  set xtics 0, step, ops / ops_unit * 1.0001
  if (is_last) { set xtics add ("F" freed, "P" purged) } else { set xtics add ("" freed, "" purged) }
  if (is_last) { set xlabel ops_name font ",11" offset 0, 0.5 } else { unset xlabel }
  if (column == 0) { set ylabel unit_name font ",11" offset 1, 0 } else { unset ylabel }
  set arrow 11 from ops / ops_unit, graph 0 to ops / ops_unit, graph 1 nohead back lc rgb "#bbbbbb" dt 3
  plot $points using (strcol(1) eq cell && strcol(2) eq "live_bytes" ? $3 / ops_unit : NaN):($4 / unit) \
      with filledcurves y1=0 lc rgb floor_colour, \
    $points using (strcol(1) eq cell && strcol(2) eq "committed_bytes" ? $3 / ops_unit : NaN):($4 / unit) \
      with lines lw 2 lc rgb colour(cell), \
    $points using (strcol(1) eq cell && strcol(2) eq "resident_bytes" ? $3 / ops_unit : NaN):($4 / unit) \
      with linespoints pt 7 ps 0.25 lw 0.8 lc rgb colour(cell), \
    $points using (after(cell, "committed_bytes")):($4 / unit):(0.035 * edge) with xerrorbars pt -1 lw 2 lc rgb colour(cell), \
    $points using (after(cell, "resident_bytes")):($4 / unit) with points pt 7 ps 0.5 lc rgb colour(cell)
  unset label
  unset object
  unset arrow
}
unset multiplot
