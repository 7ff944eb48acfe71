#!/usr/bin/env bash
# A file of one's own: real ones, odd ones, and what is no file.
. tests/e2e/lib.sh

works() { # works OPTION…: a run with every trial ok
    measure --rounds=2 "$@"
    [ "$status" -eq 0 ] || { cat "$work/err"; return 1; }
    [ "$(rows trials.csv '$11 != "ok"')" -eq 0 ] && [ "$(rows trials.csv '$5 == "file"')" -gt 0 ]
}
check "oui.csv, quoted" works --input=/usr/share/ieee-data/oui.csv --delimiter=, --quote='"'
check "UnicodeData.txt" works --input=/usr/share/unicode/UnicodeData.txt --delimiter=';'
check "the words list, a delimiter of two bytes" works --input=/usr/share/dict/words --delimiter="'s"
printf 'no,final,newline' >"$work/plain"
check "no final newline" works --input="$work/plain"
printf 'a\0b,c\0\n\0\n,\n' >"$work/nul"
check "NUL bytes" works --input="$work/nul"
printf '\n\n\n' >"$work/newlines"
check "empty lines only" works --input="$work/newlines"
printf 'a\tb\r\nc\td\r\n' >"$work/crlf"
check "tabs and CRLF" works --input="$work/crlf" --delimiter='\t'
printf 'a b\n' >"$work/name, with \"odd\" signs"
check "a name with blanks, commas and quotes" works --input="$work/name, with \"odd\" signs" --delimiter=' '
head -c 100000000 /dev/zero | tr '\0' 'x' >"$work/line"
check "one line of 100 MB, no token in it" works --input="$work/line" --backends=pool --strategy=pooled --rounds=1
awk 'BEGIN{for(i=0;i<10000000;i++) printf "123456789,"}' >"$work/line"
check "one line of 100 MB, ten million tokens" works --input="$work/line" --backends=pool --strategy=pooled --rounds=1

fails() { # fails TEXT OPTION…
    local text=$1
    shift
    measure --rounds=2 "$@"
    says 3 "$text"
}
: >"$work/empty"
check "0 bytes" fails "input .*/empty is empty" --input="$work/empty"
check "a directory" fails "is a directory; give a regular file" --input="$work"
check "a missing file" fails "cannot open input /nonexistent/x: No such file" --input=/nonexistent/x
check "a device" fails "is not a regular file" --input=/dev/null
ln -s loop "$work/loop"
check "a link that loops" fails "cannot open input .*/loop: Too many levels" --input="$work/loop"
check "a delimiter that is empty" fails "delimiter is empty" --input="$work/plain" --delimiter=
check "a quote that is two bytes" fails "quote 'ab' is longer than one byte" --input="$work/plain" --quote=ab
check "quote and delimiter alike" fails "quote and delimiter both begin" --input="$work/plain" --quote=, --delimiter=,
check "a window that is no size" fails "window '1X' is no size" --input="$work/plain" --param=window=1X
# root may read everything, so another user tries.
chmod 755 "$work"; cp "$work/plain" "$work/secret"; chmod 000 "$work/secret"
cp "$runners/system" "$work/system" && chmod 755 "$work/system"
unreadable() {
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid=65534 --regid=65534 --clear-groups "$work/system" --workload=file --param=input="$work/secret"
    else
        "$work/system" --workload=file --param=input="$work/secret"
    fi >"$work/report"
    grep -q "failed.*cannot open input .*secret: Permission denied" "$work/report"
}
check "an unreadable file" unreadable
finish
