/* Taking points of a curve, and reporting them. */
#include "harness/runner/heap_curve.h"

#include "harness/runner/clock.h"
#include "harness/runner/memory.h"

/* Points lie at equal shares of all ops, the last one at their end. */
static uint64_t next_due(const struct heap_curve *curve)
{
    uint64_t step = (curve->total + HEAP_CURVE_POINTS - 1) / HEAP_CURVE_POINTS;
    uint64_t left = curve->total - curve->ops;
    return left == 0 ? 0 : curve->ops + (step < left ? step : left);
}

void heap_curve_begin(struct heap_curve *curve, uint64_t total, uint64_t resident_before,
                      uint64_t began_ns)
{
    *curve = (struct heap_curve){
        .total = total,
        .resident_before = resident_before,
        .began_ns = began_ns,
        .freed = {.committed = HEAP_CURVE_UNKNOWN, .resident = HEAP_CURVE_UNKNOWN},
        .purged = {.committed = HEAP_CURVE_UNKNOWN, .resident = HEAP_CURVE_UNKNOWN}};
    curve->due = next_due(curve);
}

static bool has_time(const struct heap_curve *curve, uint64_t now_ns)
{
    double spent = (double)(curve->asked_ns + curve->asking_ns);
    return spent * HEAP_CURVE_SHARE <= (double)(now_ns - curve->began_ns) ||
           spent * (double)curve->total <= HEAP_CURVE_GRACE_NS * (double)curve->ops;
}

static uint64_t look_at_resident(struct heap_curve *curve)
{
    uint64_t bytes, begin = clock_ns();
    const char *source;
    char reason[160];
    if (curve->resident_before == HEAP_CURVE_UNKNOWN || !has_time(curve, begin) ||
        !memory_resident(&bytes, &source, reason, sizeof reason))
        return HEAP_CURVE_UNKNOWN;
    curve->asking_ns = clock_ns() - begin;
    curve->asked_ns += curve->asking_ns;
    return bytes > curve->resident_before ? bytes - curve->resident_before : 0;
}

void heap_curve_take(struct heap_curve *curve, uint64_t live, uint64_t committed)
{
    heap_curve_see(curve, live, committed);
    curve->points[curve->count++] = (struct heap_curve_point){
        curve->ops, curve->live_most, curve->committed_most, look_at_resident(curve)};
    curve->live_most = live;
    curve->committed_most = committed;
    curve->due = next_due(curve);
}

/* ---- report ---- */

static void put(struct report *report, const char *series, uint64_t ops, uint64_t bytes)
{
    if (bytes != HEAP_CURVE_UNKNOWN)
        report_point(report, series, (double)ops, (double)bytes, "bytes");
}

void heap_curve_report(const struct heap_curve *curve, bool with_live, bool with_committed,
                       struct report *report)
{
    const struct heap_curve_point *points = curve->points;
    for (size_t i = 0; with_live && i < curve->count; i++)
        put(report, "live_bytes", points[i].ops, points[i].live);
    for (size_t i = 0; with_committed && i < curve->count; i++)
        put(report, "committed_bytes", points[i].ops, points[i].committed);
    for (size_t i = 0; i < curve->count; i++)
        put(report, "resident_bytes", points[i].ops, points[i].resident);
    if (curve->count == 0)
        return; /* a workload that marks no ops: two points are no curve */
    put(report, "committed_bytes_freed", curve->ops, curve->freed.committed);
    put(report, "resident_bytes_freed", curve->ops, curve->freed.resident);
    put(report, "committed_bytes_purged", curve->ops, curve->purged.committed);
    put(report, "resident_bytes_purged", curve->ops, curve->purged.resident);
}
