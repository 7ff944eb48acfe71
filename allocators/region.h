/*
 * What the arena and pool backends share: a heap with a string arena, released as a whole at the
 * end of a scope. Single blocks are never given back. Where several scopes are open at once each
 * has an arena of its own: that of the one begun last stands in the heap, so that the fast path is
 * the same, the others are parked.
 */
#ifndef ALLOCATORS_REGION_H
#define ALLOCATORS_REGION_H

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "allocators/allocator.h"
#include "split_result_pool.h"
#include "string_arena.h"
#include "string_generations.h"

struct allocator_heap {
    struct string_arena arena;
    struct split_result_pool *pool;        /* NULL for the plain arena */
    struct region_scopes *scopes;          /* NULL: one at a time */
    struct string_generations generations; /* count 0: not asked for */
};

struct region_scopes {
    size_t max;
    size_t begun, ended;
    uint64_t parked_bytes;            /* committed in the parked arenas */
    struct allocator_statistics gone; /* of arenas that were destroyed */
    struct string_arena spare;        /* the arena released last, kept for the next scope */
    struct string_arena parked[];     /* of scope n at n % max */
};

/* A container holds vectors of spans or pointers. */
#define REGION_CONTAINER_ALIGNMENT 16

/* Survivors of so many ages: one of them is at most held in vain. Each is small, so small chunks.
 */
#define REGION_GENERATIONS 40

static inline bool region_open(struct allocator_heap **heap,
                               const struct allocator_settings *settings, bool with_pool)
{
    struct allocator_heap *opened = calloc(1, sizeof *opened);
    if (!opened)
        return false;
    struct string_arena_options options = {.chunk_size = settings->chunk_size};
    if (!string_arena_init(&opened->arena, &options)) {
        free(opened);
        return false;
    }
    size_t scopes = settings->scopes_max;
    if (scopes > 1) {
        opened->scopes = calloc(1, sizeof *opened->scopes + scopes * sizeof(struct string_arena));
        if (!opened->scopes) {
            free(opened); /* the arena holds nothing yet */
            return false;
        }
        opened->scopes->max = scopes;
        opened->scopes->spare = opened->arena;
    }
    const struct split_result_pool_options pool = {.limit = settings->pool_limit,
                                                   .exchange = settings->exchange};
    if (with_pool && !(opened->pool = split_result_pool_create(&pool))) {
        free(opened->scopes);
        free(opened);
        return false;
    }
    *heap = opened;
    return true;
}

static inline void region_close(struct allocator_heap *heap)
{
    struct region_scopes *scopes = heap->scopes;
    split_result_pool_destroy(heap->pool);
    string_arena_destroy(&heap->arena);
    if (scopes) {
        for (size_t i = scopes->ended; i + 1 < scopes->begun; i++)
            string_arena_destroy(&scopes->parked[i % scopes->max]);
        string_arena_destroy(&scopes->spare);
        free(scopes);
    }
    if (heap->generations.count)
        string_generations_destroy(&heap->generations);
    free(heap);
}

static inline void *region_allocate(struct allocator_heap *heap, size_t size,
                                    enum allocation_kind kind)
{
    if (kind == ALLOCATION_BYTES)
        return string_arena_bytes(&heap->arena, size);
    return string_arena_alloc(&heap->arena, size, REGION_CONTAINER_ALIGNMENT);
}

/* The old block stays until the scope ends. */
static inline void *region_reallocate(struct allocator_heap *heap, void *block, size_t old_size,
                                      size_t new_size, enum allocation_kind kind)
{
    void *moved = region_allocate(heap, new_size, kind);
    if (moved)
        memcpy(moved, block, old_size < new_size ? old_size : new_size);
    return moved;
}

static inline size_t region_usable(struct allocator_heap *heap, const void *block, size_t size,
                                   enum allocation_kind kind)
{
    (void)heap;
    (void)block;
    (void)kind;
    return size;
}

/* Parks the arena of the scope before, if that is open still. */
static __attribute__((noinline, unused)) bool region_begin_further(struct allocator_heap *heap)
{
    struct region_scopes *scopes = heap->scopes;
    if (scopes->begun - scopes->ended == scopes->max) {
        errno = ENOMEM;
        return false;
    }
    if (scopes->begun > scopes->ended) {
        struct string_arena_options options = heap->arena.options;
        scopes->parked_bytes += heap->arena.committed_bytes;
        scopes->parked[(scopes->begun - 1) % scopes->max] = heap->arena;
        heap->arena = scopes->spare;
        string_arena_init(&scopes->spare, &options); /* these options were good before */
    }
    heap->arena.restart_lo = NULL;
    scopes->begun++;
    return true;
}

