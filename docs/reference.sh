#!/usr/bin/env bash
# make reference: measures results/reference again and puts its table into README.md. Variables of a
# run (WORKLOAD=, BUDGET=) choose what; without them it is every workload at 60 s each.
set -euo pipefail
apportion=$1
shift
cd "$(dirname "$0")/.."
old=$(mktemp -d)
if [ -d results/reference ]; then
    mv results/reference "$old/reference"
fi
if ! "$apportion" run --run=reference --budget=60 "$@" >"$old/table"; then
    echo "reference: the run failed; the old results/reference is in $old/reference" >&2
    exit 1
fi
cat "$old/table"
# Two of its tables and the stated targets of those workloads, between the README's marks; the report
# has the rest.
awk -v table="$old/table" '
    /^<!-- reference:begin/ {
        print; print "```"
        while ((getline line < table) > 0) {
            if (line ~ /^[a-z]/) {
                shown = line ~ /^(batch_processing|small_strings|stated targets)/
                stated = line ~ /^stated targets/
            }
            if (line ~ /^  \* /) shown = 1
            if (line ~ /^  (MET|MISSED|INCONCLUSIVE) /)
                shown = stated && line ~ /^  [A-Z]+ +(batch_processing|small_strings):/
            if (line ~ /^  \(/) shown = 0
            if (line == "") blank = blank || shown
            else if (shown) { if (blank) print ""; blank = 0; print line }
        }
        print "```"; skip = 1
    }
    /^<!-- reference:end/ { skip = 0 }
    !skip && !/^<!-- reference:begin/ { print }
' README.md >"$old/README.md"
cat "$old/README.md" >README.md
# And the memory figures of four workloads, between the marks of docs/memory-efficiency.md: a row a
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
for workload in batch_processing fragmentation peak_memory retention; do
    memory_table "$workload" >"$old/$workload"
    awk -v table="$old/$workload" -v workload="$workload" '
        $0 == "<!-- reference:begin " workload " -->" {
            print; print ""
            while ((getline line < table) > 0) print line
            print ""; skip = 1
        }
        /^<!-- reference:end/ { skip = 0 }
        !skip && $0 != "<!-- reference:begin " workload " -->" { print }
    ' docs/memory-efficiency.md >"$old/memory.md"
    cat "$old/memory.md" >docs/memory-efficiency.md
done
rm -rf "$old"
