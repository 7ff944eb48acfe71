# What every picture shares: the parameters, the file format, one colour a backend.
#
# Given by -e: run (the run's folder), scripts (this one), workload, caption, picture (the file to
# write). Reads the run's CSV files and nothing else.

set datafile separator comma
set encoding utf8
summary = run."/summary.csv"
targets = run."/targets.csv"

# Okabe and Ito's colours, told apart by colour-blind readers too. A backend keeps its colour in every
# picture; one that is not listed takes one of the last three by its name.
backend(cell) = substr(cell, 1, strstrt(cell, "/") - 1)
letter(name, k) = strstrt("abcdefghijklmnopqrstuvwxyz", name[k:k])
other(name) = (strlen(name) + letter(name, 1) + letter(name, 2)) % 3
colour(cell) = \
  backend(cell) eq "system"   ? 0x000000 : \
  backend(cell) eq "pool"     ? 0xd55e00 : \
  backend(cell) eq "arena"    ? 0xe69f00 : \
  backend(cell) eq "mimalloc" ? 0x0072b2 : \
  backend(cell) eq "tcmalloc" ? 0x009e73 : \
  backend(cell) eq "null"     ? 0x999999 : \
  other(backend(cell)) == 0   ? 0xcc79a7 : \
  other(backend(cell)) == 1   ? 0x56b4e9 : 0xf0e442

# Rows of summary.csv: this workload, one thread, a clean heap, a metric, measured, not the sentinel.
wanted(metric) = strcol(1) eq workload && strcol(4) eq "1" && strcol(5) eq "0" && \
  strcol(6) eq metric && strstrt(strcol(16), "sentinel") == 0 && strcol(10) ne "n/a"
# The cell of a row, and a figure or what stands for it where there is none.
name_of(dummy) = strcol(3)."/".strcol(2)
figure(c, instead) = strcol(c) eq "n/a" ? instead : real(strcol(c))

# Bars of a table with the columns name, value, low, high: one row a cell, read from the top.
bar_top = -0.32
bar_bottom = 0.32

set terminal svg size 900,520 dynamic font "DejaVu Sans,14" background rgb "white"
set output picture
set border 3 lc rgb "#444444"
set tics nomirror
set grid xtics lc rgb "#dddddd" lt 1
set label 1 caption at screen 0.01,0.025 font ",10" tc rgb "#666666" noenhanced
set lmargin 20
set rmargin 6
set bmargin 6
