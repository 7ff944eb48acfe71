#!/usr/bin/env bash
# Wrong words on the command line: exit 2, one line that names them; and --help.
. tests/e2e/lib.sh

refused() { # refused TEXT OPTION…: exit 2 and TEXT on stderr
    local text=$1
    shift
    measure "$@"
    says 2 "$text" && [ ! -e "$work/results" ]
}
check "unknown backend" refused "unknown backend 'nosuch'; there are system, .*tcmalloc" --backends=nosuch
check "unknown workload" refused "unknown workload 'nosuch'; there are batch_processing" --workload=nosuch
check "unknown strategy" refused "unknown strategy 'fast'; there are owned, pooled, view, libcsv, pinned" --strategy=fast
check "unknown option" refused "unrecognized option '--nosuch'" --nosuch
check "unknown command" refused "unknown command 'walk'" walk
check "empty name in a list" refused "empty name" --backends=a,,b
check "rounds that are no number" refused "rounds=many is not a whole number" --rounds=many
check "no rounds" refused "rounds=0 is not a whole number of at least 1" --rounds=0
check "a budget that is none" refused "budget=-3 is not a number of seconds" --budget=-3
check "litter that is no share" refused "litter=1 is not a share of at least 0 and below 1" --litter=0.5,1
check "chunk that is no power of two" refused "chunk=5000 is not a power of two" --chunk=5000
check "a pool limit of nothing" refused "pool-limit=0 is not a whole number of at least 1" --pool-limit=0
check "parameter without a value" refused "param=x is not NAME=VALUE" --param=x
check "parameter of no workload" refused "no chosen workload has the parameter colour" --workload=small_strings --param=colour=red
check "file without an input" refused "workload file needs input" --workload=file
check "preload without a path" refused "preload=x is not NAME" --preload=x
check "preload of a missing library" refused "preload library /nonexistent.so: No such file" --preload=x=/nonexistent.so
check "preload under a taken name" refused "preload name 'arena' is a backend already" --preload=arena=/nonexistent.so
check "resume of a run that is not there" refused "no run 'yesterday'" --resume=yesterday
check "run name with a slash" refused "run name 'a/b'" --run=a/b --workload=small_strings
check "no runners" refused "no runners in /nonexistent" --runners=/nonexistent
check "compare without a base" sh -c "'$apportion' compare; [ \$? -eq 2 ]"
check "tables of a run that is not there" sh -c "'$apportion' tables --results='$work'; [ \$? -eq 2 ]"

"$apportion" --help >"$work/help"
for option in workload backends strategy input delimiter quote param preload chunk pool-limit threads litter \
    budget rounds timeout seed run resume results runners targets plots base head enforce; do
    check "--help has --$option" grep -qE -- "--$option\b" "$work/help"
done
check "--help has the exit statuses" grep -q "Exit status: 0 done, 1 a target was missed" "$work/help"
check "make alone prints a short help" sh -c 'make | grep -q "make deps test"'
check "make passes its variables through" sh -c "make -s run WORKLOAD=nosuch 2>&1 | grep -q \"unknown workload 'nosuch'\""
check "list shows workloads with their parameters" sh -c "'$apportion' list | grep -q 'input=(must be given)'"
finish
