/* From series to the rows of summary.csv. */
#include "harness/driver/summarise.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/driver/csv.h"
#include "harness/driver/environment.h"
#include "harness/trial.h"

struct row {
    const struct series *series;
    const char *metric;
    struct interval values;
    struct interval ratio; /* n = 0: none */
    bool disagrees;        /* Hodges-Lehmann lies outside the ratio's interval */
    bool frees_none;       /* the backend cannot free one block */
    bool unresolved;       /* below what the clock can tell: no ratio */
};

/* The log ratios of two series, round by round; malloc'd, NULL: no memory. */
static double *paired(const struct series *baseline, const struct series *series, size_t *pairs)
{
    size_t rounds = baseline->rounds < series->rounds ? baseline->rounds : series->rounds;
    double *ratios = malloc((rounds + 1) * sizeof *ratios);
    bool more = series_more_is_better(series->metric);
    *pairs = ratios ? log_ratios(more ? series->values : baseline->values,
                                 more ? baseline->values : series->values, rounds, ratios)
                    : 0;
    return ratios;
}

struct interval series_ratio(const struct series *baseline, const struct series *series)
{
    size_t pairs;
    double *ratios = paired(baseline, series, &pairs);
    struct interval interval = ratio_of_logs(ratios, pairs);
    free(ratios);
    return interval;
}

double series_sign_test(const struct series *baseline, const struct series *series, double wanted)
{
    size_t pairs, above = 0;
    double *ratios = paired(baseline, series, &pairs);
    for (size_t i = 0; i < pairs; i++)
        above += exp(ratios[i]) >= wanted;
    free(ratios);
    return pairs ? sign_test(above, pairs) : NAN;
}

bool series_is_off(const struct interval *ratio)
{
    return interval_is_bounded(ratio) && (ratio->lo > 1 || ratio->hi < 1);
}

static bool hodges_lehmann_disagrees(const struct series *baseline, const struct series *series,
                                     const struct interval *ratio)
{
    size_t pairs;
    double *ratios = paired(baseline, series, &pairs);
    double estimate = exp(hodges_lehmann(ratios, pairs)); /* NAN is on neither side */
    free(ratios);
    return interval_is_bounded(ratio) && (estimate < ratio->lo || estimate > ratio->hi);
}

static struct interval interval_of(const struct series *series)
{
    struct interval interval = {.estimate = NAN, .lo = NAN, .hi = NAN};
    double *values = malloc((series->rounds + 1) * sizeof *values);
    size_t n = values ? series_values(series, values) : 0;
    if (n > 0)
        interval = sign_interval(values, n);
    free(values);
    return interval;
}

/* cell - floor, round by round. */
static struct interval above_floor(const struct series *series, const struct series *floor)
{
    struct interval interval = {.estimate = NAN};
    size_t rounds = floor->rounds < series->rounds ? floor->rounds : series->rounds;
    double *values = malloc((rounds + 1) * sizeof *values);
    size_t n = 0;
    for (size_t i = 0; values && i < rounds; i++)
        if (!isnan(series->values[i]) && !isnan(floor->values[i]))
            values[n++] = series->values[i] - floor->values[i];
    if (n > 0)
        interval = sign_interval(values, n);
    free(values);
    return interval;
}

/* "inf" is a ratio to nothing: a cell that needs none of what the baseline needs. */
static void put_number(FILE *out, double value)
{
    if (isnan(value))
        fputs(",n/a", out);
    else
        fprintf(out, ",%.9g", value);
}

static void put_interval(FILE *out, const struct interval *interval)
{
    bool bounded = interval_is_bounded(interval);
    put_number(out, interval->n ? interval->estimate : NAN);
    put_number(out, bounded ? interval->lo : NAN);
    put_number(out, bounded ? interval->hi : NAN);
}

static void put_flags(FILE *out, const struct row *row)
{
    const char *space = "";
    const struct {
        bool set;
        const char *name;
    } flags[] = {
        {row->series->sentinel, "sentinel"},
        {row->frees_none, SUMMARY_NO_INDIVIDUAL_FREE},
        {row->unresolved, SUMMARY_UNRESOLVED},
        {row->values.n > 0 && row->values.exact, "exact"},
        {row->values.n > 0 && !interval_is_bounded(&row->values), "few-rounds"},
        {row->values.n == 0, "n/a"},
        {row->series->sentinel && series_is_off(&row->ratio), "sentinel-off"},
        {row->disagrees, "hl-disagrees"},
    };
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (flags[i].set) {
            fprintf(out, "%s%s", space, flags[i].name);
            space = " ";
        }
    }
    if (row->series->failed)
        fprintf(out, "%sfailed:%" PRIu64, space, row->series->failed);
}

static void put_row(FILE *out, const struct row *row)
{
    const struct series *series = row->series;
    const char *const names[] = {series->workload, series->strategy, series->backend};
    for (size_t i = 0; i < 3; i++) {
        csv_put(out, names[i]);
        putc(',', out);
    }
    fprintf(out, "%" PRIu64 ",%g,", series->threads, series->litter);
    csv_put(out, row->metric);
    putc(',', out);
    csv_put(out, series->unit);
    putc(',', out);
    csv_put(out, series->source);
    fprintf(out, ",%zu", row->values.n);
    put_interval(out, &row->values);
    put_interval(out, &row->ratio);
    putc(',', out);
    put_flags(out, row);
    putc('\n', out);
}

