#!/usr/bin/env bash
# Runners that go wrong, a full disk, interruptions, missing tools: a clear line, the right exit
# status, earlier results intact.
. tests/e2e/lib.sh

few="--workload=small_strings --rounds=2 --strategy=owned"

# ---- runners that go wrong: fakes beside the real baseline ----
mkdir "$work/runners"
cp "$runners/system" "$work/runners/"
fake() { # fake NAME 'SHELL': describes itself as a backend, then does that for a trial
    cat >"$work/runners/$1" <<EOF
#!/bin/sh
if [ "\$1" = --describe ]; then
    echo '{"backend": "$1", "provider": "libc.so", "capabilities": ["frees_individually"],
      "strategies": ["owned"], "workloads": [{"name": "small_strings", "description": "d", "op": "o", "strategies": ["owned"], "parameters": []}]}'
    exit 0
fi
$2
EOF
    chmod +x "$work/runners/$1"
}
real="\"$runners/system\" \"\$@\""
fake segfaults 'kill -SEGV $$'
fake aborts 'kill -ABRT $$'
fake hangs 'sleep 1000'
fake garbles 'head -c 3000000 /dev/urandom >&3'
fake mutters 'echo "not a report" >&3'
fake says_nothing 'exit 0'
fake cut_short "$real 3>&1 | head -n 3 >&3"
fake lies "$real 3>&1 | sed 's/^checksum.*/checksum\tdead\tbeef/' >&3"
fake is_another "$real 3>&1 | sed 's|^identity\t[^\t]*|identity\t/usr/lib/libother.so.1|' >&3"
fake refuses "$real 3>&1 | sed 's/^checksum.*/failed\tallocation refused: Cannot allocate memory/' >&3"

measure $few --runners="$work/runners" --timeout=3
check "failing cells: exit 3 and the first failure named" says 3 "failed trials, the first: small_strings"
reason() { awk -F, -v b="$1" -v r="$2" 'NR>1 && $7==b{n++; if ($11!="FAILED" || $0 !~ r) {print; bad=1}} END{exit bad || n!=6}' "$(latest)/trials.csv"; }
check "a segfault is named" reason segfaults 'killed by signal 11|not started: 3 failures in a row.*signal 11'
check "an abort is named" reason aborts 'signal 6'
check "a hang is killed at its time limit" reason hangs 'time limit'
check "random bytes are no report" reason garbles 'garbage|no report'
check "other words are no report" reason mutters 'garbage in the report'
check "silence is no report" reason says_nothing 'no report'
check "a report without its end" reason cut_short 'cut short'
check "a wrong checksum" reason lies 'wrong tokens: checksum dead'
check "another allocator than it says" reason is_another 'malloc is served by /usr/lib/libother.so.1'
check "a refused allocation" reason refuses 'allocation refused'
check "the good cells were measured all the same" test "$(rows trials.csv '$7 == "system" && $11 == "ok"')" -eq 12
check "failures stand in the report" grep -q "killed by signal 11" "$(latest)/report.md"
check "and in the table" grep -qE 'segfaults/owned.*failed:' "$work/out"

fake no_json 'true'
printf '#!/bin/sh\necho "{"\n' >"$work/runners/no_json"
measure $few --runners="$work/runners"
check "a runner whose description is no JSON" says 2 "no_json: its description is not JSON"
rm "$work/runners/no_json"

