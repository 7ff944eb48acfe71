/*
 * The memory trial: the heap's whole life, from just before it is opened, through passes in which
 * the tracker logs every block and token, to what is left when everything was freed and purged. The
 * log is mapped and touched, and all code read once, before the first look: neither is in C or R.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "harness/runner/clock.h"
#include "harness/runner/heap_log.h"
#include "harness/runner/heap_map.h"
#include "harness/runner/locality.h"
#include "harness/runner/memory.h"
#include "harness/runner/tracker.h"
#include "harness/runner/trial_state.h"

/* R, as growth over a first look. */
struct resident {
    uint64_t bytes;
    const char *source;
    bool known;
    char reason[160];
};

static void look(struct resident *resident)
{
    resident->known = memory_resident(&resident->bytes, &resident->source, resident->reason,
                                      sizeof resident->reason);
}

/* Whether R says anything of this heap. */
static bool can_grow(const struct resident *before)
{
    return before->known && !(backend.capabilities & ALLOCATOR_IS_FLOOR);
}

/* Reports R, and returns it for the curve. */
static uint64_t put_growth(struct report *report, const char *metric, const struct resident *before)
{
    struct resident now = {0};
    look(&now);
    uint64_t growth = now.bytes > before->bytes ? now.bytes - before->bytes : 0;
    if (backend.capabilities & ALLOCATOR_IS_FLOOR)
        report_missing(report, metric, "bytes", "the floor gives nothing back");
    else if (!before->known || !now.known)
        report_missing(report, metric, "bytes", now.known ? before->reason : now.reason);
    else
        report_measure(report, metric, (double)growth, "bytes", now.source);
    return can_grow(before) && now.known ? growth : HEAP_CURVE_UNKNOWN;
}

static void settle(unsigned milliseconds)
{
    struct timespec left = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
}

/* What stays when all was freed: at once, after a while, and when the heap was asked to purge. */
static void report_retained(struct trial_state *state, struct heap_log *log,
                            const struct resident *before)
{
    struct report *report = state->report;
    struct heap_curve *curve = &log->curve;
    curve->freed.resident = put_growth(report, "retained_bytes", before);
    curve->freed.committed = heap_log_committed(log);
    if (state->trial->workload->settle_ms) {
        settle(state->trial->workload->settle_ms);
        put_growth(report, "retained_settled_bytes", before);
    }
    uint64_t begin = clock_ns();
    heap_probe_purge(&log->probe, state->heap);
    report_measure(report, "purge_ns", (double)(clock_ns() - begin), "ns", "clock_monotonic_raw");
    curve->purged.resident = put_growth(report, "retained_after_purge_bytes", before);
    curve->purged.committed = heap_log_committed(log);
}

static void report_peak(struct report *report, bool known, uint64_t growth, const char *reason)
{
    static const char *const metric = "peak_rss_bytes";
    if (backend.capabilities & ALLOCATOR_IS_FLOOR)
        report_missing(report, metric, "bytes",
                       "the floor's buffer is mapped and touched beforehand");
    else if (!known)
        report_missing(report, metric, "bytes", reason);
    else
        report_measure(report, metric, (double)growth, "bytes", "VmHWM after clear_refs");
}

/* One more pass, when C and R were measured, and before anything else asks the heap for memory. */
static bool draw_map(struct trial_state *state, struct heap_map *map, uint64_t peak)
{
    struct workload_tally tally = {0};
    heap_map_begin(map, peak);
    tracker_set_map(map);
    bool done =
        trial_run_passes(state, PASS_TRACKED, 1, &tally) && trial_check_light(state, &tally, 1);
    tracker_set_map(NULL);
    return done;
}

bool trial_memory(struct trial_state *state)
{
    struct workload_tally tally = {0};
    struct resident before;
    char reason[160];
    uint64_t peak_before = 0, peak = 0;
    struct heap_log *log = heap_log_open();
    struct locality *trace = log ? locality_open() : NULL;
    bool with_map = state->trial->series && !(backend.capabilities & ALLOCATOR_IS_FLOOR);
    struct heap_map *map = trace && with_map ? heap_map_open() : NULL;
    if (!trace || (with_map && !map)) {
        report_failed(state->report, "no memory for the log of the heap: %s", strerror(errno));
        return false;
    }
    memory_touch_code();
    heap_log_before(log);
    if (map)
        heap_map_before(map);
    look(&before);
    if (state->trial->series)
        heap_curve_begin(&log->curve, state->reference.ops * state->trial->passes,
                         can_grow(&before) ? before.bytes : HEAP_CURVE_UNKNOWN,
                         state->trial->started_ns);
    bool known = memory_reset_peak(reason, sizeof reason) &&
                 memory_peak(&peak_before, reason, sizeof reason);
    if (!trial_open_heap(state))
        return false;
    heap_log_begin(log, state->heap);
    tracker_set_log(log);
    tracker_set_trace(trace);
    bool done = trial_run_passes(state, PASS_TRACKED, state->trial->passes, &tally) &&
                trial_check_light(state, &tally, state->trial->passes);
    tracker_set_log(NULL);
    tracker_set_trace(NULL);
    if (!done)
        return false;
    if (log->live_blocks != 0) {
        report_failed(state->report, "the workload left %llu blocks live",
                      (unsigned long long)log->live_blocks);
        return false;
    }
    known = known && memory_peak(&peak, reason, sizeof reason);
    report_peak(state->report, known, peak > peak_before ? peak - peak_before : 0, reason);
    report_retained(state, log, &before);
    if (map && log->live_max > 0 && !draw_map(state, map, log->live_max))
        return false;
    heap_log_report(log, state->report);
    locality_report(trace, state->report);
    if (!trial_verify(state))
        return false;
    if (state->trial->series)
        heap_log_report_series(log, state->report);
    if (map)
        heap_map_report(map, state->report);
    return true;
}

/* The log sees one thread: of several there is the peak, and no more. Stacks and states are there,
 * and touched, before the first look. */
bool trial_peak(struct trial_state *state)
{
    struct workload_tally tally = {0};
    char reason[160];
    uint64_t peak_before = 0, peak = 0;
    memory_touch_code();
    bool known = memory_reset_peak(reason, sizeof reason) &&
                 memory_peak(&peak_before, reason, sizeof reason);
    if (!trial_open_heap(state) ||
        !trial_run_passes(state, PASS_TIMED, state->trial->passes, &tally) ||
        !trial_check_light(state, &tally, state->trial->passes))
        return false;
    known = known && memory_peak(&peak, reason, sizeof reason);
    report_peak(state->report, known, peak > peak_before ? peak - peak_before : 0, reason);
    return trial_verify(state);
}
