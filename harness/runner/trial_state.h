/* What the files trial_<kind>.c share: the state of a trial, its passes and checks (measure.c). */
#ifndef HARNESS_RUNNER_TRIAL_STATE_H
#define HARNESS_RUNNER_TRIAL_STATE_H

#include "harness/runner/crew.h"
#include "harness/runner/measure.h"

struct litter;

struct trial_state {
    const struct trial *trial;
    struct workload_input input;
    struct workload_tally reference;
    struct allocator_heap *heap; /* of the calling thread */
    struct report *report;
    struct crew *crew; /* of one, where the trial has one thread */
    /* Several threads, each on an input of its own: a state a member. Then `input` is the first
     * one's, and `reference` the sum of all. NULL: there is one input. */
    struct trial_state *members;
    struct litter *litters; /* of members, where they have any */
};

/* Each of these returns false when the trial failed; the report then says why. */
/* A heap a member, each opened on its own thread. */
bool trial_open_heap(struct trial_state *state);
void trial_close_heap(struct trial_state *state);
/* Each member's passes at once, where they have inputs of their own: the tally is the sum, and it
 * is all the time from the first one's start to the last one's end that the call takes. */
bool trial_run_passes(struct trial_state *state, enum pass_mode mode, uint64_t passes,
                      struct workload_tally *tally);
/* A tally of `passes` whole passes is that many times the reference. */
bool trial_check_light(struct trial_state *state, const struct workload_tally *tally,
                       uint64_t passes);
/* The sum over all heaps. */
void trial_statistics(struct trial_state *state, struct allocator_statistics *statistics);
/* One pass whose digest goes into the report; it also warms up. */
bool trial_verify(struct trial_state *state);

/* A function a kind. The memory trial sees the heap's whole life, so it is called before the heap
 * is opened, and opens it; the others get it open and verified. */
bool trial_time(struct trial_state *state);
bool trial_count(struct trial_state *state);
bool trial_memory(struct trial_state *state);
/* With several threads: the resident peak alone. */
bool trial_peak(struct trial_state *state);
bool trial_cache(struct trial_state *state);
bool trial_latency(struct trial_state *state);

#endif
