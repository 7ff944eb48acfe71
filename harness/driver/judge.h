/* targets.csv of a run: verdicts on the stated targets. */
#ifndef HARNESS_DRIVER_JUDGE_H
#define HARNESS_DRIVER_JUDGE_H

#include "harness/driver/series.h"
#include "harness/driver/tables.h"

bool judge(const struct series_set *set, const char *targets_path, const char *directory,
           struct verdict_counts *counts, struct error *error);

#endif
