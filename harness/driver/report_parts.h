/* Chapters of report.md that are made from other files than the tables. */
#ifndef HARNESS_DRIVER_REPORT_PARTS_H
#define HARNESS_DRIVER_REPORT_PARTS_H

#include <jansson.h>
#include <stdio.h>

#include "harness/driver/summary_file.h"

/* Machine, build, settings, outcome, who served malloc: environment.json. */
void report_environment(FILE *out, const json_t *environment);
/* Each metric that the workload's table does not show, cell by cell; and those that could not be
 * had, with the reason. */
void report_metrics(FILE *out, const struct summary_file *summary, const char *workload);

/* A string of an object; "unknown" where there is none. */
const char *report_word(const json_t *object, const char *key);

#endif
