#!/usr/bin/env bash
# docs/capabilities.md names only what is there: functions in public headers, tests by file and name,
# workloads of the runner; and every relative link of the documents leads somewhere.
. tests/e2e/lib.sh

table=docs/capabilities.md
headers=$(find allocators/arena allocators/pool workloads/split allocators/threads -name '*.h' 2>/dev/null |
    xargs grep -l '^#ifndef APPORTION_')
rows() { grep '^| ' "$table" | grep -v '^| capability'; }

functions_exist() {
    local name bad=0
    for name in $(rows | awk -F'|' '{print $3}' | grep -oE '`[A-Za-z_]+`' | tr -d '`' | sort -u); do
        [ "$name" = Makefile ] && continue
        grep -qw "$name" $headers || { echo "$name is in no public header"; bad=1; }
    done
    return $bad
}
tests_exist() {
    local file name bad=0
    while read -r file name; do
        local path
        path=$(find tests -name "$file")
        [ -n "$path" ] || { echo "no test $file"; bad=1; continue; }
        [ -z "$name" ] || grep -qw "$name" "$path" || { echo "$file has no $name"; bad=1; }
    done < <(rows | awk -F'|' '{print $4}' | tr ';' '\n' | sed -nE 's/.*`([a-z0-9_]+\.(c|t))`[ ]*(.*)/\1 \3/p' |
        while read -r file names; do
            echo "$file"
            for name in $(tr ',' '\n' <<<"$names" | awk '{print $1}' | grep '_'); do echo "$file ${name%:}"; done
        done)
    return $bad
}
workloads_exist() {
    local name bad=0
    for name in $(rows | awk -F'|' 'NF > 5 {print $5}' | grep -oE '`[a-z_]+`' | tr -d '`' | sort -u); do
        [ -f "workloads/$name.c" ] || { echo "no workload $name"; bad=1; }
    done
    return $bad
}
links_lead_somewhere() {
    local file link bad=0
    for file in README.md docs/*.md; do
        for link in $(grep -oE '\]\([^)#]+' "$file" | sed 's/](//' | grep -v '^https\?:'); do
            [ -e "$(dirname "$file")/$link" ] || { echo "$file: $link leads nowhere"; bad=1; }
        done
    done
    return $bad
}
check "every function named is in a public header" functions_exist
check "every test named is there" tests_exist
check "every workload named is there" workloads_exist
check "every relative link of the documents leads somewhere" links_lead_somewhere
sed 's/split_pooled/split_pooooled/; s/by_hand/by_foot/' "$table" >"$work/wrong.md"
wrong() { table=$work/wrong.md; ! functions_exist >/dev/null; }
check "a name that is not there is noticed" wrong
finish
