/*
 * Verdicts. A claim is MET where its whole interval is past the threshold, MISSED where the whole
 * interval is short of it, else INCONCLUSIVE. Two things can only make it stricter: where the
 * sentinel's interval excludes 1, a claim must clear its threshold by the sentinel's deviation as
 * well; and a MET must survive Holm's correction over all claims of the run (one-sided sign tests
 * at 2.5 %, Holm 1979).
 */
#include "harness/driver/judge.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/driver/csv.h"
#include "harness/driver/summarise.h"

#define ROUNDS_MIN 6
#define LEVEL 0.025
/* Allocations an op of system/owned from which on a workload is allocation-heavy. */
#define ALLOCATION_HEAVY 5.0

enum column { TIER, TARGET, WORKLOAD, METRIC, CANDIDATE, BASELINE, RELATION, THRESHOLD, COLUMNS };

enum relation { SPEEDUP, REDUCTION, VALUE_AT_MOST };

enum verdict { MET, MISSED, INCONCLUSIVE };

struct claim {
    const char *fields[COLUMNS];
    const char *workload;
    enum relation relation;
    double threshold;
    struct interval measured; /* in the relation's own terms */
    enum verdict verdict;
    char reason[300];
    double p; /* of the one-sided sign test; NAN: none */
};

struct claims {
    struct claim *items;
    size_t count;
    size_t room;
};

static bool parse_relation(const char *text, enum relation *relation)
{
    static const char *const names[] = {"speedup >=", "reduction >=", "value <="};
    for (unsigned i = 0; i < 3; i++) {
        if (strcmp(text, names[i]) == 0) {
            *relation = (enum relation)i;
            return true;
        }
    }
    return false;
}

/* How far the A/A ratio of the metric is from 1, as a factor of at least 1; 1 where its interval
 * holds 1 or there is none. */
static double sentinel_factor(const struct series_set *set, const char *workload,
                              const char *metric)
{
    const struct series *baseline = series_find(set, workload, SUMMARY_BASELINE, metric, false);
    const struct series *sentinel = series_find(set, workload, SUMMARY_BASELINE, metric, true);
    if (!baseline || !sentinel)
        return 1;
    struct interval ratio = series_ratio(baseline, sentinel);
    if (ratio.n < ROUNDS_MIN || (ratio.lo <= 1 && ratio.hi >= 1))
        return 1;
    return ratio.estimate > 1 ? ratio.estimate : 1 / ratio.estimate;
}

/* P(at least `above` of n fair coins). */
static double sign_test(size_t above, size_t n)
{
    return above == 0 ? 1 : gsl_cdf_binomial_Q((unsigned)above - 1, 0.5, (unsigned)n);
}

static void decide(struct claim *claim, double least, double most, double factor)
{
    const struct interval *measured = &claim->measured;
    if (measured->n < ROUNDS_MIN) {
        claim->verdict = INCONCLUSIVE;
        snprintf(claim->reason, sizeof claim->reason, "only %zu rounds; at least %d are needed",
                 measured->n, ROUNDS_MIN);
    } else if (least >= claim->threshold) {
        claim->verdict = MET;
    } else if (most < claim->threshold) {
        claim->verdict = MISSED;
    } else {
        claim->verdict = INCONCLUSIVE;
        snprintf(claim->reason, sizeof claim->reason,
                 factor > 1 ? "the threshold lies within the interval widened by the sentinel"
                            : "the threshold lies within the interval");
    }
    if (claim->verdict != INCONCLUSIVE && factor > 1)
        snprintf(claim->reason, sizeof claim->reason, "holds with the sentinel's %.1f %% taken off",
                 100 * (factor - 1));
    else if (claim->verdict != INCONCLUSIVE && measured->exact)
        snprintf(claim->reason, sizeof claim->reason, "exact: the same in all rounds");
}

