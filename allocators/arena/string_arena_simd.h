/*
 * Buffers for vector code from an arena: aligned to a 64-byte register and padded, so that a loop
 * over whole registers needs no special last step.
 *
 *      | size bytes, rounded up to 64 | 64 bytes of padding |
 *      ^ 64-byte aligned
 *
 * A register of 64 bytes may be loaded from and stored to any address that begins within the
 * rounded size. The padding belongs to the buffer: nothing else lies in it, and its bytes, like all
 * of a new block, have no defined value. Lifetime, threads and errors are string_arena_alloc()'s.
 */
#ifndef APPORTION_STRING_ARENA_SIMD_H
#define APPORTION_STRING_ARENA_SIMD_H

#include "string_arena.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The widest register: AVX-512's. */
#define STRING_ARENA_SIMD_WIDTH ((size_t)64)

/* What a buffer of size bytes takes; SIZE_MAX, which no arena has, where that overflows. */
static inline size_t string_arena_simd_size(size_t size)
{
    if (size > SIZE_MAX - 2 * STRING_ARENA_SIMD_WIDTH)
        return SIZE_MAX;
    return ((size + STRING_ARENA_SIMD_WIDTH - 1) & ~(STRING_ARENA_SIMD_WIDTH - 1)) +
           STRING_ARENA_SIMD_WIDTH;
}

/* NULL with errno ENOMEM: no memory, the arena's limit, or a size that no arena has. */
static inline void *string_arena_simd(struct string_arena *arena, size_t size)
{
    return string_arena_alloc(arena, string_arena_simd_size(size), STRING_ARENA_SIMD_WIDTH);
}

#ifdef __cplusplus
}
#endif

#endif
