# What threads cost each other, as the library and the workload count it: ranges stolen and lost to
# another thief, waits for a queue, magazines to and from the exchange of the pools, attempts that failed
# because another thread's came first.
load scripts."/_common.gp"

counts = " steals_per_pass lost_steals_per_pass full_waits_per_pass empty_waits_per_pass exchange_refills exchange_spills ranges_contended_per_pass exchange_contended_per_pass "
# `owned` never goes to the exchange.
is_count(dummy) = strcol(1) eq workload && strcol(5) eq "0" && strcol(10) ne "n/a" && \
  strstrt(counts, " ".strcol(6)." ") && \
  !(strcol(2) eq "owned" && strcol(6) eq "exchange_contended_per_pass") && strstrt(strcol(16), "sentinel") == 0
kind(metric) = strstrt(metric, "_per_pass") ? metric[1:strlen(metric) - 9] : metric
dash_of_kind(metric) = metric eq "steals_per_pass" || metric eq "full_waits_per_pass" ? 1 : \
  metric eq "lost_steals_per_pass" || metric eq "empty_waits_per_pass" ? 3 : metric eq "exchange_refills" ? 2 : strstrt(metric, "_contended") ? 5 : 4
set table $points
plot summary skip 1 using (name_of(0).":".kind(strcol(6))):4:(figure(10, 0)):(figure(11, figure(10, 0))):(figure(12, figure(10, 0))):9:(dash_of_kind(strcol(6))) \
  with table if (is_count(0))
unset table
if (|$points| == 0) exit
set datafile separator whitespace
heading = workload.": what threads cost each other"
subheading = "counts by the library and the workload, a pass over the input (of the exchange: a count trial)"
ylabel_text = "count"
ideal = 0
log_y = 1
load scripts."/_over_threads.gp"
