/* The tracker: an allocator that passes every call on to the backend, counts it and logs it. */
#include "harness/runner/tracker.h"

#include <string.h>

#include "allocators/allocator.h"
#include "harness/runner/dry_heap.h"
#include "harness/runner/heap_log.h"
#include "harness/runner/heap_map.h"
#include "harness/runner/locality.h"
#include "workloads/workload.h"

static struct tracker_counts counts; /* of all threads */
static _Thread_local struct heap_log *thread_log;
static _Thread_local struct heap_map *thread_map;
static _Thread_local struct dry_heap *thread_dry_heap;
static _Thread_local struct locality *thread_trace;

struct tracker_counts tracker_counts(void)
{
    return counts;
}

void tracker_reset(void)
{
    memset(&counts, 0, sizeof counts);
}

void tracker_set_log(struct heap_log *log)
{
    thread_log = log;
}

void tracker_set_map(struct heap_map *map)
{
    thread_map = map;
}

void tracker_set_trace(struct locality *trace)
{
    thread_trace = trace;
}

void tracker_set_dry_heap(struct dry_heap *heap)
{
    thread_dry_heap = heap;
}

/* ---- the backend's calls ---- */

static void count(uint64_t *sum, uint64_t more)
{
    __atomic_fetch_add(sum, more, __ATOMIC_RELAXED);
}

static void note_allocated(const void *block, size_t size, size_t usable)
{
    if (thread_log)
        heap_log_allocated(thread_log, block, size, usable);
    if (thread_map)
        heap_map_allocated(thread_map, block, size, usable);
}

static void note_freed(const void *block, size_t size, size_t usable)
{
    if (thread_log)
        heap_log_freed(thread_log, block, size);
    if (thread_map)
        heap_map_freed(thread_map, block, size, usable);
}

static size_t usable_of(struct allocator_heap *heap, const void *block, size_t size,
                        enum allocation_kind kind)
{
    return thread_dry_heap ? size : backend.usable(heap, block, size, kind);
}

static void log_allocated(struct allocator_heap *heap, const void *block, size_t size,
                          enum allocation_kind kind)
{
    if ((thread_log || thread_map) && block)
        note_allocated(block, size, usable_of(heap, block, size, kind));
}

static void *tracker_allocate(struct allocator_heap *heap, size_t size, enum allocation_kind kind)
{
    count(&counts.allocations, 1);
    count(&counts.requested_bytes, size);
    void *block = thread_dry_heap ? dry_heap_allocate(thread_dry_heap, size)
                                  : backend.allocate(heap, size, kind);
    log_allocated(heap, block, size, kind);
    return block;
}

static void *tracker_reallocate(struct allocator_heap *heap, void *block, size_t old_size,
                                size_t new_size, enum allocation_kind kind)
{
    count(&counts.allocations, 1);
    count(&counts.frees, 1);
    count(&counts.requested_bytes, new_size);
    uintptr_t old = (uintptr_t)block; /* the block itself may be gone below */
    size_t old_usable = thread_map ? usable_of(heap, block, old_size, kind) : 0;
    void *moved;
    if (!thread_dry_heap)
        moved = backend.reallocate(heap, block, old_size, new_size, kind);
    else if ((moved = dry_heap_allocate(thread_dry_heap, new_size)) != NULL)
        memcpy(moved, block, old_size < new_size ? old_size : new_size);
    if (moved)
        note_freed((const void *)old, old_size, old_usable);
    log_allocated(heap, moved, new_size, kind);
    return moved;
}

static void tracker_deallocate(struct allocator_heap *heap, void *block, size_t size,
                               enum allocation_kind kind)
{
    count(&counts.frees, 1);
    if (block)
        note_freed(block, size, thread_map ? usable_of(heap, block, size, kind) : 0);
    if (!thread_dry_heap)
        backend.deallocate(heap, block, size, kind);
}

static bool tracker_scope_begin(struct allocator_heap *heap)
{
    if (!thread_dry_heap)
        return backend.scope_begin(heap);
    dry_heap_scope_begin(thread_dry_heap);
    return true;
}

