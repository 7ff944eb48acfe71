/* environment.json: the machine, the build, the plan and the outcome of a run; also what a resumed
 * run reads its plan from. */
#ifndef HARNESS_DRIVER_ENVIRONMENT_H
#define HARNESS_DRIVER_ENVIRONMENT_H

#include <jansson.h>
#include <stdbool.h>

#include "harness/driver/plan.h"
#include "harness/topology.h"

/* The whole document but its outcome; a new reference. NULL: error. */
json_t *environment_make(const char *run, int argument_count, char **arguments,
                         const struct topology *topology, struct error *error);

/* Puts the plan (with what was calibrated so far) into it. */
void environment_set_plan(json_t *environment, const struct plan *plan,
                          const struct options *options);
/* Notes who served malloc, as the first good trial of a backend said. */
void environment_set_identity(json_t *environment, const struct backend *backend,
                              const char *identity);
/* tier "T0" or "T1" or "T3", and why not a better one. */
void environment_set_counters(json_t *environment, const char *tier, const char *why);
/* What simulates cache misses ({"source"} as in measurements.csv), or why nothing does. */
void environment_set_simulation(json_t *environment, const char *source, const char *why_not);
/* Outcome of a workload. */
void environment_set_workload_outcome(json_t *environment, const char *workload, uint64_t rounds,
                                      const char *stopped_by, double half_width);
/* Status, times, and the load at the end. measured: seconds inside measured batches; timed: wall
 * seconds of the timed rounds. */
void environment_set_outcome(json_t *environment, const char *status, double wall, double measured,
                             double timed);

/* Writes it whole (by rename). */
bool environment_write(const json_t *environment, const char *directory, struct error *error);
json_t *environment_read(const char *directory, struct error *error);

/* Fills options with what a run was started with, for resuming it; the strings stay with
 * environment. */
bool environment_options(const json_t *environment, struct options *options, struct error *error);
/* Passes and batches of a workload, as calibrated by the run's first part. False: not yet. */
bool environment_calibration(const json_t *environment, struct plan_workload *workload);

#endif
