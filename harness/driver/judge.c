/*
 * Verdicts. A claim is MET where its whole interval is past the threshold, MISSED where the whole
 * interval is short of it, else INCONCLUSIVE. Three things can only make it stricter: where the
 * sentinel's interval excludes 1, a claim must clear its threshold by the sentinel's deviation as
 * well; a MET must survive Holm's correction over all claims of the run (one-sided sign tests at
 * 2.5 %); and no trial of either side may have failed.
 */
#include "harness/driver/judge.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/driver/csv.h"
#include "harness/driver/summarise.h"
#include "harness/driver/summary_file.h"
#include "harness/driver/targets.h"

#define LEVEL 0.025
/* Allocations an op of system/owned from which on a workload is allocation-heavy. */
#define ALLOCATION_HEAVY 5.0
/* Of a count an op: where both sides have less, there is nothing to compare. */
#define COUNT_LEAST 0.01
/* What exp and ln may take off a ratio that is just on its threshold. */
#define ROUNDING 1e-9

enum verdict { MET, MISSED, INCONCLUSIVE };

static const char *const verdict_names[] = {"MET", "MISSED", "INCONCLUSIVE"};

struct claim {
    const struct target *target;
    const char *workload;
    struct interval measured; /* in the relation's own terms */
    enum verdict verdict;
    double p; /* of the one-sided sign test; NAN: none */
    char reason[600];
};

struct claims {
    struct claim *items;
    size_t count;
    size_t room;
};

/* Adds to the reason, after a semicolon where there is one already. */
static void say(struct claim *claim, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct claim *claim, const char *format, ...)
{
    size_t used = strlen(claim->reason);
    va_list arguments;
    if (used)
        used += (size_t)snprintf(claim->reason + used, sizeof claim->reason - used, "; ");
    if (used >= sizeof claim->reason)
        return;
    va_start(arguments, format);
    vsnprintf(claim->reason + used, sizeof claim->reason - used, format, arguments);
    va_end(arguments);
}

/* How far the A/A ratio of the metric is from 1, as a factor of at least 1; 1 where its interval
 * holds 1 or there is none. */
static double sentinel_factor(const struct series_set *set, const struct claim *claim)
{
    const struct series *candidate =
        series_find(set, claim->workload, claim->target->candidate, claim->target->metric, false);
    const struct series *baseline =
        candidate ? series_peer(set, candidate, SUMMARY_BASELINE, false) : NULL;
    const struct series *sentinel =
        candidate ? series_peer(set, candidate, SUMMARY_BASELINE, true) : NULL;
    if (!baseline || !sentinel)
        return 1;
    struct interval ratio = series_ratio(baseline, sentinel);
    if (!series_is_off(&ratio))
        return 1;
    return ratio.estimate > 1 ? ratio.estimate : 1 / ratio.estimate;
}

/* least, most: the interval, widened where it must be, of a figure that is to be at least wanted.
 */
static void decide(struct claim *claim, double least, double most, double wanted, double factor)
{
    const struct interval *measured = &claim->measured;
    if (!interval_is_bounded(measured)) {
        claim->verdict = INCONCLUSIVE;
        say(claim, "only %zu round%s; at least %d are needed", measured->n,
            measured->n == 1 ? "" : "s", INTERVAL_N_MIN);
        return;
    }
    claim->verdict = least >= wanted ? MET : most < wanted ? MISSED : INCONCLUSIVE;
    if (claim->verdict == INCONCLUSIVE)
        say(claim, factor > 1 ? "the threshold lies within the interval widened by the sentinel"
                              : "the threshold lies within the interval");
    else if (factor > 1)
        say(claim, "with the sentinel's %.1f %% taken off", 100 * (factor - 1));
    if (measured->exact)
        say(claim, "exact");
}

/* The medians behind a ratio, and what was stated; the API's share beside the allocator's. */
static void say_absolute(struct claim *claim, const struct series_set *set,
                         const struct series *candidate, const struct series *baseline)
{
    const struct target *target = claim->target;
    char from[40], to[40], owned[64];
    summary_format(from, sizeof from, series_median(baseline), baseline->unit);
    summary_format(to, sizeof to, series_median(candidate), candidate->unit);
    say(claim, "%s -> %s", from, to);
    if (*target->stated)
        say(claim, "stated %s", target->stated);
    snprintf(owned, sizeof owned, "%.40s/owned", candidate->backend);
    if (candidate->threads != 1)
        snprintf(owned + strlen(owned), sizeof owned - strlen(owned), " threads %" PRIu64,
                 candidate->threads);
    if (candidate->litter != 0)
        snprintf(owned + strlen(owned), sizeof owned - strlen(owned), " litter %g",
                 candidate->litter);
    const struct series *share = series_find(set, claim->workload, owned, target->metric, false);
    if (target->relation != RELATION_SPEEDUP || !share || share == candidate || share == baseline)
        return;
    struct interval ratio = series_ratio(baseline, share);
    if (ratio.n)
        say(claim, "%s %.2fx", owned, ratio.estimate);
}

