# Lines over the number of threads, one a name in $points (name, threads, value, low, high, n, dash; a
# name begins with its backend, which gives its colour). Opens the picture. Loaded when heading, subheading, ylabel_text, ideal (draw the line of
# perfect speedup) and log_y are set; with fewer than two numbers of threads nothing is drawn.
names = ""
most_threads = 1
least_threads = 1e9
most_n = 0
low = 1e300
high = 0 # of whiskers too
do for [k = 1:|$points|] {
  name = word($points[k], 1)
  if (!strstrt(names." ", " ".name." ")) { names = names." ".name }
  threads = real(word($points[k], 2))
  if (threads > most_threads) { most_threads = threads }
  if (threads < least_threads) { least_threads = threads }
  if (real(word($points[k], 6)) > most_n) { most_n = real(word($points[k], 6)) }
  value = number(word($points[k], 3))
  if (value > high) { high = value }
  if (number(word($points[k], 5)) > high) { high = number(word($points[k], 5)) }
  if (value < low) { low = value }
}
if (most_threads <= least_threads) exit

set terminal svg size 900,520 dynamic font "sans-serif,14" background rgb "white"
set output picture
set border 3 lc rgb line_colour
set logscale x 2
set xrange [least_threads / 1.12 : most_threads * 1.12]
set xtics nomirror scale 0.6
if (ideal && most_threads > high) { high = most_threads }
# The ideal is a straight line where both axes are logarithmic. Elsewhere a log axis is for figures of
# several sizes far above 0; else it begins at 0.
if (ideal) {
  set logscale y 2
  set yrange [(low < 1 ? low : 1) / 1.12 : 1.12 * high]
} else { if (log_y && low > 0 && high > 8 * low) {
  set logscale y
  set yrange [low / 1.3 : high * 1.3]
} else {
  set yrange [0 : high > 0 ? 1.08 * high : 1]
} }
set ytics nomirror scale 0.6
set grid xtics ytics lc rgb "#dddddd" lt 1
set key outside right top Left reverse noenhanced samplen 3
set lmargin 10
set tmargin 5.2
set bmargin 6.4
set label 1 heading at screen 0.012, graph 1 offset 0, 3.5 font ",16" noenhanced
set label 2 subheading at screen 0.012, graph 1 offset 0, 2.0 font ",11" tc rgb "#444444" noenhanced
set label 3 caption at screen 0.012, screen 0 offset 0, 1.9 font ",10" tc rgb "#666666" noenhanced
set label 4 sprintf("n = %d round%s; %s", most_n, most_n == 1 ? "" : "s", \
  most_n < 6 ? "too few for intervals" : "whiskers: 95 % intervals").remark \
  at screen 0.012, screen 0 offset 0, 0.8 font ",10" tc rgb "#666666" noenhanced
set xlabel "threads"
set ylabel ylabel_text

# Those with an interval anywhere.
whiskered = ""
do for [k = 1:|$points|] {
  name = word($points[k], 1)
  if (number(word($points[k], 4)) < number(word($points[k], 5)) && !strstrt(whiskered." ", " ".name." ")) { whiskered = whiskered." ".name }
}
dash_of(name) = (found = 1, sum [k = 1:|$points|] (word($points[k], 1) eq name ? \
  (found = int(word($points[k], 7)), 0) : 0), found)
set samples 200
set datafile missing NaN # a line goes on over the points of others
ideal_at(x) = ideal ? x : NaN
# Whiskers first: a point of theirs blanks out what is below it.
plot ideal_at(x) with lines lc rgb line_colour lw 1 dt 3 title (ideal ? "ideal" : ""), \
  for [k = 1:words(whiskered)] $points using (strcol(1) eq word(whiskered, k) && $4 < $5 ? $2 : NaN):3:4:5 \
    with yerrorbars pt -1 lw 1.2 lc rgb colour(word(whiskered, k)) notitle, \
  for [k = 1:words(names)] $points using (strcol(1) eq word(names, k) ? $2 : NaN):3 \
    with linespoints pt 7 ps 0.5 lw 2 dt dash_of(word(names, k)) lc rgb colour(word(names, k)) title word(names, k)
