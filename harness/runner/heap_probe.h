/*
 * What the heap holds of the system's memory, by its own interface: that of the backend, or, where
 * another malloc was preloaded or the backend has none, jemalloc's mallctl if it is in the process.
 */
#ifndef HARNESS_RUNNER_HEAP_PROBE_H
#define HARNESS_RUNNER_HEAP_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "allocators/allocator.h"

struct heap_probe {
    const char *source; /* of its figures; NULL: there are none, see reason */
    char reason[200];
    int (*mallctl)(const char *name, void *old, size_t *old_size, void *set, size_t set_size);
    /* Committed bytes at the price of a few instructions; NULL: look() is all there is. */
    uint64_t (*committed)(struct allocator_heap *heap);
};

void heap_probe_open(struct heap_probe *probe);
/* False: no figures. */
bool heap_probe_look(const struct heap_probe *probe, struct allocator_heap *heap,
                     uint64_t *committed, uint64_t *in_use);
/* Gives free memory back to the system, by the interface of who serves malloc. */
void heap_probe_purge(const struct heap_probe *probe, struct allocator_heap *heap);

#endif
