/*
 * string_arena: memory for many short strings that die together.
 *
 * Shape. A list of chunks, each filled from both ends: token bytes grow upwards at alignment 1,
 * records (containers, spans) grow downwards from the top at their own alignment. Between the two
 * STRING_ARENA_SLACK bytes stay free, so that a short copy may write whole registers:
 *
 *      | abc | defgh | i  |         free          |  slack  | record | record |
 *                         lo                      hi
 *
 * Requests above an eighth of the first chunk's size (or of a further one's) go to blocks of their
 * own, so the current chunk is never abandoned half full; what use of late needed of such blocks is
 * kept for reuse. Everything is released at once: reset() keeps the chunks for the next use,
 * rollback() releases what came after a mark, destroy() gives all back.
 *
 * Ownership: every pointer handed out belongs to the arena and dies at the next reset, at a
 * rollback to an older mark, or at destroy. Threads: one thread at a time. Errors: NULL or false
 * with errno set (ENOMEM: no memory or the limit is reached; EINVAL: bad arguments); the arena is
 * then as before.
 */
#ifndef APPORTION_STRING_ARENA_H
#define APPORTION_STRING_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "string_arena_annotate.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* Bytes kept free behind the byte blocks: two AVX-512 registers, so that a short line is copied as
 * these two whatever its length. */
#define STRING_ARENA_SLACK 128

/* Of those, how many a block's owner may overwrite until the arena's next call, so that a short
 * copy needs no exact length. None in a guarded build, where a write past the end is to be caught.
 */
#define STRING_ARENA_OVERCOPY (APPORTION_GUARDED ? 0 : STRING_ARENA_SLACK)

/* 64 KiB is what an L2 cache holds many times over, and a small program's whole need; 2 MiB is one
 * huge page, beyond which a larger chunk saves no more calls that matter. */
#define STRING_ARENA_CHUNK_SIZE ((size_t)64 << 10)
#define STRING_ARENA_CHUNK_SIZE_MAX ((size_t)2 << 20)

/* Where chunks come from. NULL functions mean the general heap. The alignment asked for is
 * malloc's, that of max_align_t, and every size a multiple of it. */
struct string_arena_source {
    void *(*acquire)(void *context, size_t size, size_t alignment);
    void (*release)(void *context, void *memory, size_t size);
    void *context;
};

/* Zero in a field means its default. */
struct string_arena_options {
    size_t chunk_size;     /* the first chunk; each further one is 1/32 of what there is */
    size_t chunk_size_max; /* up to this */
    size_t limit;          /* bytes in all chunks together; 0 = none */
    struct string_arena_source source;
};

struct string_arena_chunk;
struct string_arena_block;

/* The first four are the fast paths'; treat all as private. */
struct string_arena {
    char *lo; /* next free byte */
    char *hi; /* end of the free space: the lowest record less the slack; lo < hi, or both NULL
                 before the first chunk, so that even an empty block comes from a chunk */
    char *restart_lo; /* lo and hi after a reset, where that is all a reset has to do: one chunk is
                         held and nothing else was taken since the last one; else NULL */
    char *restart_hi;

    struct string_arena_chunk *current; /* NULL: no chunk yet */
    struct string_arena_chunk *first;   /* in order of use; those after current are free */
    struct string_arena_block *oversized;
    struct string_arena_block *spare;    /* oversized blocks that were released, for reuse */
    struct string_arena_options options; /* defaults filled in */
    size_t committed_bytes;
    size_t oversized_bytes; /* in the blocks in use */
    size_t oversized_peak;  /* sliding maximum of that, for trimming */
    size_t use_average;     /* sliding average of the bytes in use at resets, for trimming */
    uint64_t chunks_acquired;
    uint64_t chunks_released;
    uint64_t oversized_acquired;
    uint64_t tail_waste_bytes;
};

/* Valid until the arena is reset, destroyed, or rolled back to an older mark. */
struct string_arena_mark {
    struct string_arena_chunk *current;
    char *lo;
    char *hi;
    struct string_arena_block *oversized;
};

struct string_arena_statistics {
    size_t committed_bytes; /* in all chunks and oversized blocks */
    size_t in_use_bytes;    /* handed out since the last reset, with gaps for alignment, headers of
                               oversized blocks and what was left of chunks; 0 after a reset */
    uint64_t chunks_acquired; /* since init, oversized blocks included: calls to the source */
    uint64_t chunks_released;
    uint64_t oversized_acquired;
    uint64_t tail_waste_bytes; /* left unused at the ends of chunks when the next one was begun */
};

