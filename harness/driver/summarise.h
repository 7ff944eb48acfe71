/* summary.csv: a row for each cell and metric. */
#ifndef HARNESS_DRIVER_SUMMARISE_H
#define HARNESS_DRIVER_SUMMARISE_H

#include <stdbool.h>

#include "harness/driver/series.h"
#include "harness/driver/statistics.h"

#define SUMMARY_BASELINE "system/owned"
#define SUMMARY_FLOOR "null/owned"
#define SUMMARY_ABOVE_FLOOR "ns_per_op_above_floor"
/* Of cells with several threads, against one thread. */
#define SUMMARY_THREAD_SPEEDUP "thread_speedup"
#define SUMMARY_BLOW_UP "blow_up"
/* Flag of a backend that can only release in bulk. */
#define SUMMARY_NO_INDIVIDUAL_FREE "no-individual-free"

/* Flag of figures too short for the clock. */
#define SUMMARY_UNRESOLVED "unresolved"

/* Ratio of two series, round by round: baseline ÷ series where less is better, else the inverse. */
struct interval series_ratio(const struct series *baseline, const struct series *series);

/* One-sided sign test of the claim that this ratio is at least `wanted`; NAN: no pairs. */
double series_sign_test(const struct series *baseline, const struct series *series, double wanted);

/* Whether the whole interval of a ratio lies on one side of 1: for the sentinel, that it is off. */
bool series_is_off(const struct interval *ratio);

bool summarise(const struct series_set *set, const char *directory, struct error *error);

#endif
