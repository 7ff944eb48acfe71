/*
 * arena: token bytes and containers from one string arena, everything released at the end of the
 * scope. Cannot free one token; its speed is not for programs that must.
 */
#include "allocators/region.h"

static bool arena_open(struct allocator_heap **heap, const struct allocator_settings *settings)
{
    return region_open(heap, settings, false);
}

static inline void arena_deallocate(struct allocator_heap *heap, void *block, size_t size,
                                    enum allocation_kind kind)
{
    (void)heap;
    (void)block;
    (void)size;
    (void)kind;
}

ALLOCATOR_BACKEND = {
    .name = "arena",
    .provider = "libc.so",
    .capabilities = ALLOCATOR_RELEASES_IN_BULK | ALLOCATOR_THREADS,
    .slack = STRING_ARENA_OVERCOPY,
    .open = arena_open,
    .close = region_close,
    .allocate = region_allocate,
    .reallocate = region_reallocate,
    .deallocate = arena_deallocate,
    .usable = region_usable,
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
