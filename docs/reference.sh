#!/usr/bin/env bash
# make reference: measures results/reference again and puts its table into README.md. Variables of a
# run (WORKLOAD=, BUDGET=) choose what; without them it is every workload at 60 s each. Then, in
# rounds enough for a verdict, what several threads gain, of the library and the floor alone;
# cross_thread; and the simulated misses of batch_processing: of its 1000 lines, and of so many that
# no backend's memory fits the last-level cache.
set -euo pipefail
apportion=$1
shift
cd "$(dirname "$0")/.."
old=$(mktemp -d)
# measure NAME OPTION...: results/NAME anew, its table to stdout.
measure() {
    if [ -d "results/$1" ]; then
        mv "results/$1" "$old/$1"
    fi
    if ! "$apportion" run --run="$@"; then
        echo "reference: the run failed; the old results/$1, where there was one, is in $old" >&2
        exit 1
    fi
}
large=150000
measure reference --budget=60 "$@" >"$old/table"
cat "$old/table"
measure threads --workload=parallel_bulk,parallel_bulk_skewed --backends=null,pool \
    --strategy=owned,pooled --threads=1,2,8 --rounds=36 --kinds=time --cache=off
measure cross_thread --workload=cross_thread --backends=mimalloc,tcmalloc,pool \
    --strategy=owned,pooled --threads=1,2,8 --rounds=36 --kinds=time,memory --cache=off
for lines in 1000 $large; do
    measure simulated-$lines --workload=batch_processing --param=lines=$lines --litter=0 --cache=sim \
        --kinds=cache --rounds=8
done
# between_marks FILE NAME: puts $old/NAME between FILE's marks of that name.
between_marks() {
    awk -v table="$old/$2" -v name="$2" '
        $0 == "<!-- reference:begin " name " -->" {
            print; print ""
            while ((getline line < table) > 0) print line
            print ""; skip = 1
        }
        /^<!-- reference:end/ { skip = 0 }
        !skip && $0 != "<!-- reference:begin " name " -->" { print }
    ' "$1" >"$old/page"
    cat "$old/page" >"$1"
}
# Two of the run's tables and the stated targets of those workloads; the report has the rest.
{
    echo '```'
    awk '
        /^[a-z]/ {
            shown = /^(batch_processing|small_strings|stated targets)/
            stated = /^stated targets/
        }
        /^  \* / { shown = 1 }
        /^  (MET|MISSED|INCONCLUSIVE) / {
            shown = stated && /^  [A-Z]+ +(batch_processing|small_strings):/
        }
        /^  \(/ { shown = 0 }
        /^$/ { blank = blank || shown; next }
        shown { if (blank) print ""; blank = 0; print }
    ' "$old/table"
    echo '```'
} >"$old/run"
between_marks README.md run
# The memory figures of four workloads, between the marks of docs/memory-efficiency.md: a row a
# cell, a column a metric, from summary.csv (whose names hold no commas).
memory_table() {
    awk -F, -v workload="$1" '
        BEGIN {
            n = split("peak_live_bytes peak_committed_bytes peak_rss_bytes external_fragmentation " \
                      "external_fragmentation_at_peak_live external_fragmentation_mean " \
                      "internal_fragmentation drag retained_bytes retained_after_purge_bytes " \
                      "lines_per_token reuse_p90", metrics, " ")
            printf "| cell"; for (i = 1; i <= n; i++) printf " | %s", metrics[i]; print " |"
            printf "|---"; for (i = 1; i <= n; i++) printf "|--:"; print "|"
        }
        $1 == workload && $16 !~ /sentinel/ {
            cell = $3 "/" $2 ($5 == 0 ? "" : " litter " $5)
            if (!(cell in seen)) { seen[cell]; order[++cells] = cell }
            value[cell, $6] = $10 == "n/a" ? "n/a" : $7 != "bytes" ? sprintf("%.3g", $10) : \
                $10 >= 1e6 ? sprintf("%.3g MB", $10 / 1e6) : sprintf("%.3g kB", $10 / 1e3)
        }
        END {
            for (c = 1; c <= cells; c++) {
                printf "| %s", order[c]
                for (i = 1; i <= n; i++) printf " | %s", value[order[c], metrics[i]]
                print " |"
            }
        }' results/reference/summary.csv
}
simulated_table() {
    awk -F, '
        $16 !~ /sentinel/ && $6 ~ /^simulated_(l1d|llc)_misses_per_op$/ {
            cell = $3 "/" $2
            if (!(cell in seen)) { seen[cell]; order[++cells] = cell }
            value[FILENAME, cell, $6] = sprintf("%.4g", $10)
        }
        END {
            printf "| cell"
            for (f = 1; f < ARGC; f++) {
                lines = ARGV[f]; gsub(/[^0-9]/, "", lines)
                printf " | L1D, %s lines | LL, %s lines", lines, lines
            }
            print " |"; printf "|---"; for (f = 1; f < ARGC; f++) printf "|--:|--:"; print "|"
            for (c = 1; c <= cells; c++) {
                printf "| %s", order[c]
                for (f = 1; f < ARGC; f++)
                    printf " | %s | %s", value[ARGV[f], order[c], "simulated_l1d_misses_per_op"],
                           value[ARGV[f], order[c], "simulated_llc_misses_per_op"]
                print " |"
            }
        }' results/simulated-1000/summary.csv results/simulated-$large/summary.csv
}
# threads_table WORKLOAD RUN: time and peak of each cell at each number of threads.
threads_table() {
    awk -F, -v workload="$1" '
        function number(x) { return sprintf(x >= 1000 ? "%.0f" : "%.3g", x) }
        $1 == workload && $16 !~ /sentinel/ && $5 == 0 && ($6 == "ns_per_op" || $6 == "peak_rss_bytes") {
            cell = $3 "/" $2
            if (!(cell in seen)) { seen[cell]; order[++cells] = cell }
            if (!($4 in counted)) { counted[$4]; threads[++counts] = $4 }
            value[cell, $4, $6] = $10 == "n/a" ? "n/a" : $6 == "ns_per_op" ? \
                number($10) " [" number($11) ", " number($12) "]" : sprintf("%.3g MB", $10 / 1e6)
        }
        END {
            printf "| cell"
            for (t = 1; t <= counts; t++) printf " | ns/op, %dT", threads[t]
            for (t = 1; t <= counts; t++) printf " | peak, %dT", threads[t]
            print " |"; printf "|---"; for (t = 1; t <= 2 * counts; t++) printf "|--:"; print "|"
            for (c = 1; c <= cells; c++) {
                printf "| %s", order[c]
                for (t = 1; t <= counts; t++) printf " | %s", value[order[c], threads[t], "ns_per_op"]
                for (t = 1; t <= counts; t++) printf " | %s", value[order[c], threads[t], "peak_rss_bytes"]
                print " |"
            }
        }' "results/$2/summary.csv"
}
for workload in batch_processing fragmentation peak_memory retention; do
    memory_table $workload >"$old/$workload"
    between_marks docs/memory-efficiency.md $workload
done
simulated_table >"$old/simulated"
between_marks docs/memory-efficiency.md simulated
threads_table cross_thread cross_thread >"$old/cross_thread"
threads_table parallel_bulk reference >"$old/parallel_bulk"
threads_table parallel_bulk_skewed reference >"$old/parallel_bulk_skewed"
for workload in cross_thread parallel_bulk parallel_bulk_skewed; do
    between_marks docs/thread-safety.md $workload
done
rm -rf "$old"
