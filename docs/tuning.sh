#!/usr/bin/env bash
# make tuning: measures what chunk size, the pool's limit and tokens a line cost, into results/tuning
# (tuning.csv, pictures, the machine), and puts the tables into docs/tuning.md between its marks.
# Other places for the two may be given. TUNING_QUICK=1 shows that it works: a value each, one round;
# TUNING_AGAIN=1 makes pictures and tables from the rows that are there.
set -euo pipefail
export LC_ALL=C
apportion=$(realpath "$1")
cd "$(dirname "$0")/.."
results=${2:-results/tuning}
page=${3:-docs/tuning.md}
rounds=12
chunks="1024 4096 16384 65536 262144 1048576 2097152"
limits="1024 4096 16384 32768 65536 131072 262144 1048576"
tokens="2 4 8 15 16 17 32 63 64 65 128 256"
if [ "${TUNING_QUICK:-}" = 1 ]; then
    rounds=1 chunks=4096 limits=1024 tokens=17
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/scripts" "$work/new"
echo exit >"$work/scripts/none.gp" # the runs need no pictures of their own

# sweep NAME VALUE 'METRIC…' OPTION…: a run at one value, and its rows of those metrics. The same
# seed at every value, so the same texts.
sweep() {
    local name=$1 value=$2 metrics=$3 run=$work/$1-$2
    shift 3
    echo "$name $value"
    if ! "$apportion" run --results="$work" --run="$name-$value" --plots="$work/scripts" --rounds="$rounds" \
        --seed=1 --litter=0 --cache=off --kinds=count,memory "$@" >"$work/out" 2>"$work/err"; then
        echo "tuning: the run at $name $value failed: $(tail -n 1 "$work/err"); $results is as before" >&2
        exit 1
    fi
    awk -F, -v OFS=, -v name="$name" -v value="$value" -v metrics=" $metrics " '
        FNR > 1 && index(metrics, " " $6 " ") && $16 !~ /sentinel/ && $10 != "n/a" {
            print name, value, $1, $2, $3, $6, $7, $9, $10, $11, $12, $13, $14, $15
        }' "$run/summary.csv" >>"$work/rows"
}
if [ "${TUNING_AGAIN:-}" = 1 ]; then
    cp "$results/tuning.csv" "$results/environment.json" "$work/new/"
else
    for value in $chunks; do
        sweep chunk "$value" "ns_per_op peak_committed_bytes peak_rss_bytes arena_chunks arena_tail_waste" \
            --workload=small_strings,batch_processing,long_tokens --backends=arena,pool --strategy=owned,pooled --chunk="$value"
    done
    for value in $limits; do
        sweep pool_limit "$value" "ns_per_op pool_hit_rate heap_allocations_per_op" \
            --workload=batch_processing --backends=pool --strategy=pooled,view --pool-limit="$value"
    done
    for value in $tokens; do
        sweep tokens "$value" "ns_per_token peak_committed_bytes live_blocks_max" \
            --workload=small_strings,batch_processing --backends=arena,pool --param=tokens="$value"
    done
    # A curve's rows together, in the order of its values.
    {
        echo sweep,value,workload,strategy,backend,metric,unit,n,median,lo,hi,ratio,ratio_lo,ratio_hi
        sort -s -t, -k1,1 -k3,3 -k6,6 -k5,5 -k4,4 -k2,2n "$work/rows"
    } >"$work/new/tuning.csv"
    cp "$work/chunk-${chunks%% *}/environment.json" "$work/new/"
fi

