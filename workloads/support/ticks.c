/* What the processor's clock offers. */
#include "workloads/support/ticks.h"

#if defined(__x86_64__)

#include <cpuid.h>

bool ticks_have_rdtscp;

static __attribute__((constructor)) void look(void)
{
    unsigned a, b, c, d;
    ticks_have_rdtscp = __get_cpuid(0x80000001u, &a, &b, &c, &d) && d & 1u << 27;
}

#endif
