/*
 * cross_thread: half of the threads split lines, the others read the tokens and release them: what
 * is malloc's hard case. Lines travel in batches through a bounded lock-free queue (ck_ring), empty
 * batches back through another, so what is in flight at once is bounded: how much it is depends on
 * which side is the faster.
 *
 *      producers -- full batches --> consumers
 *          ^------- empty batches ------'
 *
 * owned: each token and container is freed by another thread than the one that allocated it.
 * pooled: a batch has an arena, which is handed over whole with it and reset by the consumer;
 * containers go to the consumer's pool, and by way of the exchange back to the producers'. One
 * thread does both in turn: it fills what there is of batches, then empties them.
 */
#include <ck_pr.h>
#include <ck_ring.h>
#include <sched.h>
#include <stdlib.h>

#include "workloads/support/parallel_text.h"
#include "workloads/support/text.h"

enum { CROSS_SIZE, CROSS_FLIGHT };

#define BATCH_LINES 64u
/* ck_ring keeps one place free: a power of two above the most batches. */
#define RING_PLACES 1024u
#define FLIGHT_MAX 1000u
/* The text of a batch is some 6 KB. */
#define BATCH_CHUNK ((size_t)8 << 10)
/* Looks at a queue before the processor is left to another thread. */
#define SPINS 200u

/* In flight are some 2 MB: what malloc keeps for eight threads is little against it. */
static const struct workload_parameter cross_thread_parameters[] = {
    [CROSS_SIZE] = {"size", "8M", "of the text; K, M, G"},
    [CROSS_FLIGHT] = {"flight", "128", "batches of 64 lines there are, at most 1000"},
    {NULL, NULL, NULL},
};

static const char *const cross_thread_figures[] = {"full_waits", "empty_waits",
                                                   "exchange_contended", NULL};
enum { FULL_WAITS, EMPTY_WAITS, EXCHANGE_CONTENDED }; /* for an empty batch; for a full one */

struct cross_batch {
    struct string_arena arena; /* pooled: of whoever has the batch */
    unsigned handed;           /* stored before it is put, loaded when it was taken */
    unsigned count;
    size_t bytes;
    struct split_result results[BATCH_LINES];
};

struct cross_thread {
    ck_ring_t full, empty;
    _Alignas(128) size_t next; /* line that no producer has taken */
    _Alignas(128) unsigned producers_left;
    unsigned stop; /* an allocation failed */
    ck_ring_buffer_t full_places[RING_PLACES], empty_places[RING_PLACES];
    unsigned flight;
    struct cross_batch batches[];
};

/* Behind the crew's tallies. */
static struct cross_thread *cross_of(const struct workload_input *input)
{
    return (struct cross_thread *)parallel_tally(input, input->crew->threads);
}

static bool cross_thread_setup(struct workload_input *input,
                               const struct workload_settings *settings,
                               struct workload_error *error)
{
    const char *given = settings->values[CROSS_FLIGHT];
    char *end;
    unsigned long flight = strtoul(given, &end, 10);
    if (end == given || *end || *given == '-' || flight < 1 || flight > FLIGHT_MAX)
        return workload_fail(error, "flight '%s' is no number from 1 to %u", given, FLIGHT_MAX);
    if (!parallel_text(input, settings->values[CROSS_SIZE], false, settings->seed, error))
        return false;
    size_t tallies = input->crew->threads * sizeof(struct parallel_tally);
    input->scratch = text_map(
        tallies + sizeof(struct cross_thread) + flight * sizeof(struct cross_batch), error);
    if (!input->scratch)
        return false;
    struct cross_thread *cross = cross_of(input);
    cross->flight = (unsigned)flight;
    ck_ring_init(&cross->full, RING_PLACES);
    ck_ring_init(&cross->empty, RING_PLACES);
    for (unsigned i = 0; i < cross->flight; i++)
        (void)ck_ring_enqueue_mpmc(&cross->empty, cross->empty_places, &cross->batches[i]);
    /* What owning all the batches there are needs. */
    input->scope_bytes_max *= flight * BATCH_LINES;
    return true;
}

