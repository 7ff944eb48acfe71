/* Counts of the calls that tracked passes make to the backend. */
#ifndef HARNESS_RUNNER_TRACKER_H
#define HARNESS_RUNNER_TRACKER_H

#include <stdint.h>

struct tracker_counts {
    uint64_t allocations; /* reallocations included: each may take a new block */
    uint64_t frees;
    uint64_t requested_bytes;
};

/* This thread's counts since the last reset. */
struct tracker_counts tracker_counts(void);
void tracker_reset(void);

#endif
