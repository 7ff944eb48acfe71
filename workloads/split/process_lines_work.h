/*
 * What one thread of process_lines_bulk does: the lines of a range, one by one, with an arena and a
 * pool, batch by batch. Internal to the library.
 */
#ifndef WORKLOADS_PROCESS_LINES_WORK_H
#define WORKLOADS_PROCESS_LINES_WORK_H

#include <stdatomic.h>

#include "line_scan.h"
#include "process_lines.h"

/* All that the workers of a call share; what they write often on cache lines of its own. */
/* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding) */
struct lines_call {
    const char *text;
    size_t length;
    struct process_lines_options options; /* defaults filled in */
    struct split_options split;
    process_lines_callback callback;
    void *context;
    _Alignas(64) _Atomic size_t stop_at; /* ranges from this one on are not wanted any more */
    _Atomic int progress_error;          /* what progress returned */
    _Alignas(64) _Atomic size_t bytes_done;
    _Atomic uint64_t told_at; /* when progress was called last, in nanoseconds */
    _Atomic bool telling;
    size_t bytes_told; /* whoever is telling's */
};

/* What one thread works with, its own or the caller's. */
struct lines_worker {
    struct string_arena *arena;
    struct split_result_pool *pool;
    struct string_arena own_arena;
    struct split_result_pool *own_pool;
    struct string_arena_mark mark;
    size_t batch;      /* bytes in it so far; 0: none is begun */
    size_t bytes_told; /* of those done, what progress may know */
    unsigned index;
    uint64_t lines, tokens, batches, bytes; /* as in the report */
};

enum lines_range_state {
    LINES_RANGE_NEW,
    LINES_RANGE_DONE, /* every line given, none stopped */
    LINES_RANGE_LEFT  /* ended before; where, and why, stands in the range */
};

/* A cache line of its own (two, in fact): neighbours belong to other workers. */
struct lines_range {
    _Alignas(64) struct process_lines_range given;
    _Atomic int state;
    bool inside;                    /* an odd number of quotes lies before its first byte */
    bool delivered;                 /* range_end was called */
    bool refused;                   /* and said stop */
    struct line_scan_counts counts; /* ends only with number_lines */
    size_t passed;                  /* lines that did not stop */
    size_t at; /* LEFT: offset of the line; DONE: where the next one begins, 0: not known */
    enum process_lines_end end;
    int error;
};

/* False with errno EINVAL. */
bool lines_call_begin(struct lines_call *call, const char *text, size_t length,
                      const struct process_lines_options *options, process_lines_callback callback,
                      void *context);

/* False with errno; then nothing is held. */
bool lines_worker_begin(struct lines_worker *worker, const struct lines_call *call, unsigned index);
void lines_worker_end(struct lines_worker *worker);

/* The lines that begin from `from` (which is where a line begins) on, before `until`. What became
 * of it stands in the range, but for its state: whether it is done. */
bool lines_worker_run(struct lines_worker *worker, struct lines_call *call,
                      struct lines_range *range, size_t from, size_t until);

/* Ends the call at a range: those behind it are not wanted any more. */
void lines_stop_behind(struct lines_call *call, size_t range);

static inline bool lines_cancelled(const struct lines_call *call)
{
    return call->options.cancel && __atomic_load_n(call->options.cancel, __ATOMIC_RELAXED) != 0;
}

static inline bool lines_wanted(const struct lines_call *call, size_t range)
{
    return range < atomic_load_explicit(&call->stop_at, memory_order_relaxed) &&
           !lines_cancelled(call);
}

/* The call with several threads, or by ranges; line, offset, error and end of the report, and what
 * is summed up in it. */
void process_lines_by_ranges(struct lines_call *call, struct process_lines_report *report);

#endif
