#!/usr/bin/env bash
# The library by itself: `make install` into a DESTDIR, a program outside the tree built against the
# installed copy in C and C++, only public symbols in both libraries.
set -u
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
n=0
check() { # check TEXT COMMAND…
    local text=$1
    shift
    n=$((n + 1))
    if "$@" >"$work/out" 2>&1; then
        echo "ok $n - $text"
    else
        echo "not ok $n - $text"
        sed 's/^/# /' "$work/out"
    fi
}

check "make install into a DESTDIR" make -s install CC="${CC:-gcc}" DESTDIR="$work/root" PREFIX=/opt/apportion
root=$work/root/opt/apportion

# The pkg-config file names the final prefix; the sysroot puts the DESTDIR before it.
export PKG_CONFIG_LIBDIR=$root/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$work/root
flags() { pkg-config "$@" apportion; }
check "pkg-config knows it" flags --exists
check "the example builds against the shared library" \
    gcc -Wall -Wextra -Werror examples/count_tokens.c $(flags --cflags --libs) -o "$work/shared"
check "and against the static one" \
    gcc -Wall -Wextra -Werror examples/count_tokens.c $(flags --cflags) "$root/lib/libapportion.a" -o "$work/static"
printf 'a,b,"c,d"\n1,22,333,4444\n' >"$work/in"
expected='2 lines, 7 tokens, longest 4 bytes'
runs() { [ "$("$@" <"$work/in")" = "$expected" ]; }
check "the shared build runs and counts right" runs env LD_LIBRARY_PATH="$root/lib" "$work/shared"
check "the static build runs and counts right" runs "$work/static"

for header in "$root"/include/apportion/*.h; do
    echo "#include <apportion/$(basename "$header")>" >>"$work/all.cc"
done
echo 'int main() { string_arena a; if (!string_arena_init(&a, nullptr)) return 1; string_arena_destroy(&a); return 0; }' >>"$work/all.cc"
check "every installed header is C++" \
    g++ -std=c++17 -Wall -Wextra -Werror "$work/all.cc" $(flags --cflags --libs) -o "$work/all"
check "the C++ program runs" env LD_LIBRARY_PATH="$root/lib" "$work/all"

public='^(string_arena|split|estimate_split_count|process_lines_bulk)(_|$)'
only_public() { # every symbol that is defined and global belongs to the public names
    local names
    names=$("$@" | awk '$2 ~ /^[TDBRVW]$/ {print $3}')
    [ -n "$names" ] || { echo "no symbol at all"; return 1; }
    ! grep -vE "$public" <<<"$names"
}
declared() { # every exported function is declared in an installed header
    local name
    for name in $(nm -D --defined-only "$root/lib/libapportion.so" | awk '{print $3}'); do
        grep -qw "$name" "$root"/include/apportion/*.h || { echo "$name is in no header"; return 1; }
    done
}
check "the shared library exports public names only" only_public nm -D --defined-only "$root/lib/libapportion.so"
check "the static library shows public names only" only_public nm --defined-only --extern-only "$root/lib/libapportion.a"
check "every exported symbol is in an installed header" declared
echo "1..$n"
