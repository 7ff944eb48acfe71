#!/usr/bin/env bash
# make reference: measures results/reference again and puts its table into README.md.
set -euo pipefail
apportion=$1
cd "$(dirname "$0")/.."
old=$(mktemp -d)
if [ -d results/reference ]; then
    mv results/reference "$old/reference"
fi
if ! "$apportion" run --run=reference --budget=60 >"$old/table"; then
    echo "reference: the run failed; the old results/reference is in $old/reference" >&2
    exit 1
fi
cat "$old/table"
# The part of the table that is about small_strings and the targets, between the README's marks.
awk -v table="$old/table" '
    /^<!-- reference:begin/ {
        print; print "```"
        while ((getline line < table) > 0)
            if (line !~ /^(report|pictures):/ && (line != "" || text++)) print line
        print "```"; skip = 1
    }
    /^<!-- reference:end/ { skip = 0 }
    !skip && !/^<!-- reference:begin/ { print }
' README.md >"$old/README.md"
cat "$old/README.md" >README.md
rm -rf "$old"
