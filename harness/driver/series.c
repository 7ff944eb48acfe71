/* Grouping trials and measurements into series. */
#include "harness/driver/series.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BASELINE "system/owned"

bool series_more_is_better(const char *metric)
{
    return strcmp(metric, "gb_per_s") == 0 || strcmp(metric, "pool_hit_rate") == 0;
}

static bool same_cell(const struct series *series, const struct trial_row *trial, bool sentinel)
{
    return series->sentinel == sentinel && series->threads == trial->threads &&
           series->litter == trial->litter && strcmp(series->backend, trial->backend) == 0 &&
           strcmp(series->strategy, trial->strategy) == 0 &&
           strcmp(series->workload, trial->workload) == 0;
}

static bool is_baseline(const struct trial_row *trial)
{
    char cell[256];
    snprintf(cell, sizeof cell, "%s/%s", trial->backend, trial->strategy);
    return strcmp(cell, BASELINE) == 0;
}

/* Whether this run of system/owned is its round's sentinel: see series.h. */
static bool is_sentinel(const struct run_rows *rows, size_t index)
{
    const struct trial_row *trial = &rows->trials[index];
    bool earlier = false;
    if (!is_baseline(trial))
        return false;
    for (size_t i = index; i-- > 0;) {
        const struct trial_row *other = &rows->trials[i];
        if (other->round != trial->round || strcmp(other->kind, trial->kind) != 0 ||
            strcmp(other->workload, trial->workload) != 0)
            break; /* another round begins */
        if (is_baseline(other) && other->threads == trial->threads &&
            other->litter == trial->litter)
            earlier = true;
    }
    return earlier == (trial->round % 2 == 1);
}

/* The series of a trial's metric, new if it must be; NULL: no memory. The few hundred series of a
 * run are looked through from the guess on, which is where the last trial's neighbour lies. */
static struct series *series_of(struct series_set *set, size_t *room, const struct trial_row *trial,
                                const char *metric, bool sentinel)
{
    for (size_t i = 0; i < set->count; i++)
        if (same_cell(&set->items[i], trial, sentinel) && strcmp(set->items[i].metric, metric) == 0)
            return &set->items[i];
    if (set->count == *room) {
        size_t larger = *room ? *room * 2 : 256;
        struct series *items = realloc(set->items, larger * sizeof *items);
        if (!items)
            return NULL;
        set->items = items;
        *room = larger;
    }
    struct series *series = &set->items[set->count++];
    *series = (struct series){.workload = trial->workload,
                              .strategy = trial->strategy,
                              .backend = trial->backend,
                              .threads = trial->threads,
                              .litter = trial->litter,
                              .metric = metric,
                              .unit = "",
                              .source = "",
                              .sentinel = sentinel};
    return series;
}

static bool put_value(struct series *series, uint64_t round, double value)
{
    if (round == 0)
        return true;
    if (round > series->rounds) {
        double *values = realloc(series->values, round * sizeof *values);
        if (!values)
            return false;
        for (size_t i = series->rounds; i < round; i++)
            values[i] = NAN;
        series->values = values;
        series->rounds = round;
    }
    series->values[round - 1] = value;
    return true;
}

/* The metric by which a failed trial of a kind is counted. */
static const char *main_metric(const char *kind)
{
    return strcmp(kind, "count") == 0    ? "heap_allocations_per_op"
           : strcmp(kind, "memory") == 0 ? "peak_rss_bytes"
                                         : "ns_per_op";
}

static bool add_trial(struct series_set *set, size_t *room, size_t index, size_t *m)
{
    const struct run_rows *rows = &set->rows;
    const struct trial_row *trial = &rows->trials[index];
    bool sentinel = is_sentinel(rows, index);
    if (strcmp(trial->status, "ok") != 0) {
        struct series *series = series_of(set, room, trial, main_metric(trial->kind), sentinel);
        if (!series)
            return false;
        series->failed++;
        if (series->rounds == 0)
            series->source = trial->reason;
        return true;
    }
    while (*m < rows->measurement_count && rows->measurements[*m].trial < trial->trial)
        (*m)++;
    for (; *m < rows->measurement_count && rows->measurements[*m].trial == trial->trial; (*m)++) {
        const struct measurement_row *row = &rows->measurements[*m];
        struct series *series = series_of(set, room, trial, row->metric, sentinel);
        if (!series || !put_value(series, trial->round, row->value))
            return false;
        series->unit = row->unit;
        series->source = row->source;
    }
    return true;
}

/* Reading order: the baseline first, the floor last, the others by name. */
static int place(const struct series *series)
{
    char cell[256];
    snprintf(cell, sizeof cell, "%s/%s", series->backend, series->strategy);
    if (strcmp(cell, BASELINE) == 0)
        return series->sentinel ? 1 : 0;
    return strcmp(series->backend, "null") == 0 ? 3 : 2;
}

static int in_reading_order(const void *a, const void *b)
{
    const struct series *left = a, *right = b;
    int order = strcmp(left->workload, right->workload);
    if (order == 0)
        order = place(left) - place(right);
    if (order == 0)
        order = strcmp(left->backend, right->backend);
    if (order == 0)
        order = strcmp(left->strategy, right->strategy);
    if (order == 0)
        order = (left->threads > right->threads) - (left->threads < right->threads);
    if (order == 0)
        order = (left->litter > right->litter) - (left->litter < right->litter);
    return order ? order : strcmp(left->metric, right->metric);
}

bool series_load(struct series_set *set, const char *directory, struct error *error)
{
    size_t room = 0, m = 0;
    memset(set, 0, sizeof *set);
    if (!run_rows_load(&set->rows, directory, error))
        return false;
    for (size_t i = 0; i < set->rows.trial_count; i++) {
        if (!add_trial(set, &room, i, &m)) {
            series_free(set);
            return error_set(error, "no memory for the series of %s", directory);
        }
    }
    if (set->count)
        qsort(set->items, set->count, sizeof *set->items, in_reading_order);
    return true;
}

void series_free(struct series_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        free(set->items[i].values);
    free(set->items);
    run_rows_free(&set->rows);
    memset(set, 0, sizeof *set);
}

static bool is_cell(const struct series *series, const char *cell)
{
    size_t length = strlen(series->backend);
    return strncmp(cell, series->backend, length) == 0 && cell[length] == '/' &&
           strcmp(cell + length + 1, series->strategy) == 0;
}

const struct series *series_find(const struct series_set *set, const char *workload,
                                 const char *cell, const char *metric, bool sentinel)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct series *series = &set->items[i];
        if (series->sentinel == sentinel && series->threads == 1 && series->litter == 0 &&
            strcmp(series->workload, workload) == 0 && strcmp(series->metric, metric) == 0 &&
            is_cell(series, cell))
            return series;
    }
    return NULL;
}

const struct series *series_peer(const struct series_set *set, const struct series *series,
                                 const char *cell, bool sentinel)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct series *other = &set->items[i];
        if (other->sentinel == sentinel && other->threads == series->threads &&
            other->litter == series->litter && strcmp(other->workload, series->workload) == 0 &&
            strcmp(other->metric, series->metric) == 0 && is_cell(other, cell))
            return other;
    }
    return NULL;
}

size_t series_values(const struct series *series, double *values)
{
    size_t count = 0;
    for (size_t i = 0; i < series->rounds; i++)
        if (!isnan(series->values[i]))
            values[count++] = series->values[i];
    return count;
}
