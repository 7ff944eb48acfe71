#!/usr/bin/env bash
# Littered heaps: their cells beside the clean ones, compared with their own baseline, and targets.
. tests/e2e/lib.sh

states() { awk -F, 'NR>1{print $5}' "$(latest)/summary.csv" | sort -u | tr '\n' ' '; }
cat harness/targets.csv >"$work/targets.csv"
echo 'stretch,littered,small_strings,ns_per_op,arena/owned litter 0.9,system/owned litter 0.9,speedup >=,0.01,' >>"$work/targets.csv"
measure --workload=small_strings --rounds=6 --backends=arena --strategy=owned --kinds=count,memory \
    --litter=0.9,0.1 --targets="$work/targets.csv"
check "a run with litter ends with 0" test "$status" -eq 0 -a ! -s "$work/err"
check "clean and littered cells stand side by side" test "$(states)" = "0 0.1 0.9 "
check "each state has its baseline twice a round" \
    test "$(rows trials.csv '$4 == "memory" && $9 == 0.9 && $7 == "system"')" -eq 12
check "the littered ratio is to the littered baseline" \
    awk -F, '$6 != "ns_per_op" || $16 ~ /sentinel/ {next} {v[$3, $5] = $10; r[$3, $5] = $13}
        END {q = v["system", "0.9"] / v["arena", "0.9"]; exit !(r["arena", "0.9"] > q / 1.5 && r["arena", "0.9"] < q * 1.5)}' "$(latest)/summary.csv"
check "a target may name a littered cell" \
    awk -F, '$1 == "littered" && $9 != "n/a" {found = 1} END {exit !found}' "$(latest)/targets.csv"
check "the table names the litter" grep -q "arena/owned litter 0.9" "$work/out"
check "the report's columns do as well" grep -q "| arena/owned litter 0.1 |" "$(latest)/report.md"
check "the memory trial says how much litter" test "$(grep -c ',litter_blocks,52,' "$(latest)/measurements.csv")" -gt 0

measure --workload=batch_processing --rounds=2 --backends=arena --strategy=owned --kinds=count
check "batch_processing is measured on a littered heap by default" test "$(states)" = "0 0.5 "
run=$(readlink -f "$(latest)")
head -n 20 "$run/trials.csv" >"$work/short" && cp "$work/short" "$run/trials.csv"
"$apportion" run --results="$work/results" --resume="$run" >"$work/out" 2>"$work/err"
status=$?
check "such a run is resumed to the same cells" test "$status" -eq 0 -a "$(states)" = "0 0.5 " -a "$(rows trials.csv '$4 == "time"')" -eq 12
measure --workload=batch_processing --rounds=2 --backends=arena --strategy=owned --kinds=count --litter=0
check "and not where only clean heaps are asked for" test "$(states)" = "0 "
finish