static void judge_ratio(struct claim *claim, const struct series_set *set,
                        const struct series *candidate, const struct series *baseline)
{
    enum relation relation = claim->target->relation;
    double factor = sentinel_factor(set, claim);
    double wanted = target_ratio(relation, claim->target->threshold) * (1 - ROUNDING);
    struct interval ratio = series_ratio(baseline, candidate);
    bool turned = relation == RELATION_MULTIPLE; /* a large ratio is a small multiple */
    claim->measured = ratio;
    claim->measured.estimate = target_terms(relation, ratio.estimate);
    claim->measured.lo = target_terms(relation, turned ? ratio.hi : ratio.lo);
    claim->measured.hi = target_terms(relation, turned ? ratio.lo : ratio.hi);
    claim->p = series_sign_test(baseline, candidate, wanted * factor);
    decide(claim, ratio.lo / factor, ratio.hi * factor, wanted, factor);
    if (ratio.n)
        say_absolute(claim, set, candidate, baseline);
}

static bool judge_value(struct claim *claim, const struct series *candidate)
{
    double threshold = claim->target->threshold;
    double *values = malloc((candidate->rounds + 1) * sizeof *values);
    if (!values)
        return false;
    size_t n = series_values(candidate, values);
    size_t within = 0;
    for (size_t i = 0; i < n; i++)
        within += values[i] <= threshold;
    claim->p = n ? sign_test(within, n) : NAN;
    claim->measured = sign_interval(values, n);
    free(values);
    /* At most: at least, with both signs turned. */
    decide(claim, -claim->measured.hi, -claim->measured.lo, -threshold, 1);
    if (*claim->target->stated)
        say(claim, "stated %s", claim->target->stated);
    return true;
}

static bool has_metric(const struct series_set *set, const char *workload, const char *metric)
{
    for (size_t i = 0; i < set->count; i++)
        if (strcmp(set->items[i].workload, workload) == 0 &&
            (!metric || strcmp(set->items[i].metric, metric) == 0))
            return true;
    return false;
}

/* Why a claim cannot be judged; NULL: it can. */
static const char *absent(struct claim *claim, const struct series_set *set,
                          const struct series *candidate, const struct series *baseline,
                          const char **name)
{
    const struct target *target = claim->target;
    *name = claim->workload;
    if (!has_metric(set, claim->workload, NULL))
        return "workload";
    *name = target->metric;
    if (!has_metric(set, claim->workload, target->metric))
        return "metric";
    *name = candidate ? target->baseline : target->candidate;
    return candidate && baseline ? NULL : "cell";
}

static void note_failures(struct claim *claim, const struct series *series, const char *cell)
{
    if (series->failed == 0)
        return;
    if (claim->verdict == MET)
        claim->verdict = INCONCLUSIVE;
    say(claim, "%" PRIu64 " trial%s of %s failed", series->failed, series->failed > 1 ? "s" : "",
        cell);
}

static bool judge_claim(struct claim *claim, const struct series_set *set)
{
    const struct target *target = claim->target;
    const char *name;
    const struct series *candidate =
        series_find(set, claim->workload, target->candidate, target->metric, false);
    const struct series *baseline =
        target->relation == RELATION_VALUE
            ? candidate
            : series_find(set, claim->workload, target->baseline, target->metric, false);
    const char *what = absent(claim, set, candidate, baseline, &name);
    claim->verdict = INCONCLUSIVE;
    if (what) {
        if (strcmp(claim->workload, "*") == 0)
            say(claim, "an allocation-heavy workload is not in this run");
        else
            say(claim, "%s %s is not in this run", what, name);
        return true;
    }
    if (!candidate->has_value || !baseline->has_value) {
        const struct series *missing = candidate->has_value ? baseline : candidate;
        say(claim, "%s of %s/%s is n/a: %.300s", target->metric, missing->backend,
            missing->strategy, missing->source);
        return true;
    }
    if (baseline != candidate && strcmp(candidate->unit, "count") == 0 &&
        series_median(candidate) < COUNT_LEAST && series_median(baseline) < COUNT_LEAST) {
        say(claim, "%.2g and %.2g: both below %g an op, nothing to compare",
            series_median(candidate), series_median(baseline), COUNT_LEAST);
        return true;
    }
    bool done = true;
    if (target->relation == RELATION_VALUE)
        done = judge_value(claim, candidate);
    else
        judge_ratio(claim, set, candidate, baseline);
    if (claim->measured.exact)
        claim->p = NAN; /* the same in all rounds: no chance to correct for */
    note_failures(claim, candidate, target->candidate);
    if (baseline != candidate)
        note_failures(claim, baseline, target->baseline);
    return done;
}

