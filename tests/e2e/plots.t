#!/usr/bin/env bash
# Tables, pictures, report and comparison from runs made by hand: the same files as a measured run's,
# figures that are known, and the situations that a measured run rarely has.
. tests/e2e/lib.sh

# fixture NAME ROUNDS WORKLOAD CELL…: a run of baseline, sentinel and the cells, each
# backend/strategy:ns:peak:allocations (peak "n/a": none). Rounds differ by a known wave of 1 %.
fixture() {
    local directory=$work/$1 rounds=$2 workload=$3
    shift 3
    mkdir -p "$directory"
    printf '%s\n' "$@" | awk -v rounds="$rounds" -v workload="$workload" -v out="$directory" '
        BEGIN { cells[0] = cells[1] = "system/owned:100:1000000:11"; n = 2 }
        NF { cells[n++] = $0 }
        function row(kind, round, i, part,   name) {
            split(part[1], name, "/")
            printf "%d,%d,%d,%s,%s,%s,%s,1,0,1,ok,,2026-01-01T00:00:00.000Z,1000,/lib/libc.so.6 ab 1\n", ++trial, \
                round, i + 1, kind, workload, name[2], name[1] >>trials
        }
        function value(metric, x, unit, source) { print trial "," metric "," x "," unit "," source >>measures }
        END {
            trials = out "/trials.csv"; measures = out "/measurements.csv"
            print "trial,round,position,kind,workload,strategy,backend,threads,litter,seed,status,reason,started_utc,wall_ns,identity" >trials
            print "trial,metric,value,unit,source" >measures
            for (r = 1; r <= rounds; r++) for (i = 0; i < n; i++) {
                split(cells[i], part, ":")
                wave = 1 + 0.01 * ((r + i) % 3 - 1)
                row("count", r, i, part); value("heap_allocations_per_op", part[4], "count", "tracker")
                row("memory", r, i, part); value("peak_rss_bytes", part[3], "bytes", part[3] == "n/a" ? "not counted here" : "VmHWM")
                row("time", r, i, part); value("ns_per_op", part[2] * wave, "ns", "clock")
                value("ms_per_1000_ops", part[2] * wave / 1000, "ms", "clock")
            }
        }'
    cat >"$directory/environment.json" <<'JSON'
{"run": "made by hand", "machine": {"cpu": "A 'Test' CPU", "cpus": 2, "hypervisor": null, "kernel": "Linux 0"},
 "backends": [{"name": "pool", "provider_file": "/lib/libc.so.6", "build_id": "ab", "version": "1", "capabilities": []},
  {"name": "system", "provider_file": "/lib/libc.so.6", "build_id": "ab", "version": "1", "capabilities": ["frees_individually"]}]}
JSON
}
tables() { "$apportion" tables --run="$work/$1" >"$work/out" 2>"$work/err"; }
plots() { tables "$1" && "$apportion" plots --run="$work/$1" >"$work/out" 2>"$work/err"; }

