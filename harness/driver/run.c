/*
 * The loop over workloads, kinds, rounds and positions. A round that was begun before an
 * interruption is finished in the same order; the stop is decided on interval width only, never on
 * a verdict.
 */
#include "harness/driver/run.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/driver/calibrate.h"
#include "harness/driver/environment.h"
#include "harness/driver/progress.h"
#include "harness/driver/run_directory.h"
#include "harness/driver/statistics.h"
#include "harness/driver/store.h"
#include "harness/driver/trial.h"

/* After so many failures in a row a cell is not started again; each of its rows says so. */
#define FAILURES_MAX 3
/* However small the budget, the rounds below which no width is looked at may take this many times
 * it. */
#define BUDGET_STRETCH 3.0
/* What the other kinds may take of it before the timed rounds, in the timed rounds' eyes. */
#define EARLY_SHARE 0.5
/* Simulating costs some 50 times the time: with a longer pass it is not begun. */
#define SIMULATED_PASS_S 0.02
#define SIMULATED_PASS_ASKED_S 1.0 /* with --cache=sim */
/* A pass that takes as long is counted once only. */
#define LONG_PASS_S 0.02

/* What a kind has before the timed rounds. The costly ones may take their share of the budget, and
 * one round in any case. */
static const struct {
    enum trial_kind kind;
    uint64_t rounds;
    double share;
} early_kinds[] = {
    {TRIAL_COUNT, PLAN_COUNT_ROUNDS, INFINITY},
    {TRIAL_MEMORY, PLAN_MEMORY_ROUNDS, INFINITY},
    {TRIAL_CACHE, PLAN_CACHE_ROUNDS, 0.45},
    {TRIAL_LATENCY, PLAN_LATENCY_ROUNDS, 0.25},
};

struct cell_state {
    double *ns; /* ns_per_op of each timed round; NAN: failed */
    unsigned failures;
    char last_reason[512];
};

