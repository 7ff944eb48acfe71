/* The machine's processors and caches by hwloc, and the binding of a trial to one of them. */
#ifndef HARNESS_TOPOLOGY_H
#define HARNESS_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/error.h"

struct topology;

/* NULL: error. */
struct topology *topology_load(struct error *error);
void topology_free(struct topology *topology);

/* Processors that this process may use. */
unsigned topology_processors(const struct topology *topology);
/* The one that trials are bound to: the last allowed, as interrupts favour the first. */
unsigned topology_trial_processor(const struct topology *topology);

/* Processors for the threads of one trial: that of topology_trial_processor first, one a core
 * before a second of any. The number filled in, at most max. */
size_t topology_trial_processors(const struct topology *topology, unsigned *processors, size_t max);

/* Binds the calling process to so many of the trial's processors (as many as there are), with one
 * to its nearest memory; inherited through exec. False where the system refuses. */
bool topology_bind_trial(const struct topology *topology, unsigned processors);
/* Keeps the calling process off the trial's processor, where there is another. */
void topology_bind_driver(const struct topology *topology);

/* Writes hwloc's XML. */
bool topology_export(const struct topology *topology, const char *path, struct error *error);

struct topology_cache {
    unsigned long long bytes;
    char type[16]; /* data, instruction, unified */
    unsigned level;
    int ways; /* 0: unknown */
    unsigned line_bytes;
    unsigned shared_by; /* processors */
};

/* Caches of the trial's processor, first level first; the number filled in, at most max. */
size_t topology_caches(const struct topology *topology, struct topology_cache *caches, size_t max);

#endif
