# Figures over the rows of $cells, a table whose first field is the cell's name. Loaded once it is
# there: gnuplot looks for the table when it reads these.

greater(a, b) = a > b ? a : b
lesser(a, b) = a < b ? a : b

# Field `c` of a row; the row of a cell (0: none).
field(row, c) = word(row, c)
row_of(cell) = (at = 0, sum [k = 1:|$cells|] (field($cells[k], 1) eq cell ? (at = k, 0) : 0), at)

# Least and most of field `c` over all rows, and over those of neither system/owned nor the floor
# (NaN: there are none).
is_other(row) = field(row, 1) ne "system/owned" && backend(field(row, 1)) ne "null"
least_if(c, others) = (low = NaN, sum [k = 1:|$cells|] (others && !is_other($cells[k]) ? 0 : \
  (value = number(field($cells[k], c)), low = low <= value ? low : value, 0)), low)
most_if(c, others) = (high = NaN, sum [k = 1:|$cells|] (others && !is_other($cells[k]) ? 0 : \
  (value = number(field($cells[k], c)), high = high >= value ? high : value, 0)), high)
least(c) = least_if(c, 0)
most(c) = most_if(c, 0)
longest(dummy) = (high = 0, sum [k = 1:|$cells|] \
  (high = greater(high, strlen(field($cells[k], 1))), 0), high)

# A figure at three digits, as in the tables.
three(x) = sprintf(abs(x) >= 99.95 || x == 0 ? "%.0f" : abs(x) >= 9.995 ? "%.1f" : \
  abs(x) >= 0.9995 ? "%.2f" : "%.3f", x)
signed(x) = (x < 0 ? "− " : "+ ").three(abs(x))
# Bytes in a unit that fits them.
amount(x) = x >= 1e9 ? three(x / 1e9)." GB" : x >= 1e6 ? three(x / 1e6)." MB" : \
  x >= 1e3 ? three(x / 1e3)." kB" : three(x)." B"
# "24", or "12 to 24": from the least to the most, once where they read the same.
span(a, b) = three(a) eq three(b) ? three(a) : three(a)." to ".three(b)
rounds(c) = least(c) == most(c) ? sprintf("%d", most(c)) : sprintf("%d to %d", least(c), most(c))

# How far the axis must go so that a text of so many letters behind `x` stays within the picture,
# whose left margin is as wide as the longest name (_frame.gp).
left_letters = greater(12, longest(0) + 2)
reach(x, letters) = x / (1 - lesser(0.7, (letters * 6.6 - 20) / (860 - 8.4 * left_letters)))
