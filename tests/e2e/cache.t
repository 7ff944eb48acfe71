#!/usr/bin/env bash
# Cache trials: simulated misses repeat themselves, are those of the backend that is named, and where
# they cannot be had they are n/a with the reason while the run goes on. Latency trials beside them.
. tests/e2e/lib.sh
few="--workload=batch_processing --litter=0 --rounds=2 --strategy=owned --backends=arena,tcmalloc,mimalloc"
jemalloc=$(ldconfig -p | awk '/libjemalloc.so.2 /{print $NF; exit}')
check "jemalloc is installed" test -e "$jemalloc"

simulated() { awk -F, '$6 ~ /^simulated_/' "$work/results/$1/summary.csv"; }
# values RUN: "backend metric median" of its simulated metrics.
values() { simulated "$1" | awk -F, '$16 !~ /sentinel/ {print $3, $6, $10}' | sort; }

measure $few --kinds=cache --cache=sim --seed=1 --preload=jemalloc="$jemalloc" --run=one
check "a run with simulated misses" test "$status" -eq 0 -a ! -s "$work/err"
measure $few --kinds=cache --cache=sim --seed=2 --preload=jemalloc="$jemalloc" --run=two
check "and another, of another seed" test "$status" -eq 0
has_misses() { awk -F, -v b="$1" '$3 == b && $6 == "simulated_l1d_misses_per_op" && $8 ~ /^callgrind-sim;D1=[0-9]+\/[0-9]+\/[0-9]+;LL=[0-9]+\/[0-9]+\/[0-9]+$/ {n++} END {exit !n}' "$work/results/one/summary.csv"; }
for backend in system arena mimalloc tcmalloc jemalloc; do
    check "$backend has its misses, with their source" has_misses $backend
done
# Some heaps give memory back by the clock: a miss in a hundred ops comes and goes, jemalloc's five.
agree() {
    join <(values one | awk '{print $1 ":" $2, $3}') <(values two | awk '{print $1 ":" $2, $3}') |
        awk '{d = $2 - $3; n++; if (d < 0) d = -d; if (d > 0.005 * $2 && d > ($1 ~ /^jemalloc:/ ? 0.05 : 0.01)) {print; bad = 1}} END {exit bad || n < 30}'
}
check "two runs agree within 0.5 %, or a miss in 100 ops (jemalloc: five)" agree
exact() { ! simulated one | grep -v above_floor | grep -vE ',(jemalloc|mimalloc|tcmalloc),|exact' | grep .; }
check "and the rounds of one exactly, but for heaps that go by the clock" exact
plausible() { values one | awk '$2 == "simulated_l1d_misses_per_op" {m[$1] = $3} $2 == "simulated_instructions_per_op" {i[$1] = $3} END {exit !(m["arena"] > 0 && m["arena"] < m["system"] && i["arena"] > 100 && i["arena"] < i["system"])}'; }
check "the arena misses less than the system's heap" plausible
check "who served malloc was proved under valgrind" test \
    "$(rows trials.csv '$4 == "cache" && ($7 == "jemalloc") && $15 ~ /libjemalloc.so.2 /')" -eq 2 -a \
    "$(rows trials.csv '$4 == "cache" && ($7 == "tcmalloc") && $15 ~ /libtcmalloc/')" -eq 2 -a \
    "$(rows trials.csv '$4 == "cache" && ($7 == "mimalloc") && $15 ~ /libmimalloc/')" -eq 2
check "no file of callgrind's stays" test -z "$(find "$work/results" -name 'callgrind*')"
check "the report has the table, with its source" grep -qF 'callgrind-sim;D1=' "$work/results/one/report.md"

