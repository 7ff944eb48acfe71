/*
 * A trial with several threads: its crew, and, for a workload that is not made for threads, a copy
 * of the trial for each member. Nothing here runs, and no thread is started, in a trial with one.
 */
#ifndef HARNESS_RUNNER_MEMBERS_H
#define HARNESS_RUNNER_MEMBERS_H

#include "harness/runner/trial_state.h"

/* Starts the crew and makes the members' states. */
bool members_begin(struct trial_state *state);
bool members_end(struct trial_state *state);

/* The members' references as one: digests are added, so that their order does not count. */
void members_sum(struct trial_state *state);
bool members_litter(struct trial_state *state);
bool members_run_passes(struct trial_state *state, enum pass_mode mode, uint64_t passes,
                        struct workload_tally *tally);

/* Whether the workload has threads in this trial that the crew knows nothing of. */
bool members_has_others(const struct trial_state *state);

/* Calls act(context, member) on each member's thread, a crew of one included. */
void members_each(struct trial_state *state, void (*act)(void *context, unsigned member),
                  void *context);

#endif
