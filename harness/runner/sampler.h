/* The figures of sampled passes: of ops (workloads/support/sampling.h), and of the allocator's
 * calls by way of `sampler`, an allocator that passes every call on to the backend and times a few.
 */
#ifndef HARNESS_RUNNER_SAMPLER_H
#define HARNESS_RUNNER_SAMPLER_H

#include <stdint.h>

#include "harness/runner/histogram.h"
#include "workloads/support/sampling.h"

extern _Thread_local struct sampling_point sampling_allocations;

struct sampler_settings {
    uint64_t period; /* one event in so many, at random */
    uint64_t seed;
    uint64_t overhead; /* ticks of an empty pair of readings, taken off every sample */
    struct histogram *histogram;
};

/* This thread's samples of `point` go to a histogram from now on; NULL ends it. At most one point
 * at a time. */
void sampler_start(struct sampling_point *point, const struct sampler_settings *settings);
/* Samples thrown away since then, as the processor changed within them. */
uint64_t sampler_dropped(void);

#endif
