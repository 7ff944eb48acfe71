/*
 * fragmentation: churn. Lines come in batches; of each batch half are released at once, most of the
 * rest at its end, and some live on in a cache, first in first out. Halfway half of the cache is
 * dropped at random, and lines of another size follow.
 *
 * What outlives its batch is the hard case of an arena: left where it is (owned, pinned) it keeps
 * the whole batch's memory. `pooled` copies survivors into generations instead.
 */
#include <string.h>

#include "string_generations.h"
#include "workloads/support/line_pass.h"
#include "workloads/support/random.h"
#include "workloads/support/text.h"

#define BATCH_LINES 128
#define PHASE_BATCHES 576
#define PHASE_LINES ((size_t)BATCH_LINES * PHASE_BATCHES)
/* Of a phase so many lines differ; they come again and again, since making them takes time. */
#define BLOCK_LINES ((size_t)8192)
/* Results in the cache, and how many lines one in so many survives for it. */
#define CACHE_RESULTS 12288
#define SURVIVES 4

/* What becomes of a line. */
enum fate { FATE_AT_ONCE, FATE_WITH_BATCH, FATE_CACHED, FATE_CACHED_HALF };

struct cached {
    struct split_result result;
    uint64_t digest;     /* PASS_VERIFY: of its tokens, when they were put here */
    uint64_t generation; /* pooled: which one holds it */
    size_t batch;        /* else: which one it pins */
    enum fate fate;      /* FATE_CACHED_HALF: dropped halfway */
    bool held;
};

struct churn {
    const unsigned char *fates; /* enum fate, one a line */
    struct split_result batch[BATCH_LINES];
    struct cached cache[CACHE_RESULTS]; /* position p at p % CACHE_RESULTS */
    size_t pinned[2 * PHASE_BATCHES];   /* results of each batch that live still */
    size_t batch_count;
    size_t first_scope; /* the oldest batch whose scope is open */
    size_t position;    /* of the next result */
    size_t in_batch;    /* results in batch */
    struct string_generations *generations;
    uint64_t generation; /* the youngest */
    size_t in_generation;
};

/* ---- input ---- */

/* Batches that CACHE_RESULTS survivors in a row may come from, and the one being split. */
static size_t most_pinned(const unsigned char *fates)
{
    size_t survivors[2 * PHASE_BATCHES] = {0};
    size_t most = 0;
    for (size_t line = 0; line < 2 * PHASE_LINES; line++)
        survivors[line / BATCH_LINES] += fates[line] >= FATE_CACHED;
    for (size_t from = 0; from < (size_t)2 * PHASE_BATCHES; from++) {
        size_t sum = 0, to = from + 1;
        while (to < (size_t)2 * PHASE_BATCHES && sum < CACHE_RESULTS)
            sum += survivors[to++];
        most = to - from > most ? to - from : most;
    }
    return most + 2;
}

static bool fragmentation_setup(struct workload_input *input,
                                const struct workload_settings *settings,
                                struct workload_error *error)
{
    const struct text_shape shapes[2] = {{BLOCK_LINES, 8, 12, 3, 12}, {BLOCK_LINES, 4, 12, 6, 40}};
    struct text_random random;
    struct workload_line *lines = text_map(2 * PHASE_LINES * sizeof *lines, error);
    unsigned char *fates = lines ? text_map(2 * PHASE_LINES, error) : NULL;
    struct churn *churn = fates ? text_map(sizeof *churn, error) : NULL;
    if (!churn || !random_begin(&random, settings->seed ^ 1, error))
        return false;
    size_t length = 0, longest = 0;
    for (unsigned phase = 0; phase < 2; phase++) {
        if (!text_generate(input, &shapes[phase], false, settings->seed + phase, error))
            return false;
        for (size_t i = 0; i < PHASE_LINES; i++)
            lines[phase * PHASE_LINES + i] = input->lines[i % BLOCK_LINES];
        length += input->length * PHASE_LINES / BLOCK_LINES;
        longest = input->scope_bytes_max > longest ? input->scope_bytes_max : longest;
    }
    for (size_t i = 0; i < 2 * PHASE_LINES; i++) {
        unsigned drawn = random_between(&random, 0, 2 * SURVIVES - 1);
        fates[i] = (unsigned char)(drawn == 0   ? FATE_CACHED
                                   : drawn == 1 ? FATE_CACHED_HALF
                                   : drawn % 2  ? FATE_AT_ONCE
                                                : FATE_WITH_BATCH);
    }
    churn->fates = fates;
    input->length = length;
    input->lines = lines;
    input->line_count = 2 * PHASE_LINES;
    input->scope_bytes_max = BATCH_LINES * longest;
    input->scopes_max = most_pinned(fates);
    input->scratch = churn;
    return true;
}

