/* What this runner has, as one JSON object: the driver's only knowledge of backends and workloads.
 */
#ifndef HARNESS_RUNNER_DESCRIBE_H
#define HARNESS_RUNNER_DESCRIBE_H

#include <stdbool.h>
#include <stdio.h>

#include "workloads/workload.h"

/* False: writing failed. */
bool describe(FILE *out);

/* NULL: this runner has none of that name. */
const struct workload *find_workload(const char *name);

/* Whether the backend offers a strategy: owned always, the library's others with the pooled API; a
 * peer, which takes nothing of a backend, beside the baseline only. */
bool backend_offers(enum strategy strategy);

/* Whether the workload has that strategy. A cell is what both offer. */
bool workload_offers(const struct workload *workload, enum strategy strategy);

#endif
