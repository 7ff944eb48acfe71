/*
 * What is measured, in which order. Everything follows from the options, the catalogue and one
 * seed, so a run that was interrupted goes on with the same schedule.
 */
#ifndef HARNESS_DRIVER_PLAN_H
#define HARNESS_DRIVER_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/driver/discover.h"
#include "harness/driver/options.h"
#include "harness/trial.h"

/* Rounds of the kinds whose figures hardly vary; as few as a sign test can be corrected with for
 * several claims (judge.c). */
#define PLAN_COUNT_ROUNDS 12
#define PLAN_MEMORY_ROUNDS 12
/* As many where simulation was asked for; else as fit into its share of the budget. */
#define PLAN_CACHE_ROUNDS 12
/* Each round has all the samples that its quantiles need. */
#define PLAN_LATENCY_ROUNDS 2
/* Fewest timed rounds before the width of an interval is looked at. */
#define PLAN_TIME_ROUNDS_MIN 12
/* Half-width at which a workload is done. */
#define PLAN_HALF_WIDTH 0.02

struct cell {
    const struct backend *backend;
    unsigned strategy;
    uint64_t threads;
    double litter;   /* 0: a clean heap */
    size_t baseline; /* index of the cell it is compared with: of the same threads and litter */
    bool sentinel;   /* the baseline's second run */
};

struct plan_workload {
    const struct workload_text *workload;
    char parameters[16][320]; /* "name=value", all of the workload's */
    size_t parameter_count;
    size_t *cells; /* indexes into plan.cells of what it offers; [0] and [1] as there */
    size_t cell_count;
    uint64_t passes;  /* a batch; calibrated */
    uint64_t batches; /* a trial */
    uint64_t latency_passes;
    bool has_counters; /* hardware counters answered in the calibration */
    double slowest_s;  /* a trial, from the calibration */
    char note[256];
};

struct plan {
    uint64_t seed;
    bool kinds[TRIAL_KIND_COUNT]; /* those asked for; time always */
    struct cell *cells; /* of any workload; of each state [0] is the baseline, [1] its second run:
                           the sentinel */
    size_t cell_count;
    struct plan_workload *workloads;
    size_t workload_count;
};

/* Resolves names against the catalogue. */
bool plan_make(struct plan *plan, const struct catalogue *catalogue, const struct options *options,
               struct error *error);
void plan_free(struct plan *plan);

/* Order of the workload's cells in a round (from 0) of a kind: order[position] = index into
 * plan->cells. Rounds form Williams squares, in which each cell follows each other cell equally
 * often. */
void plan_order(const struct plan *plan, size_t workload, enum trial_kind kind, uint64_t round,
                size_t *order);
/* Rounds in one square: the workload's number of cells, or twice that where it is odd. */
uint64_t plan_square(const struct plan *plan, size_t workload);

/* The processors that a trial is to have: one for each of its threads. A time trial of one thread
 * has those of the most threads that the workload is measured with beside it. */
uint64_t plan_processors(const struct plan *plan, size_t workload, size_t cell,
                         enum trial_kind kind);

/* Seed of a round's input, the same for all its cells. */
uint64_t plan_input_seed(const struct plan *plan, size_t workload, uint64_t round);

/* Seed of the one input of all cache trials: figures of different runs may be compared. */
uint64_t plan_fixed_seed(const struct plan *plan, size_t workload);

/* A number below n that depends on the seed and the three indices: for layout noise. */
uint64_t plan_noise(const struct plan *plan, uint64_t trial, unsigned use, uint64_t n);

#endif
