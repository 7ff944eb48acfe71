# How long all but one op in a hundred take at most, by the number of threads. Figures below the
# clock's resolution are left out.
load scripts."/_common.gp"

is_p99(dummy) = strcol(1) eq workload && strcol(5) eq "0" && strcol(6) eq "latency_op_p99" && \
  strcol(10) ne "n/a" && strstrt(strcol(16), "sentinel") == 0 && strstrt(strcol(16), "unresolved") == 0
dash_of_strategy(dummy) = strcol(2) eq "owned" ? 1 : strcol(2) eq "pooled" ? 2 : 3
set table $points
plot summary skip 1 using (name_of(0)):4:(figure(10, 0)):(figure(11, figure(10, 0))):(figure(12, figure(10, 0))):9:(dash_of_strategy(0)) \
  with table if (is_p99(0))
unset table
if (|$points| == 0) exit
set datafile separator whitespace
heading = workload.": latency of an op, p99, by threads"
subheading = "99 of 100 sampled ops take no longer; lower is faster"
ylabel_text = "time per op, ns"
ideal = 0
log_y = 1
load scripts."/_over_threads.gp"
