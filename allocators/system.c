/* system: the C library's malloc. */
#include <gnu/libc-version.h>
#include <malloc.h>

#include "allocators/malloc_shaped.h"

/* mallinfo2 counts chunks in the thread cache as used. */
static void system_statistics(struct allocator_heap *heap, struct allocator_statistics *statistics)
{
    struct mallinfo2 info = mallinfo2();
    malloc_shaped_statistics(heap, statistics);
    statistics->committed_bytes = info.arena + info.hblkhd;
    statistics->in_use_bytes = info.uordblks + info.hblkhd;
}

static void system_purge(struct allocator_heap *heap)
{
    (void)heap;
    malloc_trim(0);
}

ALLOCATOR_BACKEND = {
    .name = "system",
    .provider = "libc.so",
    ALLOCATOR_MALLOC_SHAPED,
    .statistics = system_statistics,
    .statistics_source = "mallinfo2",
    .purge = system_purge,
    .version = gnu_get_libc_version,
};