/* Speedup or reduction, both decided on the ratio baseline ÷ candidate. */
static void judge_ratio(struct claim *claim, const struct series_set *set,
                        const struct series *candidate, const struct series *baseline)
{
    double factor = sentinel_factor(set, claim->workload, claim->fields[METRIC]);
    struct interval ratio = series_ratio(baseline, candidate);
    size_t rounds = baseline->rounds < candidate->rounds ? baseline->rounds : candidate->rounds;
    double wanted = claim->relation == SPEEDUP ? claim->threshold : 1 / (1 - claim->threshold);
    size_t above = 0, zeros = 0;
    for (size_t i = 0; i < rounds; i++) {
        double ours = candidate->values[i], theirs = baseline->values[i];
        above += theirs > 0 && ours > 0 && theirs / ours >= wanted;
        zeros += theirs > 0 && ours == 0;
    }
    if (claim->relation == REDUCTION && zeros > 0 && ratio.n == 0) {
        /* Nothing at all is a reduction by 100 %, though no ratio. */
        claim->measured = (struct interval){zeros, 1, 1, 1, true};
        claim->p = sign_test(zeros, zeros);
        decide(claim, 1, 1, 1);
        return;
    }
    claim->p = ratio.n ? sign_test(above, ratio.n) : NAN;
    claim->measured = ratio;
    double least = ratio.lo / factor, most = ratio.hi * factor;
    if (claim->relation == REDUCTION) {
        claim->measured.estimate = 1 - 1 / ratio.estimate;
        claim->measured.lo = 1 - 1 / ratio.lo;
        claim->measured.hi = 1 - 1 / ratio.hi;
        least = 1 - 1 / least;
        most = 1 - 1 / most;
    }
    decide(claim, least, most, factor);
}

static void judge_value(struct claim *claim, const struct series *candidate)
{
    double *values = malloc((candidate->rounds + 1) * sizeof *values);
    size_t n = values ? series_values(candidate, values) : 0;
    size_t within = 0;
    for (size_t i = 0; i < n; i++)
        within += values[i] <= claim->threshold;
    claim->p = n ? sign_test(within, n) : NAN;
    if (n)
        claim->measured = sign_interval(values, n);
    free(values);
    /* At most: the comparison of decide() with both signs turned. */
    struct claim turned = *claim;
    turned.threshold = -claim->threshold;
    decide(&turned, -claim->measured.hi, -claim->measured.lo, 1);
    claim->verdict = turned.verdict;
    memcpy(claim->reason, turned.reason, sizeof claim->reason);
}

static void inconclusive(struct claim *claim, const char *what, const char *which)
{
    claim->verdict = INCONCLUSIVE;
    claim->p = NAN;
    snprintf(claim->reason, sizeof claim->reason, "%s %s is not in this run", what, which);
}

static bool has_workload(const struct series_set *set, const char *workload)
{
    for (size_t i = 0; i < set->count; i++)
        if (strcmp(set->items[i].workload, workload) == 0)
            return true;
    return false;
}

static void judge_claim(struct claim *claim, const struct series_set *set)
{
    const char *metric = claim->fields[METRIC];
    const struct series *candidate =
        series_find(set, claim->workload, claim->fields[CANDIDATE], metric, false);
    const struct series *baseline =
        claim->relation == VALUE_AT_MOST
            ? candidate
            : series_find(set, claim->workload, claim->fields[BASELINE], metric, false);
    if (!has_workload(set, claim->workload))
        inconclusive(claim, "workload", claim->workload);
    else if (!series_find(set, claim->workload, SUMMARY_BASELINE, metric, false))
        inconclusive(claim, "metric", metric);
    else if (!candidate)
        inconclusive(claim, "cell", claim->fields[CANDIDATE]);
    else if (!baseline)
        inconclusive(claim, "cell", claim->fields[BASELINE]);
    else if (claim->relation == VALUE_AT_MOST)
        judge_value(claim, candidate);
    else
        judge_ratio(claim, set, candidate, baseline);
    if (claim->measured.exact)
        claim->p = NAN; /* the same in all rounds: no chance to correct for */
    if (candidate && candidate->failed && claim->verdict == MET) {
        claim->verdict = INCONCLUSIVE;
        snprintf(claim->reason, sizeof claim->reason, "%llu trials of the candidate failed",
                 (unsigned long long)candidate->failed);
    }
}

static bool add_claim(struct claims *claims, const struct claim *claim)
{
    if (claims->count == claims->room) {
        size_t room = claims->room ? claims->room * 2 : 32;
        struct claim *items = realloc(claims->items, room * sizeof *items);
        if (!items)
            return false;
        claims->items = items;
        claims->room = room;
    }
    claims->items[claims->count++] = *claim;
    return true;
}

/* "*" stands for every allocation-heavy workload of the run, as the count trials found them. */
static bool add_for_each(struct claims *claims, const struct claim *claim,
                         const struct series_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct series *series = &set->items[i];
        struct claim one = *claim;
        if (series->sentinel || strcmp(series->metric, "heap_allocations_per_op") != 0 ||
            series_find(set, series->workload, SUMMARY_BASELINE, series->metric, false) != series)
            continue;
        if (series->rounds == 0 || !(series->values[0] >= ALLOCATION_HEAVY))
            continue;
        one.workload = series->workload;
        if (!add_claim(claims, &one))
            return false;
    }
    return true;
}

