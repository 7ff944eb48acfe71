/*
 * Which pages of a heap are live, pinned or free at its peak: of each page that became resident
 * since before the heap was opened (and of those there already in which blocks lie), how many
 * bytes of it are in live blocks, as usable size.
 *
 *     live    half of the page or more
 *     pinned  less than half, but some block: the page cannot be given back
 *     free    none
 *
 * The map is drawn in a tracked pass of its own, after everything else of the trial was measured,
 * at the first call at which as much is live as was at most in the passes before: a pass repeats
 * its calls. So its bookkeeping is in no figure of C or R. One thread; no call here allocates from
 * the heap.
 */
#ifndef HARNESS_RUNNER_HEAP_MAP_H
#define HARNESS_RUNNER_HEAP_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/runner/report.h"

#define HEAP_MAP_PAGE ((size_t)4096)
/* Cells of the strip at most: pages in a row, in order of address, gaps left out. */
#define HEAP_MAP_CELLS 512

struct heap_map_pages {
    uint32_t live, pinned, free;
};

struct heap_map;

/* NULL with errno. There is no close: a process has one heap. */
struct heap_map *heap_map_open(void);
/* Notes what is resident; to be called before the heap is opened. */
void heap_map_before(struct heap_map *map);
/* From now on blocks are noted, and the map is drawn once `peak` bytes were asked for. */
void heap_map_begin(struct heap_map *map, uint64_t peak);
/* A block of `size` bytes asked for, usable ones from `block` on; both the same at either call. */
void heap_map_allocated(struct heap_map *map, const void *block, size_t size, size_t usable);
void heap_map_freed(struct heap_map *map, const void *block, size_t size, size_t usable);

/* Adds the pages of [from, to), which is mapped, to the strip. Drawing does it for all ranges. */
void heap_map_look(struct heap_map *map, uintptr_t from, uintptr_t to);
/* The strip so far: cells of *pages_each pages, the last one of fewer. */
size_t heap_map_strip(const struct heap_map *map, const struct heap_map_pages **cells,
                      uint32_t *pages_each);
/* Once all blocks are freed: NULL, or why the map is not to be trusted. */
const char *heap_map_fault(const struct heap_map *map);

/* The series heap_map_live, _pinned and _free: x is the cell's first page, y pages; zeros are left
 * out. Nothing where there is a fault. */
void heap_map_report(const struct heap_map *map, struct report *report);

#endif