/* ---- the cache ---- */

LINE_TEMPLATE uint64_t churn_digest(const struct split_result *result)
{
    uint64_t digest = DIGEST_SEED;
    for (size_t i = 0; i < result->count; i++) {
        struct split_token token = split_result_token(result, i);
        digest = token_digest(digest, token.data, token.length);
    }
    return digest;
}

/* Whether batches stay open until their last survivor is gone. */
LINE_TEMPLATE bool churn_pins(enum strategy strategy)
{
    return strategy == STRATEGY_OWNED || strategy == STRATEGY_PINNED;
}

/* Everything but copying is the same as pooled. */
LINE_TEMPLATE enum strategy churn_splits_as(enum strategy strategy)
{
    return strategy == STRATEGY_PINNED ? STRATEGY_POOLED : strategy;
}

/* A cached result that is no longer what was put there spoils the pass's digest. */
LINE_TEMPLATE void churn_drop(struct churn *churn, struct cached *cached,
                              const struct allocator *allocator, enum strategy strategy,
                              enum pass_mode mode, struct allocator_heap *heap,
                              struct workload_tally *tally)
{
    if (!cached->held)
        return;
    if (mode == PASS_VERIFY && churn_digest(&cached->result) != cached->digest)
        tally->digest = ~tally->digest;
    line_release(&cached->result, churn_splits_as(strategy), allocator, heap);
    cached->held = false;
    churn->pinned[cached->batch]--;
}

/* A copy in the youngest generation. */
LINE_TEMPLATE bool churn_keep(struct churn *churn, struct split_result *result,
                              struct cached *cached, const struct allocator *allocator)
{
    struct split_result kept;
    if (!split_result_keep(&kept, result, string_generations_youngest(churn->generations)))
        return false;
    if (allocator == &tracker)
        tracker_result_made(&kept, STRATEGY_POOLED);
    cached->result = kept;
    cached->generation = churn->generation;
    return true;
}

/* What still lives in the oldest generation moves on to the youngest. */
LINE_TEMPLATE bool churn_evacuate(struct churn *churn, const struct allocator *allocator,
                                  struct allocator_heap *heap)
{
    uint64_t oldest = churn->generation + 1 - churn->generations->count;
    for (size_t i = 0; i < CACHE_RESULTS; i++) {
        struct cached *cached = &churn->cache[i];
        if (!cached->held || cached->generation != oldest)
            continue;
        struct split_result old = cached->result;
        if (!churn_keep(churn, &old, cached, allocator))
            return false;
        line_release(&old, STRATEGY_POOLED, allocator, heap);
    }
    return true;
}

/* Begins a generation; the oldest goes. */
LINE_TEMPLATE bool churn_advance(struct churn *churn, const struct allocator *allocator,
                                 struct allocator_heap *heap)
{
    if (!churn_evacuate(churn, allocator, heap))
        return false;
    string_generations_advance(churn->generations);
    churn->generation++;
    return true;
}

/* Takes the result over, at the place of the oldest one. */
LINE_TEMPLATE bool churn_put(struct churn *churn, struct split_result *result, enum fate fate,
                             const struct allocator *allocator, enum strategy strategy,
                             enum pass_mode mode, struct allocator_heap *heap,
                             struct workload_tally *tally)
{
    struct cached *cached = &churn->cache[churn->position++ % CACHE_RESULTS];
    churn_drop(churn, cached, allocator, strategy, mode, heap, tally);
    cached->fate = fate;
    cached->batch = churn->batch_count - 1;
    if (mode == PASS_VERIFY)
        cached->digest = churn_digest(result);
    if (strategy == STRATEGY_POOLED) {
        size_t others = churn->generations->count - 1; /* than the one that is being filled */
        if (churn->in_generation++ == (CACHE_RESULTS + others - 1) / others) {
            churn->in_generation = 1;
            if (!churn_advance(churn, allocator, heap))
                return false;
        }
        if (!churn_keep(churn, result, cached, allocator))
            return false;
        line_release(result, STRATEGY_POOLED, allocator, heap);
    } else {
        cached->result = *result;
    }
    cached->held = true;
    churn->pinned[cached->batch]++;
    return true;
}

/* Half of the cache goes; what is left is brought together, where that can be done. */
LINE_TEMPLATE bool churn_halve(struct churn *churn, const struct allocator *allocator,
                               enum strategy strategy, enum pass_mode mode,
                               struct allocator_heap *heap, struct workload_tally *tally)
{
    for (size_t i = 0; i < CACHE_RESULTS; i++)
        if (churn->cache[i].fate == FATE_CACHED_HALF)
            churn_drop(churn, &churn->cache[i], allocator, strategy, mode, heap, tally);
    if (strategy != STRATEGY_POOLED)
        return true;
    /* Each generation moves into one of its own; the youngest goes on as full as it was. */
    bool done = true;
    for (unsigned i = 1; done && i < churn->generations->count; i++)
        done = churn_advance(churn, allocator, heap);
    return done && churn_evacuate(churn, allocator, heap);
}

