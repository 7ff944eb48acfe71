/* The time trial: clock and counters around batches of passes. */
#include <math.h>

#include "harness/runner/clock.h"
#include "harness/runner/counters.h"
#include "harness/runner/trial_state.h"

static void report_time(struct trial_state *state, const struct workload_tally *tally,
                        double total_ns, double spread)
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

bool trial_time(struct trial_state *state)
{
    const struct trial *trial = state->trial;
    struct workload_tally tally = {0};
    struct workload_tally warm = {0};
    struct counter_group hardware, software;
    double total = 0, squares = 0;
    if (!trial_run_passes(state, PASS_TIMED, 1, &warm))
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
        bool done = trial_run_passes(state, PASS_TIMED, trial->passes, &tally);
        double elapsed = (double)(clock_ns() - before);
        if (!done)
            return false;
        total += elapsed;
        squares += elapsed * elapsed;
    }
    counters_stop(&hardware);
    counters_stop(&software);
    if (!trial_check_light(state, &tally, trial->passes * trial->batches))
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