/* Fills a batch with the next lines of the text; false: none are left, or *error. */
LINE_TEMPLATE bool cross_fill(const struct allocator *allocator, enum strategy strategy,
                              enum pass_mode mode, const struct workload_input *input,
                              struct cross_batch *batch, unsigned member, int *error)
{
    struct cross_thread *cross = cross_of(input);
    struct allocator_heap *heap = input->crew->heaps[member];
    size_t at = __atomic_fetch_add(&cross->next, BATCH_LINES, __ATOMIC_RELAXED);
    size_t end = at + BATCH_LINES < input->line_count ? at + BATCH_LINES : input->line_count;
    batch->count = 0;
    batch->bytes = 0;
    for (; at < end; at++) {
        const struct workload_line *line = &input->lines[at];
        struct split_result *result = &batch->results[batch->count];
        op_begin(mode); /* the part of an op in which memory is taken */
        bool done = strategy == STRATEGY_OWNED || !allocator->pool
                        ? line_split(result, line, &input->options, strategy, allocator, heap)
                        : split_pooled(result, line->text, line->length, &input->options,
                                       &batch->arena, allocator->pool(heap));
        op_end(mode);
        if (!done) {
            *error = errno;
            break;
        }
        if (allocator == &tracker && strategy == STRATEGY_POOLED)
            tracker_result_made(result, strategy);
        batch->count++;
        batch->bytes += line->length;
    }
    return batch->count > 0;
}

/* Reads a batch, and releases it on this thread, whoever filled it. */
LINE_TEMPLATE void cross_empty(const struct allocator *allocator, enum strategy strategy,
                               enum pass_mode mode, const struct workload_input *input,
                               struct cross_batch *batch, unsigned member)
{
    struct allocator_heap *heap = input->crew->heaps[member];
    struct workload_tally *tally = &parallel_tally(input, member)->tally;
    for (unsigned i = 0; i < batch->count; i++) {
        struct split_result *result = &batch->results[i];
        parallel_read(result, strategy, mode, 0, tally);
        if (strategy == STRATEGY_POOLED && allocator->pool)
            result->pool = allocator->pool(heap); /* as split_result_release_to */
        line_release(result, strategy, allocator, heap);
    }
    tally->bytes += batch->bytes;
    if (strategy == STRATEGY_POOLED)
        string_arena_reset(&batch->arena);
}

/*
 * ck_ring orders its accesses by fences in assembler, which ThreadSanitizer does not see: the
 * ring's own are kept from it here, by name; and `handed` tells it of the order of what lies in a
 * batch.
 */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
    return "race:_ck_ring_enqueue_mp\nrace:_ck_ring_dequeue_mc\n";
}
#endif
#endif

/* A batch from a queue; NULL: none, after a wait. */
static struct cross_batch *cross_take(ck_ring_t *ring, ck_ring_buffer_t *places)
{
    struct cross_batch *batch;
    for (unsigned spin = 0; spin < SPINS; spin++) {
        if (ck_ring_dequeue_mpmc(ring, places, &batch)) {
            (void)__atomic_load_n(&batch->handed, __ATOMIC_ACQUIRE);
            return batch;
        }
        ck_pr_stall();
    }
    sched_yield();
    return NULL;
}

/* There are never more batches than places. */
static void cross_put(ck_ring_t *ring, ck_ring_buffer_t *places, struct cross_batch *batch)
{
    __atomic_store_n(&batch->handed, 1, __ATOMIC_RELEASE);
    while (!ck_ring_enqueue_mpmc(ring, places, batch))
        ck_pr_stall();
}

LINE_TEMPLATE void cross_produce(const struct allocator *allocator, enum strategy strategy,
                                 enum pass_mode mode, const struct workload_input *input,
                                 unsigned member)
{
    struct cross_thread *cross = cross_of(input);
    struct parallel_tally *tally = parallel_tally(input, member);
    bool more = true;
    while (more && !__atomic_load_n(&cross->stop, __ATOMIC_RELAXED)) {
        struct cross_batch *batch = cross_take(&cross->empty, cross->empty_places);
        if (!batch) {
            tally->tally.figures[FULL_WAITS]++;
            continue;
        }
        more = cross_fill(allocator, strategy, mode, input, batch, member, &tally->error);
        if (tally->error)
            __atomic_store_n(&cross->stop, 1, __ATOMIC_RELAXED);
        if (more)
            cross_put(&cross->full, cross->full_places, batch);
        else
            cross_put(&cross->empty, cross->empty_places, batch);
    }
    __atomic_fetch_sub(&cross->producers_left, 1, __ATOMIC_RELEASE);
}

LINE_TEMPLATE void cross_consume(const struct allocator *allocator, enum strategy strategy,
                                 enum pass_mode mode, const struct workload_input *input,
                                 unsigned member)
{
    struct cross_thread *cross = cross_of(input);
    struct workload_tally *tally = &parallel_tally(input, member)->tally;
    for (;;) {
        /* Asked first: what was put before the last producer left is then in the queue. */
        bool last = __atomic_load_n(&cross->producers_left, __ATOMIC_ACQUIRE) == 0;
        struct cross_batch *batch = cross_take(&cross->full, cross->full_places);
        if (batch) {
            cross_empty(allocator, strategy, mode, input, batch, member);
            cross_put(&cross->empty, cross->empty_places, batch);
        } else if (last) {
            return;
        } else {
            tally->figures[EMPTY_WAITS]++;
        }
    }
}

