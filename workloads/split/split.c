/* The three strategies of split.h on the scanner. */
#include "split.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "allocators/malloc_shaped.h"
#include "split_owned.h"
#include "split_scan.h"
#include "split_scan_levels.h"
#include "split_short.h"

/* Texts longer than this are estimated from their first part. */
#define ESTIMATE_SAMPLE ((size_t)4096)

static const struct allocator general_heap = {.name = "malloc", ALLOCATOR_MALLOC_SHAPED};

struct split_options split_options_default(void)
{
    static const struct split_delimiter comma = {",", 1};
    struct split_options options;
    memset(&options, 0, sizeof options);
    options.delimiters = &comma;
    options.delimiter_count = 1;
    return options;
}

bool split_options_prepare(struct split_options *options)
{
    if (!split_scan_check(0, options))
        return false;
    options->prepared = 0;
#if defined(__x86_64__)
    options->prepared = split_has_avx512() && split_is_plain(options);
    options->only_byte = options->delimiters[0].bytes[0];
#endif
    return true;
}

void split_result_release_owned(struct split_result *result)
{
    split_owned_release_with((struct split_token *)(uintptr_t)result->tokens, result->count,
                             result->capacity_bytes / sizeof *result->tokens, &general_heap, NULL);
    result->tokens = NULL;
    result->count = 0;
}

bool split_owned(struct split_result *result, const char *text, size_t length,
                 const struct split_options *options)
{
    return split_owned_with(result, text, length, options, &general_heap, NULL);
}

static size_t count_byte(const char *text, size_t length, char byte)
{
#if defined(__x86_64__)
    return split_count_byte(text, length, byte);
#else
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += text[i] == byte;
    return count;
#endif
}

size_t estimate_split_count(const char *text, size_t length, const struct split_options *options)
{
    size_t sample = length < ESTIMATE_SAMPLE ? length : ESTIMATE_SAMPLE;
    size_t delimiters = 0;
    for (size_t i = 0; i < options->delimiter_count; i++)
        delimiters += count_byte(text, sample, options->delimiters[i].bytes[0]);
    if (sample < length)
        delimiters = (size_t)((double)delimiters * ((double)length / (double)sample));
    if (options->limit != 0 && delimiters >= options->limit)
        return options->limit;
    return delimiters + 1;
}

/* Spans of a first container: a line's worth. A short text is simply scanned into it, which is
 * cheaper than counting first; a longer one is estimated. */
#define SPANS_FIRST 16
#define ESTIMATE_FROM 256

static struct split_span *get_spans(struct split_result *result, size_t count,
                                    struct split_result_pool *pool)
{
    struct split_span *spans = (struct split_span *)split_result_pool_get(
        pool, count * sizeof *spans, &result->capacity_bytes);
    result->spans = spans;
    result->pool = spans ? pool : NULL;
    return spans;
}

static void drop_spans(struct split_result *result)
{
    split_result_pool_return(result->pool, (void *)(uintptr_t)result->spans,
                             result->capacity_bytes);
    result->spans = NULL;
    result->pool = NULL;
}

/* The general scanner's spans; false: no memory, nothing is held. */
static bool general_spans(struct split_result *result, const char *text, size_t length,
                          const struct split_options *options, struct split_result_pool *pool)
{
    struct split_scan scan = split_scan_begin(text, length, options);
    size_t wanted =
        length <= ESTIMATE_FROM ? SPANS_FIRST : estimate_split_count(text, length, options);
    struct split_span *spans = get_spans(result, wanted, pool);
    result->count = 0;
    while (spans) {
        size_t room = result->capacity_bytes / sizeof *spans - result->count;
        size_t found = split_scan_next(&scan, spans + result->count, room);
        result->count += found;
        if (found < room || scan.done)
            return true;
        void *grown =
            split_result_pool_grow(pool, spans, &result->capacity_bytes,
                                   result->count * sizeof *spans, result->capacity_bytes * 2);
        if (!grown) {
            drop_spans(result);
            return false;
        }
        result->spans = spans = (struct split_span *)grown;
    }
    return false;
}

/* The scanners that take a whole text at once, into a container that fits. False: see fill_spans.
 */
static bool whole_spans(struct split_result *result, const struct split_plain *plain,
                        const struct split_options *options, struct split_result_pool *pool)
{
    size_t wanted = plain->length <= ESTIMATE_FROM
                        ? SPANS_FIRST
                        : estimate_split_count(plain->text, plain->length, options) + 8;
    for (;;) {
        struct split_span *spans = get_spans(result, wanted, pool);
        if (!spans)
            return false;
        size_t room = result->capacity_bytes / sizeof *spans;
        result->count = options->quote ? split_quoted_spans(plain, options->quote, spans, room)
                                       : split_plain_spans(plain, spans, room);
        if (__builtin_expect(result->count <= room, 1))
            return true;
        drop_spans(result);
        if (result->count == SPLIT_ODD_QUOTES)
            return general_spans(result, plain->text, plain->length, options, pool);
        wanted = count_byte(plain->text, plain->length, plain->delimiter) + 1; /* now exactly */
    }
}

