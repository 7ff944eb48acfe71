/* Crew, copies, heaps. */
#include "harness/runner/members.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "harness/runner/litter.h"
#include "split_result_exchange.h"
#include "workloads/support/digest.h"

/* Zeros that are not of the measured heap, for as long as the process lives. */
static void *map(struct report *report, size_t size)
{
    void *memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory != MAP_FAILED)
        return memory;
    report_failed(report, "no memory for the threads' states: %s", strerror(errno));
    return NULL;
}

/* Which processors, and whether there are enough: beside every figure of the trial. */
static void report_processors(struct trial_state *state)
{
    const struct trial *trial = state->trial;
    char source[120];
    size_t used = (size_t)snprintf(source, sizeof source, "%s",
                                   trial->processor_count ? "bound to" : "not bound");
    for (size_t i = 0; i < trial->processor_count && used < sizeof source; i++)
        used += (size_t)snprintf(source + used, sizeof source - used, " %u", trial->processors[i]);
    if (trial->processor_count > 0 && trial->processor_count < trial->threads)
        snprintf(source, sizeof source, "more threads than processors: bound in turn");
    report_measure(state->report, "processors", (double)trial->processor_count, "count", source);
}

bool members_begin(struct trial_state *state)
{
    const struct trial *trial = state->trial;
    struct crew *crew = state->crew;
    char reason[160];
    struct allocator_heap **heaps =
        map(state->report, trial->threads * sizeof(struct allocator_heap *));
    if (!heaps)
        return false;
    if (!crew_start(crew, trial->threads, trial->processors, trial->processor_count, heaps, reason,
                    sizeof reason)) {
        report_failed(state->report, "%s", reason);
        return false;
    }
    report_processors(state);
    if (backend.capabilities & ALLOCATOR_POOLED_API) {
        crew->seen.exchange = split_result_exchange_create(NULL);
        if (!crew->seen.exchange) {
            report_failed(state->report, "no memory for the exchange");
            return false;
        }
    }
    if (trial->workload->threads != WORKLOAD_COPIES)
        return true;
    state->members = map(state->report, trial->threads * sizeof *state->members);
    for (unsigned i = 0; state->members && i < trial->threads; i++)
        state->members[i] =
            (struct trial_state){.trial = trial, .report = state->report, .crew = crew};
    return state->members != NULL;
}

bool members_has_others(const struct trial_state *state)
{
    return state->trial->workload->threads == WORKLOAD_STARTS_THREADS;
}

void members_each(struct trial_state *state, void (*act)(void *, unsigned), void *context)
{
    state->crew->seen.call(&state->crew->seen, act, context);
}

static void add_tally(struct workload_tally *sum, const struct workload_tally *tally)
{
    sum->ops += tally->ops;
    sum->tokens += tally->tokens;
    sum->bytes += tally->bytes;
    sum->light += tally->light;
    sum->digest += tally->digest;
    for (unsigned i = 0; i < WORKLOAD_FIGURES_MAX; i++)
        sum->figures[i] += tally->figures[i];
}

void members_sum(struct trial_state *state)
{
    memset(&state->reference, 0, sizeof state->reference);
    for (unsigned i = 0; i < state->crew->seen.threads; i++)
        add_tally(&state->reference, &state->members[i].reference);
    state->input = state->members[0].input;
}

/* ---- passes ---- */

/* A cache line a member, so that none waits for another's figures. */
struct member_passes {
    _Alignas(128) struct workload_tally tally;
    bool done;
};

struct all_passes {
    struct trial_state *state;
    enum pass_mode mode;
    uint64_t passes;
    struct member_passes *each;
};

static void run_member(void *context, unsigned member)
{
    struct all_passes *all = context;
    struct workload_tally tally = {.digest = DIGEST_SEED};
    all->each[member].done =
        trial_run_passes(&all->state->members[member], all->mode, all->passes, &tally);
    all->each[member].tally = tally;
}

