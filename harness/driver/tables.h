/*
 * Everything that is made of a run's raw files: summary.csv, targets.csv, the terminal table,
 * report and pictures. Runs nothing; may be called again at any time.
 */
#ifndef HARNESS_DRIVER_TABLES_H
#define HARNESS_DRIVER_TABLES_H

#include <stdbool.h>
#include <stdio.h>

#include "harness/error.h"

struct verdict_counts {
    unsigned met;
    unsigned missed;
    unsigned inconclusive;
};

/* trials.csv, measurements.csv -> summary.csv, targets.csv (each replaced whole, by rename).
 * targets_path: the stated targets, harness/targets.csv. */
bool tables_make(const char *directory, const char *targets_path, struct verdict_counts *counts,
                 struct error *error);
/* The table and verdicts of summary.csv and targets.csv, for a terminal. */
bool tables_print(const char *directory, FILE *out, struct error *error);
/* summary.csv, targets.csv, environment.json -> report.md, report.html (cmark-gfm; where it is
 * missing only the html is left out, with a warning line on stderr). */
bool report_make(const char *directory, struct error *error);
/* summary.csv, measurements.csv, trials.csv, series.csv -> plots/<name>-<workload>.svg by gnuplot
 * on the scripts of scripts_directory. False and a clear error where gnuplot is missing or fails.
 */
bool plots_make(const char *directory, const char *scripts_directory, struct error *error);
/* The change from one run to another, cell by cell: each cell's ratio to its own run's baseline. */
bool compare_print(const char *base, const char *head, FILE *out, struct error *error);

#endif
