/* mimalloc: Microsoft's compact general-purpose allocator, as malloc replacement. */
/* link: -lmimalloc */
#include <mimalloc.h>
#include <stdio.h>

#include "allocators/malloc_shaped.h"

static bool add_area(const mi_heap_t *heap, const mi_heap_area_t *area, void *block, size_t size,
                     void *sums)
{
    struct allocator_statistics *statistics = sums;
    (void)heap;
    (void)block;
    (void)size;
    statistics->committed_bytes += area->committed;
    statistics->in_use_bytes += area->used * area->full_block_size;
    return true;
}

/* The pages that the heap holds. mi_process_info would say what was committed of whole segments,
 * 32 MiB at a time. */
static void mimalloc_statistics(struct allocator_heap *heap,
                                struct allocator_statistics *statistics)
{
    malloc_shaped_statistics(heap, statistics);
    statistics->committed_bytes = statistics->in_use_bytes = 0;
    mi_heap_visit_blocks(mi_heap_get_default(), false, add_area, statistics);
}

static void mimalloc_purge(struct allocator_heap *heap)
{
    (void)heap;
    mi_collect(true);
}

/* mi_version() is 100 * major + 10 * minor + patch, patch one digit in this series. */
static const char *mimalloc_version(void)
{
    static _Thread_local char text[32];
    int version = mi_version();
    snprintf(text, sizeof text, "%d.%d.%d", version / 100, version / 10 % 10, version % 10);
    return text;
}

ALLOCATOR_BACKEND = {
    .name = "mimalloc",
    .provider = "libmimalloc.so",
    ALLOCATOR_MALLOC_SHAPED,
    .statistics = mimalloc_statistics,
    .statistics_source = "mi_heap_visit_blocks",
    .purge = mimalloc_purge,
    .version = mimalloc_version,
};
