# What the process keeps of the system's memory when everything was released: at once, after a while,
# and after the heap was told to give back, with the time that this took. Of workloads that wait.
load scripts."/_common.gp"

metric = "retained_settled_bytes"
metrics = "retained_bytes ".metric." retained_after_purge_bytes"
# cell, median, low, high, n of what is kept after a while
set table $cells
plot summary skip 1 using (name_of(0)):(figure(10, 0)):(figure(11, figure(10, 0))):(figure(12, figure(10, 0))):9 \
  with table if (wanted(metric))
unset table
if (|$cells| == 0) exit
load scripts."/_missing.gp"
set table $all
plot for [m = 1:3] summary skip 1 using (name_of(0)):(m):(figure(10, 0)):(figure(11, figure(10, 0))):(figure(12, figure(10, 0))):9 \
  with table if (wanted(word(metrics, m)))
unset table
# cell, median, low, high; in ns
set table $purges
plot summary skip 1 using (name_of(0)):(figure(10, 0)):(figure(11, figure(10, 0))):(figure(12, figure(10, 0))) \
  with table if (wanted("purge_ns"))
unset table
set datafile separator whitespace
load scripts."/_rows.gp"

# row, moment, median, low, high, n; all bars of cells that have a row
greatest = 0
set print $bars
do for [k = 1:|$all|] {
  if (words($all[k]) == 6 && row_of(field($all[k], 1)) > 0) {
    print sprintf("%d ", row_of(field($all[k], 1))).after_first($all[k])
    greatest = greater(greatest, number(field($all[k], 5)))
  }
}
unset print

unit = greatest >= 2e9 ? 1e9 : greatest >= 2e6 ? 1e6 : 1e3
unit_name = unit == 1e9 ? "GB" : unit == 1e6 ? "MB" : "kB"
base = row_of("system/owned")
heading = workload.": ".(least(2) == most(2) ? amount(most(2)) : amount(least(2))." to ".amount(most(2))). \
  " kept of what was released".(base ? ", system/owned ".amount(number(field($cells[base], 2))) : "")
subheading = "resident memory over the state before the heap was opened, when everything was freed; behind the third bar what the purge took"
remark = "; memory is counted in whole pages; in brackets: the purge, its interval"
n_field = 5
row_height = 56
load scripts."/_frame.gp"
set tmargin 6
set label 1 offset 0, 4.3
set label 2 offset 0, 2.8
set xlabel "resident memory kept, ".unit_name." (to the left is less)"
lane = 0.24
lane_of(row, m) = row + (m - 2) * lane
shade(m, rgb) = tint(rgb, m == 1 ? 1 : m == 2 ? 0.6 : 0.3)
array what[3] = ["at once", "a second later", "after a purge"]
# "21.2 ms [17.5, 41.4]"
duration(ns) = ns >= 1e9 ? three(ns / 1e9)." s" : ns >= 1e6 ? three(ns / 1e6)." ms" : ns >= 1e3 ? three(ns / 1e3)." µs" : three(ns)." ns"
purge_of(cell) = (text = "", sum [k = 1:|$purges|] (field($purges[k], 1) eq cell ? (text = ", purged in ".duration(number(field($purges[k], 2))). \
  (number(field($purges[k], 3)) < number(field($purges[k], 4)) ? " [".duration(number(field($purges[k], 3))).", ".duration(number(field($purges[k], 4)))."]" : ""), 0) : 0), text)
told(k) = amount(number(field($bars[k], 3))).(field($bars[k], 2) eq "3" ? purge_of(field($cells[int(number(field($bars[k], 1)))], 1)) : "")
edge = 0
do for [k = 1:|$bars|] { edge = greater(edge, reach(number(field($bars[k], 5)) / unit, 3 + strlen(told(k)))) }
set xrange [0 : edge > 0 ? edge : 1]
set key at graph 0, graph 1 left bottom horizontal Left reverse noenhanced samplen 1.2 font ",11" maxrows 1
rgb_of(row) = colour(field($cells[int(row)], 1))

plot $bars using ($3 / unit):(lane_of($1, $2)):(0):($3 / unit):(lane_of($1, $2) - lane / 2):(lane_of($1, $2) + lane / 2):(shade($2, rgb_of($1))) \
       with boxxyerror fs solid 1 noborder lc rgb variable notitle, \
     for [m = 1:3] NaN with boxes fs solid 1 noborder lc rgb shade(m, 0x444444) title what[m], \
     $bars using (whisker($3 / unit, $4, $5)):(lane_of($1, $2)):($4 / unit):($5 / unit) with xerrorbars pt -1 lc rgb "white" lw 3 notitle, \
     $bars using (whisker($3 / unit, $4, $5)):(lane_of($1, $2)):($4 / unit):($5 / unit) with xerrorbars pt -1 lc rgb "#222222" lw 1.2 notitle, \
     $bars using ($5 / unit):(lane_of($1, $2)):(told($0 + 1)) with labels left offset 0.8, 0 font ",10" notitle
