/* Grouping trials and measurements into series. */
#include "harness/driver/series.h"

#include <math.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/driver/statistics.h"

#define BASELINE "system/owned"
/* More are no rounds but a damaged file. */
#define ROUNDS_MAX 10000000

bool series_more_is_better(const char *metric)
{
    return strcmp(metric, "gb_per_s") == 0 || strcmp(metric, "pool_hit_rate") == 0 ||
           strcmp(metric, "same_line") == 0 || strcmp(metric, "same_page") == 0;
}

static bool is_baseline(const struct trial_row *trial)
{
    char cell[256];
    snprintf(cell, sizeof cell, "%s/%s", trial->backend, trial->strategy);
    return strcmp(cell, BASELINE) == 0;
}

/* By what makes a series one. */
static int by_identity(const void *a, const void *b)
{
    const struct series *left = a, *right = b;
    int order = strcmp(left->metric, right->metric);
    if (order == 0)
        order = strcmp(left->backend, right->backend);
    if (order == 0)
        order = strcmp(left->strategy, right->strategy);
    if (order == 0)
        order = strcmp(left->workload, right->workload);
    if (order == 0)
        order = (left->threads > right->threads) - (left->threads < right->threads);
    if (order == 0)
        order = (left->litter > right->litter) - (left->litter < right->litter);
    if (order == 0)
        order = strcmp(left->kind, right->kind);
    return order ? order : left->sentinel - right->sentinel;
}

/* While the rows are read: every series once, in a tree, as a run may have thousands. */
struct collection {
    void *tree; /* tsearch */
    size_t count;
    struct series *items; /* where they are gathered at the end */
};

static struct series *series_of(struct collection *collection, const struct trial_row *trial,
                                const char *metric, bool sentinel)
{
    struct series key = {.workload = trial->workload,
                         .strategy = trial->strategy,
                         .backend = trial->backend,
                         .threads = trial->threads,
                         .litter = trial->litter,
                         .kind = trial->kind,
                         .metric = metric,
                         .unit = "",
                         .source = "",
                         .sentinel = sentinel};
    struct series *const *found = tfind(&key, &collection->tree, by_identity);
    if (found)
        return *found;
    struct series *made = malloc(sizeof *made);
    if (!made)
        return NULL;
    *made = key;
    if (!tsearch(made, &collection->tree, by_identity)) {
        free(made);
        return NULL;
    }
    collection->count++;
    return made;
}

/* The metric by which a failed trial of a kind is counted. */
static const char *main_metric(const char *kind)
{
    return strcmp(kind, "count") == 0     ? "heap_allocations_per_op"
           : strcmp(kind, "memory") == 0  ? "peak_rss_bytes"
           : strcmp(kind, "cache") == 0   ? "simulated_l1d_misses_per_op"
           : strcmp(kind, "latency") == 0 ? "latency_op_p50"
                                          : "ns_per_op";
}

/* Whether this run of system/owned is its round's sentinel (see series.h): of its two runs the
 * later one in odd rounds, the earlier one in even ones. *failed: no memory. */
static bool is_sentinel(struct collection *collection, const struct trial_row *trial, bool *failed)
{
    *failed = false;
    if (!is_baseline(trial))
        return false;
    struct series *main = series_of(collection, trial, main_metric(trial->kind), false);
    *failed = !main;
    if (!main)
        return false;
    bool later = main->last_round == trial->round;
    main->last_round = trial->round;
    return later == (trial->round % 2 == 1);
}

