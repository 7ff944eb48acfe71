/*
 * The cache trial: passes that callgrind simulates; the driver reads the totals from callgrind's
 * own file. Outside valgrind the client requests below are a few instructions without effect.
 */
#include <valgrind/callgrind.h>

#include "harness/runner/trial_state.h"

/* Enough for figures of a steady state; simulated, some tenths of a second. */
#define SIMULATED_TOKENS 60000
/* Simulating begins with empty caches. After so many passes pools have grown and every branch has
 * been taken once; less is needed where one pass is long. */
#define WARM_PASSES 4

/* By the input alone, so that each backend does the same and every run repeats it. */
static uint64_t passes_of(const struct trial_state *state, uint64_t most)
{
    uint64_t passes = SIMULATED_TOKENS / (state->reference.tokens + 1) + 1;
    return passes < most ? passes : most;
}

bool trial_cache(struct trial_state *state)
{
    struct workload_tally tally = {0}, warm = {0};
    uint64_t passes = passes_of(state, UINT64_MAX);
    CALLGRIND_START_INSTRUMENTATION;
    bool done = trial_run_passes(state, PASS_TIMED, passes_of(state, WARM_PASSES), &warm);
    CALLGRIND_ZERO_STATS;
    CALLGRIND_TOGGLE_COLLECT;
    done = done && trial_run_passes(state, PASS_TIMED, passes, &tally);
    CALLGRIND_TOGGLE_COLLECT;
    CALLGRIND_STOP_INSTRUMENTATION;
    if (!done || !trial_check_light(state, &tally, passes))
        return false;
    report_measure(state->report, TRIAL_SIMULATED_OPS, (double)tally.ops, "count", "runner");
    return true;
}