/* ---- batches ---- */

/* Ends the scopes of the oldest batches of which nothing lives. */
LINE_TEMPLATE void churn_end_scopes(struct churn *churn, const struct allocator *allocator,
                                    struct allocator_heap *heap)
{
    while (churn->first_scope < churn->batch_count && churn->pinned[churn->first_scope] == 0) {
        allocator->scope_end(heap);
        churn->first_scope++;
    }
}

LINE_TEMPLATE bool churn_batch(struct churn *churn, const struct workload_line *lines,
                               const unsigned char *fates, const struct split_options *options,
                               const struct allocator *allocator, enum strategy strategy,
                               enum pass_mode mode, struct allocator_heap *heap,
                               struct workload_tally *tally)
{
    if (!allocator->scope_begin(heap))
        return false;
    churn->pinned[churn->batch_count++] = 0;
    bool done = true;
    for (size_t i = 0; done && i < BATCH_LINES; i++) {
        struct split_result result;
        op_begin(mode);
        done = line_split(&result, &lines[i], options, churn_splits_as(strategy), allocator, heap);
        op_end(mode);
        if (!done)
            break;
        line_read(&result, churn_splits_as(strategy), mode, tally);
        if (fates[i] == FATE_WITH_BATCH)
            churn->batch[churn->in_batch++] = result;
        else if (fates[i] == FATE_AT_ONCE ||
                 !(done = churn_put(churn, &result, (enum fate)fates[i], allocator, strategy, mode,
                                    heap, tally)))
            line_release(&result, churn_splits_as(strategy), allocator, heap);
    }
    for (; churn->in_batch > 0; churn->in_batch--)
        line_release(&churn->batch[churn->in_batch - 1], churn_splits_as(strategy), allocator,
                     heap);
    if (!churn_pins(strategy)) {
        allocator->scope_end(heap);
        churn->first_scope++;
    } else {
        churn_end_scopes(churn, allocator, heap);
    }
    return done;
}

LINE_TEMPLATE bool churn_body(const struct allocator *allocator, enum strategy strategy,
                              enum pass_mode mode, struct allocator_heap *heap,
                              const struct workload_input *input, struct workload_tally *tally)
{
    struct churn *churn = (struct churn *)input->scratch;
    bool done = true;
    churn->batch_count = churn->first_scope = churn->position = churn->in_generation = 0;
    if (strategy == STRATEGY_POOLED) {
        churn->generations = allocator->generations ? allocator->generations(heap) : NULL;
        if (!churn->generations)
            return false;
        churn->generation = churn->generations->count; /* so that none is older than 1 */
    }
    for (size_t line = 0; done && line < input->line_count; line += BATCH_LINES) {
        if (line == PHASE_LINES)
            done = churn_halve(churn, allocator, strategy, mode, heap, tally);
        done = done && churn_batch(churn, input->lines + line, churn->fates + line, &input->options,
                                   allocator, strategy, mode, heap, tally);
    }
    for (size_t i = 0; i < CACHE_RESULTS; i++)
        churn_drop(churn, &churn->cache[(churn->position + i) % CACHE_RESULTS], allocator, strategy,
                   mode, heap, tally);
    churn_end_scopes(churn, allocator, heap);
    for (unsigned i = 0; strategy == STRATEGY_POOLED && i < churn->generations->count; i++)
        string_generations_advance(churn->generations);
    tally->ops += input->line_count;
    tally->bytes += input->length;
    return done;
}

WORKLOAD_PASSES(fragmentation, churn_body)
WORKLOAD_PASS_MODES(fragmentation, pinned, STRATEGY_PINNED, churn_body)

WORKLOAD_OF(fragmentation,
            .description = "batches of lines of which some outlive theirs in a cache; half of it "
                           "dropped, then lines of another size",
            .op = "one line", .litter = 0.5, .setup = fragmentation_setup,
            .reference = text_reference,
            .pass = {[STRATEGY_OWNED] = WORKLOAD_PASS_ROW(fragmentation, owned),
                     [STRATEGY_POOLED] = WORKLOAD_PASS_ROW(fragmentation, pooled),
                     [STRATEGY_VIEW] = WORKLOAD_PASS_ROW(fragmentation, view),
                     [STRATEGY_PINNED] = WORKLOAD_PASS_ROW(fragmentation, pinned)});
