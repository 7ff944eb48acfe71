/* The dry pass, the draws, the shuffle. Nothing here but the litter itself is from malloc. */
#include "harness/runner/litter.h"

#include <errno.h>
#include <gsl/gsl_randist.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "harness/runner/dry_heap.h"
#include "harness/runner/heap_log.h"
#include "harness/runner/tracker.h"
#include "workloads/support/random.h"

/* What an owned pass allocates, in *log. */
static bool learn(struct trial_state *state, struct heap_log *log)
{
    struct workload_tally tally = {0};
    struct dry_heap heap;
    workload_pass *pass = state->trial->workload->pass[STRATEGY_OWNED][PASS_TRACKED];
    if (!dry_heap_open(&heap, &state->input)) {
        report_failed(state->report, "no memory for the pass before littering: %s",
                      strerror(errno));
        return false;
    }
    tracker_set_log(log);
    tracker_set_dry_heap(&heap);
    bool done = pass(NULL, &state->input, &tally);
    tracker_set_dry_heap(NULL);
    tracker_set_log(NULL);
    dry_heap_close(&heap);
    if (!done)
        report_failed(state->report, "the pass before littering failed: %s", strerror(errno));
    return done;
}

/* A size as often as the workload asks for it; within a class any. sums: counts up to a class. */
static size_t draw(struct text_random *random, const uint64_t *sums, uint64_t total)
{
    uint64_t at = (uint64_t)(gsl_rng_uniform(&random->rng) * (double)total);
    size_t low = 0, high = LOG_CLASSES - 1; /* the first class whose sum is above `at` */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (sums[middle] > at)
            high = middle;
        else
            low = middle + 1;
    }
    uint64_t least = log_class_low(low);
    uint64_t width = low + 1 < LOG_CLASSES ? log_class_low(low + 1) - least : 1;
    return (size_t)(least + gsl_rng_uniform_int(&random->rng, (unsigned long)width));
}

static bool scatter(struct litter *litter, const struct log_classes *sizes, double occupancy,
                    struct text_random *random)
{
    uint64_t sums[LOG_CLASSES];
    uint64_t sum = 0;
    for (size_t i = 0; i < LOG_CLASSES; i++)
        sums[i] = sum += sizes->counts[i];
    for (; litter->kept_count < litter->blocks; litter->kept_count++) {
        size_t size = draw(random, sums, sizes->total);
        void *block = malloc(size);
        if (!block)
            return false;
        memset(block, 1, size); /* an object is written to */
        litter->kept[litter->kept_count] = block;
    }
    gsl_ran_shuffle(&random->rng, litter->kept, (size_t)litter->blocks, sizeof *litter->kept);
    litter->kept_count = (uint64_t)(occupancy * (double)litter->blocks + 0.5);
    for (uint64_t i = litter->kept_count; i < litter->blocks; i++)
        free(litter->kept[i]);
    return true;
}

bool litter_make(struct litter *litter, struct trial_state *state, double occupancy)
{
    struct text_random random;
    struct workload_error error;
    memset(litter, 0, sizeof *litter);
    if (!random_begin(&random, state->trial->seed, &error)) {
        report_failed(state->report, "%s", error.text);
        return false;
    }
    struct heap_log *log = heap_log_open();
    bool done = log && learn(state, log);
    if (done) {
        litter->blocks = LITTER_MULTIPLE * log->live_blocks_max;
        if (litter->blocks > LITTER_BLOCKS_MAX)
            litter->blocks = LITTER_BLOCKS_MAX;
        litter->kept =
            mmap(NULL, (litter->blocks + 1) * sizeof *litter->kept, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
        done = litter->kept != MAP_FAILED && scatter(litter, &log->sizes, occupancy, &random);
    }
    if (!done)
        report_failed(state->report, "no memory for a litter of %llu blocks: %s",
                      (unsigned long long)litter->blocks, strerror(errno));
    if (log)
        munmap(log, sizeof *log);
    return done;
}

void litter_sweep(struct litter *litter)
{
    for (uint64_t i = 0; i < litter->kept_count; i++)
        free(litter->kept[i]);
    if (litter->kept)
        munmap(litter->kept, (litter->blocks + 1) * sizeof *litter->kept);
    memset(litter, 0, sizeof *litter);
}
