/*
 * A log-linear histogram of whole numbers: 128 equal buckets to each power of two, so that a value
 * read back is off by 0.4 % at most (below 256: not at all), whatever the range. Of fixed size; who
 * has one gives it memory, zeros, that is not from the measured heap.
 */
#ifndef HARNESS_RUNNER_HISTOGRAM_H
#define HARNESS_RUNNER_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_SUB_BITS 7
#define HISTOGRAM_BUCKETS ((66 - HISTOGRAM_SUB_BITS - 1) << HISTOGRAM_SUB_BITS)

struct histogram {
    uint64_t count;
    uint64_t max; /* exact */
    uint64_t buckets[HISTOGRAM_BUCKETS];
};

static inline unsigned histogram_index(uint64_t value)
{
    unsigned high = 63 - (unsigned)__builtin_clzll(value | 1);
    unsigned shift = high > HISTOGRAM_SUB_BITS ? high - HISTOGRAM_SUB_BITS : 0;
    return (shift << HISTOGRAM_SUB_BITS) + (unsigned)(value >> shift);
}

static inline void histogram_add(struct histogram *histogram, uint64_t value)
{
    histogram->buckets[histogram_index(value)]++;
    histogram->count++;
    if (value > histogram->max)
        histogram->max = value;
}

/* Adds the values of another. */
void histogram_merge(struct histogram *histogram, const struct histogram *other);

/* The value that a share p of all values does not exceed, 0 < p <= 1: the middle of its bucket.
 * NAN where there are no values. */
double histogram_quantile(const struct histogram *histogram, double p);

#endif