static bool put_value(struct series *series, uint64_t round, double value)
{
    if (round == 0 || round > ROUNDS_MAX)
        return false;
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

static bool add_trial(struct collection *collection, const struct run_rows *rows, size_t index,
                      size_t *m)
{
    const struct trial_row *trial = &rows->trials[index];
    bool failed;
    bool sentinel = is_sentinel(collection, trial, &failed);
    if (failed)
        return false;
    if (strcmp(trial->status, "ok") != 0) {
        struct series *series = series_of(collection, trial, main_metric(trial->kind), sentinel);
        if (!series)
            return false;
        series->failed++;
        if (!series->has_value)
            series->source = trial->reason;
        return true;
    }
    while (*m < rows->measurement_count && rows->measurements[*m].trial < trial->trial)
        (*m)++;
    for (; *m < rows->measurement_count && rows->measurements[*m].trial == trial->trial; (*m)++) {
        const struct measurement_row *row = &rows->measurements[*m];
        struct series *series = series_of(collection, trial, row->metric, sentinel);
        if (!series || !put_value(series, trial->round, row->value))
            return false;
        series->unit = row->unit;
        if (!isnan(row->value) || !series->has_value)
            series->source = row->source;
        series->has_value = series->has_value || !isnan(row->value);
    }
    return true;
}

static void gather(const void *node, VISIT visit, void *closure)
{
    struct collection *collection = closure;
    if (visit == postorder || visit == leaf)
        collection->items[collection->count++] = **(struct series *const *)node;
}

static void free_values(void *item)
{
    free(((struct series *)item)->values);
    free(item);
}

/* The tree's series as an array, the tree given up in any case. */
static bool to_array(struct collection *collection, struct series_set *set)
{
    set->items = malloc((collection->count + 1) * sizeof *set->items);
    if (!set->items) {
        tdestroy(collection->tree, free_values);
        return false;
    }
    collection->items = set->items;
    collection->count = 0;
    twalk_r(collection->tree, gather, collection);
    set->count = collection->count;
    tdestroy(collection->tree, free); /* the values are the array's now */
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
        order = (left->threads > right->threads) - (left->threads < right->threads);
    if (order == 0)
        order = (left->litter > right->litter) - (left->litter < right->litter);
    if (order == 0)
        order = place(left) - place(right);
    if (order == 0)
        order = strcmp(left->backend, right->backend);
    if (order == 0)
        order = strcmp(left->strategy, right->strategy);
    return order ? order : strcmp(left->metric, right->metric);
}

/* A cell's failures are noted at its main metric; every other of that kind lacks them as well. */
static void spread_failures(struct series_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        struct series *series = &set->items[i];
        struct series key = *series;
        key.metric = main_metric(series->kind);
        for (size_t k = 0; k < set->count && series->failed == 0; k++)
            if (by_identity(&key, &set->items[k]) == 0)
                series->failed = set->items[k].failed;
    }
}

bool series_load(struct series_set *set, const char *directory, struct error *error)
{
    struct collection collection = {0};
    size_t m = 0;
    memset(set, 0, sizeof *set);
    if (!run_rows_load(&set->rows, directory, error))
        return false;
    bool done = true;
    for (size_t i = 0; done && i < set->rows.trial_count; i++)
        done = add_trial(&collection, &set->rows, i, &m);
    if (!done)
        tdestroy(collection.tree, free_values);
    if (!done || !to_array(&collection, set)) {
        series_free(set);
        return error_set(error, "no memory for the series of %s, or its round numbers are damaged",
                         directory);
    }
    qsort(set->items, set->count, sizeof *set->items, in_reading_order);
    spread_failures(set);
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
    size_t backend = strlen(series->backend);
    size_t strategy = strlen(series->strategy);
    return strncmp(cell, series->backend, backend) == 0 && cell[backend] == '/' &&
           strncmp(cell + backend + 1, series->strategy, strategy) == 0 &&
           strchr(" ", cell[backend + 1 + strategy]) != NULL;
}

double series_cell_litter(const char *cell)
{
    static const char word[] = " litter ";
    const char *at = strstr(cell, word);
    return at ? strtod(at + strlen(word), NULL) : 0;
}

uint64_t series_cell_threads(const char *cell)
{
    static const char word[] = " threads ";
    const char *at = strstr(cell, word);
    return at ? strtoull(at + strlen(word), NULL, 10) : 1;
}

const struct series *series_find(const struct series_set *set, const char *workload,
                                 const char *cell, const char *metric, bool sentinel)
{
    double litter = series_cell_litter(cell);
    uint64_t threads = series_cell_threads(cell);
    for (size_t i = 0; i < set->count; i++) {
        const struct series *series = &set->items[i];
        if (series->sentinel == sentinel && series->threads == threads &&
            series->litter == litter && strcmp(series->workload, workload) == 0 &&
            strcmp(series->metric, metric) == 0 && is_cell(series, cell))
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

const struct series *series_peer_of_metric(const struct series_set *set,
                                           const struct series *series, const char *metric)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct series *other = &set->items[i];
        if (other->sentinel == series->sentinel && other->threads == series->threads &&
            other->litter == series->litter && strcmp(other->metric, metric) == 0 &&
            strcmp(other->workload, series->workload) == 0 &&
            strcmp(other->backend, series->backend) == 0 &&
            strcmp(other->strategy, series->strategy) == 0)
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

double series_median(const struct series *series)
{
    double *values = malloc((series->rounds + 1) * sizeof *values);
    double median = NAN;
    if (values)
        median = sign_interval(values, series_values(series, values)).estimate;
    free(values);
    return median;
}
