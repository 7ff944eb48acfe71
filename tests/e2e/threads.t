#!/usr/bin/env bash
# Trials with several threads: the factor on the command line, the same tokens at every number of
# threads, their rows and derived figures, a thread that crashes, a machine with one processor.
. tests/e2e/lib.sh

refused() { # refused TEXT OPTION…: exit 2 and TEXT on stderr
    local text=$1
    shift
    measure "$@"
    says 2 "$text" && [ ! -e "$work/results" ]
}
for nonsense in 0 -2 two 1,x 1.5 2000; do
    check "--threads=$nonsense is refused" refused "threads=[^ ]* is (not a whole number|more than 1024)" --threads=$nonsense
done
check "an empty number in the list is refused" refused "empty name" --threads=1,,2
runner_refuses() { ! "$runners/system" --workload=small_strings "$@" 2>"$work/err" >&2 && grep -q "threads" "$work/err"; }
check "the runner refuses no threads" runner_refuses --threads=0
check "the runner refuses too many" runner_refuses --threads=5000

# ---- the same tokens at any number of threads ----
# trial BACKEND STRATEGY WORKLOAD THREADS OPTION…: its report, which must hold no failure
trial() {
    local backend=$1 strategy=$2 workload=$3 threads=$4
    shift 4
    "$runners/$backend" --workload="$workload" --strategy="$strategy" --threads="$threads" --cpus=0 \
        --report-fd=1 --seed=5 "$@" 2>&1
}
# A workload made for threads has one input: its checksum is the same at 1, 2, 4 and 8.
agree() { # agree WORKLOAD OPTION…
    local workload=$1 backend strategy threads all=""
    shift
    for backend in arena mimalloc null pool system tcmalloc; do
        for strategy in owned pooled view; do
            trial $backend $strategy "$workload" 1 "$@" | grep -q "does not offer" && continue
            for threads in 1 2 4 8; do
                trial $backend $strategy "$workload" $threads "$@" >"$work/report"
                if ! tail -n 1 "$work/report" | grep -qx end || grep -q ^failed "$work/report"; then
                    echo "$backend/$strategy, $threads threads:"; cat "$work/report"
                    return 1
                fi
                all="$all$(sed -n 's/^checksum\t//p' "$work/report" | tr '\t' '\n')"$'\n'
            done
        done
    done
    [ "$(grep -c . <<<"$all")" -ge 16 ] && [ "$(grep . <<<"$all" | sort -u | wc -l)" -eq 1 ]
}
check "parallel_bulk: one checksum for all backends and threads" agree parallel_bulk --param=size=100K
check "parallel_bulk_skewed: the same" agree parallel_bulk_skewed --param=size=100K
check "cross_thread: the same" agree cross_thread --param=size=100K --param=flight=3
check "thread_churn: the same" agree thread_churn --param=lives=9 --param=lines=20
check "false_sharing: the same" agree false_sharing --param=writes=1001
copies() { # each thread its own input: got equals the reference, and other than with one thread
    local kind
    for kind in time count memory latency; do
        trial pool pooled small_strings 3 --kind=$kind --passes=3 >"$work/report" || { cat "$work/report"; return 1; }
        awk -F'\t' '$1 == "checksum" {seen = $2 == $3} END {exit !seen}' "$work/report" || return 1
    done
    [ "$(sed -n 's/^measure\tops\t\([0-9]*\).*/\1/p' <<<"$(trial pool pooled small_strings 3)")" -eq $((3 * 512)) ]
}
check "small_strings at 3 threads: three inputs, in every kind of trial" copies
check "cells that a backend cannot have are not offered" sh -c "! '$runners/arena' --workload=cross_thread --strategy=owned 2>&1 | grep -q ^end"
check "a refused allocation in a thread fails the trial" sh -c "
    (ulimit -v 400000; '$runners/system' --workload=peak_memory --param=blocks=20 --threads=8 --report-fd=1 2>&1) | grep -q ^failed"

