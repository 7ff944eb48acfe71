/* Names of trial kinds and strategies, as they stand in options and files. */
#include "harness/trial.h"

#include <string.h>

const char *const trial_kind_names[TRIAL_KIND_COUNT] = {[TRIAL_COUNT] = "count",
                                                        [TRIAL_MEMORY] = "memory",
                                                        [TRIAL_TIME] = "time",
                                                        [TRIAL_CACHE] = "cache",
                                                        [TRIAL_LATENCY] = "latency"};

const char *const strategy_names[STRATEGY_NAME_COUNT] = {"owned", "pooled", "view", "libcsv",
                                                         "pinned"};

size_t trial_name_index(const char *const *names, size_t count, const char *name)
{
    size_t index = 0;
    while (index < count && strcmp(names[index], name) != 0)
        index++;
    return index;
}
