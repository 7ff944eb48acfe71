/*
 * The life of a heap in one trial: what was live (L), usable (U) and committed (C) at every call
 * that the tracker sees, and the maxima, means and histograms of them. All of it lies in memory
 * that is mapped and touched before the heap is opened, and no call here allocates.
 *
 * Time is allocation time: bytes requested since the beginning (Barrett & Zorn 1993). C is asked of
 * the heap at every call where that is cheap. Elsewhere it is asked after each 1/256 of L
 * requested, after each large request, whenever the program break moved, and at scope ends; for
 * half of that at most a quarter of the trial is spent.
 */
#ifndef HARNESS_RUNNER_HEAP_LOG_H
#define HARNESS_RUNNER_HEAP_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/runner/birth_table.h"
#include "harness/runner/heap_curve.h"
#include "harness/runner/heap_probe.h"
#include "harness/runner/log_classes.h"
#include "harness/runner/report.h"

struct heap_log {
    struct heap_probe probe;
    struct allocator_heap *heap;
    uint64_t in_use_before; /* by others, when the log began: no part of C */

    uint64_t time;
    uint64_t calls;
    uint64_t live_bytes, live_blocks, live_blocks_max;
    uint64_t requested_bytes, usable_bytes; /* sums over all blocks */
    uint64_t container_bytes, container_used_bytes;

    uint64_t committed;                            /* when last asked */
    uint64_t live_max, committed_at_live_max;      /* the first time it was reached */
    uint64_t committed_max, live_at_committed_max; /* of several such times the most live one */
    double live_over_time, committed_over_time;    /* integrals over allocation time */
    double live_over_calls, committed_over_calls;

    uint64_t asked;         /* times that C was asked of the heap */
    uint64_t asked_at_time; /* when last */
    void *asked_at_break;
    uint64_t asked_at_ns, asking_ns;

    struct log_classes sizes;
    struct log_classes lifetimes;
    struct heap_curve curve; /* where one was begun */
    struct birth_table births;
};

/* Maps and touches it. NULL with errno. */
struct heap_log *heap_log_open(void);
/* Begins: to be called just before the heap is opened, and once more with the heap. */
void heap_log_before(struct heap_log *log);
void heap_log_begin(struct heap_log *log, struct allocator_heap *heap);

void heap_log_allocated(struct heap_log *log, const void *block, size_t size, size_t usable);
/* size counts where the block's birth is not known: a caller may have come to need less of it. */
void heap_log_freed(struct heap_log *log, const void *block, size_t size);
/* A container of which `used` bytes hold something. */
void heap_log_filled(struct heap_log *log, size_t size, size_t used);
void heap_log_scope_ended(struct heap_log *log);
void heap_log_op_done(struct heap_log *log);
/* Asks for C now; false: it cannot be had. */
bool heap_log_ask(struct heap_log *log);
/* C now, for the curve: no maximum and no mean knows of it. Unknown: HEAP_CURVE_UNKNOWN. */
uint64_t heap_log_committed(const struct heap_log *log);

void heap_log_report(const struct heap_log *log, struct report *report);
/* The curve, and the histograms of sizes and lifetimes: x is the least value of a class (see
 * log_classes.h), y how many blocks fell into it, of lifetimes those of the addresses kept. */
void heap_log_report_series(const struct heap_log *log, struct report *report);

#endif
