#!/usr/bin/env bash
# The library on another CPU: it compiles for aarch64 without a warning (vector code of x86 stays
# behind its #if), and there, under qemu, the fuzz targets' checks hold on their corpora and on
# random inputs: the scalar paths against the reference, arena and pool against their model.
. tests/e2e/lib.sh

sysroot=/usr/aarch64-linux-gnu
compile() {
    clang --target=aarch64-linux-gnu -isystem $sysroot/include -std=gnu11 -D_GNU_SOURCE -O2 \
        -Wall -Wextra -Wconversion -Wshadow -Werror -I. -Iallocators/arena -Iallocators/pool \
        -Iworkloads/split "$@"
}
library=(allocators/arena/*.c allocators/pool/*.c workloads/split/*.c)
objects() {
    local source
    for source in "${library[@]}" tests/fuzz/*.c; do
        compile -c "$source" -o "$work/$(basename "$source" .c).o" || return 1
    done
}
check "the library compiles for aarch64" objects

# Linked by hand: the C library's parts are there, a compiler's runtime is not and is not needed.
runs() {
    local target=$1 object objects=()
    shift
    for object in "${library[@]}"; do
        objects+=("$work/$(basename "$object" .c).o")
    done
    ld.lld -pie -dynamic-linker /lib/ld-linux-aarch64.so.1 -L$sysroot/lib $sysroot/lib/Scrt1.o \
        $sysroot/lib/crti.o "$work/fuzz_$target.o" "$work/without_fuzzer.o" "${objects[@]}" -lc \
        $sysroot/lib/crtn.o -o "$work/$target" &&
        qemu-aarch64 -L $sysroot "$work/$target" "$@" tests/fuzz/corpus/"$target"/*
}
for pair in 'split 4000' 'arena 600' 'stream 4000'; do
    if command -v qemu-aarch64 >/dev/null; then
        # shellcheck disable=SC2086
        check "fuzz_$pair random inputs and the corpus agree there" runs $pair
    else
        echo "ok $((tests += 1)) - ${pair% *} # SKIP no qemu-aarch64 (package qemu-user)"
    fi
done
finish
