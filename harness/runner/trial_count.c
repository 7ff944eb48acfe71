/* The count trial: calls that reach the general heap, and the library's own counters. */
#include "harness/runner/members.h"
#include "harness/runner/tracker.h"
#include "harness/runner/trial_state.h"

/* Calls that reach the general heap: every call, for a backend that frees one by one; chunks and
 * the pool's slabs, for one that does not. */
bool trial_count(struct trial_state *state)
{
    const struct trial *trial = state->trial;
    struct workload_tally tally = {0};
    struct allocator_statistics before, after;
    tracker_reset();
    trial_statistics(state, &before);
    if (!trial_run_passes(state, PASS_TRACKED, trial->passes, &tally) ||
        !trial_check_light(state, &tally, trial->passes))
        return false;
    trial_statistics(state, &after);
    struct tracker_counts counts = tracker_counts();
    double ops = (double)tally.ops;
    bool individually = backend.capabilities & ALLOCATOR_FREES_INDIVIDUALLY;
    double allocations = individually ? (double)counts.allocations
                                      : (double)(after.heap_allocations - before.heap_allocations +
                                                 counts.closed_allocations);
    double frees = individually
                       ? (double)counts.frees
                       : (double)(after.heap_frees - before.heap_frees + counts.closed_frees);
    const char *source = individually ? "tracker" : "backend statistics";
    if (!individually && trial->workload->threads == WORKLOAD_OWN_HEAPS &&
        state->crew->seen.threads > 1) {
        source = "the heaps that its threads make are not counted";
        report_missing(state->report, "heap_allocations_per_op", "count", source);
        report_missing(state->report, "heap_frees_per_op", "count", source);
        return true;
    }
    report_measure(state->report, "heap_allocations_per_op", allocations / ops, "count", source);
    report_measure(state->report, "heap_frees_per_op", frees / ops, "count", source);
    report_measure(state->report, "single_frees_per_op",
                   (individually ? frees : (double)(after.single_frees - before.single_frees)) /
                       ops,
                   "count", source);
    if (trial->strategy == STRATEGY_OWNED) {
        report_measure(state->report, "allocator_calls_per_op",
                       (double)(counts.allocations + counts.frees) / ops, "count", "tracker");
        report_measure(state->report, "requested_bytes_per_op",
                       (double)counts.requested_bytes / ops, "bytes", "tracker");
    }
    if (backend.capabilities & ALLOCATOR_POOLED_API) {
        double gets =
            (double)(after.pool_hits - before.pool_hits + after.pool_misses - before.pool_misses);
        if (gets > 0)
            report_measure(state->report, "pool_hit_rate",
                           (double)(after.pool_hits - before.pool_hits) / gets, "ratio",
                           "backend statistics");
        if (state->crew->seen.exchange) {
            report_measure(state->report, "exchange_refills",
                           (double)(after.pool_refills - before.pool_refills), "count",
                           "backend statistics");
            report_measure(state->report, "exchange_spills",
                           (double)(after.pool_spills - before.pool_spills), "count",
                           "backend statistics");
        }
        report_measure(state->report, "pool_resize_events",
                       (double)(after.pool_resizes - before.pool_resizes), "count",
                       "backend statistics");
    }
    if (!individually && !(backend.capabilities & ALLOCATOR_IS_FLOOR)) {
        report_measure(state->report, "arena_chunks", (double)after.arena_chunks, "count",
                       "backend statistics");
        report_measure(state->report, "arena_tail_waste", (double)after.arena_tail_waste_bytes,
                       "bytes", "backend statistics");
    }
    return true;
}
