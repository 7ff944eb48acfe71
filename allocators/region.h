/*
 * What the arena and pool backends share: a heap with a string arena, released as a whole at the
 * end of a scope. Single blocks are never given back.
 */
#ifndef ALLOCATORS_REGION_H
#define ALLOCATORS_REGION_H

#include <stdlib.h>
#include <string.h>

#include "allocators/allocator.h"
#include "split_result_pool.h"
#include "string_arena.h"

struct allocator_heap {
    struct string_arena arena;
    struct split_result_pool *pool; /* NULL for the plain arena */
};

/* A container holds vectors of spans or pointers. */
#define REGION_CONTAINER_ALIGNMENT 16

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
    if (with_pool && !(opened->pool = split_result_pool_create(NULL))) {
        string_arena_destroy(&opened->arena);
        free(opened);
        return false;
    }
    *heap = opened;
    return true;
}

static inline void region_close(struct allocator_heap *heap)
{
    split_result_pool_destroy(heap->pool);
    string_arena_destroy(&heap->arena);
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

static inline void region_scope_begin(struct allocator_heap *heap)
{
    (void)heap;
}

static inline void region_scope_end(struct allocator_heap *heap)
{
    string_arena_reset(&heap->arena);
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
    struct string_arena_statistics arena = string_arena_statistics(&heap->arena);
    memset(statistics, 0, sizeof *statistics);
    statistics->committed_bytes = arena.committed_bytes;
    statistics->in_use_bytes = arena.in_use_bytes;
    statistics->heap_allocations = arena.chunks_acquired;
    statistics->heap_frees = arena.chunks_released;
    statistics->arena_chunks = arena.chunks_acquired - arena.chunks_released;
    statistics->arena_tail_waste_bytes = arena.tail_waste_bytes;
    if (heap->pool) {
        struct split_result_pool_statistics pool = split_result_pool_statistics(heap->pool);
        statistics->committed_bytes += pool.committed_bytes;
        statistics->in_use_bytes += pool.committed_bytes - pool.idle_bytes;
        statistics->heap_allocations += pool.misses;
        statistics->heap_frees += pool.heap_frees;
        statistics->pool_hits = pool.hits;
        statistics->pool_misses = pool.misses;
        statistics->pool_resizes = pool.resizes;
    }
}

static inline void region_purge(struct allocator_heap *heap)
{
    string_arena_trim(&heap->arena);
    if (heap->pool)
        split_result_pool_trim(heap->pool);
}

static inline const char *region_version(void)
{
    return "apportion";
}

#endif
