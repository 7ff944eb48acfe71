/*
 * What tracked passes ask of the backend: counts of the calls, and, where a log is set, the life of
 * every block. What the library takes from an arena or a pool passes no call of the backend;
 * workloads tell of it by the hooks in workloads/workload.h.
 */
#ifndef HARNESS_RUNNER_TRACKER_H
#define HARNESS_RUNNER_TRACKER_H

#include <stdint.h>

struct dry_heap;
struct heap_log;
struct heap_map;
struct locality;

struct tracker_counts {
    uint64_t allocations; /* reallocations included: each may take a new block */
    uint64_t frees;
    uint64_t requested_bytes;
    /* Of heaps and arenas that passes opened and closed, by their own statistics. */
    uint64_t closed_allocations, closed_frees;
};

/* All threads' counts since the last reset; both are for when no other thread is in a pass. */
struct tracker_counts tracker_counts(void);
void tracker_reset(void);

/* Where this thread's calls are logged from now on; NULL: counted only. */
void tracker_set_log(struct heap_log *log);

/* Likewise for the map of the heap's pages. */
void tracker_set_map(struct heap_map *map);

/* Where the tokens that are read are noted; NULL: nowhere. */
void tracker_set_trace(struct locality *trace);

/* Instead of the backend this serves this thread's owned passes; NULL: the backend again. */
void tracker_set_dry_heap(struct dry_heap *heap);

#endif
