/*
 * The raw rows as series: one for each cell and metric, its values in the order of rounds, so that
 * two series of a workload pair round by round.
 */
#ifndef HARNESS_DRIVER_SERIES_H
#define HARNESS_DRIVER_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/driver/store.h"

struct series {
    const char *workload;
    const char *strategy;
    const char *backend;
    uint64_t threads;
    double litter;
    const char *kind; /* of the trials it comes from */
    const char *metric;
    const char *unit;
    const char *source; /* where all values are missing: why */
    /* system/owned runs twice a round. This is the run that serves as baseline in no other ratio:
     * the earlier one in even rounds, the later one in odd ones, so that neither is favoured. */
    bool sentinel;
    bool has_value; /* some value is not NAN */
    double *values; /* by round, NAN where there is none */
    size_t rounds;
    uint64_t last_round; /* while loading: the last that began */
    uint64_t failed;     /* trials of the cell and kind that failed */
};

struct series_set {
    struct run_rows rows; /* owner of the strings */
    struct series *items; /* by workload, threads, litter and cell: baseline first, floor last */
    size_t count;
};

bool series_load(struct series_set *set, const char *directory, struct error *error);
void series_free(struct series_set *set);

/* NULL: none. "backend/strategy" is a cell with one thread on a clean heap; " threads 2" and
 * " litter 0.5" behind it, in this order, are others. */
const struct series *series_find(const struct series_set *set, const char *workload,
                                 const char *cell, const char *metric, bool sentinel);
/* Of a cell's name; 0: a clean heap. */
double series_cell_litter(const char *cell);
uint64_t series_cell_threads(const char *cell);
/* The series of the same workload, threads and litter that `cell` is to be compared with. */
const struct series *series_peer(const struct series_set *set, const struct series *series,
                                 const char *cell, bool sentinel);

/* Another metric of the same cell. */
const struct series *series_peer_of_metric(const struct series_set *set,
                                           const struct series *series, const char *metric);

/* Values that are there, in `values` (room for series->rounds); their number. */
size_t series_values(const struct series *series, double *values);
/* Of the values that are there; NAN: none. */
double series_median(const struct series *series);

/* Whether more is better: then ratios are this ÷ baseline, else baseline ÷ this. */
bool series_more_is_better(const char *metric);

#endif