/* Whether the backend can only release in bulk, by environment.json; without it none is marked. */
static bool frees_none(const json_t *environment, const char *backend)
{
    size_t i, k;
    json_t *item, *capability;
    json_array_foreach(json_object_get(environment, "backends"), i, item)
    {
        const char *name = json_string_value(json_object_get(item, "name"));
        if (!name || strcmp(name, backend) != 0)
            continue;
        const json_t *capabilities = json_object_get(item, "capabilities");
        json_array_foreach(capabilities, k, capability)
        {
            const char *word = json_string_value(capability);
            if (word && strcmp(word, "frees_individually") == 0)
                return false;
        }
        return true;
    }
    return false;
}

/* The name of a metric less the floor's; NULL: it is not given. */
static const char *above_floor_of(const char *metric)
{
    static const char *const names[][2] = {
        {"ns_per_op", SUMMARY_ABOVE_FLOOR},
        {"simulated_l1d_misses_per_op", "simulated_l1d_misses_per_op_above_floor"},
        {"simulated_llc_misses_per_op", "simulated_llc_misses_per_op_above_floor"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(metric, names[i][0]) == 0)
            return names[i][1];
    return NULL;
}

/* The same cell's figure of the same metric with one thread; NULL: there is none. */
static const struct series *with_one_thread(const struct series_set *set,
                                            const struct series *series, const char *metric)
{
    char cell[256];
    if (series->sentinel)
        return NULL;
    snprintf(cell, sizeof cell, series->litter > 0 ? "%s/%s litter %g" : "%s/%s", series->backend,
             series->strategy, series->litter);
    const struct series *one = series_find(set, series->workload, cell, metric, false);
    return one && one != series ? one : NULL;
}

/* How many times the bytes of text that one thread has, this cell has. */
static double times_the_input(const struct series_set *set, const struct series *series)
{
    const struct series *one = with_one_thread(set, series, "input_bytes");
    const struct series *own = one ? series_peer_of_metric(set, series, "input_bytes") : NULL;
    return own ? series_median(own) / series_median(one) : 1;
}

/* Against the same cell with one thread, round by round: how many times as fast it is; and how many
 * times the peak memory it has, of the same input (Hoard's blow-up: where threads have inputs of
 * their own, one thread is taken to need as many times more). */
static void put_against_one_thread(FILE *out, const struct series_set *set,
                                   const struct series *series)
{
    bool time = strcmp(series->metric, "ns_per_op") == 0;
    if (series->threads == 1 || !(time || strcmp(series->metric, "peak_rss_bytes") == 0))
        return;
    const struct series *one = with_one_thread(set, series, series->metric);
    if (!one || !one->has_value || !series->has_value)
        return;
    struct series shown = *series;
    shown.unit = "ratio";
    shown.source = "the same cell with one thread, round by round";
    struct row row = {.series = &shown,
                      .metric = time ? SUMMARY_THREAD_SPEEDUP : SUMMARY_BLOW_UP,
                      .values = time ? series_ratio(one, series) : series_ratio(series, one)};
    shown.metric = row.metric;
    double times = time ? 1 : times_the_input(set, series);
    row.values.estimate /= times;
    row.values.lo /= times;
    row.values.hi /= times;
    if (row.values.n > 0 && isfinite(row.values.estimate))
        put_row(out, &row);
}

static bool is_unresolved(const struct series *series)
{
    return series->has_value && strstr(series->source, TRIAL_UNRESOLVED) != NULL;
}

static void put_series(FILE *out, const struct series_set *set, const struct series *series,
                       const json_t *environment)
{
    struct row row = {.series = series,
                      .metric = series->metric,
                      .values = interval_of(series),
                      .frees_none = frees_none(environment, series->backend)};
    const struct series *baseline = series_peer(set, series, SUMMARY_BASELINE, false);
    row.unresolved = is_unresolved(series);
    if (baseline && baseline != series && !row.unresolved && !is_unresolved(baseline)) {
        row.ratio = series_ratio(baseline, series);
        row.disagrees = row.ratio.n && hodges_lehmann_disagrees(baseline, series, &row.ratio);
    }
    put_row(out, &row);
    put_against_one_thread(out, set, series);
    const char *metric = above_floor_of(series->metric);
    if (!metric || series->sentinel)
        return;
    const struct series *floor = series_peer(set, series, SUMMARY_FLOOR, false);
    if (!floor || floor == series)
        return;
    struct row above = {.series = series,
                        .metric = metric,
                        .values = above_floor(series, floor),
                        .frees_none = row.frees_none};
    put_row(out, &above);
}

bool summarise(const struct series_set *set, const char *directory, struct error *error)
{
    struct csv_replacement file;
    struct error ignored;
    if (!csv_replace(&file, directory, "summary.csv", error))
        return false;
    json_t *environment = environment_read(directory, &ignored);
    fputs("workload,strategy,backend,threads,litter,metric,unit,source,n,median,lo,hi,ratio,"
          "ratio_lo,ratio_hi,flags\n",
          file.out);
    for (size_t i = 0; i < set->count; i++)
        put_series(file.out, set, &set->items[i], environment);
    json_decref(environment);
    return csv_commit(&file, error);
}
