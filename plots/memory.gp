# Growth of the resident peak over the state just before the heap was opened, with its interval, and
# the line at 70 % of system/owned that the stated target draws.
load scripts."/_common.gp"

set table $cells
plot summary skip 1 using (name_of(0)):(figure(10, 0)/1e3):(figure(11, figure(10, 0))/1e3):(figure(12, figure(10, 0))/1e3) \
  with table if (wanted("peak_rss_bytes"))
unset table
set datafile separator whitespace
rows = |$cells|
base = 0
do for [k = 1:rows] { if (word($cells[k], 1) eq "system/owned") { base = real(word($cells[k], 2)) } }

set title workload.": peak resident memory of the heap" noenhanced
set xlabel "growth of the resident peak, kB (to the left is less; pages of 4 kB)"
set xrange [0:*]
set yrange [rows + 0.6 : 0.4]
set ytics () noenhanced
do for [k = 1:rows] { set ytics add (word($cells[k], 1) k) }
set key outside top right horizontal samplen 2 font ",11"
if (base > 0) set arrow 1 from 0.7 * base, graph 0 to 0.7 * base, graph 1 nohead lc rgb "#aa0000" dt 2 front

plot $cells using 2:($0 + 1):(0):2:($0 + 1 + bar_top):($0 + 1 + bar_bottom):(colour(strcol(1))) \
       with boxxyerror fs solid 0.85 noborder lc rgb variable notitle, \
     $cells using 2:($0 + 1):3:4 with xerrorbars pt 7 ps 0.3 lc rgb "#222222" lw 2 \
       title "95 % interval", \
     $cells using 4:($0 + 1):(sprintf("  %.4g", column(2))) with labels left font ",11" notitle, \
     NaN with lines lc rgb "#aa0000" dt 2 title (base > 0 ? "70 % of system/owned" : "")
