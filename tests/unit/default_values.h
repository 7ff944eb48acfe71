/* A workload's parameters as they are where none is given. */
#ifndef TESTS_UNIT_DEFAULT_VALUES_H
#define TESTS_UNIT_DEFAULT_VALUES_H

#include <string.h>

#include "workloads/workload.h"

#define DEFAULT_VALUES_MAX 16

/* The defaults of its parameters, but of a large text a small part; false: one must be given. */
static inline bool default_values(const struct workload *workload, const char **values)
{
    const struct workload_parameter *parameters = workload->parameters;
    for (size_t i = 0; parameters && parameters[i].name; i++) {
        values[i] = parameters[i].value;
        if (!values[i])
            return false;
        if (strcmp(parameters[i].name, "blocks") == 0)
            values[i] = "1";
        else if (strcmp(parameters[i].name, "size") == 0)
            values[i] = "1M";
    }
    return true;
}

#endif
