/* summary.csv: a row for each cell and metric. */
#ifndef HARNESS_DRIVER_SUMMARISE_H
#define HARNESS_DRIVER_SUMMARISE_H

#include <stdbool.h>

#include "harness/driver/series.h"
#include "harness/driver/statistics.h"

#define SUMMARY_BASELINE "system/owned"
#define SUMMARY_FLOOR "null/owned"
#define SUMMARY_ABOVE_FLOOR "ns_per_op_above_floor"

/* Ratio of two series, round by round: baseline ÷ series where less is better, else the inverse. */
struct interval series_ratio(const struct series *baseline, const struct series *series);

bool summarise(const struct series_set *set, const char *directory, struct error *error);

#endif
