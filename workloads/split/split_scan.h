/*
 * Where the tokens of a text are. Internal to the library.
 *
 * Two scanners: the general one takes every option, is scalar, and hands out spans in blocks; the
 * plain one (one delimiter byte, no option) takes a whole text at once on vector registers, chosen
 * at run time by what the CPU has.
 */
#ifndef WORKLOADS_SPLIT_SCAN_H
#define WORKLOADS_SPLIT_SCAN_H

#include <string.h>

#include "split.h"

/* A span's length with this bit: the token holds doubled quotes, each to become one. */
#define SPLIT_SPAN_QUOTES 0x80000000u

struct split_scan {
    const char *text;
    size_t length;
    const struct split_options *options;
    size_t position;     /* where the next token begins */
    size_t block;        /* candidates are of the 64 bytes from here on, */
    uint64_t candidates; /* each set bit the first byte of a delimiter, ... */
    size_t block_end;    /* ... and none is known from here on */
    size_t emitted;
    bool done;
};

/* False with errno EINVAL (options) or EOVERFLOW (length). */
bool split_scan_check(size_t length, const struct split_options *options);

/* Of options that split_scan_check took. */
static inline struct split_scan split_scan_begin(const char *text, size_t length,
                                                 const struct split_options *options)
{
    struct split_scan scan = {text, length, options, 0, 0, 0, 0, 0, false};
    return scan;
}

/* Up to max spans (at least 1) from where the last call ended; fewer than max: that was the end. */
size_t split_scan_next(struct split_scan *scan, struct split_span *spans, size_t max);

/* drop_empty, trim, quote, prepared and limit, which are asked a line: in one comparison. */
struct split_options_word {
    char bytes[8];
};
static inline struct split_options_word split_options_word(const struct split_options *options)
{
    struct split_options_word word;
    _Static_assert(offsetof(struct split_options, prepared) ==
                           offsetof(struct split_options, drop_empty) + 3 &&
                       offsetof(struct split_options, readable_after) ==
                           offsetof(struct split_options, drop_empty) + sizeof word,
                   "they stand together");
    memcpy(&word, (const char *)options + offsetof(struct split_options, drop_empty), sizeof word);
    return word;
}

/* Whether split_options_prepare has found the options plain, and this CPU's scanners those of
 * split_short.h. */
static inline bool split_is_prepared(const struct split_options *options)
{
    static const struct split_options_word prepared = {{0, 0, 0, 1}};
    struct split_options_word word = split_options_word(options);
    return memcmp(&word, &prepared, sizeof word) == 0;
}

static inline bool split_is_unmodified(const struct split_options *options)
{
    static const struct split_options_word none;
    struct split_options_word word = split_options_word(options);
    word.bytes[3] = 0;
    return memcmp(&word, &none, sizeof word) == 0;
}

static inline bool split_is_one_byte(const struct split_options *options)
{
    return options->delimiter_count == 1 && options->delimiters &&
           options->delimiters[0].length == 1 && options->delimiters[0].bytes;
}

/* Whether the plain scanner will do; such options are valid. */
static inline bool split_is_plain(const struct split_options *options)
{
    return split_is_unmodified(options) && split_is_one_byte(options);
}

/* Whether the quoted scanner will do: one delimiter byte and quotes, no other option. */
static inline bool split_is_quoted(const struct split_options *options)
{
    return options->quote != 0 && split_is_one_byte(options) &&
           options->delimiters[0].bytes[0] != options->quote &&
           !(options->drop_empty | options->trim) && options->limit == 0;
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

/* What split_quoted_spans says of quotes that are not RFC 4180's: one in mid-token, a closing one
 * before anything but a delimiter, one that never closes. */
#define SPLIT_ODD_QUOTES SIZE_MAX

/* split_plain_spans with quotes: the spans of what lies between a token's quotes, a length's
 * SPLIT_SPAN_QUOTES set where it holds doubled ones. Copies nothing. */
size_t split_quoted_spans(const struct split_plain *plain, char quote, struct split_span *spans,
                          size_t max);

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
size_t split_quoted_spans_at(const struct split_plain *plain, char quote, struct split_span *spans,
                             size_t max, enum split_level level);

/* bytes -> to (to may be bytes), each doubled quote made one; the length of what was written. */
size_t split_unescape(char *to, const char *bytes, size_t length, char quote);

#endif