struct run_state {
    const struct options *options;
    struct plan plan;
    struct topology *topology;
    struct store *store;
    json_t *environment;
    struct run_outcome *outcome;
    struct progress progress;
    struct run_rows old; /* rows of the run's earlier part */
    uint64_t next_trial;
    char (*identities)[800]; /* of each cell's backend, as first seen */
    struct cell_state *cells;
    uint64_t timed_rounds; /* of the current workload */
    size_t rounds_room;
    struct simulation simulation;
    uint64_t spent_ns[TRIAL_KIND_COUNT]; /* wall of the current workload's trials */
    double measured_s;                   /* inside measured batches */
    double timed_s;                      /* wall of the timed rounds */
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- one trial ---- */

static void note_failure(struct run_state *state, size_t cell, size_t workload, const char *reason)
{
    struct run_outcome *outcome = state->outcome;
    const struct cell *failed = &state->plan.cells[cell];
    if (outcome->failed_trials++ == 0)
        snprintf(outcome->first_failure, sizeof outcome->first_failure, "%s %s/%s: %s",
                 state->plan.workloads[workload].workload->name, failed->backend->name,
                 strategy_names[failed->strategy], reason);
}

/* A backend whose malloc changes in mid-run is refused as well. */
static void check_identity(struct run_state *state, size_t cell, struct trial_report *report)
{
    char *first = state->identities[cell];
    if (!report->ok || !report->identity[0]) /* the latter: not started */
        return;
    if (!first[0]) {
        bool seen = false; /* by another cell of the backend */
        for (size_t i = 0; i < state->plan.cell_count; i++)
            seen = seen || (state->identities[i][0] &&
                            state->plan.cells[i].backend == state->plan.cells[cell].backend);
        snprintf(first, sizeof state->identities[cell], "%s", report->identity);
        if (!seen)
            environment_set_identity(state->environment, state->plan.cells[cell].backend,
                                     report->identity);
    } else if (strcmp(first, report->identity) != 0) {
        report->ok = false;
        snprintf(report->reason, sizeof report->reason, "malloc changed in mid-run: it was %.230s",
                 first);
    }
}

static void note_counters(struct run_state *state, const struct trial_report *report)
{
    const char *why = "no timed trial reported counters";
    if (json_object_get(state->environment, "counters"))
        return;
    for (size_t i = 0; i < report->measurement_count; i++) {
        const struct measurement_row *row = &report->measurements[i];
        if (strcmp(row->metric, "instructions_per_op") != 0)
            continue;
        if (!isnan(row->value)) {
            environment_set_counters(state->environment, "T0", "the machine has a PMU");
            return;
        }
        why = row->source;
    }
    bool software = !isnan(trial_report_value(report, "task_clock_per_op"));
    environment_set_counters(state->environment, software ? "T1" : "T3", why);
}

static bool store_outcome(struct run_state *state, const struct trial_order *order, uint64_t round,
                          size_t position, struct trial_outcome *outcome, struct error *error)
{
    const struct cell *cell = &state->plan.cells[order->cell];
    struct trial_report *report = &outcome->report;
    struct trial_row row = {
        .trial = order->trial,
        .round = round,
        .position = position,
        .kind = trial_kind_names[order->kind],
        .workload = state->plan.workloads[order->workload].workload->name,
        .strategy = strategy_names[cell->strategy],
        .backend = cell->backend->name,
        .threads = cell->threads,
        .litter = cell->litter,
        .seed = order->input_seed,
        .status = report->ok ? "ok" : "FAILED",
        .reason = report->reason,
        .started_utc = outcome->started_utc,
        .wall_ns = outcome->wall_ns,
        .identity = report->identity,
    };
    for (size_t i = 0; i < report->measurement_count; i++)
        report->measurements[i].trial = order->trial;
    for (size_t i = 0; i < report->point_count; i++)
        report->points[i].trial = order->trial;
    /* Of a failed trial nothing is kept but that it failed. */
    return store_append(state->store, &row, report->measurements,
                        report->ok ? report->measurement_count : 0, report->points,
                        report->ok ? report->point_count : 0, error);
}

static double pass_s(const struct plan_workload *workload)
{
    return workload->slowest_s / (double)(workload->passes * workload->batches);
}

static double trial_timeout(const struct run_state *state, const struct plan_workload *workload,
                            enum trial_kind kind)
{
    double expected = kind == TRIAL_LATENCY ? pass_s(workload) * (double)workload->latency_passes
                                            : workload->slowest_s;
    double limit = 20 * expected + 5;
    if (kind == TRIAL_CACHE) /* nothing is known of the simulator's speed */
        limit = INFINITY;
    return limit < state->options->timeout ? limit : state->options->timeout;
}

static bool run_trial(struct run_state *state, size_t workload, enum trial_kind kind,
                      uint64_t round, size_t position, size_t cell, struct error *error)
{
    const struct plan_workload *planned = &state->plan.workloads[workload];
    struct cell_state *cell_state = &state->cells[cell];
    struct trial_order order = {
        .plan = &state->plan,
        .topology = state->topology,
        .workload = workload,
        .cell = cell,
        .kind = kind,
        .trial = state->next_trial,
        .input_seed = kind == TRIAL_CACHE ? plan_fixed_seed(&state->plan, workload)
                                          : plan_input_seed(&state->plan, workload, round),
        /* Memory: one life of the heap. Calls: the same in every pass, so of a long one, once. */
        .passes = kind == TRIAL_TIME      ? planned->passes
                  : kind == TRIAL_LATENCY ? planned->latency_passes
                  : kind == TRIAL_MEMORY || (kind == TRIAL_COUNT && pass_s(planned) > LONG_PASS_S)
                      ? 1
                      : 2,
        .batches = kind == TRIAL_TIME ? planned->batches : 1,
        .chunk = state->options->chunk,
        .pool_limit = state->options->pool_limit,
        /* Once a cell: they are many rows, and differ little from round to round. */
        .series = kind == TRIAL_MEMORY && round == 0 && !state->plan.cells[cell].sentinel,
        .timeout = trial_timeout(state, planned, kind),
        .simulation = &state->simulation,
    };
    char too_long[160];
    double longest = state->options->cache == CACHE_SIM ? SIMULATED_PASS_ASKED_S : SIMULATED_PASS_S;
    if (state->simulation.reason[0])
        order.no_simulation = state->simulation.reason;
    if (state->plan.cells[cell].threads > 1)
        order.no_simulation = "not simulated: callgrind runs one thread at a time";
    else if (pass_s(planned) > longest) {
        snprintf(too_long, sizeof too_long,
                 "not simulated: a pass takes %.3g ms, more than %g; take a smaller input",
                 1e3 * pass_s(planned), 1e3 * longest);
        order.no_simulation = too_long;
    }
    struct trial_outcome outcome;
    if (cell_state->failures >= FAILURES_MAX) {
        memset(&outcome, 0, sizeof outcome);
        trial_utc(outcome.started_utc, sizeof outcome.started_utc);
        snprintf(outcome.report.reason, sizeof outcome.report.reason,
                 "not started: %d failures in a row, the last: %.400s", FAILURES_MAX,
                 cell_state->last_reason);
    } else if (!trial_run(&order, &outcome, error)) {
        return false;
    }
    if (outcome.interrupted) {
        trial_free(&outcome);
        return true;
    }
    check_identity(state, cell, &outcome.report);
    bool stored = store_outcome(state, &order, round + 1, position + 1, &outcome, error);
    if (stored) {
        state->next_trial++;
        state->spent_ns[kind] += outcome.wall_ns;
        if (outcome.report.ok) {
            if (outcome.report.identity[0])
                cell_state->failures = 0;
            if (kind == TRIAL_TIME) {
                cell_state->ns[round] = trial_report_value(&outcome.report, "ns_per_op");
                state->measured_s += trial_report_value(&outcome.report, "measured_ns") / 1e9;
                note_counters(state, &outcome.report);
            }
        } else {
            note_failure(state, cell, workload, outcome.report.reason);
            if (cell_state->failures < FAILURES_MAX) {
                cell_state->failures++;
                snprintf(cell_state->last_reason, sizeof cell_state->last_reason, "%s",
                         outcome.report.reason);
            }
        }
    }
    trial_free(&outcome);
    return stored;
}

/* ---- rounds ---- */

/* Trials of a workload and kind that the run has already. */
static uint64_t trials_done(const struct run_state *state, size_t workload, enum trial_kind kind)
{
    uint64_t done = 0;
    for (size_t i = 0; i < state->old.trial_count; i++)
        done += strcmp(state->old.trials[i].kind, trial_kind_names[kind]) == 0 &&
                strcmp(state->old.trials[i].workload,
                       state->plan.workloads[workload].workload->name) == 0;
    return done;
}

static bool make_rounds_room(struct run_state *state, uint64_t round, struct error *error)
{
    size_t room = state->rounds_room;
    while (round >= room)
        room = room ? room * 2 : 64;
    if (room == state->rounds_room)
        return true;
    for (size_t cell = 0; cell < state->plan.cell_count; cell++) {
        double *ns = realloc(state->cells[cell].ns, room * sizeof *ns);
        if (!ns)
            return error_set(error, "no memory for %zu rounds", room);
        for (size_t i = state->rounds_room; i < room; i++)
            ns[i] = NAN;
        state->cells[cell].ns = ns;
    }
    state->rounds_room = room;
    return true;
}

/* The widest half-width among the cells' ratios to the baseline; cells that fail are left out. */
static double widest(const struct run_state *state, size_t workload)
{
    const struct plan_workload *planned = &state->plan.workloads[workload];
    double widest = 0;
    for (size_t i = 0; i < planned->cell_count; i++) {
        size_t cell = planned->cells[i];
        const struct cell *of = &state->plan.cells[cell];
        if (of->baseline == cell || of->sentinel || state->cells[cell].failures > 0)
            continue;
        struct interval interval = ratio_interval(state->cells[of->baseline].ns,
                                                  state->cells[cell].ns, state->timed_rounds);
        widest = fmax(widest, interval_half_width(&interval));
    }
    return widest;
}

static void show(struct run_state *state, size_t workload, enum trial_kind kind, uint64_t round,
                 size_t cell, double begun, double left)
{
    char what[200];
    const struct cell *shown = &state->plan.cells[cell];
    char litter[32] = "", threads[40] = "";
    if (shown->threads > 1)
        snprintf(threads, sizeof threads, " %" PRIu64 " threads", shown->threads);
    if (shown->litter > 0)
        snprintf(litter, sizeof litter, " litter %g", shown->litter);
    snprintf(what, sizeof what, "%s %s: round %" PRIu64 ", %s/%s%s%s",
             state->plan.workloads[workload].workload->name, trial_kind_names[kind], round + 1,
             shown->backend->name, strategy_names[shown->strategy], threads, litter);
    progress_show(&state->progress, what, now_s() - begun, left > 0 ? left : 0);
}

/* Finishes a round from `position` on. */
static bool run_round(struct run_state *state, size_t workload, enum trial_kind kind,
                      uint64_t round, size_t position, double begun, struct error *error)
{
    size_t cells = state->plan.workloads[workload].cell_count;
    size_t *order = malloc(cells * sizeof *order);
    if (!order)
        return error_set(error, "no memory");
    bool done = true;
    double left = state->options->budget - (now_s() - begun);
    plan_order(&state->plan, workload, kind, round, order);
    for (; done && position < cells && !spawn_stop_signal; position++) {
        show(state, workload, kind, round, order[position], begun, left);
        done = run_trial(state, workload, kind, round, position, order[position], error);
    }
    free(order);
    return done;
}

/* Whether the timed rounds are enough, and why. */
static bool enough(const struct run_state *state, size_t workload, double spent, const char **why)
{
    const struct options *options = state->options;
    uint64_t rounds = state->timed_rounds;
    if (options->rounds) {
        *why = "rounds";
        return rounds >= options->rounds;
    }
    if (rounds < PLAN_TIME_ROUNDS_MIN) {
        *why = "budget (fewer than 12 rounds fit: give a larger BUDGET)";
        return spent > BUDGET_STRETCH * options->budget;
    }
    if (rounds % plan_square(&state->plan, workload) == 0 &&
        widest(state, workload) <= PLAN_HALF_WIDTH) {
        *why = "width";
        return true;
    }
    *why = "budget";
    return spent >= options->budget;
}

static bool run_kind(struct run_state *state, size_t workload, enum trial_kind kind,
                     uint64_t rounds, double share, double begun, struct error *error)
{
    uint64_t done = trials_done(state, workload, kind);
    size_t cells = state->plan.workloads[workload].cell_count;
    uint64_t round = done / cells;
    size_t position = (size_t)(done % cells);
    double most_ns = state->options->rounds ? INFINITY : share * 1e9 * state->options->budget;
    for (; round < rounds && !spawn_stop_signal; round++, position = 0) {
        /* By what the trials took, so that a resumed run stops where it would have. */
        if (round > 0 && position == 0 &&
            (double)state->spent_ns[kind] * (double)(round + 1) / (double)round > most_ns)
            break;
        if (!run_round(state, workload, kind, round, position, begun, error))
            return false;
    }
    return true;
}

/* Figures of the timed rounds that an earlier part of the run has. */
static bool load_timed(struct run_state *state, size_t workload, struct error *error)
{
    const char *name = state->plan.workloads[workload].workload->name;
    size_t cells = state->plan.workloads[workload].cell_count;
    size_t m = 0;
    for (size_t i = 0; i < state->old.trial_count; i++) {
        const struct trial_row *row = &state->old.trials[i];
        if (strcmp(row->kind, trial_kind_names[TRIAL_TIME]) != 0 ||
            strcmp(row->workload, name) != 0 || row->round == 0 || row->position == 0 ||
            row->position > cells)
            continue;
        size_t *order = malloc(cells * sizeof *order);
        if (!order || !make_rounds_room(state, row->round, error)) {
            free(order);
            return false;
        }
        plan_order(&state->plan, workload, TRIAL_TIME, row->round - 1, order);
        size_t cell = order[row->position - 1];
        free(order);
        while (m < state->old.measurement_count && state->old.measurements[m].trial < row->trial)
            m++;
        for (; m < state->old.measurement_count && state->old.measurements[m].trial == row->trial;
             m++)
            if (strcmp(state->old.measurements[m].metric, "ns_per_op") == 0)
                state->cells[cell].ns[row->round - 1] = state->old.measurements[m].value;
    }
    return true;
}

static bool run_timed(struct run_state *state, size_t workload, double begun, struct error *error)
{
    uint64_t done = trials_done(state, workload, TRIAL_TIME);
    size_t cells = state->plan.workloads[workload].cell_count;
    size_t position = (size_t)(done % cells);
    const char *why = "interrupted";
    double timed_begin = now_s();
    state->timed_rounds = done / cells;
    while (!spawn_stop_signal && !enough(state, workload, now_s() - begun, &why)) {
        why = "interrupted";
        if (!make_rounds_room(state, state->timed_rounds, error) ||
            !run_round(state, workload, TRIAL_TIME, state->timed_rounds, position, begun, error))
            return false;
        position = 0;
        if (!spawn_stop_signal)
            state->timed_rounds++;
    }
    state->timed_s += now_s() - timed_begin;
    environment_set_workload_outcome(state->environment,
                                     state->plan.workloads[workload].workload->name,
                                     state->timed_rounds, why, widest(state, workload));
    return true;
}

static void forget_cells(struct run_state *state, size_t workload)
{
    const char *name = state->plan.workloads[workload].workload->name;
    memset(state->spent_ns, 0, sizeof state->spent_ns);
    simulation_try_again(&state->simulation);
    for (size_t i = 0; i < state->old.trial_count; i++) {
        const struct trial_row *row = &state->old.trials[i];
        size_t kind = trial_name_index(trial_kind_names, TRIAL_KIND_COUNT, row->kind);
        if (kind < TRIAL_KIND_COUNT && strcmp(row->workload, name) == 0)
            state->spent_ns[kind] += row->wall_ns;
    }
    for (size_t cell = 0; cell < state->plan.cell_count; cell++) {
        state->cells[cell].failures = 0;
        for (size_t i = 0; i < state->rounds_room; i++)
            state->cells[cell].ns[i] = NAN;
    }
}

static bool is_wanted(const struct run_state *state, const struct plan_workload *workload,
                      enum trial_kind kind)
{
    enum cache_choice cache = state->options->cache;
    if (kind == TRIAL_CACHE &&
        (cache == CACHE_OFF || (cache == CACHE_AUTO && workload->has_counters)))
        return false;
    if (kind == TRIAL_LATENCY && workload->workload->no_latency)
        return false;
    return state->plan.kinds[kind];
}

static bool run_workload(struct run_state *state, size_t workload, struct error *error)
{
    struct plan_workload *planned = &state->plan.workloads[workload];
    double begun = now_s();
    forget_cells(state, workload);
    if (!make_rounds_room(state, 0, error) || !load_timed(state, workload, error))
        return false;
    if (!environment_calibration(state->environment, planned)) {
        bool interrupted = false;
        struct error reason;
        if (!calibrate(&state->plan, workload, state->topology, state->options, &interrupted,
                       &reason)) {
            /* Nothing can be compared; the other workloads go on. */
            progress_clear(&state->progress);
            fprintf(stderr, "apportion: %s\n", reason.text);
            if (state->outcome->failed_trials++ == 0)
                snprintf(state->outcome->first_failure, sizeof state->outcome->first_failure, "%s",
                         reason.text);
            return true;
        }
        if (interrupted)
            return true;
        environment_set_plan(state->environment, &state->plan, state->options);
        if (!environment_write(state->environment, state->outcome->directory, error))
            return false;
    }
    /* Cheap and constant figures first, so that even a short run has them. */
    uint64_t limit = state->options->rounds ? state->options->rounds : UINT64_MAX;
    for (size_t i = 0; i < sizeof early_kinds / sizeof early_kinds[0]; i++) {
        enum trial_kind kind = early_kinds[i].kind;
        uint64_t rounds = limit < early_kinds[i].rounds ? limit : early_kinds[i].rounds;
        double share = early_kinds[i].share;
        double before = now_s();
        if (!is_wanted(state, planned, kind))
            continue;
        if (kind == TRIAL_CACHE && state->options->cache == CACHE_SIM)
            share = INFINITY;
        if (!run_kind(state, workload, kind, rounds, share, begun, error))
            return false;
        if (kind == TRIAL_CACHE && state->options->cache == CACHE_SIM)
            begun += now_s() - before; /* asked for: on top of the budget */
    }
    /* However long those took, half of the budget is for the timed rounds. */
    double latest = now_s() - EARLY_SHARE * state->options->budget;
    return run_timed(state, workload, begun > latest ? begun : latest, error);
}

/* ---- beginning and end ---- */

static bool begin_new(struct run_state *state, int argument_count, char **arguments,
                      struct error *error)
{
    const struct options *options = state->options;
    struct run_outcome *outcome = state->outcome;
    const char *what =
        state->plan.workload_count == 1 ? state->plan.workloads[0].workload->name : "all";
    if (!run_directory_make(options->results, options->run, what, outcome->directory,
                            sizeof outcome->directory, error))
        return false;
    if (!run_directory_lock(outcome->directory, error))
        return false;
    const char *name = strrchr(outcome->directory, '/') + 1;
    state->environment = environment_make(name, argument_count, arguments, state->topology, error);
    if (!state->environment)
        return false;
    environment_set_plan(state->environment, &state->plan, options);
    char path[4200];
    snprintf(path, sizeof path, "%s/topology.xml", outcome->directory);
    return environment_write(state->environment, outcome->directory, error) &&
           topology_export(state->topology, path, error);
}

static bool begin_resumed(struct run_state *state, struct error *error)
{
    for (size_t i = 0; i < state->old.trial_count; i++) {
        const struct trial_row *row = &state->old.trials[i];
        if (strcmp(row->status, "ok") != 0)
            state->outcome->failed_trials++;
        if (row->trial >= state->next_trial)
            state->next_trial = row->trial + 1;
        for (size_t cell = 0; cell < state->plan.cell_count; cell++)
            if (strcmp(row->status, "ok") == 0 && !state->identities[cell][0] &&
                strcmp(state->plan.cells[cell].backend->name, row->backend) == 0)
                snprintf(state->identities[cell], sizeof state->identities[cell], "%s",
                         row->identity);
    }
    if (state->outcome->failed_trials)
        snprintf(state->outcome->first_failure, sizeof state->outcome->first_failure,
                 "in the part measured before: see trials.csv");
    for (size_t i = 0; i < state->old.trial_count; i++) {
        size_t cell = 0;
        while (cell < state->plan.cell_count &&
               strcmp(state->plan.cells[cell].backend->name, state->old.trials[i].backend) != 0)
            cell++;
        if (cell == state->plan.cell_count)
            return error_set(error,
                             "backend %s of this run is not in this build; build it again, "
                             "or begin the run anew",
                             state->old.trials[i].backend);
    }
    return true;
}

static bool allocate_state(struct run_state *state, struct error *error)
{
    size_t cells = state->plan.cell_count;
    state->next_trial = 1;
    state->identities = calloc(cells, sizeof *state->identities);
    state->cells = calloc(cells, sizeof *state->cells);
    return (state->identities && state->cells) || error_set(error, "no memory");
}

static void free_state(struct run_state *state)
{
    for (size_t i = 0; state->cells && i < state->plan.cell_count; i++)
        free(state->cells[i].ns);
    free(state->cells);
    free(state->identities);
    run_rows_free(&state->old);
    store_close(state->store);
    topology_free(state->topology);
    plan_free(&state->plan);
    json_decref(state->environment);
}

static bool run_workloads(struct run_state *state, struct error *error)
{
    struct run_outcome *outcome = state->outcome;
    double begun = now_s();
    bool done = true;
    progress_begin(&state->progress);
    topology_bind_driver(state->topology);
    for (size_t i = 0; done && i < state->plan.workload_count && !spawn_stop_signal; i++)
        done = run_workload(state, i, error);
    progress_clear(&state->progress);
    outcome->signal = spawn_stop_signal;
    environment_set_outcome(state->environment,
                            !done                    ? "stopped by an error"
                            : outcome->signal        ? "interrupted"
                            : outcome->failed_trials ? "with failures"
                                                     : "complete",
                            now_s() - begun, state->measured_s, state->timed_s);
    struct error ignored;
    return environment_write(state->environment, outcome->directory, done ? error : &ignored) &&
           done;
}

static bool prepare_simulation(struct run_state *state)
{
    simulation_prepare(&state->simulation, state->topology, state->outcome->directory);
    environment_set_simulation(state->environment, state->simulation.source,
                               state->simulation.reason);
    return true;
}

bool run(struct options *options, int argument_count, char **arguments, struct run_outcome *outcome,
         struct error *error)
{
    struct run_state state = {.options = options, .outcome = outcome};
    struct catalogue catalogue = {0};
    memset(outcome, 0, sizeof *outcome);
    bool done = true;
    if (options->resume) {
        done = options_run_path(options, options->resume, outcome->directory,
                                sizeof outcome->directory, error) &&
               run_directory_lock(outcome->directory, error) &&
               (state.environment = environment_read(outcome->directory, error)) != NULL &&
               environment_options(state.environment, options, error);
    }
    done = done && catalogue_load(&catalogue, options, error) &&
           plan_make(&state.plan, &catalogue, options, error) && allocate_state(&state, error) &&
           (state.topology = topology_load(error)) != NULL &&
           (options->resume || begin_new(&state, argument_count, arguments, error)) &&
           (state.store = store_open(outcome->directory, error)) != NULL &&
           run_rows_load(&state.old, outcome->directory, error) &&
           (!options->resume || begin_resumed(&state, error)) && prepare_simulation(&state) &&
           run_directory_link_latest(options->results, outcome->directory, error) &&
           run_workloads(&state, error);
    /* Without a store nothing was measured here. */
    if (!state.store)
        outcome->directory[0] = 0;
    free_state(&state);
    catalogue_free(&catalogue);
    return done;
}
