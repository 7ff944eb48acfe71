/*
 * How long a test that hammers on shared structures goes on: a moment in `make test`, and for
 * `make stress` the seconds in STRESS_SECONDS, for each such test.
 */
#ifndef TESTS_UNIT_STRESS_H
#define TESTS_UNIT_STRESS_H

#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

struct stress {
    struct timespec end;
};

static inline struct stress stress_begin(void)
{
    struct stress stress;
    const char *seconds = getenv("STRESS_SECONDS");
    double length = seconds ? atof(seconds) : 0.3;
    clock_gettime(CLOCK_MONOTONIC, &stress.end);
    stress.end.tv_sec += (time_t)length;
    stress.end.tv_nsec += (long)((length - (double)(time_t)length) * 1e9);
    return stress;
}

static inline bool stress_goes_on(const struct stress *stress)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - stress->end.tv_sec) +
               (double)(now.tv_nsec - stress->end.tv_nsec) / 1e9 <
           0;
}

#endif
