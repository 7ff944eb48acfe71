/*
 * One trial. Input and reference come first; then the heap is opened, and a verified pass (which
 * also warms up) shows that the backend's tokens are the reference's. What follows depends on the
 * kind, and every timed pass is checked against the reference's light hash.
 */
#include "harness/runner/measure.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "harness/runner/clock.h"
#include "harness/runner/counters.h"
#include "harness/runner/memory.h"
#include "harness/runner/tracker.h"
#include "workloads/support/digest.h"

struct state {
    const struct trial *trial;
    struct workload_input input;
    struct workload_tally reference;
    struct allocator_heap *heap;
    struct report *report;
};

static workload_pass *pass_of(const struct state *state, enum pass_mode mode)
{
    return state->trial->workload->pass[state->trial->strategy][mode];
}

static bool run_passes(struct state *state, enum pass_mode mode, uint64_t passes,
                       struct workload_tally *tally)
{
    workload_pass *pass = pass_of(state, mode);
    for (uint64_t i = 0; i < passes; i++) {
        if (!pass(state->heap, &state->input, tally)) {
            report_failed(state->report, "allocation refused: %s", strerror(errno));
            return false;
        }
    }
    return true;
}

/* A tally of `passes` whole passes is that many times the reference. */
static bool check_light(struct state *state, const struct workload_tally *tally, uint64_t passes)
{
    if (tally->light == state->reference.light * passes &&
        tally->tokens == state->reference.tokens * passes &&
        tally->ops == state->reference.ops * passes)
        return true;
    report_failed(state->report, "measured passes read other tokens than the reference");
    return false;
}

static bool open_heap(struct state *state)
{
    struct allocator_settings settings = {state->trial->chunk_size, state->input.scope_bytes_max};
    if (backend.open(&state->heap, &settings))
        return true;
    report_failed(state->report, "backend %s did not open: %s", backend.name,
                  errno == EINVAL ? "chunk must be a power of two of at least 1024"
                                  : strerror(errno));
    return false;
}

static bool verify(struct state *state)
{
    struct workload_tally tally = {.digest = DIGEST_SEED};
    if (!run_passes(state, PASS_VERIFY, 1, &tally))
        return false;
    report_checksum(state->report, tally.digest, state->reference.digest);
    return check_light(state, &tally, 1);
}

static void report_time(struct state *state, const struct workload_tally *tally, double total_ns,
                        double spread)
{
    struct report *report = state->report;
    const char *source = "clock_monotonic_raw";
    double ops = (double)tally->ops;
    report_measure(report, "ns_per_op", total_ns / ops, "ns", source);
    report_measure(report, "ms_per_1000_ops", total_ns / ops / 1000, "ms", source);
    report_measure(report, "ns_per_token", total_ns / (double)tally->tokens, "ns", source);
    report_measure(report, "gb_per_s", (double)tally->bytes / total_ns, "GB/s", source);
    report_measure(report, "measured_ns", total_ns, "ns", source);
    report_measure(report, "batch_spread", spread, "ratio", source);
    report_measure(report, "ops", ops, "count", "runner");
    report_measure(report, "tokens_per_op", (double)tally->tokens / ops, "count", "runner");
}

static bool measure_time(struct state *state)
{
    const struct trial *trial = state->trial;
    struct workload_tally tally = {0};
    struct workload_tally warm = {0};
    struct counter_group hardware, software;
    double total = 0, squares = 0;
    if (!run_passes(state, PASS_TIMED, 1, &warm))
        return false;
    counters_hardware(&hardware, trial->seed);
    counters_software(&software);
    counters_open(&hardware);
    counters_open(&software);
    uint64_t begin = clock_ns();
    counters_start(&hardware);
    counters_start(&software);
    for (uint64_t batch = 0; batch < trial->batches; batch++) {
        uint64_t before = clock_ns();
        bool done = run_passes(state, PASS_TIMED, trial->passes, &tally);
        double elapsed = (double)(clock_ns() - before);
        if (!done)
            return false;
        total += elapsed;
        squares += elapsed * elapsed;
    }
    counters_stop(&hardware);
    counters_stop(&software);
    if (!check_light(state, &tally, trial->passes * trial->batches))
        return false;
    double batches = (double)trial->batches;
    double mean = total / batches;
    double variance = squares / batches - mean * mean;
    report_time(state, &tally, total, variance > 0 ? sqrt(variance) / mean : 0);
    report_measure(state->report, "startup_ns", (double)(begin - trial->started_ns), "ns",
                   "clock_monotonic_raw");
    counters_report(&hardware, (double)tally.ops, state->report);
    counters_report(&software, (double)tally.ops, state->report);
    counters_close(&hardware);
    counters_close(&software);
    return true;
}

/* Calls that reach the general heap: every call, for a backend that frees one by one; chunks and
 * pool misses, for one that does not. */
static bool measure_count(struct state *state)
{
    const struct trial *trial = state->trial;
    struct workload_tally tally = {0};
    struct allocator_statistics before, after;
    tracker_reset();
    backend.statistics(state->heap, &before);
    if (!run_passes(state, PASS_TRACKED, trial->passes, &tally) ||
        !check_light(state, &tally, trial->passes))
        return false;
    backend.statistics(state->heap, &after);
    struct tracker_counts counts = tracker_counts();
    double ops = (double)tally.ops;
    bool individually = backend.capabilities & ALLOCATOR_FREES_INDIVIDUALLY;
    double allocations = individually ? (double)counts.allocations
                                      : (double)(after.heap_allocations - before.heap_allocations);
    double frees =
        individually ? (double)counts.frees : (double)(after.heap_frees - before.heap_frees);
    const char *source = individually ? "tracker" : "backend statistics";
    report_measure(state->report, "heap_allocations_per_op", allocations / ops, "count", source);
    report_measure(state->report, "heap_frees_per_op", frees / ops, "count", source);
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

/* Growth of the resident high-water mark from just before the heap is opened. */
static bool measure_memory(struct state *state)
{
    static const char *const metric = "peak_rss_bytes";
    struct workload_tally tally = {0};
    char reason[160];
    uint64_t before = 0, after = 0;
    bool known =
        memory_reset_peak(reason, sizeof reason) && memory_peak(&before, reason, sizeof reason);
    if (!open_heap(state))
        return false;
    if (!run_passes(state, PASS_TIMED, state->trial->passes, &tally) ||
        !check_light(state, &tally, state->trial->passes))
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
    return true;
}

bool measure(const struct trial *trial, struct report *report)
{
    struct state state = {.trial = trial, .report = report};
    struct workload_settings settings = {trial->seed, (const char *const *)trial->values,
                                         trial->strategy};
    struct workload_error error;
    if (!trial->workload->setup(&state.input, &settings, &error)) {
        report_failed(report, "%s", error.text);
        return false;
    }
    if (state.input.line_count == 0) {
        report_failed(report, "the input has no lines: there is nothing to measure");
        return false;
    }
    if (trial->kind == TRIAL_TIME)
        report_measure(report, "input_bytes", (double)state.input.length, "bytes",
                       state.input.source ? state.input.source : "generated");
    trial->workload->reference(&state.input, &state.reference);
    /* The memory trial sees the heap's whole life, so it opens and fills it itself. */
    bool done;
    if (trial->kind == TRIAL_MEMORY)
        done = measure_memory(&state) && verify(&state);
    else
        done = open_heap(&state) && verify(&state) &&
               (trial->kind == TRIAL_TIME ? measure_time(&state) : measure_count(&state));
    if (done)
        backend.close(state.heap);
    return done;
}
