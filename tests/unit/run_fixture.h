/* Runs made by hand, for tests of what is made from raw rows: a folder of its own, trials with
 * known figures through the real store, and the derived files read again. */
#ifndef TESTS_UNIT_RUN_FIXTURE_H
#define TESTS_UNIT_RUN_FIXTURE_H

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/driver/store.h"
#include "harness/driver/summary_file.h"
#include "harness/driver/tables.h"

/* State of one test program, as cmocka's setups share no argument with the helpers. */
static char directory[64];
static char targets[96];
static uint64_t trial_number;

static inline int make_directory(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/apportion-tables-XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    snprintf(targets, sizeof targets, "%s/wanted.csv", directory);
    trial_number = 0;
    return 0;
}

static inline int remove_directory(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command);
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

static inline void write_file(const char *name, const char *text)
{
    char path[160];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

/* Static: overwritten by the next call. */
static inline const char *read_file(const char *name)
{
    static char text[65536];
    char path[160];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    text[fread(text, 1, sizeof text - 1, in)] = 0;
    fclose(in);
    return text;
}

/* The targets that the run is judged by: rows of tier,target,…,stated. */
static inline void want(const char *rows)
{
    char text[4000];
    snprintf(text, sizeof text,
             "tier,target,workload,metric,candidate,baseline,relation,threshold,stated\n%s", rows);
    write_file("wanted.csv", text);
}

struct fixture_trial {
    const char *kind, *workload, *backend, *strategy;
    uint64_t round;
    const char *failure; /* NULL: ok */
};

static inline void add_trial(struct store *store, const struct fixture_trial *wanted,
                             const char *metric, double value, const char *unit, const char *source)
{
    struct error error;
    struct trial_row trial = {.trial = ++trial_number,
                              .round = wanted->round,
                              .position = 1,
                              .kind = wanted->kind,
                              .workload = wanted->workload,
                              .strategy = wanted->strategy,
                              .backend = wanted->backend,
                              .threads = 1,
                              .status = wanted->failure ? "FAILED" : "ok",
                              .reason = wanted->failure ? wanted->failure : "",
                              .started_utc = "",
                              .identity = ""};
    struct measurement_row row = {trial_number, metric, value, unit, source};
    assert_true(store_append(store, &trial, &row, wanted->failure ? 0 : 1, NULL, 0, &error));
}

static inline struct store *open_store(void)
{
    struct error error;
    struct store *store = store_open(directory, &error);
    assert_non_null(store);
    return store;
}

struct fixture_cell {
    const char *backend, *strategy;
    double value;  /* median of its rounds */
    double spread; /* round r has value * (1 + spread * (r - middle)) */
};

/* Rounds of one metric of the workload "w": a baseline of 100, a sentinel, and the cells. The
 * sentinel is the later run of system/owned in odd rounds, the earlier one in even rounds. */
static inline void write_rounds(const char *kind, const char *metric, unsigned rounds,
                                double sentinel, const struct fixture_cell *cells, size_t count)
{
    struct store *store = open_store();
    for (unsigned round = 1; round <= rounds; round++) {
        for (size_t i = 0; i < count + 2; i++) {
            bool is_sentinel = i < 2 && (i == 1) == (round % 2 == 1);
            double off = (double)round - (rounds + 1) / 2.0;
            double value = i >= 2        ? cells[i - 2].value * (1 + cells[i - 2].spread * off)
                           : is_sentinel ? sentinel
                                         : 100;
            struct fixture_trial trial = {.kind = kind,
                                          .workload = "w",
                                          .backend = i < 2 ? "system" : cells[i - 2].backend,
                                          .strategy = i < 2 ? "owned" : cells[i - 2].strategy,
                                          .round = round};
            add_trial(store, &trial, metric, value, "ns", "clock");
        }
    }
    store_close(store);
}

static inline void write_run(unsigned rounds, double sentinel, const struct fixture_cell *cells,
                             size_t count)
{
    write_rounds("time", "ns_per_op", rounds, sentinel, cells, count);
}

static inline struct summary_file make_tables(struct verdict_counts *counts)
{
    struct error error;
    struct summary_file summary;
    if (!tables_make(directory, targets, counts, &error))
        fail_msg("%s", error.text);
    assert_true(summary_load(&summary, directory, &error));
    return summary;
}

static inline const struct summary_row *
row_of(const struct summary_file *summary, const char *backend, const char *metric, bool sentinel)
{
    for (size_t i = 0; i < summary->row_count; i++)
        if (strcmp(summary->rows[i].backend, backend) == 0 &&
            strcmp(summary->rows[i].metric, metric) == 0 && summary->rows[i].sentinel == sentinel)
            return &summary->rows[i];
    fail_msg("no row %s %s", backend, metric);
    return NULL;
}

#endif