static inline bool region_scope_begin(struct allocator_heap *heap)
{
    return __builtin_expect(!heap->scopes, 1) || region_begin_further(heap);
}

static inline void region_add_arena(struct allocator_statistics *statistics,
                                    const struct string_arena *arena)
{
    struct string_arena_statistics one = string_arena_statistics(arena);
    statistics->committed_bytes += one.committed_bytes;
    statistics->in_use_bytes += one.in_use_bytes;
    statistics->heap_allocations += one.chunks_acquired;
    statistics->heap_frees += one.chunks_released;
    statistics->arena_chunks += one.chunks_acquired - one.chunks_released;
    statistics->arena_tail_waste_bytes += one.tail_waste_bytes;
}

static __attribute__((noinline, unused)) void region_end_oldest(struct allocator_heap *heap)
{
    struct region_scopes *scopes = heap->scopes;
    struct string_arena *oldest = &scopes->parked[scopes->ended % scopes->max];
    if (++scopes->ended == scopes->begun) {
        string_arena_reset(&heap->arena);
        return;
    }
    scopes->parked_bytes -= oldest->committed_bytes;
    if (scopes->spare.committed_bytes == 0) {
        string_arena_reset(oldest);
        scopes->spare = *oldest;
    } else {
        string_arena_destroy(oldest);
        region_add_arena(&scopes->gone, oldest);
    }
}

static __attribute__((noinline, unused)) void region_end_slow(struct allocator_heap *heap)
{
    if (heap->scopes)
        region_end_oldest(heap);
    else
        string_arena_reset(&heap->arena);
}

static inline void region_scope_end(struct allocator_heap *heap)
{
    if (__builtin_expect(heap->arena.restart_lo != NULL, 1))
        string_arena_reset(&heap->arena);
    else
        region_end_slow(heap);
}

static inline struct string_arena *region_arena(struct allocator_heap *heap)
{
    return &heap->arena;
}

static inline struct split_result_pool *region_pool(struct allocator_heap *heap)
{
    return heap->pool;
}

static inline void region_statistics(struct allocator_heap *heap,
                                     struct allocator_statistics *statistics)
{
    const struct region_scopes *scopes = heap->scopes;
    memset(statistics, 0, sizeof *statistics);
    if (scopes) {
        *statistics = scopes->gone;
        region_add_arena(statistics, &scopes->spare);
        for (size_t i = scopes->ended; i + 1 < scopes->begun; i++)
            region_add_arena(statistics, &scopes->parked[i % scopes->max]);
    }
    region_add_arena(statistics, &heap->arena);
    for (unsigned i = 0; i < heap->generations.count; i++)
        region_add_arena(statistics, &heap->generations.arenas[i]);
    if (heap->pool) {
        struct split_result_pool_statistics pool = split_result_pool_statistics(heap->pool);
        statistics->committed_bytes += pool.committed_bytes;
        statistics->in_use_bytes += pool.container_bytes - pool.idle_bytes;
        statistics->heap_allocations += pool.heap_allocations;
        statistics->heap_frees += pool.heap_frees;
        statistics->single_frees += pool.single_frees;
        statistics->pool_hits = pool.hits;
        statistics->pool_misses = pool.misses;
        statistics->pool_resizes = pool.resizes;
        statistics->pool_refills = pool.refills;
        statistics->pool_spills = pool.spills;
    }
}

static inline uint64_t region_committed(struct allocator_heap *heap)
{
    uint64_t committed = heap->arena.committed_bytes;
    if (heap->scopes)
        committed += heap->scopes->parked_bytes + heap->scopes->spare.committed_bytes;
    if (heap->generations.count)
        committed += string_generations_committed(&heap->generations);
    if (heap->pool)
        committed += split_result_pool_statistics(heap->pool).committed_bytes;
    return committed;
}

static inline struct string_generations *region_generations(struct allocator_heap *heap)
{
    struct string_arena_options options = heap->arena.options;
    if (heap->generations.count == 0 &&
        !string_generations_init(&heap->generations, REGION_GENERATIONS, &options))
        return NULL;
    return &heap->generations;
}

static inline void region_purge(struct allocator_heap *heap)
{
    string_arena_trim(&heap->arena);
    if (heap->scopes)
        string_arena_trim(&heap->scopes->spare);
    if (heap->generations.count)
        string_generations_trim(&heap->generations);
    if (heap->pool)
        split_result_pool_trim(heap->pool);
    malloc_trim(0); /* what the chunks came from keeps them else */
}

static inline const char *region_version(void)
{
    return "apportion";
}

#endif
