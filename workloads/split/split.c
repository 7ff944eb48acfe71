/* The three strategies of split.h on the scanner. */
#include "split.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "allocators/malloc_shaped.h"
#include "split_owned.h"
#include "split_scan.h"
#include "split_scan_levels.h"

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

void split_result_release(struct split_result *result)
{
    if (result->tokens)
        split_owned_release_with((struct split_token *)(uintptr_t)result->tokens, result->count,
                                 result->capacity_bytes / sizeof *result->tokens, &general_heap,
                                 NULL);
    else if (result->pool)
        split_result_pool_return(result->pool, (void *)(uintptr_t)result->spans,
                                 result->capacity_bytes);
    memset(result, 0, sizeof *result);
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

/* All spans of a scan in a container of the pool. False: nothing is held. */
static inline __attribute__((always_inline)) bool
collect_spans(struct split_result *result, struct split_scan *scan, struct split_result_pool *pool)
{
    /* A short text is simply scanned into a small container, which grows if it must: cheaper than
     * counting first. */
    size_t wanted = 16;
    if (scan->length > 256)
        wanted = estimate_split_count(scan->text, scan->length, scan->options);
    size_t capacity;
    struct split_span *spans =
        (struct split_span *)split_result_pool_get(pool, wanted * sizeof *spans, &capacity);
    if (!spans)
        return false;
    size_t count = 0;
    for (;;) {
        size_t room = capacity / sizeof *spans - count;
        size_t found = split_scan_next(scan, spans + count, room);
        count += found;
        if (found < room || scan->done)
            break;
        void *grown =
            split_result_pool_grow(pool, spans, &capacity, count * sizeof *spans, capacity * 2);
        if (!grown) {
            split_result_pool_return(pool, spans, capacity);
            return false;
        }
        spans = (struct split_span *)grown;
    }
    result->count = count;
    result->spans = spans;
    result->capacity_bytes = capacity;
    result->pool = pool;
    return true;
}

bool split_pooled(struct split_result *result, const char *text, size_t length,
                  const struct split_options *options, struct string_arena *arena,
                  struct split_result_pool *pool)
{
    struct split_scan scan;
    result->tokens = NULL;
    result->spans = NULL;
    result->count = 0;
    result->pool = NULL;
    result->bases[1] = NULL;
    if (!split_scan_begin(&scan, text, length, options))
        return false;
    char *copy = string_arena_bytes(arena, length);
    if (!copy)
        return false;
    if (scan.plain && split_level_best() != SPLIT_SCALAR)
        scan.copy_to = copy;
    else if (length)
        memcpy(copy, text, length);
    if (!collect_spans(result, &scan, pool)) {
        string_arena_undo_bytes(arena, copy, length);
        return false;
    }
    result->bases[0] = copy;
    if (options->quote != 0) {
        struct split_span *spans = (struct split_span *)(uintptr_t)result->spans;
        for (size_t i = 0; i < result->count; i++) {
            if (!(spans[i].length & SPLIT_SPAN_QUOTES))
                continue;
            char *token = copy + spans[i].offset; /* shrinks in place: the copy is ours */
            spans[i].length = (uint32_t)split_unescape(
                token, token, spans[i].length & ~SPLIT_SPAN_QUOTES, options->quote);
        }
    }
    return true;
}

bool split_view(struct split_result *result, const char *text, size_t length,
                const struct split_options *options, struct string_arena *arena,
                struct split_result_pool *pool)
{
    struct split_scan scan;
    memset(result, 0, sizeof *result);
    if (options->quote != 0 && !arena) {
        errno = EINVAL;
        return false;
    }
    if (!split_scan_begin(&scan, text, length, options) || !collect_spans(result, &scan, pool))
        return false;
    result->bases[0] = text;
    if (options->quote == 0)
        return true;
    struct split_span *spans = (struct split_span *)(uintptr_t)result->spans;
    size_t escaped = 0;
    for (size_t i = 0; i < result->count; i++)
        if (spans[i].length & SPLIT_SPAN_QUOTES)
            escaped += spans[i].length & ~SPLIT_SPAN_QUOTES;
    if (escaped == 0)
        return true;
    char *buffer = string_arena_bytes(arena, escaped);
    if (!buffer) {
        split_result_release(result);
        errno = ENOMEM;
        return false;
    }
    size_t used = 0;
    for (size_t i = 0; i < result->count; i++) {
        if (!(spans[i].length & SPLIT_SPAN_QUOTES))
            continue;
        uint32_t token_length =
            (uint32_t)split_unescape(buffer + used, text + spans[i].offset,
                                     spans[i].length & ~SPLIT_SPAN_QUOTES, options->quote);
        spans[i] = (struct split_span){(uint32_t)used | 0x80000000u, token_length};
        used += token_length;
    }
    result->bases[1] = buffer;
    return true;
}
