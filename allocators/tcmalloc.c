/* tcmalloc: gperftools' thread-caching malloc, the minimal build without its profilers. */
/* link: -ltcmalloc_minimal */
#include <gperftools/malloc_extension_c.h>
#include <gperftools/tcmalloc.h>

#include "allocators/malloc_shaped.h"

static uint64_t tcmalloc_property(const char *name)
{
    size_t value;
    return MallocExtension_GetNumericProperty(name, &value) ? value : ALLOCATOR_UNKNOWN;
}

/* heap_size counts pages already given back to the system: take them off. */
static void tcmalloc_statistics(struct allocator_heap *heap,
                                struct allocator_statistics *statistics)
{
    malloc_shaped_statistics(heap, statistics);
    uint64_t size = tcmalloc_property("generic.heap_size");
    uint64_t unmapped = tcmalloc_property("tcmalloc.pageheap_unmapped_bytes");
    if (size != ALLOCATOR_UNKNOWN && unmapped != ALLOCATOR_UNKNOWN)
        statistics->committed_bytes = size - unmapped;
    statistics->in_use_bytes = tcmalloc_property("generic.current_allocated_bytes");
}

static void tcmalloc_purge(struct allocator_heap *heap)
{
    (void)heap;
    MallocExtension_ReleaseFreeMemory();
}

static const char *tcmalloc_version(void)
{
    return tc_version(NULL, NULL, NULL);
}

ALLOCATOR_BACKEND = {
    .name = "tcmalloc",
    .provider = "libtcmalloc_minimal.so",
    ALLOCATOR_MALLOC_SHAPED,
    .statistics = tcmalloc_statistics,
    .statistics_source = "MallocExtension",
    .purge = tcmalloc_purge,
    .version = tcmalloc_version,
};
