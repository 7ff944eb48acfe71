/*
 * Where tokens lie, without a PMU: the last token accesses of a trial and what follows of their
 * addresses. "Together" below is what is read before the next scope ends: a line where lines are
 * released one by one, a batch where they are held.
 *
 * Reuse distance (Mattson et al. 1970; Bennett & Kruskal 1975 for the tree): the number of other
 * 64-byte lines touched since a line was last touched; an LRU cache of more lines than that hits.
 */
#ifndef HARNESS_RUNNER_LOCALITY_H
#define HARNESS_RUNNER_LOCALITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/runner/report.h"

/* Accesses kept: the last ones. A token is one, and so is its entry in the container. */
#define LOCALITY_ACCESSES ((size_t)1 << 16)

struct locality_access {
    uintptr_t address;
    uint32_t length;
    bool is_token; /* else an entry of a container */
    bool begins;   /* the first after a scope ended */
};

struct locality {
    uint64_t count; /* all; the ring holds the last LOCALITY_ACCESSES */
    bool scope_ended;
    struct locality_access ring[LOCALITY_ACCESSES];
};

/* Maps and touches it. NULL with errno. */
struct locality *locality_open(void);
void locality_note(struct locality *trace, const void *address, size_t length, bool is_token);

/* The metrics; allocates by mmap. */
void locality_report(const struct locality *trace, struct report *report);

/* For tests: the distances of a series of line numbers, SIZE_MAX for a first touch. False: no
 * memory. */
bool locality_reuse(const uint64_t *lines, size_t count, size_t *distances);

#endif
