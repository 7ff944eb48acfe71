#!/usr/bin/env bash
# A run from its command line to its files, and everything made of them again.
. tests/e2e/lib.sh

measure --workload=small_strings --rounds=6 --seed=5
check "a run ends with 0 and says nothing on stderr" test "$status" -eq 0 -a ! -s "$work/err"
run=$(readlink -f "$(latest)")
for file in trials.csv measurements.csv series.csv summary.csv targets.csv environment.json topology.xml \
    report.md report.html plots/speedup-small_strings.svg plots/cost-small_strings.svg \
    plots/memory-small_strings.svg plots/heap_curve-small_strings.svg; do
    check "$file is there" test -s "$run/$file"
done
header() { [ "$(head -n 1 "$run/$1")" = "$2" ]; }
check "columns of trials.csv" header trials.csv trial,round,position,kind,workload,strategy,backend,threads,litter,seed,status,reason,started_utc,wall_ns,identity
check "columns of measurements.csv" header measurements.csv trial,metric,value,unit,source
check "columns of series.csv" header series.csv trial,series,x,y,unit
check "columns of summary.csv" header summary.csv workload,strategy,backend,threads,litter,metric,unit,source,n,median,lo,hi,ratio,ratio_lo,ratio_hi,flags
check "columns of targets.csv" header targets.csv target,tier,workload,metric,candidate,baseline,relation,threshold,measured,lo,hi,verdict,reason

cells=$("$apportion" list | awk '/^workloads/{exit} / \(/{sub(/\(.*/,""); gsub(/ (libcsv|pinned)/,""); n += NF - 1} END{print n + 1}')
check "each kind has six rounds of every cell and the sentinel" \
    test "$(rows trials.csv '$4 == "time"')" -eq $((6 * cells)) -a "$(rows trials.csv '$4 == "count"')" -eq $((6 * cells)) -a "$(rows trials.csv '$4 == "memory"')" -eq $((6 * cells))
curves() { # each cell's first memory trial has 256 points of live bytes up to the last op, no other has any
    awk -F, 'FNR == NR { if ($2 == 1 && $4 == "memory") first[$1] = $7 "/" $6; next }
        FNR == 1 || $2 != "live_bytes" { next }
        !($1 in first) || ($1 in n && $3 <= last[$1]) { print; exit bad = 1 }
        { n[$1]++; last[$1] = $3 }
        END { for (trial in n) { if (seen[first[trial]]++ || n[trial] != 256 || last[trial] != 512) bad = 1; sets++ }
              exit bad || sets != '$((cells - 1))' }' "$run/trials.csv" "$run/series.csv"
}
check "one set of curves a cell, the sentinel without" curves
check "every trial is ok" test "$(rows trials.csv '$11 != "ok"')" -eq 0
same_input() { [ "$(awk -F, 'NR>1{print $4,$2,$10}' "$run/trials.csv" | sort -u | awk '{print $1,$2}' | uniq -d | wc -l)" -eq 0 ]; }
check "the input is equal for all cells of a round" same_input
check "and changes between rounds" test "$(awk -F, 'NR>1 && $4=="time"{print $10}' "$run/trials.csv" | sort -u | wc -l)" -eq 6
check "every time trial names who serves malloc" test "$(rows trials.csv '$15 !~ /\/.*[0-9a-f]+ /')" -eq 0
check "mimalloc's trials are served by mimalloc" test "$(rows trials.csv '$7 == "mimalloc" && $15 !~ /libmimalloc/')" -eq 0
check "the table shows the verdicts" grep -qE '(MET|MISSED|INCONCLUSIVE) +small_strings: pool/pooled at least 2.5x' "$work/out"
check "the report's place is said" grep -q "report: .*report.html" "$work/out"
check "counters are figures with a source or n/a with a reason" \
    awk -F, '$2 ~ /^(instructions|task_clock|page_faults)_per_op$/ && ($5 == "" || ($3 == "n/a") != ($5 !~ /^perf_event:/)) {exit 1}' "$run/measurements.csv"
check "the pictures are XML and have their axis" sh -c "xmllint --noout '$run'/plots/*.svg 2>/dev/null || python3 -c 'import sys,xml.dom.minidom as m; [m.parse(f) for f in sys.argv[1:]]' '$run'/plots/*.svg; grep -q 'speedup over system/owned' '$run/plots/speedup-small_strings.svg'"
check "no path of this machine in the pictures' words" sh -c "! grep -q '$work' '$run'/plots/*.svg"
check "environment.json is JSON and holds the seed" grep -q '"seed": 5' "$run/environment.json"

# From the raw rows alone.
again() {
    cp -r "$run" "$work/before" && rm -r "$run"/{summary.csv,targets.csv,report.md,report.html,plots} &&
        "$apportion" tables --run="$run" >/dev/null && "$apportion" plots --run="$run" >/dev/null &&
        "$apportion" report --run="$run" >/dev/null &&
        diff -r "$work/before" "$run"
}
check "tables, plots and report are made again from the raw rows, the same" again

measure --workload=small_strings --rounds=2 --seed=5
order() { awk -F, 'NR>1 && $4=="time" && $2<=2{print $2,$3,$6,$7,$10}' "$1/trials.csv"; }
check "the same seed gives the same order and inputs" test "$(order "$run")" = "$(order "$(latest)")"
measure --workload=small_strings --rounds=2 --seed=6
check "another seed another order" test "$(order "$run")" != "$(order "$(latest)")"

measure --workload=small_strings --rounds=6 --backends=arena --strategy=owned --run=mine
check "chosen cells: the baseline, its sentinel and arena/owned" \
    test "$status" -eq 0 -a "$(awk -F, 'NR>1{print $6"/"$7}' "$work/results/mine/trials.csv" | sort | uniq -c | awk '{print $1,$2}' | tr '\n' ';')" = "18 owned/arena;36 owned/system;"
check "compare finds the common cells" sh -c "'$apportion' compare --results='$work/results' --base='$run' --head=mine | grep -q 'arena/owned'"

head -n 1 harness/targets.csv >"$work/targets.csv"
echo 'stretch,impossible,small_strings,ns_per_op,arena/owned,system/owned,speedup >=,1000,' >>"$work/targets.csv"
measure --workload=small_strings --rounds=12 --backends=arena --strategy=owned --targets="$work/targets.csv" --enforce
check "a missed target is exit 1 where it is enforced" says 1 "1 target missed"
measure --workload=small_strings --rounds=12 --backends=arena --strategy=owned --targets="$work/targets.csv"
check "and 0 where it is not" test "$status" -eq 0

# Twelve rounds of counts and memory take longer than this.
measure --workload=small_strings --budget=0.1 --backends=pool --strategy=pooled
check "other kinds leave time for a timed round, however small the budget" \
    test "$(awk -F, '$4 == "time"' "$(latest)/trials.csv" | wc -l)" -gt 0
finish