bool members_run_passes(struct trial_state *state, enum pass_mode mode, uint64_t passes,
                        struct workload_tally *tally)
{
    unsigned threads = state->crew->seen.threads;
    struct all_passes all = {state, mode, passes, NULL};
    all.each = map(state->report, threads * sizeof *all.each);
    if (!all.each)
        return false;
    bool done = true;
    members_each(state, run_member, &all);
    if (mode == PASS_VERIFY)
        tally->digest = 0; /* a sum, as in members_sum */
    for (unsigned i = 0; i < threads; i++) {
        done = done && all.each[i].done;
        add_tally(tally, &all.each[i].tally);
    }
    munmap(all.each, threads * sizeof *all.each);
    return done;
}

/* ---- heaps ---- */

struct heap_opening {
    struct trial_state *state;
    int error; /* of one that did not open */
};

static void open_heap(void *context, unsigned member)
{
    struct heap_opening *opening = context;
    struct trial_state *state = opening->state;
    const struct workload_input *input =
        state->members ? &state->members[member].input : &state->input;
    struct allocator_settings settings = {.chunk_size = state->trial->chunk_size,
                                          .scope_bytes_max = input->scope_bytes_max,
                                          .scopes_max = input->scopes_max,
                                          .pool_limit = state->trial->pool_limit,
                                          .exchange = state->crew->seen.exchange};
    struct allocator_heap **heap = &state->crew->seen.heaps[member];
    if (!backend.open(heap, &settings))
        __atomic_store_n(&opening->error, errno, __ATOMIC_RELAXED);
    else if (state->members)
        state->members[member].heap = *heap;
}

bool trial_open_heap(struct trial_state *state)
{
    struct heap_opening opening = {.state = state};
    members_each(state, open_heap, &opening);
    state->heap = state->crew->seen.heaps[0];
    if (opening.error == 0)
        return true;
    report_failed(state->report, "backend %s did not open: %s", backend.name,
                  opening.error == EINVAL ? "chunk must be a power of two of at least 1024"
                                          : strerror(opening.error));
    return false;
}

static void close_heap(void *context, unsigned member)
{
    struct trial_state *state = context;
    backend.close(state->crew->seen.heaps[member]);
}

void trial_close_heap(struct trial_state *state)
{
    members_each(state, close_heap, state);
}

void trial_statistics(struct trial_state *state, struct allocator_statistics *statistics)
{
    backend.statistics(state->crew->seen.heaps[0], statistics);
    /* A malloc's figures are the process's. */
    for (unsigned i = 1; i < state->crew->seen.threads; i++) {
        struct allocator_statistics one = {0};
        uint64_t *sums = (uint64_t *)statistics, *values = (uint64_t *)&one;
        backend.statistics(state->crew->seen.heaps[i], &one);
        for (size_t k = 0; k < sizeof one / sizeof *values; k++)
            if (!(backend.capabilities & ALLOCATOR_FREES_INDIVIDUALLY))
                sums[k] += values[k];
    }
}

/* ---- litter ---- */

struct littering {
    struct trial_state *state;
    bool failed;
};

/* On its own thread: there its heap is, of many allocators. */
static void litter_member(void *context, unsigned member)
{
    struct littering *all = context;
    struct trial_state *state = all->state;
    if (!litter_make(&state->litters[member], &state->members[member], state->trial->litter))
        __atomic_store_n(&all->failed, true, __ATOMIC_RELAXED);
}

static void sweep_member(void *context, unsigned member)
{
    struct trial_state *state = context;
    litter_sweep(&state->litters[member]);
}

bool members_litter(struct trial_state *state)
{
    if (state->trial->litter == 0)
        return true;
    struct littering all = {.state = state};
    state->litters = map(state->report, state->crew->seen.threads * sizeof *state->litters);
    if (!state->litters)
        return false;
    members_each(state, litter_member, &all);
    return !all.failed;
}

bool members_end(struct trial_state *state)
{
    if (state->litters)
        members_each(state, sweep_member, state);
    crew_dismiss(state->crew);
    split_result_exchange_destroy(state->crew->seen.exchange);
    return true;
}
