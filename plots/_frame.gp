# The frame around the rows of $cells, bars with the first on top: as high as they need, with room
# for the longest name. Opens the picture. Loaded when heading, subheading, remark and n_field (the
# field of $cells with the number of rounds) are set.
half_bar = 0.32
top = 0.2
bottom = |$cells| + 0.6
set terminal svg size 900,(272 + row_height * |$cells| + 16 * note_count) dynamic font "sans-serif,14" background rgb "white"
set output picture
set border 3 lc rgb line_colour
set xtics nomirror scale 0.6
set ytics nomirror scale 0
set grid xtics lc rgb "#dddddd" lt 1
set yrange [bottom : top]
set ytics () noenhanced
do for [k = 1:|$cells|] { set ytics add (field($cells[k], 1) k) }
unset key
set lmargin left_letters
set rmargin 5
set tmargin 5.2
set bmargin 6.4 + note_count
set label 1 heading at screen 0.012, graph 1 offset 0, 3.5 font ",16" noenhanced
set label 2 subheading at screen 0.012, graph 1 offset 0, 2.0 font ",11" tc rgb "#444444" noenhanced
set label 3 caption at screen 0.012, screen 0 offset 0, 1.9 + note_count font ",10" tc rgb "#666666" noenhanced
set label 4 "n = ".rounds(n_field)." rounds; ".(most(n_field) < 6 ? "too few for intervals" : \
  "whiskers: 95 % intervals").remark.notes at screen 0.012, screen 0 offset 0, 0.8 + note_count font ",10" tc rgb "#666666" noenhanced

# Figures stand on white, so that no line runs through them.
set style textbox opaque noborder fillcolor rgb "white" margins 0.3, 0.3
# A line down the picture, as '+' with two samples; no whiskers where the interval is a point.
set samples 2
down(dummy) = $0 > 0 ? bottom : top
whisker(x, lo, hi) = lo == hi ? NaN : x
