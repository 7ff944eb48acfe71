/* A run: calibrating, rounds, storing; new or resumed. */
#ifndef HARNESS_DRIVER_RUN_H
#define HARNESS_DRIVER_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/driver/options.h"

struct run_outcome {
    char directory[4096];
    unsigned failed_trials;
    char first_failure[700]; /* which cell, and why */
    int signal;              /* that interrupted it; 0: none */
};

/* Measures what the options ask for. False: the run could not begin or go on; error; what was
 * measured stays in outcome->directory ("" where there is none yet). */
bool run(struct options *options, int argument_count, char **arguments, struct run_outcome *outcome,
         struct error *error);

#endif
