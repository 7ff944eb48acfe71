/*
 * The estimators of a comparison, on paired rounds (docs/measuring.md gives the reasons).
 */
#ifndef HARNESS_DRIVER_STATISTICS_H
#define HARNESS_DRIVER_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>

/* Median of n values with the distribution-free 95 % interval of the sign test:
 * [x_(k), x_(n+1-k)], k the largest with P(Binomial(n, 1/2) < k) <= 0.025.
 * n < 6: there is no such k; lo and hi are then -inf and +inf. */
struct interval {
    size_t n;
    double estimate;
    double lo;
    double hi;
    bool exact; /* all values are identical */
};

/* k of the interval above; 0 when n < 6. */
size_t sign_interval_rank(size_t n);

/* values is sorted in place. n must be at least 1. */
struct interval sign_interval(double *values, size_t n);

/* ln(baseline[i] / cell[i]) of the pairs in which both are above 0; their number. */
size_t log_ratios(const double *baseline, const double *cell, size_t n, double *ratios);

/* exp of the sign interval of ln(baseline[i] / cell[i]); pairs where either is <= 0 are left out.
 */
struct interval ratio_interval(const double *baseline, const double *cell, size_t n);

/* Half the width of a ratio's interval, relative to its estimate. */
double interval_half_width(const struct interval *interval);

/* Median of all pairwise means (Walsh averages) of values: the cross-check of the median. */
double hodges_lehmann(const double *values, size_t n);

#endif
