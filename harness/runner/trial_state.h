/* What the files trial_<kind>.c share: the state of a trial, its passes and checks (measure.c). */
#ifndef HARNESS_RUNNER_TRIAL_STATE_H
#define HARNESS_RUNNER_TRIAL_STATE_H

#include "harness/runner/measure.h"

struct trial_state {
    const struct trial *trial;
    struct workload_input input;
    struct workload_tally reference;
    struct allocator_heap *heap;
    struct report *report;
};

/* Each of these returns false when the trial failed; the report then says why. */
bool trial_open_heap(struct trial_state *state);
bool trial_run_passes(struct trial_state *state, enum pass_mode mode, uint64_t passes,
                      struct workload_tally *tally);
/* A tally of `passes` whole passes is that many times the reference. */
bool trial_check_light(struct trial_state *state, const struct workload_tally *tally,
                       uint64_t passes);
/* One pass whose digest goes into the report; it also warms up. */
bool trial_verify(struct trial_state *state);

/* A function a kind. The memory trial sees the heap's whole life, so it is called before the heap
 * is opened, and opens it; the others get it open and verified. */
bool trial_time(struct trial_state *state);
bool trial_count(struct trial_state *state);
bool trial_memory(struct trial_state *state);
bool trial_cache(struct trial_state *state);
bool trial_latency(struct trial_state *state);

#endif
