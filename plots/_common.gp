# What every picture begins with: its parameters, and how rows are read.
#
# Given by -e: run (the run's folder), scripts (this one), workload, caption (the machine), picture
# (the file to write). Reads the run's CSV files and nothing else. A script that finds nothing to
# draw exits before it opens the picture.
load scripts."/_palette.gp"

set datafile separator comma
set encoding utf8
summary = run."/summary.csv"
targets = run."/targets.csv"

# Columns of summary.csv: 1 workload, 2 strategy, 3 backend, 4 threads, 5 litter, 6 metric, 9 n,
# 10-12 median and interval, 13-15 ratio and interval, 16 flags. A row is wanted for this workload,
# one thread, a clean heap, a metric; the sentinel is not.
of_metric(metric) = strcol(1) eq workload && strcol(4) eq "1" && strcol(5) eq "0" && \
  strcol(6) eq metric && strstrt(strcol(16), "sentinel") == 0
wanted(metric) = of_metric(metric) && strcol(10) ne "n/a"
name_of(dummy) = strcol(3)."/".strcol(2)
# gnuplot's real() does not take "1e+06", only "1.0e+06".
number(text) = (exponent = strstrt(text, "e"), exponent && !strstrt(text, ".") ? \
  real(text[1:exponent - 1].".0".text[exponent:*]) : real(text))
figure(c, instead) = strcol(c) eq "n/a" ? instead : number(strcol(c))
remark = "" # behind the number of rounds
notes = ""  # lines below it, each behind a "\n", and how many
note_count = 0
row_height = 36 # pixels
