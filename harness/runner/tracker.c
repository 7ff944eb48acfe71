/* The tracker: an allocator that passes every call on to the backend and counts it. */
#include "harness/runner/tracker.h"

#include <string.h>

#include "allocators/allocator.h"
#include "workloads/workload.h"

static _Thread_local struct tracker_counts thread_counts;

struct tracker_counts tracker_counts(void)
{
    return thread_counts;
}

void tracker_reset(void)
{
    memset(&thread_counts, 0, sizeof thread_counts);
}

static void *tracker_allocate(struct allocator_heap *heap, size_t size, enum allocation_kind kind)
{
    thread_counts.allocations++;
    thread_counts.requested_bytes += size;
    return backend.allocate(heap, size, kind);
}

static void *tracker_reallocate(struct allocator_heap *heap, void *block, size_t old_size,
                                size_t new_size, enum allocation_kind kind)
{
    thread_counts.allocations++;
    thread_counts.frees++;
    thread_counts.requested_bytes += new_size;
    return backend.reallocate(heap, block, old_size, new_size, kind);
}

static void tracker_deallocate(struct allocator_heap *heap, void *block, size_t size,
                               enum allocation_kind kind)
{
    thread_counts.frees++;
    backend.deallocate(heap, block, size, kind);
}

static void tracker_scope_begin(struct allocator_heap *heap)
{
    backend.scope_begin(heap);
}

static void tracker_scope_end(struct allocator_heap *heap)
{
    backend.scope_end(heap);
}

static struct string_arena *tracker_arena(struct allocator_heap *heap)
{
    return backend.arena(heap);
}

static struct split_result_pool *tracker_pool(struct allocator_heap *heap)
{
    return backend.pool(heap);
}

const struct allocator tracker = {
    .name = "tracker",
    .allocate = tracker_allocate,
    .reallocate = tracker_reallocate,
    .deallocate = tracker_deallocate,
    .scope_begin = tracker_scope_begin,
    .scope_end = tracker_scope_end,
    .arena = tracker_arena,
    .pool = tracker_pool,
};
