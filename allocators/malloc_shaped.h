/*
 * A backend that is a malloc replacement: its calls are the process's malloc, realloc and free,
 * whoever provides them. Include it and start the backend object with ALLOCATOR_MALLOC_SHAPED.
 */
#ifndef ALLOCATORS_MALLOC_SHAPED_H
#define ALLOCATORS_MALLOC_SHAPED_H

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "allocators/allocator.h"

static inline bool malloc_shaped_open(struct allocator_heap **heap,
                                      const struct allocator_settings *settings)
{
    (void)settings;
    *heap = NULL;
    return true;
}

static inline void malloc_shaped_close(struct allocator_heap *heap)
{
    (void)heap;
}

static inline void *malloc_shaped_allocate(struct allocator_heap *heap, size_t size,
                                           enum allocation_kind kind)
{
    (void)heap;
    (void)kind; /* malloc aligns everything to 16 */
    return malloc(size);
}

static inline void *malloc_shaped_reallocate(struct allocator_heap *heap, void *block,
                                             size_t old_size, size_t new_size,
                                             enum allocation_kind kind)
{
    (void)heap;
    (void)old_size;
    (void)kind;
    return realloc(block, new_size);
}

static inline void malloc_shaped_deallocate(struct allocator_heap *heap, void *block, size_t size,
                                            enum allocation_kind kind)
{
    (void)heap;
    (void)size;
    (void)kind;
    free(block);
}

static inline size_t malloc_shaped_usable(struct allocator_heap *heap, const void *block,
                                          size_t size, enum allocation_kind kind)
{
    (void)heap;
    (void)size;
    (void)kind;
    return malloc_usable_size((void *)(uintptr_t)block);
}

static inline bool malloc_shaped_scope_begin(struct allocator_heap *heap)
{
    (void)heap;
    return true;
}

static inline void malloc_shaped_scope_end(struct allocator_heap *heap)
{
    (void)heap;
}

/* Says that nothing is known; a backend that can ask its allocator gives a function of its own. */
static inline void malloc_shaped_statistics(struct allocator_heap *heap,
                                            struct allocator_statistics *statistics)
{
    (void)heap;
    memset(statistics, 0xff, sizeof *statistics); /* every field ALLOCATOR_UNKNOWN */
}

#define ALLOCATOR_MALLOC_SHAPED                                                                    \
    .capabilities =                                                                                \
        ALLOCATOR_FREES_INDIVIDUALLY | ALLOCATOR_THREADS | ALLOCATOR_FREES_ACROSS_THREADS,         \
    .open = malloc_shaped_open, .close = malloc_shaped_close, .allocate = malloc_shaped_allocate,  \
    .reallocate = malloc_shaped_reallocate, .deallocate = malloc_shaped_deallocate,                \
    .usable = malloc_shaped_usable, .scope_begin = malloc_shaped_scope_begin,                      \
    .scope_end = malloc_shaped_scope_end

#endif
