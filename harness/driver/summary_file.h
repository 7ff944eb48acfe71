/* Reading summary.csv and targets.csv again: what tables, report and compare are made of. */
#ifndef HARNESS_DRIVER_SUMMARY_FILE_H
#define HARNESS_DRIVER_SUMMARY_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/error.h"

struct summary_row {
    const char *workload, *strategy, *backend, *metric, *unit, *source, *flags;
    unsigned long threads;
    double litter;
    size_t n;
    double median, lo, hi; /* NAN: n/a */
    double ratio, ratio_lo, ratio_hi;
    bool sentinel;
};

struct target_row {
    const char *target, *tier, *workload, *metric, *candidate, *baseline, *relation;
    const char *verdict, *reason;
    double threshold, measured, lo, hi;
};

struct summary_file {
    struct summary_row *rows;
    size_t row_count;
    struct target_row *targets;
    size_t target_count;
    void *tables; /* owner of the strings */
};

bool summary_load(struct summary_file *summary, const char *directory, struct error *error);
void summary_free(struct summary_file *summary);

/* The row of another metric of the same cell; NULL: none. */
const struct summary_row *summary_of_cell(const struct summary_file *summary,
                                          const struct summary_row *cell, const char *metric);

/* Rows of ns_per_op that begin a workload's block: calls per distinct workload, in file order. */
bool summary_is_first_of_workload(const struct summary_file *summary, size_t row);

bool summary_has_flag(const struct summary_row *row, const char *flag);
/* Trials of the row's cell and kind that failed. */
unsigned long summary_failed(const struct summary_row *row);

/* A figure with its unit at three digits, for reading: "12.3 ns", "1.52 MB"; "n/a". */
void summary_format(char *text, size_t size, double value, const char *unit);

#endif