# Every element is closed in order, and no bare '&' or '<' is left.
well_formed() {
    awk '
        { text = text $0 "\n" }
        END {
            gsub(/<!--([^-]|-[^-])*-->|<\?[^>]*\?>|<!DOCTYPE[^>]*>/, "", text)
            gsub(/<!\[CDATA\[([^]]|\][^]]|\]\][^>])*\]\]>/, "", text)
            rest = text; gsub(/&(amp|lt|gt|quot|apos|#[0-9]+|#x[0-9a-fA-F]+);/, "", rest)
            if (rest ~ /&/) { print "bare &"; exit 1 }
            while (match(text, /<[^<>]*>/)) {
                tag = substr(text, RSTART + 1, RLENGTH - 2)
                if (substr(text, 1, RSTART - 1) ~ /[<>]/) { print "bare bracket before <" tag ">"; exit 1 }
                text = substr(text, RSTART + RLENGTH)
                name = tag; sub(/^\//, "", name); sub(/[ \t\n\/].*/, "", name)
                if (tag ~ /^\//) {
                    if (depth == 0 || open[depth--] != name) { print "</" name "> closes nothing"; exit 1 }
                } else if (tag !~ /\/$/) { open[++depth] = name; all++ }
            }
            if (depth || !all) { print "not closed: " open[depth]; exit 1 }
        }' "$1"
}
picture() { echo "$work/$1/plots/$2.svg"; }
# shows RUN PICTURE TEXT…: the picture is well formed and has each text.
shows() {
    local file
    file=$(picture "$1" "$2")
    shift 2
    well_formed "$file" || return 1
    local wanted
    for wanted in "$@"; do
        grep -qF -- "$wanted" "$file" || { echo "no '$wanted' in $file"; grep -o '<tspan[^>]*>[^<]*' "$file" | sed 's/.*>//'; return 1; }
    done
}

# ---- the usual run ----
fixture usual 12 small_strings arena/owned:40:600000:0 mimalloc/owned:80:900000:11 pool/owned:50:1200000:0.1 \
    pool/pooled:25:400000:0.01 pool/view:20:0:0 tcmalloc/owned:70:800000:11 null/owned:30:n/a:0
check "tables of a run made by hand" tables usual
check "the table shows median, floor and speedup" grep -qE '^  pool/pooled \* +25\.0 +-5\.00 +[^ ]+ +4\.00 \[3\.96, 4\.04\]' "$work/out"
check "and the change of memory and allocations" grep -qE '400 kB -60 % +0\.01 -99\.9 %' "$work/out"
check "no line of it is wider than 100" awk 'length($0) > 100 {exit 1}' "$work/out"
wrapped() { tr -s " \n" " " <"$work/out" | grep -qF "$1"; }
check "a stated target beside what was measured" wrapped "measured 4.00x [3.96, 4.04]; 100 ns -> 25.0 ns; stated 450 -> 180 ns/op; pool/owned 2.00x"
check "pictures of a run made by hand" plots usual
check "speedup: finding, axis, machine and n" shows usual speedup-small_strings \
    "small_strings: cells at" "times the speed of system/owned" "speedup over system/owned (to the right is faster)" \
    "A 'Test' CPU, 2 CPUs, Linux 0" "n = 12 rounds; whiskers: 95 % intervals" pool/pooled null/owned "2.5×" "stretch 4×"
check "cost: floor and what is above or below it" shows usual cost-small_strings "time per op, ns (to the left is faster)" \
    "the floor at 30.0 ns" "(the floor)" "80.0 (floor + 50.3)" "25.0 (floor − 5.00)"
check "memory: unit, the 70 % line, and who has none" shows usual memory-small_strings \
    "peak resident memory, kB (to the left is less)" "70 %" "red: 70 % of system/owned" "n/a: null/owned"
colours() { # backends keep theirs in every picture
    for colour in D55E00 E69F00 0072B2 009E73; do
        for name in speedup cost memory; do
            grep -qiE "#$colour|rgb\( *$((16#${colour:0:2})), *$((16#${colour:2:2})), *$((16#${colour:4:2}))\)" \
                "$(picture usual $name-small_strings)" || { echo "no $colour in $name"; return 1; }
        done
    done
}
check "one colour a backend in every picture" colours
check "report" "$apportion" report --run="$work/usual"
check "it holds all three pictures" test "$(grep -c '<img src="plots/' "$work/usual/report.html")" -eq 3
check "and each of them is there" sh -c "cd '$work/usual' && sed -n 's/.*<img src=\"\([^\"]*\)\".*/\1/p' report.html | xargs ls"

# ---- fragmentation, retention, the heap's pages ----
# holes RUN [RETAINED]: rows of memory trials as well: fragmentation by three measures, each 1, 2 and 4
# hundredths of ns_per_op, and a purge of 1 ms; with RETAINED what stays at once, later and after it.
holes() {
    awk -F, -v OFS=, -v measures="$work/$1/measurements.csv" -v retained="${2-}" '
        FNR == NR { if ($2 == "ns_per_op") ns[$1] = $3; next }
        { print; last = $1 }
        $4 == "time" { time[++n] = $0; cost[n] = ns[$1] }
        function value(metric, x, unit, source) { print last, metric, x, unit, source >>measures }
        function figure(metric, x) { if (null) value(metric, "n/a", "ratio", "the floor gives nothing back"); else value(metric, x, "ratio", "own counters") }
        END {
            for (i = 1; i <= n; i++) {
                $0 = time[i]; $1 = ++last; $4 = "memory"; print
                null = $7 == "null"
                figure("external_fragmentation", cost[i] / 100)
                figure("external_fragmentation_at_peak_live", cost[i] / 50)
                figure("external_fragmentation_mean", cost[i] / 25)
                value("internal_fragmentation", 0.25, "ratio", "tracker")
                value("purge_ns", 1000000, "ns", "clock")
                if (retained) {
                    figure("retained_bytes", 100000 * cost[i]); figure("retained_settled_bytes", 50000 * cost[i]); figure("retained_after_purge_bytes", 4096)
                }
            }
        }' "$work/$1/measurements.csv" "$work/$1/trials.csv" >"$work/trials" && mv "$work/trials" "$work/$1/trials.csv"
}
# pages RUN: a map of each first memory trial: 3 cells of 4 pages, of which 6 live, 4 pinned, 2 free.
pages() {
    awk -F, -v OFS=, 'BEGIN { print "trial,series,x,y,unit" }
        $4 == "memory" && $2 == 1 && $5 == "retention" && $7 != "null" && $6 != "view" && !seen[$6 $7]++ {
            print $1, "heap_map_live", 0, 4, "pages"; print $1, "heap_map_live", 4, 2, "pages"; print $1, "heap_map_pinned", 4, 2, "pages"
            print $1, "heap_map_pinned", 8, 2, "pages"; print $1, "heap_map_free", 8, 2, "pages"; print $1, "live_bytes", 1, 5, "bytes"
        }' "$work/$1/trials.csv" >"$work/$1/series.csv"
}
fixture held 12 retention arena/owned:600:600000:0 pool/pooled:25:400000:0.01 pool/view:20:0:0 null/owned:30:n/a:0
holes held retained
pages held
check "a run with fragmentation, retention and a heap map" plots held
check "fragmentation: finding, measures, a log axis that is said, who has none and why" shows held fragmentation-retention \
    "retention: external fragmentation 0.200 to 6.00, system/owned 1.00" "at peak L" "internal: rounding up" "0.250 exact" \
    "n = 12 rounds; whiskers: 95 % intervals" "n/a: null/owned (the floor gives nothing back)" pool/pooled
fixture mild 12 small_strings arena/owned:40:600000:0 pool/pooled:25:400000:0.01
holes mild
check "where cells are near each other" plots mild
linear() { shows mild fragmentation-small_strings "0.250 to 1.00" && ! grep -q "log" "$(picture mild fragmentation-small_strings)"; }
check "the axis is linear" linear
logarithmic() {
    sed -i '/external_frag/s/,4\.0[0-9]*,/,60,/' "$work/mild/measurements.csv"
    plots mild && shows mild fragmentation-small_strings "; log axis" "log scale of 1 + fragmentation"
}
check "a wide range is on a log axis, and says so" logarithmic
check "retention: what stays, three moments, the purge" shows held retention-retention "kept of what was released, system/owned 5.0" \
    "at once" "a second later" "after a purge" "4.10 kB, purged in 1.00 ms" "n/a: null/owned (the floor gives nothing back)"
check "heap map: share, kinds, pages, what pinned means" shows held heap_map-retention "33 % of the heap" "pages are pinned at the peak" \
    "6 live, 4 pinned, 2 free pages" "pinned: some block is live there, in less than half of the page" "no map: pool/view" "n/a: null/owned (not counted here)" "resident heap, kB"
check "no retention nor map where none was measured" test ! -e "$(picture mild retention-small_strings)" -a ! -e "$(picture mild heap_map-small_strings)"
check "no bars where nothing is known of the heap" test ! -e "$(picture usual fragmentation-small_strings)"
redrawn() {
    mv "$work/held/plots" "$work/drawn" && plots held && diff -r "$work/drawn" "$work/held/plots"
}
check "drawn again they are the same, byte by byte" redrawn
"$apportion" report --run="$work/held" >/dev/null
check "the report shows them" sh -c "for p in 'fragmentation of the heap' 'pages of the heap at the peak' 'memory kept after everything was freed'; do grep -q \"\$p\](plots/\" '$work/held/report.md' || exit 1; done"

# trial BACKEND STRATEGY ARGUMENTS…: the report of a memory trial.
trial() { "$runners/$1" --workload=batch_processing --strategy="$2" --kind=memory --seed=1 --passes=1 --batches=1 --report-fd=3 "${@:3}" 3>&1 >/dev/null; }
mapped() { # a pass of its own draws the map: R and C without it are the same but for some pages
    for cell in system/owned arena/owned pool/pooled; do
        trial "${cell%/*}" "${cell#*/}" >"$work/without"
        trial "${cell%/*}" "${cell#*/}" --series >"$work/with"
        awk -v cell="$cell" '
            $1 == "measure" && $2 ~ /^(peak_rss|peak_committed|retained|retained_after_purge)_bytes$/ {
                if (FNR == NR) old[$2] = $3
                else if ($3 - old[$2] > 16384 || old[$2] - $3 > 16384) { print cell ": " $2 " " old[$2] " without a map, " $3 " with one"; bad = 1 }
                else compared++
            }
            $1 == "series" && $2 ~ /^heap_map_/ { if (FNR == NR) bad = 1; pages[$2] += $4 }
            $2 == "peak_live_bytes" { live = $3 }
            END {
                if (compared != 4 || pages["heap_map_live"] * 4096 < 0.9 * live) { print cell ": " compared " compared, " pages["heap_map_live"] " pages of " live " live"; bad = 1 }
                exit bad
            }' "$work/without" "$work/with" || return 1
    done
}
check "a map is drawn where series are asked for, and is in neither C nor R" mapped

# ---- misses and latencies ----
# deepen RUN: rows of cache and latency trials as well, 0.1 misses and 2 ns at p50 for each ns of the cell.
deepen() {
    awk -F, -v OFS=, -v measures="$work/$1/measurements.csv" '
        FNR == NR { if ($2 == "ns_per_op") ns[$1] = $3; next }
        { print; last = $1 }
        $4 == "time" { time[++n] = $0; cost[n] = ns[$1] }
        END {
            for (i = 1; i <= n; i++) {
                $0 = time[i]; $1 = ++last; $4 = "cache"; print
                print last, "simulated_l1d_misses_per_op", cost[i] / 10, "count", "callgrind-sim;D1=1/2/3;LL=4/5/6" >>measures
                $1 = ++last; $4 = "latency"; print
                print last, "latency_op_p50", cost[i] < 45 ? cost[i] / 5 : 2 * cost[i], "ns", cost[i] < 45 ? "ticks; unresolved: under 5 steps of 10 ns" : "ticks; 1 in 64" >>measures
                print last, "latency_op_p99_9", 20 * cost[i], "ns", "ticks; 1 in 64" >>measures
                print last, "latency_op_p99_99", "n/a", "ns", "needs 1000000 samples; 5 were taken" >>measures
            }
        }' "$work/$1/measurements.csv" "$work/$1/trials.csv" >"$work/trials" && mv "$work/trials" "$work/$1/trials.csv"
}
fixture deep 12 small_strings arena/owned:40:600000:0 pool/pooled:25:400000:0.01 pool/view:60:0:0 null/owned:30:n/a:0
deepen deep
check "a run with misses and latencies" plots deep
check "misses: finding, source, floor" shows deep misses-small_strings "2.50 to 10.0 first-level cache misses per op, the floor at 3.00" \
    "simulated: callgrind-sim;D1=1/2/3;LL=4/5/6" "pool/pooled"
check "latency: a curve a cell up to its last quantile" shows deep latency-small_strings \
    "up to the slowest one in 1000" "99.9 %" "n = 12 rounds" system/owned pool/pooled pool/view
check "none where there is none" test ! -e "$(picture usual misses-small_strings)" -a ! -e "$(picture usual latency-small_strings)"
"$apportion" report --run="$work/deep" >/dev/null
check "the report shows both, and what the clock cannot tell" sh -c "grep -q 'first-level cache misses per op](plots/' '$work/deep/report.md' && grep -q 'latency of an op, percentiles](plots/' '$work/deep/report.md' && grep -qE '^\| ?latency_op_p50 .*unresolved' '$work/deep/report.md'"
above() { awk -F, '$6 == "simulated_l1d_misses_per_op_above_floor" && $3 == "pool" && $2 == "view" {found = $10 > 2.9 && $10 < 3.1} END {exit !found}' "$work/deep/summary.csv"; }
check "misses above the floor" above
unresolved() { awk -F, '$6 == "latency_op_p50" && $16 ~ /unresolved/ {n++; if ($13 != "n/a") exit 1} END {exit !n}' "$work/deep/summary.csv"; }
check "no ratio of what the clock cannot tell" unresolved
hardware() { # where the hardware counts and nothing is simulated
    sed -i 's/simulated_l1d_misses_per_op/l1d_misses_per_op/; s/callgrind-sim[^,]*/perf_event:hardware/' "$work/deep/measurements.csv"
    plots deep && shows deep misses-small_strings "reads, by hardware counter: perf_event:hardware"
}
check "misses by hardware are told from simulated ones" hardware

# ---- curves ----
# curve RUN: what is live and committed by each memory trial, and of the first round its points: 4 of
# each over 2000 ops, live a quarter of the peak at each; of the floor only what is live.
curve() {
    awk -F, -v measures="$work/$1/measurements.csv" -v series="$work/$1/series.csv" '
        BEGIN { print "trial,series,x,y,unit" >series }
        FNR == NR { if ($2 == "peak_rss_bytes") peak[$1] = $3; next }
        $4 != "memory" { next }
        {
            floor = peak[$1] == "n/a"; top = floor ? 1000000 : peak[$1]; cell = $7 "/" $6
            print $1 ",peak_live_bytes," top / 2 ",bytes,tracker" >>measures
            print $1 ",peak_committed_bytes," (floor ? "n/a,bytes,no heap of its own" : top ",bytes,test") >>measures
            if ($2 != 1 || seen[cell]++) next
            for (i = 1; i <= 4; i++) {
                print $1 ",live_bytes," 500 * i "," top / 8 * i ",bytes" >>series
                if (floor) continue
                print $1 ",committed_bytes," 500 * i "," top / 4 * i ",bytes" >>series
                print $1 ",resident_bytes," 500 * i "," top / 4 * i ",bytes" >>series
            }
            if (!floor) print $1 ",resident_bytes_freed,2000," 1.5 * top ",bytes\n" $1 ",resident_bytes_purged,2000,0,bytes" >>series
            print $1 ",size_histogram,16,9,count" >>series
        }' "$work/$1/measurements.csv" "$work/$1/trials.csv"
    sort -t, -k1,1n -s -o "$work/$1/measurements.csv" "$work/$1/measurements.csv"
}
fixture curved 12 small_strings pool/pooled:25:400000:0.01 pool/view:20:0:0 mimalloc/owned:30:2000000:11 null/owned:30:n/a:0
curve curved
printf '%s' '9999,live_by' >>"$work/curved/series.csv" # a run that was killed
check "a run with curves, its last line torn" plots curved
check "a panel a cell with its peaks, legend, axes" shows curved heap_curve-small_strings \
    "small_strings: committed at most 0 B (pool/view) to 2.00 MB (mimalloc/owned)" system/owned pool/pooled mimalloc/owned pool/view \
    "500 kB live, 1.00 MB committed, 1.50 MB resident" "1.00 MB live, 2.00 MB committed, 3.00 MB resident" \
    "live: requested and not yet freed" "thousand ops" ">F<" ">P<" "A 'Test' CPU" "n = 1 trial of each cell"
check "what is n/a, and why" shows curved heap_curve-small_strings null/owned \
    "500 kB live, n/a committed, n/a resident" "committed n/a: null/owned (no heap of its own)"
twice() { cp "$(picture curved heap_curve-small_strings)" "$work/first.svg" && plots curved && cmp "$work/first.svg" "$(picture curved heap_curve-small_strings)"; }
check "drawn twice it is the same, byte for byte" twice
"$apportion" report --run="$work/curved" >/dev/null
check "the report shows it" grep -q '!\[small_strings: live, committed and resident memory over ops\](plots/heap_curve-' "$work/curved/report.md"
uncurved() { # without the points of pool/pooled, then without the file
    local trial
    trial=$(awk -F, '$2 == 1 && $4 == "memory" && $7 == "pool" && $6 == "pooled" {print $1}' "$work/curved/trials.csv")
    sed -i "/^$trial,/d" "$work/curved/series.csv"
    plots curved && shows curved heap_curve-small_strings "no curve: pool/pooled" || return 1
    rm "$work/curved/series.csv"
    plots curved && [ ! -e "$(picture curved heap_curve-small_strings)" ] && [ -e "$(picture curved memory-small_strings)" ]
}
check "a cell without a curve is said; a run without series.csv has no such picture" uncurved

# ---- threads ----
# threads RUN: each timed row with two and eight threads as well, 1.9 and 3.8 times as fast, with steals,
# a peak of 1.05 times, and a p99.
threads() {
    awk -F, -v OFS=, -v measures="$work/$1/measurements.csv" '
        FNR == NR { if ($2 == "ns_per_op") ns[$1] = $3; if ($2 == "peak_rss_bytes") peak[$1] = $3; next }
        { print; last = $1 }
        $4 == "time" || ($4 == "memory" && peak[$1] != "n/a") { row[++n] = $0 }
        END {
            for (t = 1; t <= 8; t = t == 1 ? 2 : t * 4) for (i = 1; i <= n; i++) {
                $0 = row[i]; old = $1; $1 = ++last; $8 = t; round = $3
                if ($4 == "time") {
                    if (t > 1) { print; print last, "ns_per_op", ns[old] / (t == 2 ? 1.9 : 3.8), "ns", "clock" >>measures; print last, "steals_per_pass", 10 * t, "count", "workload" >>measures; print last, "ranges_contended_per_pass", 3 * t, "count", "workload" >>measures; $1 = ++last }
                    $4 = "latency"; print; print last, "latency_op_p99", 30 * ns[old], "ns", "ticks; 1 in 64" >>measures
                } else if (t > 1) { print; print last, "peak_rss_bytes", peak[old] * 1.05, "bytes", "VmHWM" >>measures }
            }
        }' "$work/$1/measurements.csv" "$work/$1/trials.csv" >"$work/trials" && mv "$work/trials" "$work/$1/trials.csv"
}
fixture several 12 small_strings pool/pooled:25:400000:0.01 null/owned:30:n/a:0
threads several
sed -i 's/"hypervisor": null/"hypervisor": "KVMKVMKVM"/' "$work/several/environment.json"
check "a run with threads" plots several
derived() { awk -F, -v metric="$1" -v low="$2" -v high="$3" '$6 == metric && $3 == "pool" && $4 == 2 {n++; if ($10 < low || $10 > high) exit 1} END {exit n != 1}' "$work/several/summary.csv"; }
check "thread_speedup: one thread's time by two threads'" derived thread_speedup 1.899 1.901
check "blow_up: two threads' peak by one thread's" derived blow_up 1.0499 1.0501
check "speedup over threads, with the ideal line" shows several threads-small_strings "with several threads up to 3.80 times as fast as with one" \
    ideal pool/pooled null/owned "times as fast as one thread" "n = 12 rounds" "2 CPUs (VM: KVM), Linux 0"
# gnuplot blanks out a disc below each whisker.
points_on_top() { awk '/<use .*FFFFFF/ {disc = NR} /<use .*translate/ && !/FFFFFF/ {point = NR} END {exit !(disc && point > disc)}' "$(picture several threads-small_strings)"; }
check "no whisker hides a point" points_on_top
check "steals by threads" shows several contention-small_strings "what threads cost each other" "pool/pooled:steals" "pool/pooled:ranges_contended"
check "latency p99 by threads" shows several latency_threads-small_strings "latency of an op, p99, by threads" pool/pooled
check "none of these with one thread" test ! -e "$(picture usual threads-small_strings)" -a ! -e "$(picture deep latency_threads-small_strings)"

# ---- few, many, long, wide, tiny ----
fixture alone 12 file
check "the baseline alone" plots alone
check "says so" shows alone speedup-file "file: system/owned alone" system/owned
fixture three 8 small_strings arena/owned:110:1000000:0 pool/pooled:90:4096:0
check "three cells without a floor" plots three
check "slower than the baseline as well" shows three speedup-small_strings "cells at 0.9"
check "no floor is claimed" shows three cost-small_strings "this run has no floor"
long=a_backend_whose_name_is_as_long_as_a_line
fixture long 12 small_strings "$long/owned:60:90000000000:11" "${long}_too/owned:61:8000:11"
check "long names" plots long
check "long names are whole in the pictures" shows long cost-small_strings "$long/owned" "${long}_too/owned"
check "memory in a unit that fits" shows long memory-small_strings "peak resident memory, GB"
check "and cut in the table, which stays within 100 columns" awk 'length($0) > 102 {exit 1} /a_backend.*…/ {n++} END {exit !n}' <("$apportion" tables --run="$work/long")
fixture wide 12 small_strings fast/owned:0.5:0:0 slow/owned:5000:50000000:200
check "a wide range" plots wide
check "is drawn on a log axis" shows wide speedup-small_strings "log scale"
fixture tiny 12 small_strings arena/owned:40:0:0
sed -i 's/,peak_rss_bytes,[0-9]*,/,peak_rss_bytes,0,/' "$work/tiny/measurements.csv"
check "memory that is nothing at all" plots tiny
check "has no 70 % line" shows tiny memory-small_strings "no 70 % line"
fixture young 3 small_strings arena/owned:40:1000:0
check "three rounds only" plots young
check "n is said" shows young speedup-small_strings "n = 3 rounds"
check "few rounds are said in the table" sh -c "'$apportion' tables --run='$work/young' | grep -q 'few rounds'"
bounds() { awk -F, 'NR>1 && $9>0 && ($11!="n/a" || $12!="n/a" || $14!="n/a" || $15!="n/a") {print; exit 1}' "$work/young/summary.csv"; }
check "and no interval is claimed" bounds

# ---- what is missing ----
fixture stale 12 small_strings arena/owned:40:1000:0
plots stale
sed -i '/,peak_rss_bytes,/s/,[0-9.]*,bytes/,n\/a,bytes/' "$work/stale/measurements.csv"
check "a metric that is n/a everywhere" plots stale
check "has no picture, nor an old one" test ! -e "$(picture stale memory-small_strings)" -a -e "$(picture stale cost-small_strings)"
"$apportion" report --run="$work/stale" >/dev/null
check "and the report shows two" test "$(grep -c '<img' "$work/stale/report.html")" -eq 2

# A link in the temporary file's place makes its writing fail as on a full disk.
full() { # full RUN FILE COMMAND: exit 3, a clear line, the old file as it was
    local file=$work/$1/$2
    cp "$file" "$work/old"
    ln -s /dev/full "$file.new"
    "$apportion" "$3" --run="$work/$1" >"$work/out" 2>"$work/err"
    status=$?
    rm -f "$file.new"
    says_in_one_line 3 "cannot write .*$(basename "$2").*($4)" && cmp "$work/old" "$file"
}
check "a full disk: summary.csv" full usual summary.csv tables "No space left"
check "a full disk: targets.csv" full usual targets.csv tables "No space left"
check "a full disk: report.md" full usual report.md report "No space left"
check "a full disk: report.html" full usual report.html report "No space left"
check "a full disk: a picture" full usual plots/memory-small_strings.svg plots "disk full"
mkdir "$work/bin"
no_cmark() {
    PATH=$work/bin "$apportion" report --run="$work/usual" >"$work/out" 2>"$work/err"
    status=$?
    says_in_one_line 3 "no report.html: cmark-gfm is not on PATH; .make deps. installs it" &&
        [ -s "$work/usual/report.md" ] && [ ! -e "$work/usual/report.html" ]
}
check "without cmark-gfm: report.md, no page, a clear line" no_cmark
no_gnuplot() {
    PATH=$work/bin "$apportion" plots --run="$work/usual" >"$work/out" 2>"$work/err"
    status=$?
    says_in_one_line 3 "no pictures: gnuplot is not on PATH; .make deps. installs it"
}
check "without gnuplot: a clear line" no_gnuplot
rm "$work/three/summary.csv"
no_summary() {
    "$apportion" plots --run="$work/three" >"$work/out" 2>"$work/err"
    status=$?
    says_in_one_line 3 "summary.csv is not there; .make tables RUN="
}
check "pictures before tables: a clear line" no_summary

# ---- odd names ----
odd="odd 'run', \$(x)"
fixture "$odd" 12 small_strings arena/owned:40:1000:0
check "a run's folder with blanks, quotes and signs" plots "$odd"
check "has its pictures" shows "$odd" speedup-small_strings arena/owned

# ---- comparison ----
fixture better 12 small_strings arena/owned:30:500000:0 mimalloc/owned:80:900000:11 pool/pooled:40:400000:0.01
compared() { "$apportion" compare --base="$work/usual" --head="$work/better" >"$work/out" && grep -qE -- "$1" "$work/out"; }
tables better
check "compare: faster" compared '^  arena/owned .*\+3[0-9]\.. %  better$'
check "compare: slower" compared '^  pool/pooled .*-3[0-9]\.. %  WORSE$'
check "compare: the same" compared '^  mimalloc/owned .* no change seen$'
check "compare: what is in one run only, and that runs are not paired" compared 'in one run only'
check "compare: its lines fit" awk 'length($0) > 100 {exit 1}' "$work/out"
finish
