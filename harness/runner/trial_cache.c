/*
 * The cache trial: passes that callgrind simulates; the driver reads the totals from callgrind's
 * own file. Outside valgrind the client requests below are a few instructions without effect.
 */
#include <valgrind/callgrind.h>

#include "harness/runner/trial_state.h"

/* Enough for figures of a steady state; simulated, some tenths of a second. */
#define SIMULATED_TOKENS 60000

bool trial_cache(struct trial_state *state)
{
    struct workload_tally tally = {0}, warm = {0};
    /* By the input alone, so that each backend does the same and every run repeats it. */
    uint64_t passes = SIMULATED_TOKENS / (state->reference.tokens + 1) + 1;
    CALLGRIND_START_INSTRUMENTATION;
    /* Simulating begins with empty caches; pools grow and adapt for some thousand ops. */
    bool done = trial_run_passes(state, PASS_TIMED, passes, &warm);
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
