/*
 * process_lines_bulk: a whole text, line by line, each line's tokens given to a callback.
 *
 *     static int count(void *context, const struct process_lines_line *line)
 *     {
 *         *(size_t *)context += line->tokens->count;
 *         return 0;                                      anything else stops
 *     }
 *     struct process_lines_report report;
 *     if (!process_lines_bulk(text, length, NULL, count, &tokens, &report)) ...
 *
 * Lines. A line ends at \n or \r\n, which are not part of it; the last needs no end; a text of 0
 * bytes has no line. With a quote (split->quote) a \n stands inside quotes, and does not end the
 * line, where an odd number of quotes precedes it in the line. Any byte may occur, NUL included.
 *
 * Lifetime. What the callback is given is valid until it returns; a line's and (with view) a
 * token's text as long as the caller's text is. Memory is released in bulk: the arena as a whole
 * after each batch, which is a run of whole lines of at most batch_bytes bytes, or one longer line.
 *
 * Threads. With `threads` of 0 or 1 the callback runs on the calling thread, in order. With more
 * the text is cut into ranges of whole lines, which that many threads (the calling one is one of
 * them) take up roughly in the text's order and steal from each other: lines of one range come in
 * order on one thread, ranges come in any. Each thread works in an arena and a pool of its own. So
 * the callback is called by several threads at once: let it write only to what its line->worker or
 * its line->range owns. Every line is given exactly once, with the tokens it has on one thread.
 *
 * Delivery. range_end, where it is given, is called once for each range that gave a line: as soon
 * as that range is done, by any worker; or, with `ordered`, in the text's order, never two at a
 * time. What a range's lines yield is kept in range->user until then.
 *
 * An end before the end. A line whose callback says stop, or that cannot be split, ends the call:
 * ranges behind it are left at once, those before it are finished, for one of their lines might be
 * the first to stop. So the report names the line that a single thread would have stopped at. (More
 * lines than that may have been given to callbacks meanwhile.) A cancel leaves all ranges at once.
 *
 * The callback must not touch the arena or the pool. Later fields of options, line and report are
 * added at the end; zero will mean as today. So start from zeros.
 */
#ifndef APPORTION_PROCESS_LINES_H
#define APPORTION_PROCESS_LINES_H

#include "split.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* A batch's text copied fits the first chunk of a default arena (64 KiB), so a text of common lines
 * takes one chunk however long it is, and the copy stays in a core's L2 cache; resetting an arena
 * costs so little that a larger batch saves nothing. */
#define PROCESS_LINES_BATCH_BYTES ((size_t)48 << 10)

/* Most bytes of a range, at more than one thread: a few batches, so that what is done once a range
 * vanishes. A short text's ranges are smaller, 16 for each thread, but not below 16 KiB. */
#define PROCESS_LINES_RANGE_BYTES ((size_t)192 << 10)

/* Lines that lie together; all of its fields but `user` are the call's. */
struct process_lines_range {
    size_t index;      /* from 0, in the text's order; there are gaps where no line begins */
    size_t offset;     /* of its first line in the text */
    size_t bytes;      /* of its lines given so far, ends included */
    size_t lines;      /* given so far */
    size_t first_line; /* lines before it in the text; known in range_end with `ordered`, and
                          everywhere with number_lines or one thread; else 0 */
    unsigned worker;   /* who has it, from 0 */
    bool dropped;      /* in range_end: the call ended before this range was done, or delivered.
                          Only release what `user` points to */
    void *user;        /* the callbacks'; NULL at first */
};

/* As a line's callback; where it stops, the report names the range's first line. */
typedef int (*process_lines_range_end)(void *context, struct process_lines_range *range);

/* bytes of lines done, of total: rising, never two at a time, by any worker; at most ten times a
 * second and, with DONE, at the end. Anything but 0 cancels what is still to be done. */
typedef int (*process_lines_progress)(void *context, size_t bytes, size_t total);

/* Zero in a field means its default. */
struct process_lines_options {
    const struct split_options *split; /* NULL: split_options_default(). readable_after counts
                                          behind the whole text */
    bool view;                  /* tokens point into the text; default: copied, split_pooled */
    size_t batch_bytes;         /* 0 = PROCESS_LINES_BATCH_BYTES */
    struct string_arena *arena; /* the caller's: what it held before stays, what this call takes is
                                   given back to it; NULL: one of the call's own */
    struct split_result_pool *pool; /* the caller's; NULL: one of the call's own */

