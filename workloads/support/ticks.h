/* The processor's own clock, fenced on both sides, and the processor it was read on. Latency only:
 * its unit is found by comparing it with a clock. */
#ifndef WORKLOADS_SUPPORT_TICKS_H
#define WORKLOADS_SUPPORT_TICKS_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

#if defined(__x86_64__)

#include <x86intrin.h>

/* Known before main. A virtual machine may hide it: rdtsc then, and the system's word for the
 * processor. */
extern bool ticks_have_rdtscp;

#define TICKS_SOURCE (ticks_have_rdtscp ? "rdtscp" : "rdtsc")

/* NULL, or why the clock cannot be read. */
static inline const char *ticks_missing(void)
{
    return 0;
}

static inline __attribute__((always_inline)) uint64_t ticks_read(unsigned *processor)
{
    if (!ticks_have_rdtscp)
        *processor = (unsigned)sched_getcpu();
    _mm_lfence();
    uint64_t ticks = ticks_have_rdtscp ? __rdtscp(processor) : __rdtsc();
    _mm_lfence();
    return ticks;
}

#elif defined(__aarch64__)

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
