/*
 * Cache misses by simulation: a cache trial is a runner under valgrind's callgrind, which simulates
 * the first and the last level of this machine's caches. What it counts depends on addresses and
 * instructions only, so it is the same in every run; TLB, prefetching and the kernel are not
 * simulated. Where it cannot be had the metrics are "n/a" with the reason, and no cell has failed.
 */
#ifndef HARNESS_DRIVER_SIMULATION_H
#define HARNESS_DRIVER_SIMULATION_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/driver/trial_report.h"
#include "harness/topology.h"

enum simulation_event {
    SIMULATION_INSTRUCTIONS,
    SIMULATION_L1D_READ_MISSES,
    SIMULATION_L1D_WRITE_MISSES,
    SIMULATION_L1D_MISSES, /* the two together */
    SIMULATION_LLC_MISSES, /* of data and instructions */
    SIMULATION_BRANCH_MISSES,
    SIMULATION_EVENT_COUNT
};

/* Arguments that go before those of the runner. */
#define SIMULATION_ARGUMENTS_MAX 16

struct simulation {
    char valgrind[4096];
    char geometry[3][48]; /* --I1=…, --D1=…, --LL=… */
    char source[160];     /* "callgrind-sim;D1=size/ways/line;LL=…" */
    char output[4200];    /* the file that a trial's totals come in */
    char reason[400];     /* why there are no figures; empty: there are */
    unsigned failures;    /* trials in a row that gave none */
};

/* Finds valgrind and the geometry; output lies in `directory`. What is missing is a reason. */
void simulation_prepare(struct simulation *simulation, const struct topology *topology,
                        const char *directory);

/* The geometry arguments and the source's label for these caches (topology_caches()). False: the
 * first level is not known. Callgrind takes powers of two as numbers of sets only: for others
 * the ways are changed so that size and sets fit. */
bool simulation_geometry(struct simulation *simulation, const struct topology_cache *caches,
                         size_t count);

/* Where it was given up after failures: another workload may fare better. */
void simulation_try_again(struct simulation *simulation);

/* The arguments, NULL-terminated; output_argument is filled and pointed to. */
void simulation_arguments(const struct simulation *simulation, const char **arguments,
                          char *output_argument, size_t size);

/* The totals of a whole callgrind file; text is taken apart. NULL, or what is wrong with it. */
const char *simulation_totals(char *text, double *totals);

/* Ends a cache trial: takes the totals from the output file, which is then removed, and puts the
 * metrics into a report that is ok. failure: how the process ended, where it did not end well;
 * else NULL. */
void simulation_finish(struct simulation *simulation, const char *failure,
                       struct trial_report *report);
/* Removes the output file of a trial whose figures are not wanted. */
void simulation_discard(const struct simulation *simulation);
/* A report of "n/a" alone. reason must live as long as the report. */
void simulation_missing(const char *reason, struct trial_report *report);

#endif
