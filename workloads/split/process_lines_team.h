/*
 * The workers of one process_lines_bulk, what they share, and where the ranges of its text begin.
 * Internal to the library.
 *
 * A range has the lines that begin in its stretch of text, the last of which may end beyond it.
 * Whether a stretch begins inside quotes is known from the parity of the quotes before it.
 */
#ifndef WORKLOADS_PROCESS_LINES_TEAM_H
#define WORKLOADS_PROCESS_LINES_TEAM_H

#include <pthread.h>

#include "in_turn.h"
#include "process_lines_work.h"
#include "work_deque.h"

struct lines_team;

struct team_worker {
    struct work_deque deque;
    struct lines_worker lines;
    struct lines_team *team;
    uint64_t ranges;
    uint64_t steals, lost_steals, lost_ranges; /* lost: to another thread's compare-and-swap */
    pthread_t thread;
    bool begun; /* it had its memory */
};

/* Its gaps keep apart what different threads write. */
struct lines_team { /* NOLINT(clang-analyzer-optin.performance.Padding) */
    struct lines_call *call;
    struct lines_range *ranges;
    size_t range_count;
    size_t range_bytes;
    struct team_worker *workers;
    unsigned worker_count; /* most there may be; those without a thread have empty deques */
    _Atomic int thread_error;

    _Alignas(64) _Atomic size_t next_counted; /* of the first pass */
    _Atomic size_t counted;
    _Alignas(64) _Atomic size_t next;      /* range that is not given out */
    struct in_turn delivery;               /* of ranges, with `ordered` */
    size_t delivered_lines;                /* whoever is delivering's */
    _Alignas(64) _Atomic uint32_t changes; /* what waiters wait for: a delivery, or an end */
    _Atomic uint32_t waiting;
};

static inline size_t lines_range_from(const struct lines_team *team, size_t index)
{
    return index * team->range_bytes;
}

static inline size_t lines_range_until(const struct lines_team *team, size_t index)
{
    size_t left = team->call->length - lines_range_from(team, index);
    return lines_range_from(team, index) + (left < team->range_bytes ? left : team->range_bytes);
}

/* Offset of the first line that begins in a range or, where it is known, behind it; SIZE_MAX: none
 * begins in the range. */
size_t lines_range_first_line(const struct lines_team *team, size_t index);

/* The first pass, before any line is given, where there are quotes or lines are to be numbered:
 * what lies before each range. Every worker calls it, and returns when all of it is done. */
void lines_team_count(struct lines_team *team);

/* Until `changes` is no longer what it was; perhaps sooner. */
void lines_team_wait(struct lines_team *team, uint32_t was);
void lines_team_note_change(struct lines_team *team);

#endif