/* Spans of a text in a container of the pool; what a plain scan copies on the way goes to copy,
 * which may be NULL. False: nothing is held. */
static bool fill_spans(struct split_result *result, const char *text, size_t length,
                       const struct split_options *options, char *copy,
                       struct split_result_pool *pool)
{
    bool plain = split_is_plain(options);
    if (!plain && !split_is_quoted(options)) {
        if (copy && length)
            memcpy(copy, text, length);
        return general_spans(result, text, length, options, pool);
    }
    if (!plain && copy && length)
        memcpy(copy, text, length);
    const struct split_plain whole = {text, length, length + options->readable_after,
                                      plain ? copy : NULL, options->delimiters[0].bytes[0]};
    return whole_spans(result, &whole, options, pool);
}

bool split_pooled_any(struct split_result *result, const char *text, size_t length,
                      const struct split_options *options, struct string_arena *arena,
                      struct split_result_pool *pool)
{
    memset(result, 0, sizeof *result);
    if (!split_scan_check(length, options))
        return false;
    char *copy = string_arena_bytes(arena, length);
    if (!copy)
        return false;
    result->bases[0] = copy;
    if (!fill_spans(result, text, length, options, copy, pool)) {
        string_arena_undo_bytes(arena, copy, length);
        return false;
    }
    struct split_span *spans = (struct split_span *)(uintptr_t)result->spans;
    for (size_t i = 0; options->quote != 0 && i < result->count; i++) {
        if (!(spans[i].length & SPLIT_SPAN_QUOTES))
            continue;
        char *token = copy + spans[i].offset; /* shrinks in place: the copy is ours */
        spans[i].length = (uint32_t)split_unescape(
            token, token, spans[i].length & ~SPLIT_SPAN_QUOTES, options->quote);
    }
    return true;
}

bool split_pooled(struct split_result *result, const char *text, size_t length,
                  const struct split_options *options, struct string_arena *arena,
                  struct split_result_pool *pool)
{
#if defined(__x86_64__)
    if (__builtin_expect(length < SPLIT_SHORT && split_is_prepared(options), 1))
        return split_short_prepared_pooled_avx512(result, text, length, options, arena, pool);
    if (length < SPLIT_SHORT && split_has_avx512()) {
        if (split_is_plain(options))
            return split_short_pooled_avx512(result, text, length, options, arena, pool);
        if (split_is_quoted(options))
            return split_short_quoted_pooled_avx512(result, text, length, options, arena, pool);
    }
#endif
    return split_pooled_any(result, text, length, options, arena, pool);
}

/* Copies the tokens that hold doubled quotes, unescaped, into one buffer behind bases[1]. */
static bool unescape_view(struct split_result *result, const char *text, char quote,
                          struct string_arena *arena)
{
    struct split_span *spans = (struct split_span *)(uintptr_t)result->spans;
    size_t escaped = 0;
    for (size_t i = 0; i < result->count; i++)
        if (spans[i].length & SPLIT_SPAN_QUOTES)
            escaped += spans[i].length & ~SPLIT_SPAN_QUOTES;
    if (escaped == 0)
        return true;
    char *buffer = string_arena_bytes(arena, escaped);
    if (!buffer)
        return false;
    size_t used = 0;
    for (size_t i = 0; i < result->count; i++) {
        if (!(spans[i].length & SPLIT_SPAN_QUOTES))
            continue;
        uint32_t length = (uint32_t)split_unescape(buffer + used, text + spans[i].offset,
                                                   spans[i].length & ~SPLIT_SPAN_QUOTES, quote);
        spans[i] = (struct split_span){(uint32_t)used | 0x80000000u, length};
        used += length;
    }
    result->bases[1] = buffer;
    return true;
}

bool split_view_any(struct split_result *result, const char *text, size_t length,
                    const struct split_options *options, struct string_arena *arena,
                    struct split_result_pool *pool)
{
    memset(result, 0, sizeof *result);
    result->bases[0] = text;
    if (options->quote != 0 && !arena) {
        errno = EINVAL;
        return false;
    }
    if (!split_scan_check(length, options) ||
        !fill_spans(result, text, length, options, NULL, pool))
        return false;
    if (options->quote != 0 && !unescape_view(result, text, options->quote, arena)) {
        drop_spans(result);
        errno = ENOMEM;
        return false;
    }
    return true;
}

bool split_view(struct split_result *result, const char *text, size_t length,
                const struct split_options *options, struct string_arena *arena,
                struct split_result_pool *pool)
{
    if (!text)
        text = ""; /* an empty one; a result with spans has a base */
#if defined(__x86_64__)
    if (__builtin_expect(length < SPLIT_SHORT && split_is_prepared(options), 1))
        return split_short_prepared_view_avx512(result, text, length, options, arena, pool);
    if (length < SPLIT_SHORT && split_has_avx512()) {
        if (split_is_plain(options))
            return split_short_view_avx512(result, text, length, options, arena, pool);
        if (arena && split_is_quoted(options))
            return split_short_quoted_view_avx512(result, text, length, options, arena, pool);
    }
#endif
    return split_view_any(result, text, length, options, arena, pool);
}
