/*
 * null: the floor. A pointer bumped over a buffer mapped and touched beforehand; it never checks,
 * never fails, never frees, and starts over with each scope. What a cell costs above it is memory
 * management. Not an allocator for any use.
 */
#include <sys/mman.h>

#include "allocators/allocator.h"

#include <string.h>

#define NULL_SLACK 64

struct allocator_heap {
    char *next;
    char *buffer;
    size_t size;
    size_t scope_size;
    size_t scopes_max;
    size_t begun; /* scopes, where several may be open */
};

static bool null_open(struct allocator_heap **heap, const struct allocator_settings *settings)
{
    size_t scopes = settings->scopes_max ? settings->scopes_max : 1;
    size_t scope_size = settings->scope_bytes_max + (size_t)2 * NULL_SLACK;
    size_t size = sizeof **heap + scopes * scope_size;
    struct allocator_heap *opened =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (opened == MAP_FAILED)
        return false;
    opened->size = size;
    opened->scope_size = scope_size;
    opened->scopes_max = scopes;
    opened->buffer = (char *)(opened + 1);
    opened->next = opened->buffer;
    *heap = opened;
    return true;
}

static void null_close(struct allocator_heap *heap)
{
    munmap(heap, heap->size);
}

static inline void *null_allocate(struct allocator_heap *heap, size_t size,
                                  enum allocation_kind kind)
{
    if (kind == ALLOCATION_CONTAINER)
        heap->next += -(uintptr_t)heap->next & 15;
    char *block = heap->next;
    heap->next = block + size;
    return block;
}

static inline void *null_reallocate(struct allocator_heap *heap, void *block, size_t old_size,
                                    size_t new_size, enum allocation_kind kind)
{
    void *moved = null_allocate(heap, new_size, kind);
    memcpy(moved, block, old_size < new_size ? old_size : new_size);
    return moved;
}

static inline void null_deallocate(struct allocator_heap *heap, void *block, size_t size,
                                   enum allocation_kind kind)
{
    (void)heap;
    (void)block;
    (void)size;
    (void)kind;
}

static inline size_t null_usable(struct allocator_heap *heap, const void *block, size_t size,
                                 enum allocation_kind kind)
{
    (void)heap;
    (void)block;
    (void)kind;
    return size;
}

/* Several scopes take the buffer's parts in turn. */
static inline bool null_scope_begin(struct allocator_heap *heap)
{
    if (heap->scopes_max > 1)
        heap->next = heap->buffer + heap->begun++ % heap->scopes_max * heap->scope_size;
    return true;
}

static inline void null_scope_end(struct allocator_heap *heap)
{
    if (heap->scopes_max == 1)
        heap->next = heap->buffer;
}

static void null_statistics(struct allocator_heap *heap, struct allocator_statistics *statistics)
{
    memset(statistics, 0, sizeof *statistics);
    statistics->committed_bytes = heap->size;
    statistics->in_use_bytes = (uint64_t)(heap->next - heap->buffer);
}

static void null_purge(struct allocator_heap *heap)
{
    (void)heap;
}

static const char *null_version(void)
{
    return "apportion";
}

ALLOCATOR_BACKEND = {
    .name = "null",
    .provider = "libc.so",
    .capabilities = ALLOCATOR_RELEASES_IN_BULK | ALLOCATOR_IS_FLOOR | ALLOCATOR_THREADS,
    .slack = NULL_SLACK,
    .open = null_open,
    .close = null_close,
    .allocate = null_allocate,
    .reallocate = null_reallocate,
    .deallocate = null_deallocate,
    .usable = null_usable,
    .scope_begin = null_scope_begin,
    .scope_end = null_scope_end,
    .statistics = null_statistics,
    .purge = null_purge,
    .version = null_version,
};
