/* A trial's command line, layout noise and outcome. */
#include "harness/driver/trial.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ARGUMENTS_MAX (40 + SIMULATION_ARGUMENTS_MAX)

void trial_utc(char *text, size_t size)
{
    struct timespec now;
    struct tm parts;
    char seconds[24];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text, size, "%s.%03ldZ", seconds, now.tv_nsec / 1000000);
}

struct arguments {
    char *items[ARGUMENTS_MAX];
    size_t count;
    char text[16384];
    size_t used;
};

static __attribute__((format(printf, 2, 3))) void add(struct arguments *arguments,
                                                      const char *format, ...)
{
    va_list values;
    va_start(values, format);
    char *at = arguments->text + arguments->used;
    size_t room = sizeof arguments->text - arguments->used;
    int length = vsnprintf(at, room, format, values);
    va_end(values);
    /* Paths, names and at most 16 parameters of 320 bytes: they always fit. */
    if (length < 0 || (size_t)length >= room || arguments->count + 1 >= ARGUMENTS_MAX)
        abort();
    arguments->used += (size_t)length + 1;
    arguments->items[arguments->count++] = at;
    arguments->items[arguments->count] = NULL;
}

static uint64_t order_processors(const struct trial_order *order)
{
    return plan_processors(order->plan, order->workload, order->cell, order->kind);
}

static void make_arguments(struct arguments *arguments, const struct trial_order *order)
{
    const struct plan *plan = order->plan;
    const struct cell *cell = &plan->cells[order->cell];
    const struct plan_workload *workload = &plan->workloads[order->workload];
    if (order->kind == TRIAL_CACHE) {
        const char *before[SIMULATION_ARGUMENTS_MAX];
        char output[4400];
        simulation_arguments(order->simulation, before, output, sizeof output);
        for (size_t i = 0; before[i]; i++)
            add(arguments, "%s", before[i]);
    }
    add(arguments, "%s", cell->backend->runner);
    add(arguments, "--workload=%s", workload->workload->name);
    add(arguments, "--strategy=%s", strategy_names[cell->strategy]);
    add(arguments, "--kind=%s", trial_kind_names[order->kind]);
    add(arguments, "--seed=%" PRIu64, order->input_seed);
    add(arguments, "--passes=%" PRIu64, order->passes);
    add(arguments, "--batches=%" PRIu64, order->batches);
    add(arguments, "--report-fd=%d", SPAWN_REPORT_FD);
    /* Layout noise: no accident of alignment is to decide a run. A simulation is to repeat
     * itself. */
    if (order->kind != TRIAL_CACHE) {
        add(arguments, "--stack-offset=%" PRIu64, plan_noise(plan, order->trial, 1, 4096));
        add(arguments, "--mmap-gap=%" PRIu64, 4096 * plan_noise(plan, order->trial, 2, 512));
    }
    uint64_t wanted = order_processors(order);
    if (wanted > 1) {
        unsigned processors[OPTIONS_THREADS_MAX];
        char list[OPTIONS_THREADS_MAX * 5] = "";
        size_t used = 0;
        size_t count = topology_trial_processors(order->topology, processors, (size_t)wanted);
        for (size_t i = 0; i < count && used < sizeof list; i++)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%u", i ? "," : "",
                                     processors[i]);
        add(arguments, "--threads=%" PRIu64, cell->threads);
        add(arguments, "--cpus=%s", list);
    }
    if (cell->litter > 0)
        add(arguments, "--litter=%g", cell->litter);
    if (order->series)
        add(arguments, "--series");
    if (order->chunk)
        add(arguments, "--chunk=%" PRIu64, order->chunk);
    if (order->pool_limit)
        add(arguments, "--pool-limit=%" PRIu64, order->pool_limit);
    for (size_t i = 0; i < workload->parameter_count; i++)
        add(arguments, "--param=%s", workload->parameters[i]);
}

/* What the runner found wrong, as against a report that is not there. */
static bool is_of_the_runner(const struct trial_report *report)
{
    return !report->ok && strcmp(report->reason, "no report") != 0 &&
           strcmp(report->reason, "the report was cut short") != 0;
}

bool trial_run(const struct trial_order *order, struct trial_outcome *outcome, struct error *error)
{
    const struct backend *backend = order->plan->cells[order->cell].backend;
    struct arguments arguments = {.count = 0};
    struct spawn_result result;
    memset(outcome, 0, sizeof *outcome);
    make_arguments(&arguments, order);
    struct spawn_request request = {
        .arguments = arguments.items,
        .preload = backend->preload[0] ? backend->preload : NULL,
        .padding = order->kind == TRIAL_CACHE
                       ? 0
                       : (unsigned)plan_noise(order->plan, order->trial, 0, 4096),
        .bare_environment = order->kind == TRIAL_CACHE,
        .timeout = order->timeout,
        .topology = order->topology,
        .processors = (unsigned)order_processors(order),
    };
    trial_utc(outcome->started_utc, sizeof outcome->started_utc);
    if (order->kind == TRIAL_CACHE && order->no_simulation) {
        simulation_missing(order->no_simulation, &outcome->report);
        return true;
    }
    if (!spawn(&request, &result, error))
        return false;
    outcome->text = result.report;
    outcome->wall_ns = result.wall_ns;
    outcome->interrupted = result.interrupted;
    trial_report_read(&outcome->report, outcome->text, backend->provider);
    struct trial_report *report = &outcome->report;
    if (order->kind == TRIAL_CACHE) {
        /* What the runner itself found wrong is a failure of the cell. */
        if (is_of_the_runner(report) || outcome->interrupted)
            simulation_discard(order->simulation);
        else
            simulation_finish(order->simulation, result.ended_well ? NULL : result.reason, report);
        return true;
    }
    /* How the process ended explains a missing or broken report; a reason of the runner's own, or a
     * refusal, says more than its exit status. */
    if (!result.ended_well && !is_of_the_runner(report)) {
        report->ok = false;
        snprintf(report->reason, sizeof report->reason, "%s", result.reason);
    }
    return true;
}

void trial_free(struct trial_outcome *outcome)
{
    trial_report_release(&outcome->report);
    free(outcome->text);
    outcome->text = NULL;
}
