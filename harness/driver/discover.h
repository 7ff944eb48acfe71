/* What can be measured: backends and workloads, as the runner binaries describe themselves. */
#ifndef HARNESS_DRIVER_DISCOVER_H
#define HARNESS_DRIVER_DISCOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "harness/driver/options.h"
#include "harness/error.h"
#include "harness/trial.h"

/* Of BASELINE_BACKEND, where every comparison starts. */
#define BASELINE_STRATEGY 0 /* owned */
#define PEER_STRATEGY 3     /* libcsv */

struct backend {
    char name[64];
    char runner[4096];   /* the binary */
    char provider[4096]; /* file name that must serve malloc; a path for a preloaded one */
    char preload[4096];  /* library to preload; empty: none */
    bool strategies[STRATEGY_NAME_COUNT]; /* that it can serve; see also workload_text */
    char capabilities[256];               /* names, with spaces between */
};

struct workload_parameter_text {
    char name[64];
    char value[256]; /* default; required: none */
    char description[256];
    bool required;
};

struct workload_text {
    char name[64];
    char description[256];
    char op[64];
    bool strategies[STRATEGY_NAME_COUNT]; /* that it has; a cell is what backend and workload offer
                                           */
    char thread_counts[64];               /* "1,2,8": that it is measured at by default */
    bool copies;       /* threads run it each for itself: it is not made for them */
    bool no_latency;   /* latency trials have nothing to measure */
    bool frees_across; /* owned is for backends whose blocks another thread may free */
    double litter;     /* occupancy that it is measured at as well by default; 0: none */
    struct workload_parameter_text parameters[16];
    size_t parameter_count;
};

struct catalogue {
    struct backend *backends; /* in the order of their names, the baseline first */
    size_t backend_count;
    struct workload_text *workloads; /* in the order of their names */
    size_t workload_count;
};

/* Asks every binary in options->runners; adds the preloads. */
bool catalogue_load(struct catalogue *catalogue, const struct options *options,
                    struct error *error);
void catalogue_free(struct catalogue *catalogue);

bool backend_can(const struct backend *backend, const char *capability);
const struct backend *catalogue_backend(const struct catalogue *catalogue, const char *name);
const struct workload_text *catalogue_workload(const struct catalogue *catalogue, const char *name);

void catalogue_print(const struct catalogue *catalogue, FILE *out);

#endif
