/*
 * Options, the choice of a level, and the scalar scan with every option. The vector scans are in
 * split_scan_x86.c.
 */
#include "split_scan.h"

#include <errno.h>
#include <string.h>

#include "split_mask.h"
#include "split_scan_levels.h"

bool split_scan_check(size_t length, const struct split_options *options)
{
    bool valid = options->delimiters && options->delimiter_count > 0;
    for (size_t i = 0; valid && i < options->delimiter_count; i++)
        valid = options->delimiters[i].bytes && options->delimiters[i].length > 0;
    if (!valid) {
        errno = EINVAL;
        return false;
    }
    if (length > SPLIT_TEXT_MAX) {
        errno = EOVERFLOW;
        return false;
    }
    return true;
}

enum split_level split_level_best(void)
{
#if defined(__x86_64__)
    if (split_has_avx512())
        return SPLIT_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
        __builtin_cpu_supports("pclmul"))
        return SPLIT_AVX2;
    return SPLIT_SSE2;
#else
    return SPLIT_SCALAR;
#endif
}

/* Length of the longest delimiter that stands at position; 0: none. */
static size_t delimiter_at(const struct split_scan *scan, size_t position)
{
    size_t longest = 0;
    size_t left = scan->length - position;
    for (size_t i = 0; i < scan->options->delimiter_count; i++) {
        const struct split_delimiter *delimiter = &scan->options->delimiters[i];
        if (delimiter->length > longest && delimiter->length <= left &&
            scan->text[position] == delimiter->bytes[0] &&
            memcmp(scan->text + position, delimiter->bytes, delimiter->length) == 0)
            longest = delimiter->length;
    }
    return longest;
}

/* The 64 bytes from `from` on: where a delimiter's first byte stands. */
static void look_ahead(struct split_scan *scan, size_t from)
{
    const struct split_options *options = scan->options;
    size_t left = scan->length - from;
    scan->block = from;
    scan->block_end = from + (left < 64 ? left : 64);
    scan->candidates = 0;
    for (size_t i = 0; i < options->delimiter_count; i++)
        scan->candidates |= split_mask64(scan->text + from, left, left + options->readable_after,
                                         options->delimiters[i].bytes[0]);
}

/* Where the next delimiter at or behind `from` begins, and its length; the text's end and 0 where
 * there is none. */
static size_t next_delimiter(struct split_scan *scan, size_t from, size_t *length)
{
    *length = 0;
    while (from < scan->length) {
        if (from < scan->block || from >= scan->block_end)
            look_ahead(scan, from);
        uint64_t ahead = scan->candidates & ~(uint64_t)0 << (from - scan->block);
        if (ahead == 0) {
            from = scan->block_end;
            continue;
        }
        from = scan->block + (size_t)__builtin_ctzll(ahead);
        *length = delimiter_at(scan, from);
        if (*length)
            return from;
        from++;
    }
    return scan->length;
}

/* The quoted token whose opening quote is at `open`: its span inside the quotes, and the position
 * behind its closing quote. A quote inside that is neither doubled nor followed by a delimiter or
 * the end of the text is an ordinary byte; without a closing quote the token takes all the rest. */
