# What every end-to-end test begins with: a folder of its own, TAP, small checks. Sourced.
set -u
export LC_ALL=C
work=$(mktemp -d) || exit 1
cleanup() { rm -rf "$work"; }
trap cleanup EXIT
tests=0
apportion=$PWD/build/apportion
runners=$PWD/build/runners

# check TEXT COMMAND…: one test; what the command printed is shown where it fails.
check() {
    local text=$1
    shift
    tests=$((tests + 1))
    if "$@" >"$work/check.out" 2>&1; then
        echo "ok $tests - $text"
    else
        echo "not ok $tests - $text"
        sed 's/^/# /' "$work/check.out" | head -n 30
    fi
}

# measure ARGUMENTS…: the driver on results of the test's own; status in $status, output in files.
# Of the kinds those that cost little; --kinds=… adds others.
measure() {
    "$apportion" run --results="$work/results" --kinds=count,memory "$@" >"$work/out" 2>"$work/err"
    status=$?
}

# The last run exited with STATUS and said TEXT (an extended expression) in one line on stderr.
says() {
    [ "$status" -eq "$1" ] || { echo "exit status $status, not $1"; cat "$work/err"; return 1; }
    grep -qE -- "$2" "$work/err" || { echo "no line '$2' in:"; cat "$work/err"; return 1; }
}

says_in_one_line() {
    says "$@" && [ "$(wc -l <"$work/err")" -eq 1 ]
}

latest() { echo "$work/results/latest"; }

# rows FILE 'AWK CONDITION': how many rows of the latest run's CSV file match.
rows() { awk -F, "NR > 1 && ($2)" "$(latest)/$1" | wc -l; }

finish() { echo "1..$tests"; }
