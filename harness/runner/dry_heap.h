/*
 * A heap of nothing but a bumped pointer, for the pass that asks what a workload allocates before
 * any heap is measured: it leaves no trace in the process's malloc.
 */
#ifndef HARNESS_RUNNER_DRY_HEAP_H
#define HARNESS_RUNNER_DRY_HEAP_H

#include <stdbool.h>
#include <stddef.h>

#include "workloads/workload.h"

struct dry_heap {
    char *buffer;
    char *next;
    size_t size;
    size_t scope_size;
    size_t scopes;
    size_t begun;
};

/* False: errno. */
bool dry_heap_open(struct dry_heap *heap, const struct workload_input *input);
void dry_heap_close(struct dry_heap *heap);
/* NULL: the scope holds more than the workload said. */
void *dry_heap_allocate(struct dry_heap *heap, size_t size);
/* Scopes take the buffer's parts in turn. */
void dry_heap_scope_begin(struct dry_heap *heap);

#endif
