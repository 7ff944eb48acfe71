/*
 * Where the tokens of a text are. Internal to the library.
 *
 * Two scanners: the general one takes every option, is scalar, and hands out spans in blocks; the
 * plain one (one delimiter byte, no option) takes a whole text at once on vector registers, chosen
 * at run time by what the CPU has.
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
    size_t position; /* where the next token begins */
    size_t emitted;
    bool done;
};

/* False with errno EINVAL (options) or EOVERFLOW (length). */
bool split_scan_check(size_t length, const struct split_options *options);

/* Of options that split_scan_check took. */
static inline struct split_scan split_scan_begin(const char *text, size_t length,
                                                 const struct split_options *options)
{
    struct split_scan scan = {text, length, options, 0, 0, false};
    return scan;
}

/* Up to max spans (at least 1) from where the last call ended; fewer than max: that was the end. */
size_t split_scan_next(struct split_scan *scan, struct split_span *spans, size_t max);

/* Whether the plain scanner will do; such options are valid. */
static inline bool split_is_plain(const struct split_options *options)
{
    return options->delimiter_count == 1 && options->delimiters &&
           options->delimiters[0].length == 1 && options->delimiters[0].bytes &&
           !(options->drop_empty | options->trim | options->quote) && options->limit == 0;
}

struct split_plain {
    const char *text;
    size_t length;
    size_t readable; /* bytes from text on that may be read; at least length */
    char *copy_to;   /* NULL, or where the text is copied on the way; STRING_ARENA_OVERCOPY bytes
                        behind it may be written */
    char delimiter;
};

/* All spans of a text in `spans`; their number, or more than max where they do not fit (what is
 * written is then of no use). */
size_t split_plain_spans(const struct split_plain *plain, struct split_span *spans, size_t max);

enum split_level { SPLIT_SCALAR, SPLIT_SSE2, SPLIT_AVX2, SPLIT_AVX512, SPLIT_LEVEL_COUNT };

#if defined(__x86_64__)
/* One test, on the hot path: every CPU with VBMI2 has the rest of SPLIT_TARGET_AVX512. */
static inline bool split_has_avx512(void)
{
    return __builtin_cpu_supports("avx512vbmi2") != 0;
}
#endif

/* The best level of this CPU. */
enum split_level split_level_best(void);
/* split_plain_spans on a chosen level, for tests and measurements; level must not exceed the best.
 */
size_t split_plain_spans_at(const struct split_plain *plain, struct split_span *spans, size_t max,
                            enum split_level level);

/* bytes -> to (to may be bytes), each doubled quote made one; the length of what was written. */
size_t split_unescape(char *to, const char *bytes, size_t length, char quote);

#endif
