/*
 * The raw files of a run: trials.csv, measurements.csv and series.csv.
 *
 * Appended and synced trial by trial: first series and measurements, then the trial's own row,
 * which commits them. A reader leaves out rows without a trial and a last line cut short, so a run
 * killed at any moment loads, and may go on. Series are for pictures alone: nothing here loads
 * them, and a run may have none.
 */
#ifndef HARNESS_DRIVER_STORE_H
#define HARNESS_DRIVER_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/error.h"

/* Columns of trials.csv, in this order. Strings are owned by the store they came from. */
struct trial_row {
    uint64_t trial;
    uint64_t round;
    uint64_t position;
    const char *kind;
    const char *workload;
    const char *strategy;
    const char *backend;
    uint64_t threads;
    double litter; /* 0: clean, else the occupancy */
    uint64_t seed;
    const char *status; /* "ok" or "FAILED" */
    const char *reason;
    const char *started_utc;
    uint64_t wall_ns;
    const char *identity;
};

/* Columns of measurements.csv, in this order. */
struct measurement_row {
    uint64_t trial;
    const char *metric;
    double value; /* NAN stands in the file as "n/a" */
    const char *unit;
    const char *source; /* with "n/a": why */
};

/* Columns of series.csv, in this order: one point of a curve or a histogram. */
struct point_row {
    uint64_t trial;
    const char *series;
    double x;
    double y;
    const char *unit; /* of y */
};

struct run_rows {
    struct trial_row *trials;
    size_t trial_count;
    struct measurement_row *measurements;
    size_t measurement_count;
    void *strings; /* owner of all strings above */
};

/* Reads trials.csv and measurements.csv of `directory`. False: error says which file and line. */
bool run_rows_load(struct run_rows *rows, const char *directory, struct error *error);
void run_rows_free(struct run_rows *rows);

struct store;

/* Opens the three files of `directory` for appending, writes their headers where they are new, and
 * cuts off what an interrupted run left uncommitted. */
struct store *store_open(const char *directory, struct error *error);
/* Appends one trial with its measurements and points and syncs the files. On false nothing of the
 * trial counts as stored. */
bool store_append(struct store *store, const struct trial_row *trial,
                  const struct measurement_row *measurements, size_t measurement_count,
                  const struct point_row *points, size_t point_count, struct error *error);
void store_close(struct store *store);

#endif
