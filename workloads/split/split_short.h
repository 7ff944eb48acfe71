/* The split of a short text. Internal to the library; see split_short.c. */
#ifndef WORKLOADS_SPLIT_SHORT_H
#define WORKLOADS_SPLIT_SHORT_H

#include "split_scan.h"

/* Texts below this many bytes are short. */
#define SPLIT_SHORT ((size_t)128)

/* Any text, any options. */
bool split_pooled_any(struct split_result *result, const char *text, size_t length,
                      const struct split_options *options, struct string_arena *arena,
                      struct split_result_pool *pool);
bool split_view_any(struct split_result *result, const char *text, size_t length,
                    const struct split_options *options, struct string_arena *arena,
                    struct split_result_pool *pool);

#if defined(__x86_64__)
/* The spans of a short text, of up to 16 tokens without doubled quotes; 0: find them otherwise.
 * readable: bytes from text on that may be read. quote: 0 for none. spans: room for 16. */
size_t split_short_spans_avx512(const char *text, size_t length, size_t readable, char delimiter,
                                char quote, struct split_span *spans);

/* split_pooled and split_view of a short text, whose options split_is_prepared took, */
bool split_short_prepared_pooled_avx512(struct split_result *result, const char *text,
                                        size_t length, const struct split_options *options,
                                        struct string_arena *arena, struct split_result_pool *pool);
bool split_short_prepared_view_avx512(struct split_result *result, const char *text, size_t length,
                                      const struct split_options *options,
                                      struct string_arena *arena, struct split_result_pool *pool);
/* whose options split_is_plain took, */
bool split_short_pooled_avx512(struct split_result *result, const char *text, size_t length,
                               const struct split_options *options, struct string_arena *arena,
                               struct split_result_pool *pool);
bool split_short_view_avx512(struct split_result *result, const char *text, size_t length,
                             const struct split_options *options, struct string_arena *arena,
                             struct split_result_pool *pool);
/* and of one whose options split_is_quoted took. */
bool split_short_quoted_pooled_avx512(struct split_result *result, const char *text, size_t length,
                                      const struct split_options *options,
                                      struct string_arena *arena, struct split_result_pool *pool);
bool split_short_quoted_view_avx512(struct split_result *result, const char *text, size_t length,
                                    const struct split_options *options, struct string_arena *arena,
                                    struct split_result_pool *pool);
#endif

#endif
