/* The processor's own clock, fenced on both sides, and the processor it was read on. Latency only:
 * its unit is found by comparing it with a clock. */
#ifndef WORKLOADS_SUPPORT_TICKS_H
#define WORKLOADS_SUPPORT_TICKS_H

#include <stdint.h>

#if defined(__x86_64__)

#include <cpuid.h>
#include <x86intrin.h>

#define TICKS_SOURCE "rdtscp"

/* NULL, or why the clock cannot be read. */
static inline const char *ticks_missing(void)
{
    unsigned a, b, c, d;
    return __get_cpuid(0x80000001u, &a, &b, &c, &d) && d & 1u << 27
               ? 0
               : "this processor has no rdtscp";
}

static inline __attribute__((always_inline)) uint64_t ticks_read(unsigned *processor)
{
    _mm_lfence();
    uint64_t ticks = __rdtscp(processor);
    _mm_lfence();
    return ticks;
}

#elif defined(__aarch64__)

#include <sched.h>

#define TICKS_SOURCE "cntvct_el0"

static inline const char *ticks_missing(void)
{
    return 0;
}

static inline __attribute__((always_inline)) uint64_t ticks_read(unsigned *processor)
{
    uint64_t ticks;
    *processor = (unsigned)sched_getcpu();
    __asm__ volatile("isb\n\tmrs %0, cntvct_el0\n\tisb" : "=r"(ticks)::"memory");
    return ticks;
}

#else

#define TICKS_SOURCE "none"

static inline const char *ticks_missing(void)
{
    return "no fenced clock is known for this processor";
}

static inline uint64_t ticks_read(unsigned *processor)
{
    *processor = 0;
    return 0;
}

#endif

#endif
