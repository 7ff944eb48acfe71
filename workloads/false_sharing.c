/*
 * false_sharing: each thread writes to a few small blocks again and again, which another thread has
 * allocated for all of them in turn. Where blocks of different threads lie on one cache line the
 * threads slow each other down, though no block is shared. The writes of a pass are the same at any
 * number of threads, so without that twice the threads take half the time.
 *
 * owned: blocks of 16 bytes from the backend. pooled: records of the arena at an alignment of 64,
 * the way out that it offers.
 */
#include <stdlib.h>

#include "workloads/support/parallel_text.h"
#include "workloads/support/text.h"

enum { SHARING_WRITES, SHARING_BLOCKS };

#define BLOCK_BYTES 16
#define BLOCKS_MAX 64

static const struct workload_parameter false_sharing_parameters[] = {
    [SHARING_WRITES] = {"writes", "1000000", "a pass, of all threads together"},
    [SHARING_BLOCKS] = {"blocks", "4", "of each thread, at most 64"},
    {NULL, NULL, NULL},
};

struct sharing {
    uint64_t writes;
    size_t blocks_each;
    volatile uint64_t *blocks[]; /* in the order in which they were allocated */
};

/* Behind the crew's tallies. */
static struct sharing *sharing_of(const struct workload_input *input)
{
    return (struct sharing *)parallel_tally(input, input->crew->threads);
}

static bool false_sharing_setup(struct workload_input *input,
                                const struct workload_settings *settings,
                                struct workload_error *error)
{
    const struct text_shape shape = {1, 1, 1, 1, 1}; /* no text is read */
    const char *const *values = settings->values;
    char *end, *last;
    uint64_t writes = strtoull(values[SHARING_WRITES], &end, 10);
    size_t blocks = strtoul(values[SHARING_BLOCKS], &last, 10);
    size_t threads = input->crew->threads;
    if (end == values[SHARING_WRITES] || *end || writes < 1 || writes > 1000000000)
        return workload_fail(error, "writes '%s' is no number from 1 to 1000000000",
                             values[SHARING_WRITES]);
    if (last == values[SHARING_BLOCKS] || *last || blocks < 1 || blocks > BLOCKS_MAX)
        return workload_fail(error, "blocks '%s' is no number from 1 to %d", values[SHARING_BLOCKS],
                             BLOCKS_MAX);
    input->scratch = text_map(threads * sizeof(struct parallel_tally) + sizeof(struct sharing) +
                                  threads * blocks * sizeof(void *),
                              error);
    if (!input->scratch || !text_generate(input, &shape, false, settings->seed, error))
        return false;
    input->scope_bytes_max = threads * blocks * 2 * BLOCK_BYTES;
    struct sharing *sharing = sharing_of(input);
    sharing->writes = writes;
    sharing->blocks_each = blocks;
    return true;
}

/* Every write is an op, and adds 1 to its block; the sum of all blocks is what is checked. */
static void false_sharing_reference(const struct workload_input *input,
                                    struct workload_tally *tally)
{
    memset(tally, 0, sizeof *tally);
    tally->ops = sharing_of(input)->writes;
    tally->tokens = tally->ops;
    tally->light = tally->ops;
    tally->digest = tally->ops;
}

/* A member's writes, to its blocks in turn. */
static void false_sharing_write(void *context, unsigned member)
{
    const struct workload_input *input = (const struct workload_input *)context;
    const struct sharing *sharing = sharing_of(input);
    unsigned threads = input->crew->threads;
    uint64_t writes = sharing->writes / threads + (member < sharing->writes % threads);
    volatile uint64_t *mine[BLOCKS_MAX];
    size_t count = 0;
    do
        mine[count] = sharing->blocks[count * threads + member];
    while (++count < sharing->blocks_each); /* 1 at least */
    for (size_t k = 0; writes > 0; writes--) {
        ++*mine[k];
        k = k + 1 < sharing->blocks_each ? k + 1 : 0;
    }
}

LINE_TEMPLATE bool false_sharing_body(const struct allocator *allocator, enum strategy strategy,
                                      enum pass_mode mode, struct allocator_heap *heap,
                                      const struct workload_input *input,
                                      struct workload_tally *tally)
{
    struct sharing *sharing = sharing_of(input);
    size_t count = sharing->blocks_each * input->crew->threads, made = 0;
    bool owned = strategy == STRATEGY_OWNED || !allocator->arena;
    uint64_t sum = 0;
    allocator->scope_begin(heap);
    for (; made < count; made++) {
        void *block = owned ? allocator->allocate(heap, BLOCK_BYTES, ALLOCATION_CONTAINER)
                            : string_arena_alloc(allocator->arena(heap), BLOCK_BYTES, 64);
        if (!block)
            break;
        sharing->blocks[made] = (volatile uint64_t *)block;
        *sharing->blocks[made] = 0;
    }
    if (made == count)
        parallel_call(input, false_sharing_write, (void *)(uintptr_t)input);
    for (size_t i = 0; i < made; i++) {
        sum += *sharing->blocks[i];
        if (owned)
            allocator->deallocate(heap, (void *)(uintptr_t)sharing->blocks[i], BLOCK_BYTES,
                                  ALLOCATION_CONTAINER);
    }
    allocator->scope_end(heap);
    tally->ops += sharing->writes;
    tally->tokens += sharing->writes;
    tally->light += sum;
    if (mode == PASS_VERIFY)
        tally->digest = sum;
    return made == count;
}

WORKLOAD_PASS_MODES(false_sharing, owned, STRATEGY_OWNED, false_sharing_body)
WORKLOAD_PASS_MODES(false_sharing, pooled, STRATEGY_POOLED, false_sharing_body)

WORKLOAD_OF(false_sharing,
            .description = "each thread writes to small blocks that another allocated for all",
            .op = "one write", .no_latency = true, .threads = WORKLOAD_CREW,
            .thread_counts = "1,2,8", .parameters = false_sharing_parameters,
            .setup = false_sharing_setup, .reference = false_sharing_reference,
            .pass = {[STRATEGY_OWNED] = WORKLOAD_PASS_ROW(false_sharing, owned),
                     [STRATEGY_POOLED] = WORKLOAD_PASS_ROW(false_sharing, pooled)});
