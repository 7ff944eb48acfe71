/*
 * The latency trial: how long single ops, and single calls for memory, take, of a random sample.
 * Ops and calls are sampled in passes of their own, so that no sample lies within another.
 */
#include <math.h>
#include <stdio.h>
#include <sys/mman.h>

#include "harness/runner/clock.h"
#include "harness/runner/members.h"
#include "harness/runner/sampler.h"
#include "harness/runner/trial_state.h"

#define SAMPLES_WANTED 110000 /* p99.9 needs 100000 */
#define PERIOD_MIN 64
#define PERIOD_MAX 1024
#define EMPTY_PAIRS 8192
/* A shorter comparison with the clock would tell the ticks' length too roughly. */
#define CALIBRATION_NS 10000000u
/* A value of fewer steps of the clock than this is named unresolved. */
#define QUANTA_RESOLVED 5
/* A quantile p is shown with so many samples beyond it. */
#define SAMPLES_BEYOND 100

static const struct {
    double p;
    const char *name;
} quantiles[] = {{0.5, "p50"},     {0.75, "p75"},      {0.9, "p90"},
                 {0.95, "p95"},    {0.99, "p99"},      {0.995, "p99_5"},
                 {0.999, "p99_9"}, {0.9995, "p99_95"}, {0.9999, "p99_99"}};

struct tick_clock {
    uint64_t overhead; /* ticks between the two readings of an empty pair, their median */
    double quantum;    /* ticks: the step of the counter, or what empty pairs differ by */
    double ns;         /* of a tick */
};

/* Time and ticks of one moment, for the length of a tick. */
struct moment {
    uint64_t ticks, ns;
};

static struct moment now(void)
{
    unsigned processor;
    struct moment moment;
    moment.ns = clock_ns();
    moment.ticks = ticks_read(&processor);
    return moment;
}

