/* Quick trials of each cell, and the counts that follow from the fastest and slowest. */
#include "harness/driver/calibrate.h"

#include <math.h>
#include <stdio.h>

#include "harness/driver/trial.h"

#define BATCH_NS 0.5e6
#define BATCHES 20
/* A trial of the slowest cell is kept within this where fewer batches can do it. */
#define SLOWEST_NS 1.0e9
#define TRIALS 3
/* Latency trials: so many samples of one in so many ops make p99.9 (harness/runner), if that is
 * done within this on the slowest cell. */
#define LATENCY_OPS (64 * 110000.0)
#define LATENCY_NS 2.5e9
/* Of a plan with more cells than this each has less. */
#define LATENCY_CELLS 12.0

/* Nanoseconds of one pass of a cell, the least of a few trials; NAN where it failed. */
static bool pass_ns(const struct plan *plan, struct trial_order *order, double *ns, double *ops,
                    char *reason, size_t reason_size, bool *interrupted, struct error *error)
{
    struct plan_workload *planned = &plan->workloads[order->workload];
    *ns = NAN;
    for (unsigned i = 0; i < TRIALS; i++) {
        struct trial_outcome outcome;
        order->input_seed = plan_input_seed(plan, order->workload, i);
        if (!trial_run(order, &outcome, error))
            return false;
        *interrupted = outcome.interrupted;
        double measured = trial_report_value(&outcome.report, "measured_ns");
        bool ok = outcome.report.ok && measured > 0;
        if (ok) {
            *ops = trial_report_value(&outcome.report, "ops") / (double)order->batches;
            planned->has_counters =
                !isnan(trial_report_value(&outcome.report, "instructions_per_op"));
        }
        if (!ok)
            snprintf(reason, reason_size, "%s", outcome.report.reason);
        trial_free(&outcome);
        if (!ok || *interrupted)
            return true;
        *ns = fmin(isnan(*ns) ? INFINITY : *ns, measured / (double)order->batches);
        if (measured > SLOWEST_NS / 10)
            break; /* long enough to be believed at once */
    }
    return true;
}

bool calibrate(struct plan *plan, size_t workload, const struct topology *topology,
               const struct options *options, bool *interrupted, struct error *error)
{
    struct plan_workload *planned = &plan->workloads[workload];
    double fastest = INFINITY, slowest = 0, ops = 1;
    for (size_t i = 0; i < planned->cell_count; i++) {
        size_t cell = planned->cells[i];
        if (plan->cells[cell].sentinel)
            continue;
        struct trial_order order = {.plan = plan,
                                    .topology = topology,
                                    .workload = workload,
                                    .cell = cell,
                                    .kind = TRIAL_TIME,
                                    .passes = 1,
                                    .batches = 3,
                                    .chunk = options->chunk,
                                    .pool_limit = options->pool_limit,
                                    .timeout = options->timeout};
        double ns;
        char reason[512] = "";
        if (!pass_ns(plan, &order, &ns, &ops, reason, sizeof reason, interrupted, error))
            return false;
        if (*interrupted)
            return true;
        if (isnan(ns) && cell == 0)
            return error_set(error, "workload %s: %s", planned->workload->name, reason);
        if (isnan(ns))
            continue; /* its trials will say why */
        fastest = fmin(fastest, ns);
        slowest = fmax(slowest, ns);
    }
    double passes = ceil(BATCH_NS / fastest);
    double batches = BATCHES;
    planned->note[0] = 0;
    if (slowest * passes * batches > SLOWEST_NS) {
        passes = fmax(1, fmin(passes, floor(SLOWEST_NS / (slowest * batches))));
        batches = fmax(1, fmin(batches, floor(SLOWEST_NS / (slowest * passes))));
        snprintf(planned->note, sizeof planned->note,
                 "a pass takes %.3g ms on the slowest cell, so a trial has %g batch%s of %g "
                 "pass%s",
                 slowest / 1e6, batches, batches > 1 ? "es" : "", passes, passes > 1 ? "es" : "");
    }
    planned->passes = (uint64_t)passes;
    planned->batches = (uint64_t)batches;
    planned->slowest_s = slowest * passes * batches / 1e9;
    double most = LATENCY_NS * fmin(1, LATENCY_CELLS / (double)planned->cell_count);
    planned->latency_passes =
        (uint64_t)fmax(1, fmin(ceil(LATENCY_OPS / ops), floor(most / slowest)));
    return true;
}