# ---- a run ----
measure --workload=small_strings,cross_thread --param=size=200K --threads=1,2 --rounds=3 --backends=pool --strategy=pooled --kinds=count,memory
check "a run at one and two threads ends with 0" test "$status" -eq 0 -a ! -s "$work/err"
check "the command is recorded with all of its lists" grep -q '"command": ".*--workload=small_strings,cross_thread .*--threads=1,2 .*--kinds=count,memory' "$(latest)/environment.json"
check "trials stand with their threads" test "$(rows trials.csv '$4 == "time" && $8 == 2 && $5 == "cross_thread"')" -eq 9
check "the baseline and its sentinel run at each number" test "$(rows summary.csv '$3 == "system" && $4 == 2 && $6 == "ns_per_op" && $5 == 0')" -eq 4
check "one thread is measured on the processors that two have" test "$(rows measurements.csv '$2 == "processors" && $5 == "one thread: on each in turn"')" -eq $(( $(nproc) > 1 ? 2 * 3 * 3 : 0 ))
check "the ratio is to the baseline with the same threads" \
    awk -F, '$1 != "cross_thread" || $6 != "ns_per_op" || $16 ~ /sentinel/ {next} {v[$3, $4] = $10; r[$3, $4] = $13}
        END {q = v["system", 2] / v["pool", 2]; exit !(r["pool", 2] > q / 2 && r["pool", 2] < q * 2)}' "$(latest)/summary.csv"
check "thread_speedup stands beside several threads only" test "$(rows summary.csv '$6 == "thread_speedup" && $4 == 2')" -gt 0 -a "$(rows summary.csv '$6 == "thread_speedup" && $4 == 1')" -eq 0
check "blow_up is there for several threads only" test "$(rows summary.csv '$6 == "blow_up" && $4 == 1')" -eq 0 -a "$(rows summary.csv '$6 == "blow_up" && $1 == "cross_thread"')" -gt 0
check "the workload's own counts are measurements" test "$(rows measurements.csv '$2 == "full_waits_per_pass"')" -gt 0
check "failed attempts at the exchange are measured, and one thread has none" awk -F, '
    FNR == NR {threads[$1] = $8; next} $2 == "exchange_contended_per_pass" {n++; if (threads[$1] == 1 && $3 > 0) exit 1} END {exit !n}' "$(latest)/trials.csv" "$(latest)/measurements.csv"
check "targets of threads are judged" awk -F, '$1 == "blow-up" && $5 == "pool/pooled threads 2" && $9 != "n/a" {found = 1} END {exit !found}' "$(latest)/targets.csv"
check "the table has the threads" grep -q "pool/pooled 2T" "$work/out"
run=$(readlink -f "$(latest)")
head -n 30 "$run/trials.csv" >"$work/short" && cp "$work/short" "$run/trials.csv"
"$apportion" run --results="$work/results" --resume="$run" >"$work/out" 2>"$work/err"
status=$?
check "such a run is resumed to the same cells" test "$status" -eq 0 -a "$(rows trials.csv '$4 == "time" && $8 == 2 && $5 == "cross_thread"')" -eq 9
measure --workload=small_strings --rounds=1 --backends=pool --strategy=pooled --kinds=count
check "and it stays where it is, where no trial has more" test "$(rows measurements.csv '$2 == "processors"')" -eq 0
check "a workload not made for threads has one by default" test "$(awk -F, 'NR > 1 {print $8}' "$(latest)/trials.csv" | sort -u)" = 1

# ---- what goes wrong ----
cat >"$work/crash.c" <<'C'
/* A malloc that crashes the second thread that asks. */
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
extern void *__libc_malloc(size_t);
static pthread_t first;
static int seen;
void *malloc(size_t size)
{
    if (!seen) {
        seen = 1;
        first = pthread_self();
    } else if (!pthread_equal(first, pthread_self())) {
        abort();
    }
    return __libc_malloc(size);
}
extern void __libc_free(void *);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_calloc(size_t, size_t);
void free(void *block) { __libc_free(block); }
void *realloc(void *block, size_t size) { return __libc_realloc(block, size); }
void *calloc(size_t count, size_t size) { return __libc_calloc(count, size); }
C
gcc -shared -fPIC -O1 -w -o "$work/crash.so" "$work/crash.c" -lpthread
measure --workload=small_strings --threads=1,2 --rounds=1 --backends=system --strategy=owned --preload=crash="$work/crash.so" --kinds=count
check "a crash in a thread fails its cell, and the run goes on" says 3 "crash/owned: killed by signal 6"
check "only with two threads" test "$(rows trials.csv '$7 == "crash" && $11 == "FAILED" && $8 == 1')" -eq 0 -a "$(rows trials.csv '$7 == "crash" && $11 == "FAILED" && $8 == 2')" -gt 0
check "the others are measured" test "$(rows trials.csv '$7 == "system" && $11 == "ok" && $8 == 2')" -gt 0

taskset -c 0 "$apportion" run --results="$work/results" --kinds=count --workload=cross_thread --param=size=100K \
    --threads=2 --rounds=1 --backends=pool >"$work/out" 2>"$work/err"
status=$?
check "one processor is enough" test "$status" -eq 0
check "and each trial says that there were more threads" test "$(rows measurements.csv '$2 == "processors" && $3 == 1 && $5 ~ /more threads than processors/')" -gt 0
finish