caption=$(perl -MJSON::PP -0777 -ne '
    my $m = decode_json($_)->{machine};
    my $vm = $m->{hypervisor} ? " (VM: $m->{hypervisor})" : "";
    print "$m->{cpu}, $m->{cpus} CPUs$vm, $m->{kernel}"' "$work/new/environment.json")
gnuplot -e "csv='$work/new/tuning.csv'; pictures='$work/new'; scripts='plots'; caption='${caption//\'/\'\'}'" docs/tuning.gp

# table WORKLOAD SWEEP 'HEADING' 'BACKEND/STRATEGY METRIC HEADING;…': a row a value. A metric may be
# container_per_token, which is the pool's: committed bytes of a view's containers over tokens held; or
# share, the time in per cent of system/owned's in the same rounds.
table() {
    awk -F, -v workload="$1" -v sweep="$2" -v heading="$3" -v columns="$4" '
        function bytes(x) { return x >= 1e6 ? sprintf("%.3g MB", x / 1e6) : x >= 1e3 ? sprintf("%.3g kB", x / 1e3) : x " B" }
        function power(x) { return x >= 1048576 ? x / 1048576 " MiB" : x >= 1024 ? x / 1024 " KiB" : x }
        # Three digits, but no exponent, and none of a whole number that was counted.
        function figure(x) { return sprintf(x >= 99.95 || x == int(x) ? "%.0f" : x >= 9.995 ? "%.1f" : x >= 0.9995 ? "%.2f" : "%.3f", x) }
        function interval(key) { return low[key] == "n/a" || figure(low[key]) == figure(high[key]) ? "" : " [" figure(low[key]) ", " figure(high[key]) "]" }
        function share(x) { return x > 0 ? figure(100 / x) : "n/a" }
        function cell(at, name, metric,   key, held) {
            key = at SUBSEP name SUBSEP metric
            if (metric == "container_per_token") {
                held = median[at, name, "live_blocks_max"] * at
                return held ? figure(median[at, name, "peak_committed_bytes"] / held) : "n/a"
            }
            if (metric == "share") {
                key = at SUBSEP name SUBSEP "ns_per_op"
                return share(ratio[key]) " %" (ratio_low[key] > 0 ? " [" share(ratio_high[key]) ", " share(ratio_low[key]) "]" : "")
            }
            if (!(key in median)) return "n/a"
            return unit[key] == "bytes" ? bytes(median[key]) : figure(median[key]) (unit[key] == "ns" ? interval(key) : "")
        }
        $1 == sweep && $3 == workload {
            key = $2 SUBSEP ($5 "/" $4) SUBSEP $6
            median[key] = $9; low[key] = $10; high[key] = $11; unit[key] = $7
            ratio[key] = $12; ratio_low[key] = $13; ratio_high[key] = $14
            if (!($2 in seen)) { seen[$2]; order[++values] = $2 }
        }
        END {
            n = split(columns, column, ";")
            printf "| %s", heading
            for (i = 1; i <= n; i++) {
                name[i] = metric[i] = title = column[i]
                sub(/ .*/, "", name[i]); sub(/^[^ ]* /, "", metric[i]); sub(/ .*/, "", metric[i])
                sub(/^[^ ]* [^ ]* /, "", title)
                printf " | %s", title
            }
            printf " |\n|--:"; for (i = 1; i <= n; i++) printf "|--:"; print "|"
            for (v = 1; v <= values; v++) {
                printf "| %s", sweep == "tokens" ? order[v] : power(order[v])
                for (i = 1; i <= n; i++) printf " | %s", cell(order[v], name[i], metric[i])
                print " |"
            }
        }' "$work/new/tuning.csv"
}
# put MARK: what it reads goes between that mark and the next end, in the new page.
put() {
    cat >"$work/table"
    awk -v table="$work/table" -v mark="<!-- tuning:begin $1 -->" '
        $0 == mark { print; print ""; while ((getline line < table) > 0) print line; print ""; skip = 1; found = 1; next }
        /^<!-- tuning:end -->/ { skip = 0 }
        !skip { print }
        END { exit !found }' "$work/page" >"$work/page.new" || { echo "tuning: $page has no mark '$1'" >&2; exit 1; }
    mv "$work/page.new" "$work/page"
}
cp "$page" "$work/page"
for workload in small_strings batch_processing long_tokens; do
    table $workload chunk "first chunk" "system/owned ns_per_op system/owned, ns/op;arena/owned ns_per_op arena/owned, ns/op;arena/owned share its share;pool/pooled ns_per_op pool/pooled, ns/op;pool/pooled share its share;pool/pooled peak_committed_bytes committed;pool/pooled peak_rss_bytes peak RSS;pool/pooled arena_chunks chunks;pool/pooled arena_tail_waste tail waste" |
        put "chunk $workload"
done
table batch_processing pool_limit "limit" "pool/view pool_hit_rate hit rate;pool/view heap_allocations_per_op heap allocations/op;pool/view ns_per_op pool/view, ns/op;pool/view share its share;pool/pooled ns_per_op pool/pooled, ns/op;pool/pooled share its share;system/owned ns_per_op system/owned, ns/op" |
    put pool_limit
table small_strings tokens "tokens a line" "system/owned ns_per_token system/owned, ns/token;arena/owned ns_per_token arena/owned, ns/token;pool/owned ns_per_token pool/owned, ns/token;pool/pooled ns_per_token pool/pooled, ns/token;pool/view ns_per_token pool/view, ns/token" |
    put "tokens small_strings"
table batch_processing tokens "tokens a line" "pool/view container_per_token container bytes/token;system/owned ns_per_token system/owned, ns/token;arena/owned ns_per_token arena/owned, ns/token;pool/pooled ns_per_token pool/pooled, ns/token;pool/view ns_per_token pool/view, ns/token" |
    put "tokens batch_processing"
rm -rf "$results"
mkdir -p "$(dirname "$results")"
cp -r "$work/new" "$results"
cat "$work/page" >"$page"
echo "tables: $page; rows and pictures: $results"
