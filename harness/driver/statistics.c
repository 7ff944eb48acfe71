/* Sign intervals by GSL's binomial distribution; Hodges-Lehmann. */
#include "harness/driver/statistics.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdlib.h>

size_t sign_interval_rank(size_t n)
{
    size_t k = 0;
    while (k < n / 2 && gsl_cdf_binomial_P((unsigned)k, 0.5, (unsigned)n) <= 0.025)
        k++;
    return k;
}

struct interval sign_interval(double *values, size_t n)
{
    struct interval interval = {.n = n, .lo = -INFINITY, .hi = INFINITY};
    if (n == 0) {
        interval.estimate = NAN;
        return interval;
    }
    gsl_sort(values, 1, n);
    interval.estimate = gsl_stats_median_from_sorted_data(values, 1, n);
    interval.exact = n > 1 && values[0] == values[n - 1];
    size_t k = sign_interval_rank(n);
    if (k > 0) {
        interval.lo = values[k - 1];
        interval.hi = values[n - k];
    }
    return interval;
}

size_t log_ratios(const double *baseline, const double *cell, size_t n, double *ratios)
{
    size_t pairs = 0;
    for (size_t i = 0; i < n; i++)
        if (baseline[i] > 0 && cell[i] > 0)
            ratios[pairs++] = log(baseline[i] / cell[i]);
    return pairs;
}

struct interval ratio_interval(const double *baseline, const double *cell, size_t n)
{
    struct interval interval = {.estimate = NAN, .lo = -INFINITY, .hi = INFINITY};
    double *ratios = malloc((n + 1) * sizeof *ratios);
    if (!ratios)
        return interval;
    interval = sign_interval(ratios, log_ratios(baseline, cell, n, ratios));
    free(ratios);
    interval.estimate = exp(interval.estimate);
    interval.lo = exp(interval.lo);
    interval.hi = exp(interval.hi);
    return interval;
}

double interval_half_width(const struct interval *interval)
{
    return (interval->hi - interval->lo) / 2 / interval->estimate;
}

double hodges_lehmann(const double *values, size_t n)
{
    double *means = malloc((n * (n + 1) / 2 + 1) * sizeof *means);
    if (!means || n == 0) {
        free(means);
        return NAN;
    }
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t k = i; k < n; k++)
            means[count++] = (values[i] + values[k]) / 2;
    gsl_sort(means, 1, count);
    double median = gsl_stats_median_from_sorted_data(means, 1, count);
    free(means);
    return median;
}
