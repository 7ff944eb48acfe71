/* Quantiles and sums of histograms. */
#include "harness/runner/histogram.h"

#include <math.h>

static double middle_of(unsigned index)
{
    unsigned shift = index >> HISTOGRAM_SUB_BITS;
    shift = shift > 0 ? shift - 1 : 0;
    uint64_t low = (uint64_t)(index - (shift << HISTOGRAM_SUB_BITS)) << shift;
    return (double)low + (double)(((uint64_t)1 << shift) - 1) / 2;
}

void histogram_merge(struct histogram *histogram, const struct histogram *other)
{
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
        histogram->buckets[i] += other->buckets[i];
    histogram->count += other->count;
    if (other->max > histogram->max)
        histogram->max = other->max;
}

double histogram_quantile(const struct histogram *histogram, double p)
{
    double wanted = fmax(1, ceil(p * (double)histogram->count));
    uint64_t below = 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        below += histogram->buckets[i];
        if ((double)below >= wanted)
            return fmin(middle_of(i), (double)histogram->max);
    }
    return NAN;
}
