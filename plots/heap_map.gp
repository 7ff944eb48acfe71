# The heap's pages at the memory peak, a strip a cell, in order of address, gaps left out: how many of
# them are live (half or more in live blocks), pinned (less, but some block) and free. One trial of each
# cell, that of the first round; the strips have one scale, so a longer one is a larger heap.
load scripts."/_common.gp"
series = run."/series.csv"
trials = run."/trials.csv"
page = 4096

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
# cell, kind (1 live, 2 pinned, 3 free), first page, pages; a strip's cells in their order. A file that
# is not there is passed over, as a run may have none; the summary beside it has no row with this condition.
kind_of(name) = name eq "heap_map_live" ? 1 : name eq "heap_map_pinned" ? 2 : name eq "heap_map_free" ? 3 : 0
set table $points
plot summary skip 1 using (0):(0):(0):(0) with table if (0), \
  series skip 1 using (cell_of(strcol(1))):(kind_of(strcol(2))):3:4 with table if (at_trial(strcol(1)) && kind_of(strcol(2)))
unset table
if (|$points| == 0) exit
# The rows' order is the summary's.
set table $order
plot summary skip 1 using (name_of(0)) with table if (wanted("peak_rss_bytes"))
unset table
metric = "peak_rss_bytes"
load scripts."/_missing.gp"
set datafile separator whitespace

# The strips' cells, with their pages of each kind.
names = ""
do for [k = 1:|$points|] { if (words($points[k]) == 4 && !strstrt(names." ", " ".word($points[k], 1)." ")) { names = names." ".word($points[k], 1) } }
array pages[3 * words(names)]
do for [k = 1:3 * words(names)] { pages[k] = 0 }
at_name(cell) = (found = 0, sum [n = 1:words(names)] (word(names, n) eq cell ? (found = n, 0) : 0), found)
# Of each strip's cells: begin, end (in pages), share that is live, and live or pinned; a block a strip.
cell = ""
start = -1
array share[3] = [0, 0, 0]
flush = 'if (start >= 0) { n = share[1] + share[2] + share[3]; print sprintf("%g %g %g\n%g %g %g", start, share[1] / n, (share[1] + share[2]) / n, start + n, share[1] / n, (share[1] + share[2]) / n) }'
set print $strips
do for [k = 1:|$points|] {
  if (words($points[k]) == 4) {
    if (word($points[k], 1) ne cell || real(word($points[k], 3)) != start) {
      @flush
      if (cell ne "" && word($points[k], 1) ne cell) { print ""; print "" }
      cell = word($points[k], 1)
      start = real(word($points[k], 3))
      share[1] = 0; share[2] = 0; share[3] = 0
    }
    kind = int(word($points[k], 2))
    share[kind] = real(word($points[k], 4))
    slot = 3 * at_name(cell) - 3 + kind
    pages[slot] = pages[slot] + share[kind]
  }
}
@flush
unset print
# cell, its place among the strips, live, pinned, free pages
without = ""
set print $cells
do for [k = 1:|$order|] {
  n = at_name(word($order[k], 1))
  if (n > 0) { print sprintf("%s %d %d %d %d", word(names, n), n, pages[3 * n - 2], pages[3 * n - 1], pages[3 * n]) } \
  else { without = without.(without eq "" ? "" : ", ").word($order[k], 1) }
}
unset print
if (|$cells| == 0) exit
if (without ne "") {
  notes = notes."\nno map: ".without." (not said what it holds, or its blocks did not add up)"
  note_count = note_count + 1
}
load scripts."/_rows.gp"

total_of(k) = number(field($cells[k], 3)) + number(field($cells[k], 4)) + number(field($cells[k], 5))
pinned_of(k) = 100 * number(field($cells[k], 4)) / total_of(k)
greatest = 0
least_pinned = 100
most_pinned = 0
do for [k = 1:|$cells|] {
  greatest = greater(greatest, total_of(k) * page)
  least_pinned = lesser(least_pinned, pinned_of(k))
  most_pinned = greater(most_pinned, pinned_of(k))
}
base = row_of("system/owned")
unit = greatest >= 2e9 ? 1e9 : greatest >= 2e6 ? 1e6 : 1e3
unit_name = unit == 1e9 ? "GB" : unit == 1e6 ? "MB" : "kB"
per_cent(x) = sprintf(x > 0 && x < 0.95 ? "%.1f %%" : "%.0f %%", x)
heading = workload.": ".(per_cent(least_pinned) eq per_cent(most_pinned) ? per_cent(most_pinned) : per_cent(least_pinned)." to ".per_cent(most_pinned)). \
  " of the heap's pages are pinned at the peak".(base ? ", system/owned ".per_cent(pinned_of(base)) : "")
subheading = "resident pages in order of address, a strip a heap; pinned: some block is live there, in less than half of the page"
row_height = 52
n_field = 2
notes = "\neach cell's first memory trial, in a pass of its own after the measured ones and a purge, when most is live".notes
note_count = note_count + 1
load scripts."/_frame.gp"
set tmargin 6
set label 1 offset 0, 4.3
set label 2 offset 0, 2.8
# One trial a cell: no n to be told, nor whiskers.
set label 3 offset 0, 0.9 + note_count
set label 4 notes[2:*] at screen 0.012, screen 0 offset 0, -0.2 + note_count
set xlabel "resident heap, ".unit_name." (to the left is less)"
told(k) = sprintf("%s live, %d pinned, %d free", field($cells[k], 3), number(field($cells[k], 4)), number(field($cells[k], 5)))
edge = greatest / unit
set xrange [0 : 1.03 * edge]
set key at graph 0, graph 1 left bottom horizontal Left reverse noenhanced samplen 1.2 font ",11" maxrows 1

free_colour = 0xe8e8e8
high = 0.22
shade(kind, rgb) = kind == 1 ? rgb : tint(rgb, 0.45)
level(row, share) = row + high - 2 * high * share
rgb_at(k) = colour(field($cells[k], 1))
in_unit(pages) = pages * page / unit
plot $cells using (in_unit(total_of($0 + 1))):($0 + 1):(0):(in_unit(total_of($0 + 1))):($0 + 1 - high):($0 + 1 + high) \
       with boxxyerror fs solid 1 noborder lc rgb free_colour notitle, \
     for [k = 1:|$cells|] $strips index (int(number(field($cells[k], 2))) - 1) using (in_unit($1)):(level(k, $2)):(level(k, $3)) \
       with filledcurves fs solid 1 noborder lc rgb shade(2, rgb_at(k)) notitle, \
     for [k = 1:|$cells|] $strips index (int(number(field($cells[k], 2))) - 1) using (in_unit($1)):(level(k, 0)):(level(k, $2)) \
       with filledcurves fs solid 1 noborder lc rgb shade(1, rgb_at(k)) notitle, \
     NaN with boxes fs solid 1 noborder lc rgb shade(1, 0x444444) title "live", \
     NaN with boxes fs solid 1 noborder lc rgb shade(2, 0x444444) title "pinned", \
     NaN with boxes fs solid 1 noborder lc rgb free_colour title "free", \
     $cells using (0):($0 + 1 - high):(told($0 + 1)." pages") with labels left offset 0.2, 0.55 font ",9" notitle