static bool read_claims(struct claims *claims, const struct csv_table *table,
                        const struct series_set *set, const char *path, struct error *error)
{
    for (size_t r = 1; r < table->row_count; r++) {
        struct claim claim = {.p = NAN};
        char *end;
        for (unsigned c = 0; c < COLUMNS; c++)
            claim.fields[c] = csv_field(table, r, c);
        claim.workload = claim.fields[WORKLOAD];
        claim.threshold = strtod(claim.fields[THRESHOLD], &end);
        if (csv_row_length(table, r) < COLUMNS || end == claim.fields[THRESHOLD] || *end ||
            !parse_relation(claim.fields[RELATION], &claim.relation))
            return error_set(error,
                             "%s, line %zu: a target is tier,target,workload,metric,candidate,"
                             "baseline,relation,threshold,stated with a relation of speedup >=, "
                             "reduction >=, value <=",
                             path, r + 1);
        bool added = strcmp(claim.workload, "*") == 0 ? add_for_each(claims, &claim, set)
                                                      : add_claim(claims, &claim);
        if (!added)
            return error_set(error, "no memory for the targets");
    }
    return true;
}

static int by_p(const void *a, const void *b)
{
    double left = (*(struct claim *const *)a)->p, right = (*(struct claim *const *)b)->p;
    return left < right ? -1 : left > right;
}

/* Holm's step-down procedure over the claims that have a test. */
static void correct(struct claims *claims)
{
    struct claim **sorted = calloc(claims->count + 1, sizeof(void *));
    size_t m = 0;
    for (size_t i = 0; sorted && i < claims->count; i++)
        if (!isnan(claims->items[i].p))
            sorted[m++] = &claims->items[i];
    if (sorted)
        qsort(sorted, m, sizeof(void *), by_p);
    double adjusted = 0;
    for (size_t i = 0; i < m; i++) {
        adjusted = fmax(adjusted, fmin(1, (double)(m - i) * sorted[i]->p));
        if (sorted[i]->verdict != MET || adjusted <= LEVEL)
            continue;
        sorted[i]->verdict = INCONCLUSIVE;
        snprintf(sorted[i]->reason, sizeof sorted[i]->reason,
                 "not after Holm's correction for %zu claims (p = %.3g): more rounds are needed", m,
                 adjusted);
    }
    free(sorted);
}

static void put_number(FILE *out, double value, bool known)
{
    if (known && isfinite(value))
        fprintf(out, "%.9g,", value);
    else
        fputs("n/a,", out);
}

static void put_claim(FILE *out, const struct claim *claim)
{
    static const char *const verdicts[] = {"MET", "MISSED", "INCONCLUSIVE"};
    static const enum column order[] = {TARGET,    TIER,     WORKLOAD, METRIC,
                                        CANDIDATE, BASELINE, RELATION, THRESHOLD};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        csv_put(out, order[i] == WORKLOAD ? claim->workload : claim->fields[order[i]]);
        putc(',', out);
    }
    bool known = claim->measured.n > 0;
    put_number(out, claim->measured.estimate, known);
    put_number(out, claim->measured.lo, known);
    put_number(out, claim->measured.hi, known);
    fprintf(out, "%s,", verdicts[claim->verdict]);
    csv_put(out, claim->reason);
    putc('\n', out);
}

bool judge(const struct series_set *set, const char *targets_path, const char *directory,
           struct verdict_counts *counts, struct error *error)
{
    struct csv_table table;
    struct claims claims = {0};
    struct csv_replacement file;
    if (!csv_table_load(&table, targets_path, error))
        return error_prefix(error, "targets");
    bool done = read_claims(&claims, &table, set, targets_path, error);
    for (size_t i = 0; done && i < claims.count; i++)
        judge_claim(&claims.items[i], set);
    if (done)
        correct(&claims);
    done = done && csv_replace(&file, directory, "targets.csv", error);
    if (done) {
        memset(counts, 0, sizeof *counts);
        fputs("target,tier,workload,metric,candidate,baseline,relation,threshold,measured,lo,hi,"
              "verdict,reason\n",
              file.out);
        for (size_t i = 0; i < claims.count; i++) {
            put_claim(file.out, &claims.items[i]);
            counts->met += claims.items[i].verdict == MET;
            counts->missed += claims.items[i].verdict == MISSED;
            counts->inconclusive += claims.items[i].verdict == INCONCLUSIVE;
        }
        done = csv_commit(&file, error);
    }
    free(claims.items);
    csv_table_free(&table);
    return done;
}