/* One thread: all batches full, then all empty, until the text ends. */
LINE_TEMPLATE void cross_alone(const struct allocator *allocator, enum strategy strategy,
                               enum pass_mode mode, const struct workload_input *input)
{
    struct cross_thread *cross = cross_of(input);
    struct parallel_tally *tally = parallel_tally(input, 0);
    bool more = true;
    while (more) {
        unsigned filled = 0;
        while (!tally->error && filled < cross->flight &&
               (more = cross_fill(allocator, strategy, mode, input, &cross->batches[filled], 0,
                                  &tally->error)))
            filled++;
        more = more && !tally->error;
        for (unsigned i = 0; i < filled; i++)
            cross_empty(allocator, strategy, mode, input, &cross->batches[i], 0);
    }
}

/* The work of a member, of constants: <strategy>_<mode>. */
#define CROSS_WORK(strategy, mode, STRATEGY_, MODE_, allocator)                                    \
    static void cross_thread_work_##strategy##_##mode(void *context, unsigned member)              \
    {                                                                                              \
        const struct workload_input *input = (const struct workload_input *)context;               \
        unsigned threads = input->crew->threads;                                                   \
        if (threads == 1)                                                                          \
            cross_alone(allocator, STRATEGY_, MODE_, input);                                       \
        else if (member < threads / 2)                                                             \
            cross_produce(allocator, STRATEGY_, MODE_, input, member);                             \
        else                                                                                       \
            cross_consume(allocator, STRATEGY_, MODE_, input, member);                             \
    }
PARALLEL_WORKS(CROSS_WORK, owned, STRATEGY_OWNED)
PARALLEL_WORKS(CROSS_WORK, pooled, STRATEGY_POOLED)

/* Each arena has its chunk from the beginning, whichever thread fills it first. */
static void begin_arenas(struct cross_thread *cross)
{
    const struct string_arena_options options = {.chunk_size = BATCH_CHUNK};
    for (unsigned i = 0; i < cross->flight; i++) {
        struct string_arena *arena = &cross->batches[i].arena;
        (void)string_arena_init(arena, &options); /* good options: it cannot fail */
        if (string_arena_bytes(arena, 1))         /* without one now, a line asks again */
            string_arena_reset(arena);
    }
}

static void end_arenas(struct cross_thread *cross, bool tracked)
{
    for (unsigned i = 0; i < cross->flight; i++) {
        if (tracked)
            tracker_arena_closing(&cross->batches[i].arena);
        string_arena_destroy(&cross->batches[i].arena);
    }
}

LINE_TEMPLATE bool cross_thread_body(const struct allocator *allocator, enum strategy strategy,
                                     enum pass_mode mode, struct allocator_heap *heap,
                                     const struct workload_input *input,
                                     struct workload_tally *tally)
{
    static void (*const works[2][PASS_MODE_COUNT])(void *, unsigned) = {
        [STRATEGY_OWNED] = PARALLEL_ROW(cross_thread_work, owned),
        [STRATEGY_POOLED] = PARALLEL_ROW(cross_thread_work, pooled)};
    struct cross_thread *cross = cross_of(input);
    parallel_begin(input);
    tally->figures[EXCHANGE_CONTENDED] -= parallel_exchange_contended(input);
    cross->next = 0;
    cross->stop = 0;
    cross->producers_left = input->crew->threads / 2;
    if (strategy == STRATEGY_POOLED)
        begin_arenas(cross);
    allocator->scope_begin(heap);
    parallel_call(input, works[strategy][mode], (void *)(uintptr_t)input);
    allocator->scope_end(heap);
    if (strategy == STRATEGY_POOLED)
        end_arenas(cross, mode == PASS_TRACKED);
    tally->figures[EXCHANGE_CONTENDED] += parallel_exchange_contended(input);
    return parallel_end(input, tally);
}

WORKLOAD_PASS_MODES(cross_thread, owned, STRATEGY_OWNED, cross_thread_body)
WORKLOAD_PASS_MODES(cross_thread, pooled, STRATEGY_POOLED, cross_thread_body)

WORKLOAD_OF(cross_thread,
            .description = "half of the threads split lines, the others read and release them",
            .op = "one line", .threads = WORKLOAD_CREW, .thread_counts = "1,2,8",
            .frees_across = true, .figures = cross_thread_figures,
            .parameters = cross_thread_parameters, .setup = cross_thread_setup,
            .reference = parallel_reference,
            .pass = {[STRATEGY_OWNED] = WORKLOAD_PASS_ROW(cross_thread, owned),
                     [STRATEGY_POOLED] = WORKLOAD_PASS_ROW(cross_thread, pooled)});
