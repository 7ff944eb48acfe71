#!/usr/bin/env bash
# Allocators of one's own: a preload, a new backend from the template, and what proves who serves.
. tests/e2e/lib.sh
jemalloc=$(ldconfig -p | awk '/libjemalloc.so.2 /{print $NF; exit}')
check "jemalloc is installed" test -e "$jemalloc"

measure --workload=small_strings --rounds=6 --backends=arena --preload=jemalloc="$jemalloc"
check "a preloaded library is a backend" test "$status" -eq 0 -a "$(rows trials.csv '$7 == "jemalloc"')" -gt 0
check "every trial of it is served by that file" test "$(rows trials.csv '$7 == "jemalloc" && $15 !~ /libjemalloc.so.2 /')" -eq 0
check "it stands in the table" grep -q "jemalloc/owned" "$work/out"

LD_PRELOAD=/nonexistent.so "$runners/system" --workload=small_strings >"$work/report" 2>"$work/err"
check "a preload of a missing file only warns: the report names the C library" \
    grep -qP 'identity\t[^\t]*libc\.so' "$work/report"
cp "$jemalloc" "$work/gone.so"
lost_preload() {
    # The library goes away between the plan and the trials.
    mkdir -p "$work/runners"
    cat >"$work/runners/system" <<EOF
#!/bin/sh
rm -f "$work/gone.so"
exec "$runners/system" "\$@"
EOF
    chmod +x "$work/runners/system"
    ln -sf "$jemalloc" "$work/gone.so"
    cp --remove-destination "$jemalloc" "$work/gone.so"
    cp "$runners/arena" "$work/runners/"
    sed -i "s|^rm |[ \"\$1\" = --describe ] \|\| rm |" "$work/runners/system"
    measure --workload=small_strings --rounds=2 --backends=arena --strategy=owned --runners="$work/runners" --preload=lost="$work/gone.so"
    says 3 "lost/owned: malloc is served by .*libc.so.6, not by .*/gone.so"
}
check "a preload that does not take is refused" lost_preload

# The template, in a copy of the sources.
mkdir "$work/tree"
git ls-files -z --cached --others --exclude-standard | xargs -0 -I{} cp --parents {} "$work/tree" 2>/dev/null
in_tree() { make -s -C "$work/tree" "$@"; }
check "new-backend writes one file" sh -c "make -s -C '$work/tree' new-backend NAME=jemalloc && cd '$work/tree' && [ \$(wc -l <allocators/jemalloc.c) -le 30 ]"
check "it builds" in_tree build/runners/jemalloc build/runners/system
new_backend_runs() {
    "$apportion" run --runners="$work/tree/build/runners" --results="$work/results" --kinds=count,memory --workload=small_strings \
        --rounds=6 --backends=jemalloc >"$work/out" 2>"$work/err" &&
        [ "$(rows trials.csv '$7 == "jemalloc" && $15 ~ /libjemalloc.so.2 /')" -gt 0 ] &&
        [ "$(rows trials.csv '$11 != "ok"')" -eq 0 ]
}
check "the driver finds and measures it" new_backend_runs
refused() { ! make -s -C "$work/tree" new-backend "$@" 2>"$work/err" && grep -q "new-backend: " "$work/err"; }
check "a name that is taken is refused" refused NAME=jemalloc
check "no name is refused" refused
check "a name that is no name is refused" refused NAME=../x
# built ARGUMENTS…: makes the runner, and prints when its file was last written.
built() { in_tree build/runners/system "$@" && stat -c %y "$work/tree/build/runners/system"; }
first=$(built)
check "nothing is built twice" test "$first" = "$(built)"
touch "$work/tree/workloads/workload.h"
second=$(built)
check "objects follow their headers" test "$first" != "$second"
check "and their flags" test "$second" != "$(built CFLAGS=-O1)"
finish
