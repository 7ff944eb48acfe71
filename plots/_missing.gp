# Cells of which `metric` is n/a: in `notes` a line for each reason that summary.csv gives, which
# _frame.gp writes below the picture.
set table $missing
plot summary skip 1 using (name_of(0)):(strcol(8)) with table if (of_metric(metric) && strcol(10) eq "n/a")
unset table
after_first(row) = (text = "", sum [w = 2:words(row)] (text = text.(w == 2 ? "" : " ").word(row, w), 0), text)
reasons = "|"
do for [k = 1:|$missing|] {
  reason = after_first($missing[k])
  if (!strstrt(reasons, "|".reason."|")) {
    reasons = reasons.reason."|"
    listed = ""
    do for [j = k:|$missing|] {
      if (after_first($missing[j]) eq reason) { listed = listed.(listed eq "" ? "" : ", ").word($missing[j], 1) }
    }
    notes = notes."\nn/a: ".listed." (".reason.")"
    note_count = note_count + 1
  }
}
