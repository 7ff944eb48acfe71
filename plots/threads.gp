# How many times as fast a cell is with several threads as with one, and the ideal line: as many times
# as there are threads (more than the machine has processors cannot follow it).
load scripts."/_common.gp"

of_threads(metric) = strcol(1) eq workload && strcol(5) eq "0" && strcol(6) eq metric && strcol(10) ne "n/a"
dash_of_strategy(dummy) = strcol(2) eq "owned" ? 1 : strcol(2) eq "pooled" ? 2 : 3
set table $points
plot summary skip 1 using (name_of(0)):4:(figure(10, 1)):(figure(11, figure(10, 1))):(figure(12, figure(10, 1))):9:(dash_of_strategy(0)) \
  with table if (of_threads("thread_speedup"))
unset table
if (|$points| == 0) exit
# One thread is once as fast as itself, for each cell that has more.
set table $ones
plot summary skip 1 using (name_of(0)):(1):(1):(1):(1):9:(dash_of_strategy(0)) \
  with table if (of_threads("thread_speedup"))
unset table
set datafile separator whitespace
set print $all
do for [k = 1:|$ones|] { if (k == 1 || word($ones[k], 1) ne word($ones[k - 1], 1)) { print $ones[k] } }
do for [k = 1:|$points|] { print $points[k] }
unset print
set table $points
plot $all using (strcol(1)):2:3:4:5:6:7 with table
unset table
top_speed = 0
do for [k = 1:|$points|] { if (real(word($points[k], 3)) > top_speed) { top_speed = real(word($points[k], 3)) } }
heading = workload.": with several threads up to ".sprintf("%.2f", top_speed)." times as fast as with one"
subheading = "time per op with one thread ÷ with several, both of the same round; null/owned is the machine's own limit"
ylabel_text = "times as fast as one thread"
ideal = 1
log_y = 0
load scripts."/_over_threads.gp"
