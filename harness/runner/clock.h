/* The one clock of timed trials: not slewed by NTP; its quantum is some 10 ns. */
#ifndef HARNESS_RUNNER_CLOCK_H
#define HARNESS_RUNNER_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_RAW, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

#endif