static bool add_claim(struct claims *claims, const struct target *target, const char *workload)
{
    if (claims->count == claims->room) {
        size_t room = claims->room ? claims->room * 2 : 32;
        struct claim *items = realloc(claims->items, room * sizeof *items);
        if (!items)
            return false;
        claims->items = items;
        claims->room = room;
    }
    claims->items[claims->count++] =
        (struct claim){.target = target, .workload = workload, .p = NAN};
    return true;
}

/* "*" stands for every allocation-heavy workload of the run, as the count trials found them; where
 * there is none the claim keeps its star. */
static bool add_for_each(struct claims *claims, const struct target *target,
                         const struct series_set *set)
{
    size_t before = claims->count;
    for (size_t i = 0; i < set->count; i++) {
        const struct series *series = &set->items[i];
        if (strcmp(series->metric, "heap_allocations_per_op") != 0 ||
            series_find(set, series->workload, SUMMARY_BASELINE, series->metric, false) != series)
            continue;
        if (series_median(series) >= ALLOCATION_HEAVY &&
            !add_claim(claims, target, series->workload))
            return false;
    }
    return claims->count > before || add_claim(claims, target, "*");
}

static bool make_claims(struct claims *claims, const struct target_list *targets,
                        const struct series_set *set)
{
    bool done = true;
    for (size_t i = 0; done && i < targets->count; i++) {
        const struct target *target = &targets->items[i];
        done = strcmp(target->workload, "*") == 0 ? add_for_each(claims, target, set)
                                                  : add_claim(claims, target, target->workload);
    }
    for (size_t i = 0; done && i < claims->count; i++)
        done = judge_claim(&claims->items[i], set);
    return done;
}

/* Holm over the claims that have a test. */
static bool correct(struct claims *claims)
{
    double *p = malloc((claims->count + 1) * sizeof *p);
    size_t m = 0;
    if (!p)
        return false;
    for (size_t i = 0; i < claims->count; i++)
        if (!isnan(claims->items[i].p))
            p[m++] = claims->items[i].p;
    bool done = holm_adjust(p, m);
    m = 0;
    for (size_t i = 0; done && i < claims->count; i++) {
        struct claim *claim = &claims->items[i];
        if (isnan(claim->p))
            continue;
        claim->p = p[m++];
    }
    for (size_t i = 0; done && i < claims->count; i++) {
        struct claim *claim = &claims->items[i];
        if (claim->verdict != MET || isnan(claim->p) || claim->p <= LEVEL)
            continue;
        claim->verdict = INCONCLUSIVE;
        say(claim, "not after Holm's correction for %zu claims (p = %.3g): more rounds are needed",
            m, claim->p);
    }
    free(p);
    return done;
}

static void put_number(FILE *out, double value, bool known)
{
    if (known && !isnan(value))
        fprintf(out, "%.9g,", value);
    else
        fputs("n/a,", out);
}

static void put_claim(FILE *out, const struct claim *claim)
{
    const struct target *target = claim->target;
    const struct interval *measured = &claim->measured;
    const char *const words[] = {
        target->name,
        target->tier,
        claim->workload,
        target->metric,
        target->candidate,
        target->baseline,
        relation_names[target->relation],
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        csv_put(out, words[i]);
        putc(',', out);
    }
    fprintf(out, "%.9g,", target->threshold);
    put_number(out, measured->estimate, measured->n > 0);
    put_number(out, measured->lo, interval_is_bounded(measured));
    put_number(out, measured->hi, interval_is_bounded(measured));
    fprintf(out, "%s,", verdict_names[claim->verdict]);
    csv_put(out, claim->reason);
    putc('\n', out);
}

static bool write_claims(const struct claims *claims, const char *directory,
                         struct verdict_counts *counts, struct error *error)
{
    struct csv_replacement file;
    if (!csv_replace(&file, directory, "targets.csv", error))
        return false;
    memset(counts, 0, sizeof *counts);
    fputs("target,tier,workload,metric,candidate,baseline,relation,threshold,measured,lo,hi,"
          "verdict,reason\n",
          file.out);
    for (size_t i = 0; i < claims->count; i++) {
        put_claim(file.out, &claims->items[i]);
        counts->met += claims->items[i].verdict == MET;
        counts->missed += claims->items[i].verdict == MISSED;
        counts->inconclusive += claims->items[i].verdict == INCONCLUSIVE;
    }
    return csv_commit(&file, error);
}

bool judge(const struct series_set *set, const char *targets_path, const char *directory,
           struct verdict_counts *counts, struct error *error)
{
    struct target_list targets;
    struct claims claims = {0};
    if (!targets_load(&targets, targets_path, error))
        return false;
    bool done = (make_claims(&claims, &targets, set) && correct(&claims)) ||
                error_set(error, "no memory for the targets");
    done = done && write_claims(&claims, directory, counts, error);
    free(claims.items);
    targets_free(&targets);
    return done;
}