# ---- where it cannot be had ----
missing() { # missing REASON: exit 0, every simulated metric n/a with that reason, no cell failed, time measured
    [ "$status" -eq 0 ] || { cat "$work/err"; return 1; }
    awk -F, -v reason="$1" '$2 ~ /^simulated_/ {n++; if ($3 != "n/a" || $0 !~ reason) {print; bad = 1}} END {exit bad || !n}' \
        "$(latest)/measurements.csv" || return 1
    [ "$(rows trials.csv '$11 != "ok"')" -eq 0 ] && [ "$(rows trials.csv '$4 == "time"')" -gt 0 ]
}
arena="--workload=small_strings --rounds=2 --strategy=owned --backends=arena --kinds=cache --cache=sim"
mkdir "$work/bin"
for tool in sh cmark-gfm gnuplot git; do ln -s "$(command -v $tool)" "$work/bin/"; done
PATH=$work/bin measure $arena
check "valgrind missing" missing "valgrind is not on PATH; .make deps. installs it"
fake_valgrind() { printf '#!/bin/sh\n%s\n' "$1" >"$work/bin/valgrind"; chmod +x "$work/bin/valgrind"; }
fake_valgrind 'echo "cannot simulate" >&2; exit 1'
PATH=$work/bin measure $arena
check "valgrind failing" missing "valgrind.*ended with status 1: cannot simulate"
check "is given up after three trials" test "$(grep -c 'not started: valgrind failed 3 times' "$(latest)/trials.csv")" -eq 3
fake_valgrind 'sleep 1000'
PATH=$work/bin measure $arena --timeout=0.5
check "valgrind hanging" missing "valgrind.*time limit of 0.5 s"
fake_valgrind 'while [ "${1#--}" != "$1" ]; do shift; done; exec "$@"'
PATH=$work/bin measure $arena
check "valgrind that simulates nothing" missing "wrote no file of totals"
fake_valgrind 'for a in "$@"; do case $a in --callgrind-out-file=*) o=${a#*=};; esac; done
while [ "${1#--}" != "$1" ]; do shift; done; "$@"; echo "events: Ir" >"$o"'
PATH=$work/bin measure $arena
check "a file of totals cut short" missing "cut short"
fake_valgrind 'while [ "${1#--}" != "$1" ]; do shift; done; "$@" 3>&1 | sed "s/^checksum.*/checksum\tdead\tbeef/" >&3'
PATH=$work/bin measure $arena
check "wrong tokens under valgrind are a failure of the cell" says 3 "wrong tokens: checksum dead"
# By itself: where the hardware does not count, whatever this machine has.
counting() { # counting VALUE SOURCE: runners whose timed trials say so of their counters
    mkdir -p "$work/counting"
    for backend in system arena; do
        cat >"$work/counting/$backend" <<EOF
#!/bin/sh
case "\$*" in *--kind=time*) exec 4>&3; "$runners/$backend" "\$@" 3>&1 | sed "s|^measure\tinstructions_per_op\t.*|measure\tinstructions_per_op\t$1\tcount\t$2|" >&4;; *) exec "$runners/$backend" "\$@";; esac
EOF
        chmod +x "$work/counting/$backend"
    done
}
auto="--workload=small_strings --rounds=1 --strategy=owned --backends=arena --kinds=cache"
counting 5 perf_event:hardware
measure $auto --runners="$work/counting"
check "CACHE=auto: none where the hardware counts" test "$status" -eq 0 -a "$(rows trials.csv '$4 == "cache"')" -eq 0
counting n/a "no such counter"
measure $auto --runners="$work/counting"
check "CACHE=auto: simulated where it does not" test "$status" -eq 0 -a "$(rows trials.csv '$4 == "cache"')" -eq 3
measure $arena --cache=off
check "CACHE=off: no cache trials" test "$status" -eq 0 -a "$(rows trials.csv '$4 == "cache"')" -eq 0
measure $arena --cache=never
check "CACHE=something else" says 2 "cache=never: there are auto, sim, off"
measure $arena --kinds=speed
check "an unknown kind" says_in_one_line 2 "unknown kind 'speed'"

# ---- latency ----
measure --workload=small_strings --rounds=1 --backends=arena,pool --kinds=latency --run=latency
check "a run with latencies" test "$status" -eq 0 -a "$(rows trials.csv '$4 == "latency" && $11 == "ok"')" -gt 3
quantiles() { # each n/a says what it needs; each figure has the samples that it needs
    awk -F, '
        $2 ~ /^latency_op_samples/ {taken[$1] = $3}
        $2 ~ /^latency_op_p/ {p = $2; sub(/^latency_op_p/, "", p); sub(/_/, ".", p); value[$1 "," p] = $3; why[$1 "," p] = $5; n++}
        END {
            for (k in value) {
                split(k, part, ",")
                enough = taken[part[1]] >= 100 / (1 - part[2] / 100) - 1e-6
                if (enough != (value[k] != "n/a") || (!enough && why[k] !~ /^needs [0-9]+ samples; [0-9]+ were taken/)) {print k, value[k], why[k]; bad = 1}
            }
            exit bad || !n
        }' "$(latest)/measurements.csv"
}
if grep -q 'latency_op_samples' "$(latest)/measurements.csv"; then
    check "a quantile has the samples that it needs, or says so" quantiles
    rising() { awk -F, '$2 ~ /^latency_op_(p|max)/ && $3 != "n/a" {if ($1 == trial && $3 + 0 < last) {print; exit 1} trial = $1; last = $3 + 0}' "$(latest)/measurements.csv"; }
    check "quantiles rise with p up to the maximum" rising
    check "calls of the pooled API are n/a with the reason" awk -F, '$2 ~ /^latency_alloc_p50/ && $3 == "n/a" && /only the strategy owned/ {n++} END {exit !n}' "$(latest)/measurements.csv"
    check "what is too short for the clock has no ratio" awk -F, '/unresolved/ && $6 ~ /^latency/ && $13 != "n/a" {print; exit 1}' "$(latest)/summary.csv"
else
    check "no clock for latencies: said" grep -qE 'latency_op_p50,n/a,ns,.' "$(latest)/measurements.csv"
fi
check "the report has the table of latencies" grep -q 'latency' "$(latest)/report.md"
finish
