/*
 * The estimators of a comparison, on paired rounds (docs/measuring.md gives the reasons).
 */
#ifndef HARNESS_DRIVER_STATISTICS_H
#define HARNESS_DRIVER_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>

/* Fewest values for which the interval below exists: 2 / 2^6 is the first below 5 %. */
#define INTERVAL_N_MIN 6

/* Median of n values with the distribution-free 95 % interval of the sign test:
 * [x_(k), x_(n+1-k)], k the largest with P(Binomial(n, 1/2) < k) <= 0.025.
 * n < INTERVAL_N_MIN: there is no such k; lo and hi are then -inf and +inf (0 and +inf of a ratio)
 * and say nothing. */
struct interval {
    size_t n;
    double estimate;
    double lo;
    double hi;
    bool exact; /* there are several values, and all are identical */
};

/* k of the interval above; 0 when n < INTERVAL_N_MIN. */
size_t sign_interval_rank(size_t n);

/* values is sorted in place and may hold infinities, but no NAN. n = 0: the estimate is NAN. */
struct interval sign_interval(double *values, size_t n);

/* ln(baseline[i] / cell[i]) of the pairs in which both values are there, into ratios (room for n);
 * their number. A value of 0 counts: +inf where only the cell's is 0, -inf where only the
 * baseline's is, 0 where both are, since leaving such a pair out would favour one side. Left out
 * are pairs with a NAN or a negative value. */
size_t log_ratios(const double *baseline, const double *cell, size_t n, double *ratios);

/* exp of the sign interval of log ratios, which are sorted in place. */
struct interval ratio_of_logs(double *ratios, size_t n);
/* The same from the pairs themselves. */
struct interval ratio_interval(const double *baseline, const double *cell, size_t n);

/* Half the width of a ratio's interval, relative to its estimate. */
double interval_half_width(const struct interval *interval);

/* Whether lo and hi say anything. */
bool interval_is_bounded(const struct interval *interval);

/* Median of all pairwise means (Walsh averages) of values: the cross-check of the median. NAN when
 * a value is infinite or n is 0. */
double hodges_lehmann(const double *values, size_t n);

/* One-sided sign test: P(at least `above` of n fair coins show heads). n must be at least 1. */
double sign_test(size_t above, size_t n);

/* Holm's step-down adjustment (Scandinavian Journal of Statistics 6, 1979) of n p-values, in place,
 * their order kept. False: no memory, nothing done. */
bool holm_adjust(double *p, size_t n);

#endif
