# Growth of the resident peak over the state just before the heap was opened, with its interval, and
# the line at 70 % of system/owned that the stated target draws.
load scripts."/_common.gp"

# cell, median, low, high, n; in bytes
set table $cells
plot summary skip 1 using (name_of(0)):(figure(10, 0)):(figure(11, figure(10, 0))):(figure(12, figure(10, 0))):9 \
  with table if (wanted("peak_rss_bytes"))
unset table
if (|$cells| == 0) exit
metric = "peak_rss_bytes"
load scripts."/_missing.gp"
set datafile separator whitespace
load scripts."/_rows.gp"

peak = most(4)
unit = peak >= 2e9 ? 1e9 : peak >= 2e6 ? 1e6 : 1e3
unit_name = peak >= 2e9 ? "GB" : peak >= 2e6 ? "MB" : "kB"
at_base = row_of("system/owned")
base = at_base ? number(field($cells[at_base], 2)) : 0

# In the axis's unit, but for what would be next to nothing in it.
size_of(x) = x == 0 || x >= 0.1 * unit ? three(x / unit)." ".unit_name : amount(x)

heading = workload.": peak memory ".(least(2) == most(2) ? size_of(most(2)) : \
  size_of(least(2))." to ".size_of(most(2))).(base > 0 && least(2) != most(2) ? ", system/owned ".size_of(base) : "")
subheading = "growth of the resident high-water mark over the state before the heap was opened; ". \
  (base > 0 ? "red: 70 % of system/owned, where the stated target begins" : \
  at_base ? "system/owned grew by nothing: no 70 % line" : "system/owned is n/a: no 70 % line")
remark = "; memory is counted in whole pages"
n_field = 5
load scripts."/_frame.gp"
set xlabel "peak resident memory, ".unit_name." (to the left is less)"
limit = base > 0 ? 0.7 * base / unit : NaN
if (base > 0) {
  set label "70 %" at limit, graph 1 left offset 0.3, 0.4 font ",10" tc rgb target_colour
}
# How much more or less than the baseline: per cent, or times from tenfold on.
against(x) = base == 0 || x == base ? "" : x >= 10 * base ? " (".three(x / base)." times)" : \
  sprintf(x < 0.01 * base && x > 0 ? " (%s%.1f %%)" : " (%s%.0f %%)", x < base ? "− " : "+ ", 100 * abs(x / base - 1))

told(k) = size_of(number(field($cells[k], 2))).against(number(field($cells[k], 2)))
edge = 0
do for [k = 1:|$cells|] { edge = greater(edge, reach(number(field($cells[k], 4)) / unit, 3 + strlen(told(k)))) }
set xrange [0 : edge > 0 ? edge : 1]

plot $cells using ($2 / unit):($0 + 1):(0):($2 / unit):($0 + 1 - half_bar):($0 + 1 + half_bar):(colour(strcol(1))) \
       with boxxyerror fs solid 1 noborder lc rgb variable, \
     '+' using (limit):(down(0)) with lines lc rgb target_colour lw 2 dt 2, \
     $cells using (whisker($2 / unit, $3, $4)):($0 + 1):($3 / unit):($4 / unit) with xerrorbars pt -1 lc rgb "white" lw 4, \
     $cells using (whisker($2 / unit, $3, $4)):($0 + 1):($3 / unit):($4 / unit) with xerrorbars pt -1 lc rgb "#222222" lw 1.6, \
     $cells using ($4 / unit):($0 + 1):(told($0 + 1)) with labels left boxed offset 1, 0 font ",11"
