/*
 * Litter: a heap as a long-running process has it, rather than a clean one that flatters malloc
 * (van Kempen & Berger, "It's Not Where You Put It, It's How You Litter It"). Before the measured
 * heap is opened, the process's malloc serves several times the workload's most live blocks, of the
 * workload's own sizes; they are shuffled, and all but the wanted share is freed again. The same
 * calls for every backend: the chunks of an arena come from that malloc as well.
 */
#ifndef HARNESS_RUNNER_LITTER_H
#define HARNESS_RUNNER_LITTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/runner/trial_state.h"

/* Blocks allocated, as a multiple of the most live ones, and at most in all. */
#define LITTER_MULTIPLE 4
#define LITTER_BLOCKS_MAX ((uint64_t)4 << 20)

struct litter {
    void **kept; /* mapped, so that it is not of the heap */
    uint64_t kept_count;
    uint64_t blocks; /* allocated */
};

/* Learns the sizes from one owned pass on no heap at all, then litters. occupancy: the share that
 * stays, above 0 and below 1. False: the trial failed, the report says why. */
bool litter_make(struct litter *litter, struct trial_state *state, double occupancy);
/* Frees what stayed. A litter of zeros is allowed. */
void litter_sweep(struct litter *litter);

#endif
