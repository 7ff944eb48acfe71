#!/usr/bin/env bash
# docs/tuning.sh at its smallest: rows gathered from each run, pictures, tables between the marks; the
# pool's limit and the workload's shape reach the library; nothing is replaced where a run fails.
. tests/e2e/lib.sh

tune() { # tune [PROGRAM]
    TUNING_QUICK=1 docs/tuning.sh "${1:-$apportion}" "$work/made/tuning" "$work/page.md" >"$work/said" 2>"$work/err"
    status=$?
}
{
    echo before
    grep '^<!-- tuning:' docs/tuning.md
    echo behind
} >"$work/page.md"
cp "$work/page.md" "$work/marks"
tune
csv=$work/made/tuning/tuning.csv
check "the sweeps run" test "$status" -eq 0
check "each row has all fields" awk -F, 'NF != 14 || $9 == "" {exit 1}' "$csv"
check "a curve's rows stand together" sh -c "awk -F, 'NR > 1 && \$1\$3\$4\$5\$6 != last {print last = \$1\$3\$4\$5\$6}' '$csv' | sort | uniq -d | wc -l | grep -qx 0"
has() { # has SWEEP VALUE WORKLOAD CELL METRIC 'AWK CONDITION ON x'
    awk -F, -v s="$1" -v v="$2" -v w="$3" -v c="$4" -v m="$5" '
        $1 == s && $2 == v && $3 == w && $5 "/" $4 == c && $6 == m { x = $9; n++; if (!('"$6"')) n += 2 }
        END { if (n != 1) print s, v, w, c, m ": " n " rows, the last of " x; exit n != 1 }' "$csv"
}
for workload in small_strings batch_processing long_tokens; do
    for cell in system/owned arena/owned pool/owned pool/pooled; do
        check "time of $cell on $workload" has chunk 4096 $workload $cell ns_per_op 'x > 0'
    done
    check "chunks on $workload" has chunk 4096 $workload pool/pooled arena_chunks 'x > 0'
done
check "no sentinel" test "$(grep -c '^chunk,4096,small_strings,owned,system,ns_per_op' "$csv")" -eq 1
# 1 KiB is eight containers of a thousand.
check "the pool's limit holds" has pool_limit 1024 batch_processing pool/view pool_hit_rate 'x == 0.008'
rate() { awk -F, '$1 == "batch_processing" && $2 == "view" && $6 == "pool_hit_rate" { print $10 }' "$(latest)/summary.csv"; }
limited="--workload=batch_processing --backends=pool --strategy=view --litter=0 --rounds=2 --kinds=count --seed=3"
measure $limited
check "by default all 1000 are kept" test "$(rate)" = 1
measure $limited --pool-limit=1024 --run=cut
for file in trials measurements; do
    head -n 1 "$work/results/cut/$file.csv" >"$work/head"
    cp "$work/head" "$work/results/cut/$file.csv"
done
measure --resume=cut
check "a run that is resumed has its limit" test "$status" -eq 0 -a "$(rate)" = 0.008
# 17 tokens need a container of 512 bytes, of which a slab of 16 KiB has 31; one slab more may be
# held, of the small ones.
check "the workload's shape holds" has tokens 17 batch_processing pool/view peak_committed_bytes 'x >= 512000 && x < 560000'
for picture in chunk pool_limit tokens; do
    check "picture $picture" grep -q '</svg>' "$work/made/tuning/$picture.svg"
done
check "curves have their names" grep -q 'pool/pooled' "$work/made/tuning/chunk.svg"
check "the machine's record" grep -q '"cpu"' "$work/made/tuning/environment.json"
check "the page's marks stay" sh -c "grep -v '^|\|^$' '$work/page.md' | cmp - '$work/marks'"
check "every mark has its table" test "$(grep -c '^|--:' "$work/page.md")" -eq "$(grep -c begin "$work/marks")"
check "tables have no gaps" sh -c "! grep -q 'n/a\||  |' '$work/page.md'"

# From the rows that are there, without a run.
sed -i '/^|/d' "$work/page.md"
sum=$(cat "$csv" | cksum)
TUNING_AGAIN=1 tune /bin/false
check "tables again from the rows" test "$status" -eq 0 -a "$(grep -c '^|--:' "$work/page.md")" -eq "$(grep -c begin "$work/marks")"
check "which stay" test "$(cat "$csv" | cksum)" = "$sum"

# A run that fails: nothing is replaced.
cp "$work/page.md" "$work/page.old"
sum=$(cat "$work"/made/tuning/* | cksum)
tune /bin/false
same() { cmp "$work/page.md" "$work/page.old" && [ "$(cat "$work"/made/tuning/* | cksum)" = "$sum" ]; }
check "a run that fails: a line that says which" says_in_one_line 1 "the run at chunk 4096 failed"
check "and all is as before" same
finish
