/* The time trial: clock and counters around batches of passes. */
#include <math.h>
#include <stdio.h>
#include <sys/mman.h>

#include "harness/runner/clock.h"
#include "harness/runner/counters.h"
#include "harness/runner/members.h"
#include "harness/runner/trial_state.h"

static void report_time(struct trial_state *state, const struct workload_tally *tally,
                        double total_ns, double ns_per_op, double spread)
{
    struct report *report = state->report;
    const char *source = "clock_monotonic_raw";
    double ops = (double)tally->ops;
    report_measure(report, "ns_per_op", ns_per_op, "ns", source);
    report_measure(report, "ms_per_1000_ops", ns_per_op / 1000, "ms", source);
    report_measure(report, "ns_per_token", ns_per_op * ops / (double)tally->tokens, "ns", source);
    report_measure(report, "gb_per_s", (double)tally->bytes / (ns_per_op * ops), "GB/s", source);
    report_measure(report, "measured_ns", total_ns, "ns", source);
    if (state->members)
        report_missing(report, "batch_spread", "ratio", "threads run all batches as one");
    else
        report_measure(report, "batch_spread", spread, "ratio", source);
    report_measure(report, "ops", ops, "count", "runner");
    report_measure(report, "tokens_per_op", (double)tally->tokens / ops, "count", "runner");
}

/* ---- counters: a pair of groups a member, each of which sees its own thread ---- */

struct member_counters {
    struct counter_group hardware, software;
};

struct all_counters {
    struct member_counters *each;
    uint64_t seed;
};

static void open_counters(void *context, unsigned member)
{
    struct all_counters *all = context;
    counters_hardware(&all->each[member].hardware, all->seed);
    counters_software(&all->each[member].software);
    counters_open(&all->each[member].hardware);
    counters_open(&all->each[member].software);
}

/* From any thread: a group is its descriptors. */
static void start_counters(struct all_counters *all, unsigned threads)
{
    for (unsigned i = 0; i < threads; i++) {
        counters_start(&all->each[i].hardware);
        counters_start(&all->each[i].software);
    }
}

static void stop_counters(struct all_counters *all, unsigned threads)
{
    for (unsigned i = 0; i < threads; i++) {
        counters_stop(&all->each[i].hardware);
        counters_stop(&all->each[i].software);
    }
}

/* The sum of all threads; not where there are threads that no group has seen. */
static void report_counters(struct trial_state *state, struct all_counters *all, double ops)
{
    unsigned threads = state->crew->seen.threads;
    bool unseen = members_has_others(state);
    struct counter_group *hardware[CREW_MAX], *software[CREW_MAX];
    for (unsigned i = 0; i < threads; i++) {
        hardware[i] = &all->each[i].hardware;
        software[i] = &all->each[i].software;
        if (unseen) {
            counters_refuse(hardware[i], "the workload's own threads are not counted");
            counters_refuse(software[i], "the workload's own threads are not counted");
        }
    }
    counters_report_sum(hardware, threads, ops, state->report);
    counters_report_sum(software, threads, ops, state->report);
    for (unsigned i = 0; i < threads; i++) {
        counters_close(hardware[i]);
        counters_close(software[i]);
    }
}

/* What the workload counted itself. */
static void report_figures(struct trial_state *state, const struct workload_tally *tally,
                           double passes)
{
    const char *const *figures = state->trial->workload->figures;
    for (unsigned i = 0; figures && figures[i]; i++) {
        char metric[64];
        snprintf(metric, sizeof metric, "%s_per_pass", figures[i]);
        report_measure(state->report, metric, (double)tally->figures[i] / passes, "count",
                       "workload");
    }
}

/* One thread that is given several processors, those that more threads are measured on, has an
 * equal share of the batches on each: what threads gain is not to depend on which of them is the
 * slow one. */
static uint64_t turns_of(const struct trial_state *state, uint64_t batches)
{
    uint64_t processors = state->trial->processor_count;
    if (state->crew->seen.threads > 1 || processors < 2)
        return 1;
    uint64_t turns = processors < batches ? processors : batches;
    report_measure(state->report, "processors", (double)turns, "count",
                   "one thread: on each in turn");
    return turns;
}

/* Onto the next processor, and a pass to warm its caches. */
static bool take_turn(struct trial_state *state, uint64_t turn, struct workload_tally *warm)
{
    crew_turn(state->crew, (unsigned)turn);
    return turn == 0 || trial_run_passes(state, PASS_TIMED, 1, warm);
}

bool trial_time(struct trial_state *state)
{
    const struct trial *trial = state->trial;
    unsigned threads = state->crew->seen.threads;
    struct workload_tally tally = {0};
    struct workload_tally warm = {0}, moved = {0};
    struct all_counters counters = {NULL, trial->seed};
    double total = 0, squares = 0;
    double speed = 0; /* ops a nanosecond, the sum over the turns */
    /* Copies are released once: what it takes to wake them is not to weigh on each batch. */
    uint64_t batches = state->members ? 1 : trial->batches;
    uint64_t passes = trial->passes * trial->batches / batches;
    if (!trial_run_passes(state, PASS_TIMED, 1, &warm))
        return false;
    counters.each = mmap(NULL, threads * sizeof *counters.each, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (counters.each == MAP_FAILED) {
        report_failed(state->report, "no memory for the counters");
        return false;
    }
    members_each(state, open_counters, &counters);
    uint64_t turns = turns_of(state, batches);
    uint64_t begin = clock_ns();
    start_counters(&counters, threads);
    for (uint64_t turn = 0, batch = 0; turn < turns; turn++) {
        double turn_ns = 0;
        uint64_t ops = tally.ops;
        if (turns > 1 && !take_turn(state, turn, &moved))
            return false;
        for (; batch < batches * (turn + 1) / turns; batch++) {
            uint64_t before = clock_ns();
            bool done = trial_run_passes(state, PASS_TIMED, passes, &tally);
            double elapsed = (double)(clock_ns() - before);
            if (!done)
                return false;
            turn_ns += elapsed;
            squares += elapsed * elapsed;
        }
        total += turn_ns;
        speed += (double)(tally.ops - ops) / turn_ns;
    }
    stop_counters(&counters, threads);
    if (!trial_check_light(state, &tally, passes * batches))
        return false;
    double mean = total / (double)batches;
    double variance = squares / (double)batches - mean * mean;
    report_time(state, &tally, total, (double)turns / speed,
                variance > 0 ? sqrt(variance) / mean : 0);
    report_figures(state, &tally, (double)(passes * batches));
    report_measure(state->report, "startup_ns", (double)(begin - trial->started_ns), "ns",
                   "clock_monotonic_raw");
    report_counters(state, &counters, (double)(tally.ops + moved.ops));
    munmap(counters.each, threads * sizeof *counters.each);
    return true;
}
