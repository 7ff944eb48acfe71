/* How many passes a batch and batches a trial has: once a workload, shared by all its cells. */
#ifndef HARNESS_DRIVER_CALIBRATE_H
#define HARNESS_DRIVER_CALIBRATE_H

#include "harness/driver/options.h"
#include "harness/driver/plan.h"
#include "harness/topology.h"

/* Tries every cell; the fastest one's batch becomes 0.5 ms or more, its trial 10 ms. False: error
 * (the baseline failed, nothing can be compared); *interrupted: the driver was asked to stop. */
bool calibrate(struct plan *plan, size_t workload, const struct topology *topology,
               const struct options *options, bool *interrupted, struct error *error);

#endif
