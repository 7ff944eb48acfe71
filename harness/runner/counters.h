/*
 * perf_event counters around the measured batches, in groups: the hardware group (tier T0) where
 * the machine has a PMU, the software group (tier T1) wherever perf_event is allowed. A group that
 * cannot be had, or that ran less than 95 % of the time, reports "n/a" with the reason, never a
 * zero.
 */
#ifndef HARNESS_RUNNER_COUNTERS_H
#define HARNESS_RUNNER_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/runner/report.h"

/* Four fit the counters of any PMU without being multiplexed. */
#define COUNTER_GROUP_MAX 4

struct counter_event {
    const char *metric; /* without "_per_op" */
    uint32_t type;      /* perf_event_attr.type */
    uint64_t config;
    const char *unit;
};

struct counter_group {
    const char *source;
    const struct counter_event *events;
    unsigned count;
    int descriptors[COUNTER_GROUP_MAX];
    uint64_t ids[COUNTER_GROUP_MAX];
    bool exclude_kernel;
    bool refuse_all_zero; /* a PMU that counts nothing is no PMU */
    bool open;
    char reason[160]; /* why it is not open, or its figures are refused */
};

/* The groups of a trial. The hardware events of one trial are those of its seed's turn:
 * instructions always, the others in turn. */
void counters_hardware(struct counter_group *group, uint64_t turn);
void counters_software(struct counter_group *group);

/* Opens for this thread, stopped. */
void counters_open(struct counter_group *group);
void counters_start(struct counter_group *group);
void counters_stop(struct counter_group *group);
/* Reads; false sets group->reason. values has count entries, scaled by enabled/running. */
bool counters_read(struct counter_group *group, double *values);
void counters_close(struct counter_group *group);

/* Closes it: its figures are n/a for this reason. */
void counters_refuse(struct counter_group *group, const char *reason);

/* One measure a counter, as <metric>_per_op: the sum of several threads' groups of the same events;
 * one that is missing leaves none. */
void counters_report_sum(struct counter_group *const *groups, unsigned group_count, double ops,
                         struct report *report);
void counters_report(struct counter_group *group, double ops, struct report *report);

/* What read() on a group gives (PERF_FORMAT_GROUP | ID | both TIMEs), scaled; for tests too. */
bool counters_scale(struct counter_group *group, const uint64_t *raw, double *values);

#endif
