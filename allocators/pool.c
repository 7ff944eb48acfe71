/*
 * pool: token bytes from a string arena, containers from the split-result pool; and the library's
 * own pooled API on the same two. Containers are given back one by one, tokens with their scope.
 */
#include "allocators/region.h"

static bool pool_open(struct allocator_heap **heap, const struct allocator_settings *settings)
{
    return region_open(heap, settings, true);
}

static inline void *pool_allocate(struct allocator_heap *heap, size_t size,
                                  enum allocation_kind kind)
{
    if (kind == ALLOCATION_BYTES)
        return string_arena_bytes(&heap->arena, size);
    size_t capacity;
    return split_result_pool_get(heap->pool, size, &capacity);
}

static inline void pool_deallocate(struct allocator_heap *heap, void *block, size_t size,
                                   enum allocation_kind kind)
{
    if (kind == ALLOCATION_CONTAINER)
        split_result_pool_return(heap->pool, block, size);
}

static inline void *pool_reallocate(struct allocator_heap *heap, void *block, size_t old_size,
                                    size_t new_size, enum allocation_kind kind)
{
    if (kind == ALLOCATION_BYTES)
        return region_reallocate(heap, block, old_size, new_size, kind);
    size_t capacity = old_size;
    return split_result_pool_grow(heap->pool, block, &capacity, old_size, new_size);
}

static inline size_t pool_usable(struct allocator_heap *heap, const void *block, size_t size,
                                 enum allocation_kind kind)
{
    (void)heap;
    (void)block;
    return kind == ALLOCATION_CONTAINER ? split_result_pool_capacity(size) : size;
}

ALLOCATOR_BACKEND = {
    .name = "pool",
    .provider = "libc.so",
    .capabilities = ALLOCATOR_RELEASES_IN_BULK | ALLOCATOR_POOLED_API | ALLOCATOR_THREADS,
    .slack = STRING_ARENA_OVERCOPY,
    .open = pool_open,
    .close = region_close,
    .allocate = pool_allocate,
    .reallocate = pool_reallocate,
    .deallocate = pool_deallocate,
    .usable = pool_usable,
    .scope_begin = region_scope_begin,
    .scope_end = region_scope_end,
    .arena = region_arena,
    .pool = region_pool,
    .generations = region_generations,
    .statistics = region_statistics,
    .statistics_source = "own counters",
    .committed = region_committed,
    .purge = region_purge,
    .version = region_version,
};
