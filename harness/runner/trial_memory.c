/* The memory trial: the heap's whole life, from just before it is opened. */
#include "harness/runner/memory.h"
#include "harness/runner/trial_state.h"

/* Growth of the resident high-water mark from just before the heap is opened. */
bool trial_memory(struct trial_state *state)
{
    static const char *const metric = "peak_rss_bytes";
    struct workload_tally tally = {0};
    char reason[160];
    uint64_t before = 0, after = 0;
    bool known =
        memory_reset_peak(reason, sizeof reason) && memory_peak(&before, reason, sizeof reason);
    if (!trial_open_heap(state))
        return false;
    if (!trial_run_passes(state, PASS_TIMED, state->trial->passes, &tally) ||
        !trial_check_light(state, &tally, state->trial->passes))
        return false;
    known = known && memory_peak(&after, reason, sizeof reason);
    if (backend.capabilities & ALLOCATOR_IS_FLOOR)
        report_missing(state->report, metric, "bytes",
                       "the floor's buffer is mapped and touched beforehand");
    else if (!known)
        report_missing(state->report, metric, "bytes", reason);
    else
        report_measure(state->report, metric, (double)(after - before), "bytes",
                       "VmHWM after clear_refs");
    return trial_verify(state);
}