    unsigned threads;   /* that work, the calling one included; 0 and 1: it alone. Where fewer can
                           be had, or there are fewer ranges, fewer work: see the report */
    size_t range_bytes; /* 0 = PROCESS_LINES_RANGE_BYTES or less */
    bool ordered;      /* range_end in the text's order. At most 32 ranges for each thread are begun
                          before the oldest is delivered */
    bool number_lines; /* line->index counts from the text's first line whatever the threads, which
                          takes a pass over the text; else, with several, from its range's */
    process_lines_range_end range_end; /* NULL: not wanted. All callbacks get the call's context */
    process_lines_progress progress;   /* NULL: not wanted */
    const int
        *cancel; /* looked at before each line: process_lines_cancel(), for good; NULL: never */
    /* Threads of the caller's own, that are there already: where a text takes but some
     * milliseconds, starting them is a part of that. It calls work(team, worker) for each worker, 0
     * to workers
     * - 1, each once and 0 at least, on whatever threads and in whatever order, and comes back when
     * all calls have. NULL: threads are started, and end with the call. */
    void (*run)(void *context, unsigned workers, void (*work)(void *team, unsigned worker),
                void *team);
    /* On each worker's thread before its first line, worker 0 (the caller's) included: the place to
     * pin it. Workers' threads run with all signals blocked and end with the call. */
    void (*thread_start)(void *context, unsigned worker);
    /* What the workers' arenas and pools begin with; arena and pool above are worker 0's. The
     * source must be one that any thread may call. */
    const struct string_arena_options *arena_options;     /* NULL: the defaults */
    const struct split_result_pool_options *pool_options; /* NULL: the defaults. With an exchange
                           the pools begin with what earlier calls left there */
    bool unsplit; /* for a caller that splits lines itself: they come with no tokens (count 0) */
};

struct process_lines_line {
    const struct split_result *tokens; /* split_result_token() reads it; the call releases it */
    const char *text;                  /* the line as it stands in the caller's text */
    size_t length;                     /* without its end */
    size_t index;                      /* from 0; see number_lines */
    size_t offset;                     /* of its first byte in the text */
    unsigned worker;                   /* on which the callback runs; 0: the calling thread */
    struct process_lines_range *range; /* that it lies in */
};

/* 0 to go on; anything else stops, and stands as `error` in the report. */
typedef int (*process_lines_callback)(void *context, const struct process_lines_line *line);

enum process_lines_end {
    PROCESS_LINES_DONE,     /* every line was processed */
    PROCESS_LINES_STOPPED,  /* by the callback */
    PROCESS_LINES_FAILED,   /* errno in error: ENOMEM; EINVAL: options; EOVERFLOW: a line above
                               SPLIT_TEXT_MAX */
    PROCESS_LINES_CANCELLED /* by the cancel flag, or by progress, whose value is in error */
};

struct process_lines_report {
    enum process_lines_end end;
    int error;        /* 0, a callback's value, or an errno */
    size_t line;      /* index of the line where it ended (CANCELLED: the first one that was not
                         done); with DONE the number of lines */
    size_t offset;    /* where that line begins; with DONE the text's length */
    uint64_t lines;   /* given to the callback, one that stopped included */
    uint64_t tokens;  /* in those lines */
    uint64_t batches; /* begun */
    uint64_t bytes;   /* of those lines, their ends included */

    unsigned threads; /* that worked, the calling one included */
    int thread_error; /* errno of the first thread or its memory that could not be had; 0: none */
    uint64_t ranges;  /* taken up */
    uint64_t steals;  /* of those, taken from another worker */
    uint64_t lost_steals; /* attempts at one that another worker was quicker to take */
    uint64_t contended;   /* those, and attempts at a range not taken from another worker */
};

/* Sets the flag that options.cancel points to; from any thread or a signal handler. */
static inline void process_lines_cancel(int *cancel)
{
    __atomic_store_n(cancel, 1, __ATOMIC_RELAXED);
}

/* True: DONE. False: the report says where and why; errno is the report's error where it FAILED.
 * Whatever the end, everything is released. options NULL: all defaults; report NULL: not wanted. */
bool process_lines_bulk(const char *text, size_t length,
                        const struct process_lines_options *options,
                        process_lines_callback callback, void *context,
                        struct process_lines_report *report);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
