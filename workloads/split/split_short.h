/* The plain split of a short text. Internal to the library; see split_short.c. */
#ifndef WORKLOADS_SPLIT_SHORT_H
#define WORKLOADS_SPLIT_SHORT_H

#include "split_scan.h"

/* Texts below this many bytes are short. */
#define SPLIT_SHORT ((size_t)128)

/* The plain split of a text of any length that is within SPLIT_TEXT_MAX: pooled where there is an
 * arena for the copy, else a view. */
bool split_plain_any(struct split_result *result, const char *text, size_t length,
                     const struct split_options *options, struct string_arena *arena,
                     struct split_result_pool *pool);
#if defined(__x86_64__)
/* The spans of a short text, of up to 16 tokens; 0: there are more. readable: bytes from text on
 * that may be read. spans: room for 16. */
size_t split_short_spans_avx512(const char *text, size_t length, size_t readable, char delimiter,
                                struct split_span *spans);
/* split_plain_any of a short text. */
bool split_short_avx512(struct split_result *result, const char *text, size_t length,
                        const struct split_options *options, struct string_arena *arena,
                        struct split_result_pool *pool);
#endif

#endif
