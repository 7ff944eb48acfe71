/* mimalloc: Microsoft's compact general-purpose allocator, as malloc replacement. */
/* link: -lmimalloc */
#include <mimalloc.h>
#include <stdio.h>

#include "allocators/malloc_shaped.h"

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
    .statistics = malloc_shaped_statistics,
    .purge = mimalloc_purge,
    .version = mimalloc_version,
};
