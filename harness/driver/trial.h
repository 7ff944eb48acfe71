/* Running one trial: from a cell to a stored row. */
#ifndef HARNESS_DRIVER_TRIAL_H
#define HARNESS_DRIVER_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/driver/plan.h"
#include "harness/driver/simulation.h"
#include "harness/driver/spawn.h"
#include "harness/driver/trial_report.h"

struct trial_order {
    const struct plan *plan;
    const struct topology *topology;
    size_t workload;
    size_t cell;
    enum trial_kind kind;
    uint64_t trial; /* number, for the layout noise */
    uint64_t input_seed;
    uint64_t passes;
    uint64_t batches;
    uint64_t chunk;      /* 0: the library's default */
    uint64_t pool_limit; /* likewise */
    bool series;         /* curves and histograms are wanted as well */
    double timeout;
    struct simulation *simulation; /* of a cache trial */
    const char *no_simulation;     /* why it is not started; NULL: it is */
};

struct trial_outcome {
    struct trial_report report;
    bool interrupted;
    uint64_t wall_ns;
    char started_utc[32];
    char *text; /* what the report's strings point into */
};

/* False: no process could be started; error. Else the outcome's report says how it went. */
bool trial_run(const struct trial_order *order, struct trial_outcome *outcome, struct error *error);
void trial_free(struct trial_outcome *outcome);

/* "2026-01-31T12:00:00.000Z" */
void trial_utc(char *text, size_t size);

#endif