# A runner built without its library serves itself from the C library: refused.
wrongly_linked() {
    local objects
    objects=$(find build/obj -name '*.o' \( -path '*/harness/runner/*' -o -path '*/harness/error.o' -o -path '*/harness/trial.o' -o -path '*/workloads/*' -o -path '*/allocators/arena/*' -o -path '*/allocators/pool/*' \))
    # What the backend asks of its library, so that it links without.
    cat >"$work/stub.c" <<'END'
#include <mimalloc.h>
int mi_version(void) { return 209; }
void mi_collect(bool force) { (void)force; }
mi_heap_t *mi_heap_get_default(void) { return 0; }
bool mi_heap_visit_blocks(const mi_heap_t *heap, bool all, mi_block_visit_fun *visit, void *argument)
{
    (void)heap, (void)all, (void)visit, (void)argument;
    return true;
}
END
    gcc -c "$work/stub.c" -o "$work/stub.o" &&
        gcc -std=gnu11 -D_GNU_SOURCE -I. -Iallocators/arena -Iallocators/pool -c allocators/mimalloc.c -o "$work/mimalloc.o" &&
        gcc -std=gnu11 -D_GNU_SOURCE -I. -Iallocators/arena -Iallocators/pool -Iworkloads/split -c harness/runner/main.c -o "$work/main.o" &&
        gcc -pie -o "$work/unlinked" "$work/main.o" "$work/mimalloc.o" "$work/stub.o" $objects -lcsv -lgsl -lgslcblas -lm -ldl || return 1
    rm -f "$work/runners"/*
    cp "$runners/system" "$work/runners/" && cp "$work/unlinked" "$work/runners/mimalloc"
    measure $few --runners="$work/runners"
    says 3 "malloc is served by .*libc.so.6, not by libmimalloc.so"
}
make -s unit TESTS=tests/unit/test_workloads_system.c >/dev/null 2>&1
check "a runner built without its library is refused" wrongly_linked

# ---- disk and folders ----
measure $few --run=kept
cp -r "$work/results/kept" "$work/kept"
full_disk() {
    mkdir -p "$work/small"
    if mount -t tmpfs -o size=96k tmpfs "$work/small" 2>/dev/null; then
        trap 'umount "$work/small"; cleanup' EXIT
        "$apportion" run --results="$work/small" --kinds=count,memory --workload=small_strings --rounds=40 >"$work/out" 2>"$work/err"
        status=$?
    else
        # No mount allowed here: files that may not grow past 96 KiB stand for the disk.
        (ulimit -f 96; "$apportion" run --results="$work/small" --kinds=count,memory --workload=small_strings --rounds=40 >"$work/out" 2>"$work/err")
        status=$?
    fi
    says 3 "cannot (append to|write) .*: (No space left|File too large)"
}
check "a full disk is named" full_disk
whole_rows() { awk -F, 'NF < 15 {exit 1}' "$work"/small/*/trials.csv && tail -c 1 "$work"/small/*/trials.csv | od -c | grep -q '\\n'; }
check "its rows so far are whole" whole_rows
: >"$work/file"
"$apportion" run --results="$work/file/results" $few >"$work/out" 2>"$work/err"
status=$?
check "a results folder that cannot be made" says_in_one_line 2 "cannot make the folder .*/file/results: Not a directory"
read_only() {
    mkdir -p "$work/ro"
    mount -t tmpfs -o ro tmpfs "$work/ro" 2>/dev/null || { chmod 555 "$work/ro"; [ "$(id -u)" -ne 0 ] || return 77; }
    "$apportion" run --results="$work/ro" $few >"$work/out" 2>"$work/err"
    status=$?
    umount "$work/ro" 2>/dev/null
    says_in_one_line 2 "cannot make the folder .*/ro/.*: (Read-only|Permission)"
}
if mount -t tmpfs tmpfs "$work/kept/plots" 2>/dev/null; then
    umount "$work/kept/plots"
    check "a results folder that is read-only" read_only
else
    echo "# no mount allowed here: a read-only folder is not tried"
fi
measure $few --run=kept
check "a run's name is taken once only" says_in_one_line 2 "there is a run .*/kept already"
check "and the earlier results are as they were" diff -r "$work/kept" "$work/results/kept"

# ---- interruptions ----
interrupt() { # interrupt SIGNAL SECONDS NAME
    "$apportion" run --results="$work/results" --kinds=count,memory --workload=small_strings --rounds=8 --seed=9 --run="$3" >"$work/out" 2>"$work/err" &
    local driver=$!
    sleep "$2"
    kill "-$1" "$driver"
    wait "$driver"
    status=$?
}
measure --workload=small_strings --rounds=8 --seed=9 --run=whole
check "a run to compare with" test "$status" -eq 0
plan() { awk -F, '{print $1,$2,$3,$4,$5,$6,$7,$10}' "$work/results/$1/trials.csv"; }
# sets RUN: each cell has the points of one trial, its first memory trial's, once.
sets() {
    awk -F, 'FNR == NR { if ($2 == 1 && $4 == "memory") cell[$1] = $7 "/" $6; next }
        FNR == 1 { next }
        !($1 in cell) || seen[$1, $2, $3]++ { print; exit bad = 1 }
        !trials[$1]++ && of[cell[$1]]++ { print "a second set: " $0; exit bad = 1 }
        END { if (bad) exit 1; for (trial in cell) if (!of[cell[trial]]) { print "none: " cell[trial]; exit 1 } }' \
        "$work/results/$1/trials.csv" "$work/results/$1/series.csv"
}
check "its curves are there once" sets whole
interrupt INT 0.7 stopped
check "SIGINT: exit 130 and how to go on" says 130 "interrupted; .make run RESUME=stopped"
check "with the tables of what there is" test -s "$work/results/stopped/summary.csv"
check "no runner is left" sh -c '! pgrep -f "$0/" ' "$runners"
measure --resume=stopped
check "it goes on to its end" test "$status" -eq 0
check "with the schedule of a run that was never stopped" test "$(plan stopped)" = "$(plan whole)"
check "and its curves once" sets stopped
for delay in 0.15 0.4 0.6 0.8 1.0; do
    interrupt KILL $delay "killed$delay" 2>/dev/null
    check "SIGKILL after $delay s" test "$status" -eq 137
    [ -e "$work/results/killed$delay/trials.csv" ] || continue
    measure --resume="killed$delay"
    check "resumed to its end" test "$status" -eq 0
    check "with the same schedule" test "$(plan "killed$delay")" = "$(plan whole)"
    check "and the curves once" sets "killed$delay"
done
measure --resume=whole
check "resuming a finished run adds nothing" test "$status" -eq 0 -a "$(plan whole | wc -l)" -eq "$(plan stopped | wc -l)"
two_at_once() {
    "$apportion" run --results="$work/results" --kinds=count,memory --workload=small_strings --rounds=40 --run=busy >/dev/null 2>&1 &
    local driver=$!
    sleep 0.5
    measure --resume=busy
    kill -INT $driver; wait $driver
    says_in_one_line 2 "busy is being measured by another process"
}
check "two drivers do not share a run" two_at_once

# ---- missing tools and rights ----
mkdir "$work/bin"
ln -s "$(command -v cmark-gfm)" "$work/bin/"
PATH=$work/bin measure $few
check "without gnuplot: a warning, and the rest is done" sh -c "[ $status -eq 0 ] && grep -q 'gnuplot is not on PATH' '$work/err' && [ -s '$(latest)/report.html' ]"
plots_alone() { PATH=$work/bin "$apportion" plots --results="$work/results" 2>"$work/err"; status=$?; says_in_one_line 3 "gnuplot is not on PATH"; }
check "make plots without gnuplot fails" plots_alone
one_cpu() { taskset -c "$(taskset -pc $$ | sed 's/.*[:,-] *//')" "$apportion" run --results="$work/results" --kinds=count,memory $few >"$work/out" 2>"$work/err" && grep -q '"cpus": 1' "$(latest)/environment.json"; }
check "one CPU only" one_cpu
# seccomp would refuse perf_event in a container; where it is refused or not, each counter says which.
check "each counter is a figure or says why not" \
    awk -F, '$2 ~ /^instructions_per_op$/ {n++; if ($3 == "n/a" && length($5) < 10) exit 1} END {exit n == 0}' "$(latest)/measurements.csv"
finish
