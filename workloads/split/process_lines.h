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
 * The callback runs on the calling thread, in order, and must not touch the arena or the pool.
 * Later fields of options, line and report are added at the end; zero will mean as today. So start
 * from zeros.
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

/* Zero in a field means its default. */
struct process_lines_options {
    const struct split_options *split; /* NULL: split_options_default(). readable_after counts
                                          behind the whole text */
    bool view;                  /* tokens point into the text; default: copied, split_pooled */
    size_t batch_bytes;         /* 0 = PROCESS_LINES_BATCH_BYTES */
    struct string_arena *arena; /* the caller's: what it held before stays, what this call takes is
                                   given back to it; NULL: one of the call's own */
    struct split_result_pool *pool; /* the caller's; NULL: one of the call's own */
};

struct process_lines_line {
    const struct split_result *tokens; /* split_result_token() reads it; the call releases it */
    const char *text;                  /* the line as it stands in the caller's text */
    size_t length;                     /* without its end */
    size_t index;                      /* from 0 */
    size_t offset;                     /* of its first byte in the text */
};

/* 0 to go on; anything else stops, and stands as `error` in the report. */
typedef int (*process_lines_callback)(void *context, const struct process_lines_line *line);

enum process_lines_end {
    PROCESS_LINES_DONE,    /* every line was processed */
    PROCESS_LINES_STOPPED, /* by the callback */
    PROCESS_LINES_FAILED   /* errno in error: ENOMEM; EINVAL: options; EOVERFLOW: a line above
                              SPLIT_TEXT_MAX */
};

struct process_lines_report {
    enum process_lines_end end;
    int error;        /* 0, the callback's value, or an errno */
    size_t line;      /* index of the line where it ended; with DONE the number of lines */
    size_t offset;    /* where that line begins; with DONE the text's length */
    uint64_t lines;   /* given to the callback, one that stopped included */
    uint64_t tokens;  /* in those lines */
    uint64_t batches; /* begun */
    uint64_t bytes;   /* of those lines, their ends included */
};

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