static struct split_span quoted_token(const struct split_scan *scan, size_t open, size_t *behind)
{
    const char *text = scan->text;
    char quote = scan->options->quote;
    bool doubled = false;
    size_t i = open + 1;
    for (; i < scan->length; i++) {
        const char *next = (const char *)memchr(text + i, quote, scan->length - i);
        i = next ? (size_t)(next - text) : scan->length;
        if (!next)
            break;
        if (i + 1 < scan->length && text[i + 1] == quote) {
            doubled = true;
            i++;
            continue;
        }
        if (i + 1 == scan->length || delimiter_at(scan, i + 1) != 0)
            break;
    }
    if (i > scan->length)
        i = scan->length;
    struct split_span span = {(uint32_t)(open + 1), (uint32_t)(i - open - 1)};
    if (doubled)
        span.length |= SPLIT_SPAN_QUOTES;
    *behind = i < scan->length ? i + 1 : i;
    return span;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

size_t split_scan_next(struct split_scan *scan, struct split_span *spans, size_t max)
{
    const struct split_options *options = scan->options;
    const char *text = scan->text;
    size_t count = 0;
    while (count < max && !scan->done) {
        size_t begin = scan->position;
        size_t end;
        struct split_span span;
        bool quoted = false;
        size_t delimiter = 0;
        if (options->limit != 0 && scan->emitted + 1 >= options->limit) {
            end = scan->length; /* the last token holds the rest as it stands */
            span.offset = (uint32_t)begin;
            span.length = (uint32_t)(end - begin);
        } else {
            size_t open = begin;
            while (options->trim && open < scan->length && is_blank(text[open]) &&
                   delimiter_at(scan, open) == 0)
                open++;
            quoted = options->quote != 0 && open < scan->length && text[open] == options->quote;
            end = begin;
            if (quoted)
                span = quoted_token(scan, open, &end);
            end = next_delimiter(scan, end, &delimiter);
            if (!quoted) {
                span.offset = (uint32_t)begin;
                span.length = (uint32_t)(end - begin);
            }
        }
        if (end == scan->length && delimiter == 0)
            scan->done = true;
        scan->position = end + delimiter;
        if (options->trim && !quoted) {
            while (span.length > 0 && is_blank(text[span.offset])) {
                span.offset++;
                span.length--;
            }
            while (span.length > 0 && is_blank(text[span.offset + span.length - 1]))
                span.length--;
        }
        if (options->drop_empty && span.length == 0)
            continue;
        spans[count++] = span;
        scan->emitted++;
    }
    return count;
}

size_t split_plain_scalar(const struct split_plain *plain, struct split_span *spans, size_t max)
{
    size_t count = 0;
    size_t begin = 0;
    if (plain->copy_to && plain->length)
        memcpy(plain->copy_to, plain->text, plain->length);
    for (size_t i = 0; i < plain->length; i++) {
        if (plain->text[i] != plain->delimiter)
            continue;
        if (count == max)
            return max + 1;
        spans[count++] = (struct split_span){(uint32_t)begin, (uint32_t)(i - begin)};
        begin = i + 1;
    }
    if (count == max)
        return max + 1;
    spans[count++] = (struct split_span){(uint32_t)begin, (uint32_t)(plain->length - begin)};
    return count;
}

/* quote: 0 for none, a constant there. A switch over direct calls: the hot loop keeps no
 * indirect one. */
static inline __attribute__((always_inline)) size_t spans_at(const struct split_plain *plain,
                                                             char quote, struct split_span *spans,
                                                             size_t max, enum split_level level)
{
    switch (level) {
#if defined(__x86_64__)
    case SPLIT_AVX512:
        return quote ? split_quoted_avx512(plain, quote, spans, max)
                     : split_plain_avx512(plain, spans, max);
    case SPLIT_AVX2:
        return quote ? split_quoted_avx2(plain, quote, spans, max)
                     : split_plain_avx2(plain, spans, max);
    case SPLIT_SSE2:
        return quote ? split_quoted_sse2(plain, quote, spans, max)
                     : split_plain_sse2(plain, spans, max);
#else
    case SPLIT_AVX512:
    case SPLIT_AVX2:
    case SPLIT_SSE2:
#endif
    case SPLIT_SCALAR:
    case SPLIT_LEVEL_COUNT:
        break;
    }
    /* With quotes the general scanner is the scalar one. */
    return quote ? SPLIT_ODD_QUOTES : split_plain_scalar(plain, spans, max);
}

size_t split_plain_spans_at(const struct split_plain *plain, struct split_span *spans, size_t max,
                            enum split_level level)
{
    return spans_at(plain, 0, spans, max, level);
}

size_t split_plain_spans(const struct split_plain *plain, struct split_span *spans, size_t max)
{
    return spans_at(plain, 0, spans, max, split_level_best());
}

size_t split_quoted_spans_at(const struct split_plain *plain, char quote, struct split_span *spans,
                             size_t max, enum split_level level)
{
    return spans_at(plain, quote, spans, max, level);
}

size_t split_quoted_spans(const struct split_plain *plain, char quote, struct split_span *spans,
                          size_t max)
{
    return spans_at(plain, quote, spans, max, split_level_best());
}

size_t split_unescape(char *to, const char *bytes, size_t length, char quote)
{
    size_t written = 0;
    for (size_t i = 0; i < length; i++) {
        to[written++] = bytes[i];
        if (bytes[i] == quote && i + 1 < length && bytes[i + 1] == quote)
            i++;
    }
    return written;
}
