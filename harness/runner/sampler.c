/* Drawing samples, keeping their figures, and the allocator `sampler`. */
#include "harness/runner/sampler.h"

#include "allocators/allocator.h"

_Thread_local struct sampling_point sampling_ops;
_Thread_local struct sampling_point sampling_allocations;

static _Thread_local struct sampler_settings thread_settings;
static _Thread_local uint64_t thread_random, thread_dropped;

/* 1 to 2 period - 1, each as likely: period on average, and no rhythm of the workload's is hit. */
static uint64_t draw(void)
{
    thread_random ^= thread_random << 13; /* xorshift64 (Marsaglia 2003) */
    thread_random ^= thread_random >> 7;
    thread_random ^= thread_random << 17;
    return 1 + (thread_random >> 11) % (2 * thread_settings.period - 1);
}

void sampler_start(struct sampling_point *point, const struct sampler_settings *settings)
{
    sampling_ops.left = UINT64_MAX; /* not in this life */
    sampling_allocations.left = UINT64_MAX;
    if (!point)
        return;
    thread_settings = *settings;
    thread_random = settings->seed * 2 + 1;
    thread_dropped = 0;
    point->left = draw();
}

uint64_t sampler_dropped(void)
{
    return thread_dropped;
}

__attribute__((noinline)) void sampling_take(struct sampling_point *point, uint64_t end,
                                             unsigned processor)
{
    uint64_t ticks = end - point->begin;
    if (processor != point->processor)
        thread_dropped++;
    else
        histogram_add(thread_settings.histogram,
                      ticks > thread_settings.overhead ? ticks - thread_settings.overhead : 0);
    point->left = draw();
}

static void *sampler_allocate(struct allocator_heap *heap, size_t size, enum allocation_kind kind)
{
    sampling_begin(&sampling_allocations);
    void *block = backend.allocate(heap, size, kind);
    sampling_end(&sampling_allocations);
    return block;
}

static void *sampler_reallocate(struct allocator_heap *heap, void *block, size_t old_size,
                                size_t new_size, enum allocation_kind kind)
{
    sampling_begin(&sampling_allocations);
    void *moved = backend.reallocate(heap, block, old_size, new_size, kind);
    sampling_end(&sampling_allocations);
    return moved;
}

static void sampler_deallocate(struct allocator_heap *heap, void *block, size_t size,
                               enum allocation_kind kind)
{
    backend.deallocate(heap, block, size, kind);
}

static bool sampler_scope_begin(struct allocator_heap *heap)
{
    return backend.scope_begin(heap);
}

static void sampler_scope_end(struct allocator_heap *heap)
{
    backend.scope_end(heap);
}

static struct string_arena *sampler_arena(struct allocator_heap *heap)
{
    return backend.arena(heap);
}

static struct split_result_pool *sampler_pool(struct allocator_heap *heap)
{
    return backend.pool(heap);
}

static struct string_generations *sampler_generations(struct allocator_heap *heap)
{
    return backend.generations(heap);
}

const struct allocator sampler = {
    .name = "sampler",
    .allocate = sampler_allocate,
    .reallocate = sampler_reallocate,
    .deallocate = sampler_deallocate,
    .scope_begin = sampler_scope_begin,
    .scope_end = sampler_scope_end,
    .arena = sampler_arena,
    .pool = sampler_pool,
    .generations = sampler_generations,
};
