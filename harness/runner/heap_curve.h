/*
 * Curves of one trial: what was live (L) and committed (C) at most between two points, and resident
 * (R) at a point, over the ops done. At most HEAP_CURVE_POINTS points, at equal distances, as the
 * number of ops is known beforehand. Part of the heap's log: mapped and touched before the heap is
 * opened, and no call here but the report allocates.
 *
 * R is asked of the kernel, which takes from a tenth of a millisecond to several: at a point, and
 * only while all of that is at most 1/HEAP_CURVE_SHARE of the process's time, or, in a short one,
 * HEAP_CURVE_GRACE_NS in all, spread over the ops.
 */
#ifndef HARNESS_RUNNER_HEAP_CURVE_H
#define HARNESS_RUNNER_HEAP_CURVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/runner/report.h"

#define HEAP_CURVE_POINTS 256
#define HEAP_CURVE_SHARE 10
#define HEAP_CURVE_GRACE_NS 2.5e6

/* A figure that is not known. */
#define HEAP_CURVE_UNKNOWN UINT64_MAX

struct heap_curve_point {
    uint64_t ops;
    uint64_t live;
    uint64_t committed;
    uint64_t resident; /* growth over `resident_before`, or unknown */
};

struct heap_curve {
    uint64_t ops;                       /* done */
    uint64_t total;                     /* that there will be; 0: no curve is wanted */
    uint64_t due;                       /* at which the next point is taken */
    uint64_t live_most, committed_most; /* since the last point */
    uint64_t resident_before;           /* unknown: R is not asked for */
    uint64_t began_ns, asking_ns, asked_ns;
    size_t count;
    struct heap_curve_point points[HEAP_CURVE_POINTS];
    struct heap_curve_point freed, purged; /* committed and resident */
};

/* began_ns: when the process did, by clock_ns(). */
void heap_curve_begin(struct heap_curve *curve, uint64_t total, uint64_t resident_before,
                      uint64_t began_ns);

/* L and C rose to this, maybe. */
static inline void heap_curve_see(struct heap_curve *curve, uint64_t live, uint64_t committed)
{
    if (live > curve->live_most)
        curve->live_most = live;
    if (committed > curve->committed_most)
        curve->committed_most = committed;
}

/* Counts an op; true: a point is due. */
static inline bool heap_curve_op_done(struct heap_curve *curve)
{
    return ++curve->ops == curve->due;
}

/* The point that is due. What L and C are now begins the next interval. */
void heap_curve_take(struct heap_curve *curve, uint64_t live, uint64_t committed);

/* The series live_bytes, committed_bytes and resident_bytes, those after all was freed and after a
 * purge (…_freed, …_purged); what is not known is left out. */
void heap_curve_report(const struct heap_curve *curve, bool with_live, bool with_committed,
                       struct report *report);

#endif
