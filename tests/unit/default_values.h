/* A workload's parameters as they are where none is given. */
#ifndef TESTS_UNIT_DEFAULT_VALUES_H
#define TESTS_UNIT_DEFAULT_VALUES_H

#include <string.h>

#include "workloads/workload.h"

#define DEFAULT_VALUES_MAX 16

/* The defaults of its parameters, but of large texts a small part; false: one must be given. */
static inline bool default_values(const struct workload *workload, const char **values)
{
    const struct workload_parameter *parameters = workload->parameters;
    for (size_t i = 0; parameters && parameters[i].name; i++)
        if (!(values[i] = strcmp(parameters[i].name, "blocks") == 0 ? "1"
                          : strcmp(parameters[i].name, "size") == 0 ? "1M"
                                                                    : parameters[i].value))
            return false;
    return true;
}

#endif
