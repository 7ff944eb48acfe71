#!/usr/bin/env bash
# The workloads of the library: their cells, where their text is from, a peer's row and its target.
. tests/e2e/lib.sh

"$apportion" list >"$work/list"
for workload in quoted_csv multi_delimiter long_tokens streaming; do
    check "list shows $workload" grep -q "^  $workload .*; op = one .*; owned pooled" "$work/list"
done
check "streaming has no view" sh -c "grep '^  streaming' '$work/list' | grep -qv ' view'"
check "libcsv is of the baseline backend and quoted_csv alone" \
    test "$(grep -c ' libcsv\( *(\|$\)' "$work/list")" -eq 2
jemalloc=$(ls /usr/lib/*/libjemalloc.so.2 2>/dev/null | head -n 1)
"$apportion" list --preload=other="$jemalloc" >"$work/preloaded"
check "and not of a preloaded library" grep -q '^  other *owned  (' "$work/preloaded"

measure --workload=quoted_csv,multi_delimiter,long_tokens,streaming --backends=pool,null --rounds=1 --seed=3
check "a round of each" test "$status" -eq 0 -a "$(rows trials.csv '$11 != "ok"')" -eq 0
cells() { awk -F, -v w="$1" 'NR>1 && $4=="time" && $5==w{print $7"/"$6}' "$(latest)/trials.csv" | sort | tr '\n' ' '; }
common="null/owned pool/owned pool/pooled"
check "cells of quoted_csv" test "$(cells quoted_csv)" = "$common pool/view system/owned system/owned "
check "cells of multi_delimiter" test "$(cells multi_delimiter)" = "$common pool/view system/owned system/owned "
check "cells of streaming" test "$(cells streaming)" = "$common system/owned system/owned "
reductions() { rows targets.csv '$3 == "'$1'" && $4 == "heap_allocations_per_op" && $7 == "reduction >=" && $9 != ""'; }
for workload in quoted_csv multi_delimiter long_tokens streaming; do
    check "the targets of every workload are $workload's too" test "$(reductions $workload)" -eq 2
done
planned() {
    perl -MJSON::PP -0777 -ne 'for my $w (@{decode_json($_)->{plan}{workloads}}) {
        print join(" ", $w->{name}, sort map { "$_->{backend}/$_->{strategy}" } @{$w->{cells}}), "\n" }' "$(latest)/environment.json"
}
check "environment.json has the cells of each workload" \
    test "$(planned | grep streaming)" = "streaming $common system/owned"
source_of() { awk -F, -v t="$(awk -F, -v w="$1" 'NR>1 && $4=="time" && $5==w{print $1; exit}' "$(latest)/trials.csv")" '$1==t && $2=="input_bytes"{print $5}' "$(latest)/measurements.csv"; }
check "where the text is from: oui.csv" test "$(source_of quoted_csv)" = file
check "where the text is from: made" test "$(source_of streaming)" = generated

measure --workload=quoted_csv,small_strings --backends=system,pool --rounds=1 --seed=3
check "libcsv is a row of quoted_csv" \
    test "$(cells quoted_csv)" = "pool/owned pool/pooled pool/view system/libcsv system/owned system/owned "
check "and of no other workload" test "$(cells small_strings)" = "pool/owned pool/pooled pool/view system/owned system/owned "
check "the table shows it" grep -q '^ *system/libcsv  *[0-9]' "$work/out"
check "the target against it was measured" \
    test "$(rows targets.csv '$3 == "quoted_csv" && $6 == "system/libcsv" && $9 > 0')" -eq 1
measure --workload=quoted_csv --strategy=libcsv --rounds=1
check "by itself" test "$(cells quoted_csv)" = "system/libcsv system/owned system/owned "
measure --workload=quoted_csv --strategy=libcsv --rounds=1 --param=input=generated --param=window=32K
check "generated text on request" test "$status" -eq 0 -a "$(source_of quoted_csv)" = generated

# Without the package: in a mount namespace of one's own, where one may be had.
mkdir "$work/empty"
without() { unshare --map-root-user --mount sh -c "mount --bind '$work/empty' /usr/share/ieee-data && $1"; }
if without true 2>/dev/null; then
    check "where oui.csv is missing, its like is generated" \
        sh -c "$(declare -f without); work='$work'; without \"'$runners/system' --workload=quoted_csv\" | grep -q 'input_bytes.*generated'"
fi

# An interrupted run of two workloads with unlike cells goes on with the same schedule.
order() { awk -F, 'NR>1{print $4,$2,$3,$5,$6,$7,$10}' "$work/results/$1/trials.csv"; }
two="--workload=quoted_csv,streaming --backends=system,pool --rounds=2 --seed=8"
measure $two --run=whole
head -n 40 "$work/results/whole/trials.csv" >"$work/part"
cp -r "$work/results/whole" "$work/results/cut"
cp "$work/part" "$work/results/cut/trials.csv"
awk -F, -v last="$(tail -n 1 "$work/part" | cut -d, -f1)" 'NR==1 || $1<=last' "$work/results/whole/measurements.csv" >"$work/results/cut/measurements.csv"
measure --resume=cut
check "resumed: the same trials in the same order" test "$status" -eq 0 -a "$(order whole)" = "$(order cut)"
finish