static double tick_ns(struct moment begin)
{
    struct moment end = now();
    while (end.ns - begin.ns < CALIBRATION_NS)
        end = now();
    return (double)(end.ns - begin.ns) / (double)(end.ticks - begin.ticks);
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Empty pairs, into a histogram of zeros. */
static void look_at_clock(struct tick_clock *clock, struct histogram *pairs)
{
    unsigned first, second;
    uint64_t step = 0;
    for (unsigned i = 0; i < EMPTY_PAIRS; i++) {
        uint64_t begin = ticks_read(&first);
        uint64_t end = ticks_read(&second);
        if (first == second)
            histogram_add(pairs, end - begin);
        step = common_divisor(end - begin, step);
    }
    clock->overhead = (uint64_t)histogram_quantile(pairs, 0.5);
    clock->quantum =
        fmax((double)step, histogram_quantile(pairs, 0.75) - histogram_quantile(pairs, 0.25));
}

static void report_value(struct report *report, const char *metric, double ticks,
                         const struct tick_clock *clock, uint64_t period)
{
    char source[120];
    if (ticks < QUANTA_RESOLVED * clock->quantum)
        snprintf(source, sizeof source, "%s" TRIAL_UNRESOLVED "under %d steps of %.2g ns",
                 TICKS_SOURCE, QUANTA_RESOLVED, clock->quantum * clock->ns);
    else
        snprintf(source, sizeof source, "%s; 1 in %llu", TICKS_SOURCE, (unsigned long long)period);
    report_measure(report, metric, ticks * clock->ns, "ns", source);
}

/* what: "op" or "alloc". */
static void report_quantiles(struct report *report, const char *what,
                             const struct histogram *histogram, const struct tick_clock *clock,
                             uint64_t period)
{
    char metric[64], reason[120];
    for (size_t i = 0; i < sizeof quantiles / sizeof quantiles[0]; i++) {
        double needed = ceil(SAMPLES_BEYOND / (1 - quantiles[i].p) - 1e-6);
        snprintf(metric, sizeof metric, "latency_%s_%s", what, quantiles[i].name);
        snprintf(reason, sizeof reason, "needs %.0f samples; %llu were taken", needed,
                 (unsigned long long)histogram->count);
        if ((double)histogram->count < needed)
            report_missing(report, metric, "ns", reason);
        else
            report_value(report, metric, histogram_quantile(histogram, quantiles[i].p), clock,
                         period);
    }
    snprintf(metric, sizeof metric, "latency_%s_max", what);
    report_value(report, metric, (double)histogram->max, clock, period);
    snprintf(metric, sizeof metric, "latency_%s_samples", what);
    report_measure(report, metric, (double)histogram->count, "count", "runner");
}

static void report_none(struct report *report, const char *what, const char *reason)
{
    char metric[64];
    for (size_t i = 0; i < sizeof quantiles / sizeof quantiles[0]; i++) {
        snprintf(metric, sizeof metric, "latency_%s_%s", what, quantiles[i].name);
        report_missing(report, metric, "ns", reason);
    }
    snprintf(metric, sizeof metric, "latency_%s_max", what);
    report_missing(report, metric, "ns", reason);
}

/* A histogram of zeros; NULL: no memory, the report says so. */
static struct histogram *new_histograms(struct report *report, size_t count)
{
    struct histogram *made = mmap(NULL, count * sizeof *made, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (made != MAP_FAILED)
        return made;
    report_failed(report, "no memory for the histograms");
    return NULL;
}

/* Which events of each thread are sampled, into a histogram a thread. */
struct sampling {
    struct sampling_point *(*point)(void); /* of the calling thread */
    const struct sampler_settings *settings;
    struct histogram *each;
    uint64_t dropped;
};

static struct sampling_point *ops_point(void)
{
    return &sampling_ops;
}

static struct sampling_point *allocations_point(void)
{
    return &sampling_allocations;
}

static void begin_sampling(void *context, unsigned member)
{
    const struct sampling *sampling = context;
    struct sampler_settings settings = *sampling->settings;
    settings.seed += member;
    settings.histogram = &sampling->each[member];
    sampler_start(sampling->point(), &settings);
}

static void end_sampling(void *context, unsigned member)
{
    struct sampling *sampling = context;
    (void)member;
    __atomic_fetch_add(&sampling->dropped, sampler_dropped(), __ATOMIC_RELAXED);
    sampler_start(NULL, NULL);
}

/* Sampled passes with some `events` in each. False: the trial failed. */
static bool sample(struct trial_state *state, struct sampling_point *(*point)(void),
                   enum pass_mode mode, uint64_t events, uint64_t passes,
                   struct sampler_settings *settings, uint64_t *dropped)
{
    struct workload_tally tally = {0};
    unsigned threads = state->crew->seen.threads;
    uint64_t period = events * passes / SAMPLES_WANTED;
    settings->period = period < PERIOD_MIN ? PERIOD_MIN : period > PERIOD_MAX ? PERIOD_MAX : period;
    struct sampling sampling = {point, settings, new_histograms(state->report, threads), 0};
    if (!sampling.each)
        return false;
    members_each(state, begin_sampling, &sampling);
    bool done =
        trial_run_passes(state, mode, passes, &tally) && trial_check_light(state, &tally, passes);
    members_each(state, end_sampling, &sampling);
    for (unsigned i = 0; i < threads; i++)
        histogram_merge(settings->histogram, &sampling.each[i]);
    munmap(sampling.each, threads * sizeof *sampling.each);
    *dropped += sampling.dropped;
    return done;
}

bool trial_latency(struct trial_state *state)
{
    const struct trial *trial = state->trial;
    struct report *report = state->report;
    struct tick_clock clock;
    struct moment begin;
    const char *missing = ticks_missing();
    if (missing) {
        report_none(report, "op", missing);
        report_none(report, "alloc", missing);
        return true;
    }
    enum { PAIRS, OPS, ALLOCATIONS, HISTOGRAMS };
    struct histogram *histograms = new_histograms(report, HISTOGRAMS);
    if (!histograms)
        return false;
    look_at_clock(&clock, &histograms[PAIRS]);
    begin = now();
    struct sampler_settings ops = {
        .seed = trial->seed, .overhead = clock.overhead, .histogram = &histograms[OPS]};
    struct sampler_settings calls = ops;
    calls.histogram = &histograms[ALLOCATIONS];
    uint64_t dropped = 0;
    if (!sample(state, ops_point, PASS_SAMPLED, state->reference.ops, trial->passes, &ops,
                &dropped))
        return false;
    /* In the owned strategy there is a call for each token, and then some. */
    bool owned = trial->strategy == STRATEGY_OWNED;
    uint64_t tokens = state->reference.tokens + 1;
    uint64_t passes = (uint64_t)SAMPLES_WANTED * PERIOD_MIN / tokens + 1;
    if (owned && !sample(state, allocations_point, PASS_SAMPLED_CALLS, tokens,
                         passes < trial->passes ? passes : trial->passes, &calls, &dropped))
        return false;
    clock.ns = tick_ns(begin);
    if (histograms[OPS].count == 0)
        report_none(report, "op", "the pass does not mark where an op begins and ends");
    else
        report_quantiles(report, "op", &histograms[OPS], &clock, ops.period);
    if (owned && histograms[ALLOCATIONS].count == 0)
        report_none(report, "alloc", "the workload's own threads are not sampled");
    else if (owned)
        report_quantiles(report, "alloc", &histograms[ALLOCATIONS], &clock, calls.period);
    else
        report_none(report, "alloc", "only the strategy owned calls the allocator for each token");
    report_measure(report, "latency_dropped", (double)dropped, "count", "runner");
    report_measure(report, "latency_empty_pair", (double)clock.overhead * clock.ns, "ns",
                   TICKS_SOURCE);
    report_measure(report, "latency_resolution", clock.quantum * clock.ns, "ns", TICKS_SOURCE);
    munmap(histograms, HISTOGRAMS * sizeof *histograms);
    return true;
}
