/*
 * The trial record: what driver and runner tell each other.
 *
 * The driver starts one runner process a trial and passes the trial's factors as options. The
 * runner answers on the descriptor --report-fd, one record a line, fields separated by tabs:
 *
 *     apportion-trial 1
 *     identity <provider file> <build-id> <version>     who serves malloc() in this process
 *     measure  <metric> <value> <unit> <source>         value may be "n/a", source then says why
 *     series   <name> <x> <y> <unit>                    a point; where --series asked for them
 *     checksum <got> <reference>                        of the verified pass, hexadecimal
 *     failed   <reason>
 *     end
 *
 * A report without its last line was cut short, and its trial failed. Fields hold no tabs and no
 * line ends.
 */
#ifndef HARNESS_TRIAL_H
#define HARNESS_TRIAL_H

#include <stddef.h>

#define TRIAL_PROTOCOL "apportion-trial 1"

/* One question a trial, so that no measurement pays for another. */
enum trial_kind {
    TRIAL_COUNT,
    TRIAL_MEMORY,
    TRIAL_TIME,
    TRIAL_CACHE,
    TRIAL_LATENCY,
    TRIAL_KIND_COUNT
};

extern const char *const trial_kind_names[TRIAL_KIND_COUNT];

/* What a cache trial reports of itself: the ops that were simulated. The misses are in the
 * simulator's own file, which the driver reads. */
#define TRIAL_SIMULATED_OPS "simulated_ops"

/* In the source of a latency that is too short for the clock. */
#define TRIAL_UNRESOLVED "; unresolved: "

/* Where every comparison starts. */
#define BASELINE_BACKEND "system"

/* In the order of enum strategy (workloads/workload.h). */
#define STRATEGY_NAME_COUNT 5
extern const char *const strategy_names[STRATEGY_NAME_COUNT];

/* Index of name, or count. */
size_t trial_name_index(const char *const *names, size_t count, const char *name);

#endif
