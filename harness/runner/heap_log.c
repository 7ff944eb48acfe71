/* Keeping the log, deciding when to ask for C, reporting. */
#include "harness/runner/heap_log.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/runner/clock.h"

/* C is asked again when this share of L was requested since, and this many bytes. */
#define ASK_SHARE 256
#define ASK_LEAST ((uint64_t)4096)
/* A request from here on may be mapped for itself. */
#define ASK_LARGE ((size_t)64 << 10)
/* Asking takes a third as long as what is between, at most. */
#define ASK_PAUSE 3

struct heap_log *heap_log_open(void)
{
    void *memory = mmap(NULL, sizeof(struct heap_log), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void heap_log_before(struct heap_log *log)
{
    uint64_t committed;
    heap_probe_open(&log->probe);
    /* A heap of one's own has nothing of others in it. */
    if (!(backend.capabilities & ALLOCATOR_FREES_INDIVIDUALLY) ||
        !heap_probe_look(&log->probe, NULL, &committed, &log->in_use_before))
        log->in_use_before = 0;
}

void heap_log_begin(struct heap_log *log, struct allocator_heap *heap)
{
    log->heap = heap;
    heap_log_ask(log);
}

static void note_maxima(struct heap_log *log)
{
    heap_curve_see(&log->curve, log->live_bytes, log->committed);
    if (log->committed > log->committed_max ||
        (log->committed == log->committed_max && log->live_bytes > log->live_at_committed_max)) {
        log->committed_max = log->committed;
        log->live_at_committed_max = log->live_bytes;
    }
    if (log->live_bytes > log->live_max) {
        log->live_max = log->live_bytes;
        log->committed_at_live_max = log->committed;
    }
}

uint64_t heap_log_committed(const struct heap_log *log)
{
    uint64_t committed, in_use;
    if (!heap_probe_look(&log->probe, log->heap, &committed, &in_use))
        return HEAP_CURVE_UNKNOWN;
    return committed > log->in_use_before ? committed - log->in_use_before : 0;
}

bool heap_log_ask(struct heap_log *log)
{
    uint64_t begin = clock_ns();
    uint64_t committed = heap_log_committed(log);
    if (committed == HEAP_CURVE_UNKNOWN)
        return false;
    log->committed = committed;
    log->asked++;
    log->asked_at_time = log->time;
    log->asked_at_break = sbrk(0);
    log->asked_at_ns = clock_ns();
    /* It grows with the heap, but not twofold at once: that was an interruption. */
    uint64_t took = log->asked_at_ns - begin;
    log->asking_ns = log->asking_ns == 0 || took < 2 * log->asking_ns ? took : 2 * log->asking_ns;
    note_maxima(log);
    return true;
}

/* Asking does not take more than its share of time. */
static bool has_time(const struct heap_log *log)
{
    return clock_ns() - log->asked_at_ns >= ASK_PAUSE * log->asking_ns;
}

static bool is_due(const struct heap_log *log, size_t size)
{
    if (size >= ASK_LARGE || sbrk(0) != log->asked_at_break)
        return true;
    uint64_t step = log->live_bytes / ASK_SHARE;
    return log->time - log->asked_at_time >= (step > ASK_LEAST ? step : ASK_LEAST) && has_time(log);
}

static void look(struct heap_log *log, size_t size)
{
    if (log->probe.committed) {
        log->committed = log->probe.committed(log->heap);
        log->asked++;
    } else if (log->probe.source && is_due(log, size)) {
        heap_log_ask(log);
    }
    note_maxima(log);
}

static void tick(struct heap_log *log)
{
    log->calls++;
    log->live_over_calls += (double)log->live_bytes;
    log->committed_over_calls += (double)log->committed;
}

void heap_log_allocated(struct heap_log *log, const void *block, size_t size, size_t usable)
{
    log->live_over_time += (double)log->live_bytes * (double)size;
    log->committed_over_time += (double)log->committed * (double)size;
    log->time += size;
    log->live_bytes += size;
    log->requested_bytes += size;
    log->usable_bytes += usable;
    if (++log->live_blocks > log->live_blocks_max)
        log->live_blocks_max = log->live_blocks;
    log_classes_add(&log->sizes, size);
    birth_table_put(&log->births, block, log->time, size);
    look(log, size);
    tick(log);
}

void heap_log_freed(struct heap_log *log, const void *block, size_t size)
{
    struct birth birth;
    if (birth_table_take(&log->births, block, &birth)) {
        log_classes_add(&log->lifetimes, log->time - birth.time);
        size = birth.size;
    }
    log->live_bytes -= size;
    log->live_blocks--;
    tick(log);
}

void heap_log_filled(struct heap_log *log, size_t size, size_t used)
{
    log->container_bytes += size;
    log->container_used_bytes += used;
}

void heap_log_scope_ended(struct heap_log *log)
{
    if (log->probe.committed || is_due(log, 0))
        look(log, 0);
}

void heap_log_op_done(struct heap_log *log)
{
    if (!heap_curve_op_done(&log->curve))
        return;
    if (log->probe.committed)
        log->committed = log->probe.committed(log->heap);
    else if (log->probe.source && has_time(log))
        heap_log_ask(log);
    heap_curve_take(&log->curve, log->live_bytes, log->committed);
}

/* ---- report ---- */

static void put_over(const struct heap_log *log, struct report *report, const char *metric,
                     double numerator, double denominator)
{
    if (!log->probe.source)
        report_missing(report, metric, "ratio", log->probe.reason);
    else if (denominator > 0)
        report_measure(report, metric, numerator / denominator - 1, "ratio", log->probe.source);
    else
        report_missing(report, metric, "ratio", "nothing was live");
}

static void report_committed(const struct heap_log *log, struct report *report)
{
    if (log->probe.source)
        report_measure(report, "peak_committed_bytes", (double)log->committed_max, "bytes",
                       log->probe.source);
    else
        report_missing(report, "peak_committed_bytes", "bytes", log->probe.reason);
    put_over(log, report, "external_fragmentation", (double)log->committed_max,
             (double)log->live_at_committed_max);
    put_over(log, report, "external_fragmentation_at_peak_live", (double)log->committed_at_live_max,
             (double)log->live_max);
    put_over(log, report, "external_fragmentation_mean", log->committed_over_calls,
             log->live_over_calls);
    if (!log->probe.source)
        report_missing(report, "drag", "ratio", log->probe.reason);
    else if (log->live_over_time > 0)
        report_measure(report, "drag", log->committed_over_time / log->live_over_time, "ratio",
                       log->probe.source);
}

void heap_log_report(const struct heap_log *log, struct report *report)
{
    static const struct {
        const char *name;
        double quantile;
    } quantiles[] = {{"p50", 0.5}, {"p95", 0.95}};
    const char *source = "tracker";
    char metric[40], thinned[64];
    if (log->requested_bytes == 0) {
        report_missing(report, "peak_live_bytes", "bytes",
                       "this workload and strategy do not tell the tracker what they hold");
        return;
    }
    report_committed(log, report);
    report_measure(report, "peak_live_bytes", (double)log->live_max, "bytes", source);
    report_measure(report, "live_blocks_max", (double)log->live_blocks_max, "count", source);
    report_measure(report, "internal_fragmentation",
                   (double)log->usable_bytes / (double)log->requested_bytes - 1, "ratio", source);
    if (log->container_used_bytes > 0)
        report_measure(report, "container_slack",
                       (double)log->container_bytes / (double)log->container_used_bytes - 1,
                       "ratio", source);
    for (size_t i = 0; i < sizeof quantiles / sizeof quantiles[0]; i++) {
        snprintf(metric, sizeof metric, "size_%s", quantiles[i].name);
        report_measure(report, metric, log_classes_quantile(&log->sizes, quantiles[i].quantile),
                       "bytes", source);
    }
    report_measure(report, "size_max", (double)log->sizes.most, "bytes", source);
    snprintf(thinned, sizeof thinned, "tracker; one address in %u, time in bytes allocated",
             1u << log->births.thinned);
    for (size_t i = 0; i < sizeof quantiles / sizeof quantiles[0]; i++) {
        snprintf(metric, sizeof metric, "lifetime_%s", quantiles[i].name);
        report_measure(report, metric, log_classes_quantile(&log->lifetimes, quantiles[i].quantile),
                       "bytes", thinned);
    }
    report_measure(report, "committed_asked", (double)log->asked, "count", source);
}

static void put_classes(struct report *report, const char *series,
                        const struct log_classes *classes)
{
    for (size_t i = 0; i < LOG_CLASSES; i++)
        if (classes->counts[i] > 0)
            report_point(report, series, (double)log_class_low(i), (double)classes->counts[i],
                         "count");
}

void heap_log_report_series(const struct heap_log *log, struct report *report)
{
    heap_curve_report(&log->curve, log->requested_bytes > 0, log->probe.source != NULL, report);
    put_classes(report, "size_histogram", &log->sizes);
    put_classes(report, "lifetime_histogram", &log->lifetimes);
}
