/* The driver's side of the protocol in harness/trial.h: reading and judging a runner's report. */
#ifndef HARNESS_DRIVER_TRIAL_REPORT_H
#define HARNESS_DRIVER_TRIAL_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/driver/store.h"

#define TRIAL_MEASUREMENTS_MAX 64
#define TRIAL_POINTS_MAX 16384

struct trial_report {
    bool ok;
    char reason[512];   /* where not ok */
    char identity[800]; /* "file build-id version" */
    char provider[512]; /* the file of it */
    struct measurement_row measurements[TRIAL_MEASUREMENTS_MAX];
    size_t measurement_count;
    struct point_row *points; /* of series; the report's own */
    size_t point_count;
};

/* Takes text apart in place; its strings live as long as text. To be released. provider: the file
 * name (or, with a '/', the path) that must serve malloc. */
void trial_report_read(struct trial_report *report, char *text, const char *provider);

void trial_report_release(struct trial_report *report);

/* The value of a metric; NAN where it is not there. */
double trial_report_value(const struct trial_report *report, const char *metric);

#endif
