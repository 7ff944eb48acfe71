/* Sign intervals and tests by GSL's binomial distribution; Hodges-Lehmann; Holm. */
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

/* The median of sorted values; between -inf and +inf, 0. */
static double median(const double *sorted, size_t n)
{
    double middle = gsl_stats_median_from_sorted_data(sorted, 1, n);
    return isnan(middle) ? 0 : middle;
}

struct interval sign_interval(double *values, size_t n)
{
    struct interval interval = {.n = n, .lo = -INFINITY, .hi = INFINITY};
    if (n == 0) {
        interval.estimate = NAN;
        return interval;
    }
    gsl_sort(values, 1, n);
    interval.estimate = median(values, n);
    interval.exact = n > 1 && values[0] == values[n - 1];
    size_t k = sign_interval_rank(n);
    if (k > 0) {
        interval.lo = values[k - 1];
        interval.hi = values[n - k];
    }
    return interval;
}

static double log_ratio(double baseline, double cell)
{
    if (baseline == cell)
        return 0; /* two zeros as well */
    if (cell == 0)
        return INFINITY;
    return baseline == 0 ? -INFINITY : log(baseline / cell);
}

size_t log_ratios(const double *baseline, const double *cell, size_t n, double *ratios)
{
    size_t pairs = 0;
    for (size_t i = 0; i < n; i++)
        if (baseline[i] >= 0 && cell[i] >= 0) /* NAN is not */
            ratios[pairs++] = log_ratio(baseline[i], cell[i]);
    return pairs;
}

struct interval ratio_of_logs(double *ratios, size_t n)
{
    struct interval interval = sign_interval(ratios, n);
    interval.estimate = exp(interval.estimate);
    interval.lo = exp(interval.lo);
    interval.hi = exp(interval.hi);
    return interval;
}

struct interval ratio_interval(const double *baseline, const double *cell, size_t n)
{
    double *ratios = malloc((n + 1) * sizeof *ratios);
    struct interval interval =
        ratio_of_logs(ratios, ratios ? log_ratios(baseline, cell, n, ratios) : 0);
    free(ratios);
    return interval;
}

double interval_half_width(const struct interval *interval)
{
    return (interval->hi - interval->lo) / 2 / interval->estimate;
}

bool interval_is_bounded(const struct interval *interval)
{
    return interval->n >= INTERVAL_N_MIN;
}

/* How many of the n (n + 1) / 2 pairwise means of sorted values are at most x. */
static size_t means_at_most(const double *sorted, size_t n, double x)
{
    size_t count = 0, end = n;
    for (size_t i = 0; i < end; i++) {
        while (end > i && (sorted[i] + sorted[end - 1]) / 2 > x)
            end--;
        count += end - i;
    }
    return count;
}

/* The k-th smallest pairwise mean (k from 1), by bisection: the means themselves, millions for a
 * few thousand rounds, are never made. */
static double kth_mean(const double *sorted, size_t n, size_t k)
{
    double lo = sorted[0], hi = sorted[n - 1];
    if (means_at_most(sorted, n, lo) >= k)
        return lo;
    for (;;) {
        double middle = lo + (hi - lo) / 2;
        if (middle <= lo || middle >= hi)
            return hi;
        if (means_at_most(sorted, n, middle) >= k)
            hi = middle;
        else
            lo = middle;
    }
}

double hodges_lehmann(const double *values, size_t n)
{
    double *sorted = malloc((n + 1) * sizeof *sorted);
    bool known = sorted && n > 0;
    for (size_t i = 0; known && i < n; i++) {
        known = isfinite(values[i]);
        sorted[i] = values[i];
    }
    double estimate = NAN;
    if (known) {
        size_t means = n * (n + 1) / 2;
        gsl_sort(sorted, 1, n);
        estimate = (kth_mean(sorted, n, (means + 1) / 2) + kth_mean(sorted, n, means / 2 + 1)) / 2;
    }
    free(sorted);
    return estimate;
}

double sign_test(size_t above, size_t n)
{
    return above == 0 ? 1 : gsl_cdf_binomial_Q((unsigned)above - 1, 0.5, (unsigned)n);
}

bool holm_adjust(double *p, size_t n)
{
    size_t *order = malloc((n + 1) * sizeof *order);
    if (!order)
        return false;
    gsl_sort_index(order, p, 1, n);
    double largest = 0;
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, fmin(1, (double)(n - i) * p[order[i]]));
        p[order[i]] = largest;
    }
    free(order);
    return true;
}
