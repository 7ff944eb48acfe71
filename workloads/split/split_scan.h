/*
 * Where the tokens of a text are: the one scanner behind every strategy. Internal to the library.
 *
 * A scan hands out spans in blocks, so that a caller may write them where it wants them. The plain
 * case (one delimiter byte and no option) runs on vector registers, chosen at run time by what the
 * CPU has; everything else is scalar.
 */
#ifndef WORKLOADS_SPLIT_SCAN_H
#define WORKLOADS_SPLIT_SCAN_H

#include "split.h"

/* A span's length with this bit: the token holds doubled quotes, each to become one. */
#define SPLIT_SPAN_QUOTES 0x80000000u

struct split_scan {
    const char *text;
    size_t length;
    const struct split_options *options;
    char *copy_to;   /* NULL, or where text is copied on the way (plain scans on vectors only) */
    size_t position; /* where the next token begins */
    size_t scanned;  /* plain: bytes already looked at */
    size_t emitted;
    bool plain;
    bool done;
};

enum split_level { SPLIT_SCALAR, SPLIT_SSE2, SPLIT_AVX2, SPLIT_AVX512, SPLIT_LEVEL_COUNT };

/* The best level of this CPU. */
enum split_level split_level_best(void);

/* False with errno EINVAL (options) or EOVERFLOW (length). */
bool split_scan_begin(struct split_scan *scan, const char *text, size_t length,
                      const struct split_options *options);

/* Up to max spans (at least 1) from where the last call ended; fewer than max: that was the end. */
size_t split_scan_next(struct split_scan *scan, struct split_span *spans, size_t max);
/* The same on a chosen level, for tests and measurements; level must not exceed the best. */
size_t split_scan_next_at(struct split_scan *scan, struct split_span *spans, size_t max,
                          enum split_level level);

/* bytes -> to (to may be bytes), each doubled quote made one; the length of what was written. */
size_t split_unescape(char *to, const char *bytes, size_t length, char quote);

#endif
