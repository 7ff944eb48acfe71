/*
 * Log-linear classes for sizes and lifetimes: one a value below 32, then 16 a power of two, so that
 * a class is at most 6.25 % wide. Counting is an increment; quantiles and draws come from the
 * counts.
 */
#ifndef HARNESS_RUNNER_LOG_CLASSES_H
#define HARNESS_RUNNER_LOG_CLASSES_H

#include <stddef.h>
#include <stdint.h>

#define LOG_CLASSES 976

struct log_classes {
    uint64_t counts[LOG_CLASSES];
    uint64_t total;
    uint64_t most; /* largest value, exact */
};

static inline size_t log_class_of(uint64_t value)
{
    if (value < 32)
        return (size_t)value;
    unsigned shift = 59u - (unsigned)__builtin_clzll(value);
    return (size_t)shift * 16 + (size_t)(value >> shift);
}

/* Least value of a class. */
static inline uint64_t log_class_low(size_t index)
{
    return index < 32 ? index : (uint64_t)(index % 16 + 16) << (index / 16 - 1);
}

static inline void log_classes_add(struct log_classes *classes, uint64_t value)
{
    classes->counts[log_class_of(value)]++;
    classes->total++;
    if (value > classes->most)
        classes->most = value;
}

/* The middle of the class in which the quantile lies, at most the largest value; 0 where nothing
 * was counted. */
static inline double log_classes_quantile(const struct log_classes *classes, double quantile)
{
    uint64_t rank = (uint64_t)(quantile * (double)(classes->total ? classes->total - 1 : 0));
    uint64_t below = 0;
    for (size_t i = 0; i < LOG_CLASSES; i++) {
        below += classes->counts[i];
        if (below > rank) {
            double width = i < 32 ? 1 : (double)((uint64_t)1 << (i / 16 - 1));
            double middle = (double)log_class_low(i) + (width - 1) / 2;
            return middle < (double)classes->most ? middle : (double)classes->most;
        }
    }
    return 0;
}

#endif