/* Takes no memory yet. options NULL: all defaults. */
bool string_arena_init(struct string_arena *arena, const struct string_arena_options *options);
void string_arena_destroy(struct string_arena *arena);

/* Gives every chunk that is not in use back to the source. */
void string_arena_trim(struct string_arena *arena);

struct string_arena_mark string_arena_mark(const struct string_arena *arena);
void string_arena_rollback(struct string_arena *arena, struct string_arena_mark mark);

struct string_arena_statistics string_arena_statistics(const struct string_arena *arena);

/* Slow paths of the functions below. */
char *string_arena_bytes_slow(struct string_arena *arena, size_t size);
void *string_arena_alloc_slow(struct string_arena *arena, size_t size, size_t alignment);
void string_arena_reset_slow(struct string_arena *arena);

/* O(1) in the number of blocks; keeps the chunks, less what the sliding average of use says is
 * idle. */
static inline void string_arena_reset(struct string_arena *arena)
{
    if (__builtin_expect(!arena->restart_lo, 0)) {
        string_arena_reset_slow(arena);
        return;
    }
    arena->lo = arena->restart_lo;
    if (__builtin_expect(arena->hi != arena->restart_hi, 0))
        arena->hi = arena->restart_hi;
    APPORTION_POISON(arena->lo, (size_t)(arena->hi + STRING_ARENA_SLACK - arena->lo));
}

/* In a guarded build blocks start at 8 and leave 8 behind, the granule that AddressSanitizer can
 * poison. */
static inline size_t string_arena_block_size(size_t size)
{
    return APPORTION_GUARDED ? ((size + 7) & ~(size_t)7) + 8 : size;
}

/* Whether string_arena_bytes(arena, size) needs no further chunk. */
static inline bool string_arena_has_room(const struct string_arena *arena, size_t size)
{
    size_t taken = string_arena_block_size(size);
    return (size_t)(arena->hi - arena->lo) > taken && (!APPORTION_GUARDED || taken >= size);
}

/* string_arena_bytes where string_arena_has_room has said so. */
static inline char *string_arena_take_bytes(struct string_arena *arena, size_t size)
{
    char *block = arena->lo;
    arena->lo = block + string_arena_block_size(size);
    APPORTION_UNPOISON(block, size);
    return block;
}

/* size bytes at alignment 1, with STRING_ARENA_OVERCOPY bytes behind them that may be written. A
 * block of 0 bytes has an address that is not to be read. */
static inline char *string_arena_bytes(struct string_arena *arena, size_t size)
{
    if (__builtin_expect(!string_arena_has_room(arena, size), 0))
        return string_arena_bytes_slow(arena, size);
    return string_arena_take_bytes(arena, size);
}

/* Gives the newest byte block back, where it lies in the current chunk; else it stays until reset.
 * Cheaper than a mark, for a caller that may have to undo just this. */
static inline void string_arena_undo_bytes(struct string_arena *arena, char *block, size_t size)
{
    if (arena->lo == block + string_arena_block_size(size)) {
        APPORTION_POISON(block, size);
        arena->lo = block;
    }
}

/* string_arena_alloc where there is room. */
static inline void *string_arena_take_record(struct string_arena *arena, size_t size,
                                             size_t alignment)
{
    /* The slack is a multiple of every alignment, so hi is as aligned as the record above it. */
    size_t taken = string_arena_block_size(size);
    arena->hi -= taken + (((uintptr_t)arena->hi - taken) & (alignment - 1));
    char *record = arena->hi + STRING_ARENA_SLACK;
    APPORTION_UNPOISON(record, size);
    return record;
}

/* A record of size bytes; alignment is a power of two of at most 64. */
static inline void *string_arena_alloc(struct string_arena *arena, size_t size, size_t alignment)
{
    size_t room = (size_t)(arena->hi - arena->lo);
    size_t taken = string_arena_block_size(size);
    size_t gap = ((uintptr_t)arena->hi - taken) & (alignment - 1);
    if (__builtin_expect(room <= gap || room - gap <= taken, 0) ||
        (APPORTION_GUARDED && taken < size))
        return string_arena_alloc_slow(arena, size, alignment);
    return string_arena_take_record(arena, size, alignment);
}

/* A copy of length bytes, not terminated. */
char *string_arena_copy(struct string_arena *arena, const char *bytes, size_t length);
/* A copy of a C string with its terminator. */
char *string_arena_copy_cstring(struct string_arena *arena, const char *string);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