static void tracker_scope_end(struct allocator_heap *heap)
{
    if (!thread_dry_heap)
        backend.scope_end(heap);
    if (thread_log)
        heap_log_scope_ended(thread_log);
    if (thread_trace)
        thread_trace->scope_ended = true;
}

static struct string_arena *tracker_arena(struct allocator_heap *heap)
{
    return backend.arena(heap);
}

static struct split_result_pool *tracker_pool(struct allocator_heap *heap)
{
    return backend.pool(heap);
}

static struct string_generations *tracker_generations(struct allocator_heap *heap)
{
    return backend.generations(heap);
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
    .generations = tracker_generations,
};

/* ---- what the library takes ---- */

/* A line's worth of spans is asked for at least. */
#define SPANS_ASKED_LEAST 16

/* What a result with spans asked for: the container, and the bytes behind either base. A result
 * keeps neither size, so the bytes are those up to its last token's end; a line's true length. */
struct asked {
    size_t container;
    size_t bytes[2];
};

static struct asked asked_by(const struct split_result *result, enum strategy strategy)
{
    struct asked asked = {result->count * sizeof *result->spans, {0, 0}};
    size_t least = SPANS_ASKED_LEAST * sizeof *result->spans;
    if (asked.container < least && result->pool)
        asked.container = least;
    for (size_t i = 0; i < result->count; i++) {
        size_t base = result->spans[i].offset >> 31;
        size_t end = (result->spans[i].offset & 0x7fffffffu) + result->spans[i].length;
        if (end > asked.bytes[base])
            asked.bytes[base] = end;
    }
    if (strategy == STRATEGY_VIEW)
        asked.bytes[0] = 0; /* the caller's text */
    return asked;
}

static void filled(size_t size, size_t used)
{
    if (thread_log)
        heap_log_filled(thread_log, size, used);
}

void tracker_result_made(const struct split_result *result, enum strategy strategy)
{
    if (!thread_log && !thread_map)
        return;
    if (split_result_is_owned(result)) {
        filled(result->capacity_bytes, result->count * sizeof *result->tokens);
        return;
    }
    struct asked asked = asked_by(result, strategy);
    for (unsigned i = 0; i < 2; i++)
        if (asked.bytes[i] > 0)
            note_allocated(result->bases[i], asked.bytes[i], asked.bytes[i]);
    note_allocated(result->spans, asked.container, result->capacity_bytes);
    filled(asked.container, result->count * sizeof *result->spans);
}

void tracker_result_released(const struct split_result *result, enum strategy strategy)
{
    if ((!thread_log && !thread_map) || split_result_is_owned(result))
        return;
    struct asked asked = asked_by(result, strategy);
    for (unsigned i = 0; i < 2; i++)
        if (asked.bytes[i] > 0)
            note_freed(result->bases[i], asked.bytes[i], asked.bytes[i]);
    note_freed(result->spans, asked.container, result->capacity_bytes);
}

void tracker_heap_closing(struct allocator_heap *heap)
{
    struct allocator_statistics statistics;
    backend.statistics(heap, &statistics);
    if (backend.capabilities & ALLOCATOR_FREES_INDIVIDUALLY)
        return; /* its calls are counted */
    count(&counts.closed_allocations, statistics.heap_allocations);
    count(&counts.closed_frees, statistics.heap_frees);
}

void tracker_arena_closing(const struct string_arena *arena)
{
    struct string_arena_statistics statistics = string_arena_statistics(arena);
    count(&counts.closed_allocations, statistics.chunks_acquired);
    count(&counts.closed_frees, statistics.chunks_released);
}

void tracker_op_done(void)
{
    if (thread_log)
        heap_log_op_done(thread_log);
}

void tracker_token_read(const struct split_result *result, size_t index, struct split_token token)
{
    if (!thread_trace)
        return;
    if (split_result_is_owned(result))
        locality_note(thread_trace, &result->tokens[index], sizeof *result->tokens, false);
    else
        locality_note(thread_trace, &result->spans[index], sizeof *result->spans, false);
    locality_note(thread_trace, token.data, token.length, true);
}
