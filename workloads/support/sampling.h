/*
 * Timing a random few of many events. A workload brackets what it counts as an op with op_begin and
 * op_end; in PASS_SAMPLED one in so many is timed, in PASS_TRACKED it is counted, in every other
 * mode there is no code of it. Who makes the pass sets the points up and takes the figures
 * (harness/runner/sampler.h).
 */
#ifndef WORKLOADS_SUPPORT_SAMPLING_H
#define WORKLOADS_SUPPORT_SAMPLING_H

#include <stdint.h>

#include "workloads/support/ticks.h"
#include "workloads/workload.h"

struct sampling_point {
    uint64_t left; /* events up to the next that is timed */
    uint64_t begin;
    unsigned processor;
};

extern _Thread_local struct sampling_point sampling_ops;

/* Ends a sample that was read at `end` on `processor`, and draws the next. */
void sampling_take(struct sampling_point *point, uint64_t end, unsigned processor);

static inline __attribute__((always_inline)) void sampling_begin(struct sampling_point *point)
{
    if (__builtin_expect(--point->left == 0, 0))
        point->begin = ticks_read(&point->processor);
}

static inline __attribute__((always_inline)) void sampling_end(struct sampling_point *point)
{
    if (__builtin_expect(point->left == 0, 0)) {
        unsigned processor;
        uint64_t end = ticks_read(&processor);
        sampling_take(point, end, processor);
    }
}

static inline __attribute__((always_inline)) void op_begin(enum pass_mode mode)
{
    if (mode == PASS_SAMPLED)
        sampling_begin(&sampling_ops);
}

static inline __attribute__((always_inline)) void op_end(enum pass_mode mode)
{
    if (mode == PASS_SAMPLED)
        sampling_end(&sampling_ops);
    if (mode == PASS_TRACKED)
        tracker_op_done();
}

#endif
