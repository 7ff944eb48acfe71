#!/usr/bin/env bash
# The library by itself: `make install` into a DESTDIR, every program of examples/ built against the
# installed copy and run, the guide's snippets taken from them, the headers in C++, only public
# symbols in both libraries, and the sources compiled for a CPU without vector code of ours.
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

# What each example prints of the input, which is a file by name for one, standard input for others.
printf 'a,b,"c,d"\n1,22,333,4444\n' >"$work/in"
declare -A prints=(
    [count_tokens]='2 lines, 7 tokens, longest 4 bytes'
    [stream_fields]='8 fields, longest 4 bytes'
    [bulk_csv]='2 lines, 7 fields
column 1: 2 fields, 2 bytes
column 2: 2 fields, 3 bytes
column 3: 2 fields, 6 bytes
column 4: 1 fields, 4 bytes'
)
runs() { # runs EXPECTED COMMAND…
    local printed
    printed=$("${@:2}" "$work/in" <"$work/in") || return 1
    [ "$printed" = "$1" ] || { echo "printed: $printed"; return 1; }
}
for source in examples/*.c; do
    name=$(basename "$source" .c)
    expected=${prints[$name]-no expectation for $name in this test}
    check "$name builds against the shared library" \
        gcc -Wall -Wextra -Werror "$source" $(flags --cflags --libs) -o "$work/shared"
    check "$name builds against the static one" \
        gcc -Wall -Wextra -Werror "$source" $(flags --cflags) "$root/lib/libapportion.a" -o "$work/static"
    check "$name runs and is right, shared" runs "$expected" env LD_LIBRARY_PATH="$root/lib" "$work/shared"
    check "$name runs and is right, static" runs "$expected" "$work/static"
done

# A block of the guide behind `<!-- from FILE -->` stands in that file, indentation aside.
snippets() {
    perl -e '
        sub plain { my $text = shift; $text =~ s/^[ \t]+//mg; $text }
        local $/; my $guide = <>; my ($seen, $bad) = (0, 0);
        while ($guide =~ /<!-- from (\S+) -->\n```c\n(.*?)```/sg) {
            my ($name, $block) = ($1, $2); $seen++;
            open my $file, "<", $name or die "$name: $!\n";
            next if index(plain(<$file>), plain($block)) >= 0;
            print "not in $name:\n$block"; $bad++;
        }
        print "$seen snippets\n"; exit($bad || !$seen);' docs/pool-guide.md
}
check "the guide's snippets stand in the examples" snippets

for header in "$root"/include/apportion/*.h; do
    echo "#include <apportion/$(basename "$header")>" >>"$work/all.cc"
done
cat >>"$work/all.cc" <<'END'
static int add(void *context, const process_lines_line *line)
{
    *static_cast<size_t *>(context) += line->tokens->count;
    return 0;
}
static size_t in_use_in_a_scope(string_arena *arena)
{
    STRING_ARENA_SCOPE(arena);
    string_arena_simd(arena, 1000);
    return string_arena_statistics(arena).in_use_bytes;
}
static bool copies(void *argument, string_arena *arena)
{
    return string_arena_copy_cstring(arena, static_cast<const char *>(argument)) != nullptr;
}
static int count_on_threads(void *context, const process_lines_line *line)
{
    __atomic_fetch_add(static_cast<size_t *>(context), line->tokens->count, __ATOMIC_RELAXED);
    return 0;
}
int main()
{
    STRING_ARENA_AUTO(arena);
    SPLIT_RESULT_POOL_AUTO(pool, nullptr);
    SPLIT_STREAM_AUTO(stream);
    SPLIT_RESULT_AUTO(result);
    split_options options = split_options_default();
    size_t tokens = 0;
    if (!process_lines_bulk("a,b\nc\n", 6, nullptr, add, &tokens, nullptr) || tokens != 3)
        return 1;
    if (!split_stream_begin(&stream, &options, 0, &arena, pool) ||
        !split_stream_feed(&stream, &result, "a,b", 3) || result.count != 1)
        return 2;
    size_t before = string_arena_statistics(&arena).in_use_bytes;
    if (in_use_in_a_scope(&arena) < before + 1000 ||
        string_arena_statistics(&arena).in_use_bytes != before)
        return 3;
    char word[] = "word";
    string_arena moved;
    string_arena_move(&moved, &arena);
    string_arena_destroy(&moved);
    if (!string_arena_with(copies, word) || !string_arena_thread_end())
        return 4;
    split_result_exchange *exchange = split_result_exchange_create(nullptr);
    split_result_pool_options pool_options = {};
    pool_options.exchange = exchange;
    process_lines_options lines_options = {};
    lines_options.threads = 2;
    lines_options.range_bytes = 2;
    lines_options.pool_options = &pool_options;
    tokens = 0;
    if (!process_lines_bulk("a,b\nc\n", 6, &lines_options, count_on_threads, &tokens, nullptr) ||
        tokens != 3)
        return 5;
    split_result_exchange_destroy(exchange);
    int cancel = 0;
    process_lines_cancel(&cancel);
    split_result_release_to(&result, pool);
    return cancel == 1 ? 0 : 6;
}
END
check "every installed header is C++" \
    g++ -std=c++17 -Wall -Wextra -Werror "$work/all.cc" $(flags --cflags --libs) -o "$work/all"
check "the C++ program, its scopes among it, runs" env LD_LIBRARY_PATH="$root/lib" "$work/all"

public='^(string_arena|string_generations|split|estimate_split_count|process_lines_bulk)(_|$)'
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
