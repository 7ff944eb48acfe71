/* One trial: one kind of measurement, on one workload, strategy and backend. */
#ifndef HARNESS_RUNNER_MEASURE_H
#define HARNESS_RUNNER_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/runner/report.h"
#include "harness/trial.h"
#include "workloads/workload.h"

struct trial {
    const struct workload *workload;
    enum strategy strategy;
    enum trial_kind kind;
    uint64_t passes;  /* a batch */
    uint64_t batches; /* measured */
    uint64_t seed;
    double litter;              /* share of the litter that stays; 0: a clean heap */
    size_t chunk_size;          /* 0: the library's default */
    size_t pool_limit;          /* 0: the library's default */
    unsigned threads;           /* 0, 1: the calling one alone */
    const unsigned *processors; /* to bind threads to, in turn; one thread: its batches */
    size_t processor_count;     /* 0: not bound */
    bool series;                /* report curves and histograms as well, where the kind has any */
    uint64_t started_ns;
    const char **values; /* of the workload's parameters */
};

/* Measures into the report. False: the trial failed, the report says why. */
bool measure(const struct trial *trial, struct report *report);

#endif
