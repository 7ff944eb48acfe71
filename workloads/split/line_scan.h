/*
 * Where the lines of a text end: at \n outside quotes. Internal to the library.
 *
 * Without quotes by memchr, which has vector code for every CPU. With quotes 64 bytes at a time: a
 * bit mask of the quotes, whose running parity says which bytes are inside, and one of the line
 * ends. A line ends outside, so the text's parity is the line's too.
 */
#ifndef WORKLOADS_LINE_SCAN_H
#define WORKLOADS_LINE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "split_mask.h"

struct line_scan {
    const char *text;
    size_t length;
    size_t position; /* where the next line begins */
    size_t next;     /* with quotes: where the next block begins */
    uint64_t ends;   /* of the block before it, those not handed out yet */
    uint64_t inside; /* all ones: an odd number of quotes so far */
    char quote;      /* 0: none */
};

static inline struct line_scan line_scan_begin(const char *text, size_t length, char quote)
{
    struct line_scan scan = {text, length, 0, 0, 0, 0, quote};
    return scan;
}

/* From `position` on, before which lies an even number of quotes, or an odd one: `inside`. */
static inline struct line_scan line_scan_begin_at(const char *text, size_t length, size_t position,
                                                  char quote, bool inside)
{
    struct line_scan scan = {text, length, position, position, 0, 0 - (uint64_t)inside, quote};
    return scan;
}

/* What a stretch of text holds, for either case of what lies before it. */
struct line_scan_counts {
    size_t ends[2]; /* line ends, where an even number of quotes lies before the stretch, or an odd
                       one */
    bool odd;       /* it holds an odd number of quotes */
};

/* Of text[0 .. length): readable by just as much. */
static inline struct line_scan_counts line_scan_count(const char *text, size_t length, char quote)
{
    struct line_scan_counts counts = {{0, 0}, false};
    uint64_t inside = 0;
    for (size_t at = 0; at < length; at += 64) {
        size_t left = length - at;
        uint64_t ends = split_mask64(text + at, left, left, '\n');
        if (quote != 0)
            inside ^= split_mask_parity(split_mask64(text + at, left, left, quote));
        counts.ends[0] += (size_t)__builtin_popcountll(ends & ~inside);
        counts.ends[1] += (size_t)__builtin_popcountll(ends & inside);
        inside = 0 - (inside >> 63);
    }
    counts.odd = inside != 0;
    return counts;
}

/* Whether text[0 .. length) holds an odd number of quotes: without counting them. */
static inline bool line_scan_odd(const char *text, size_t length, char quote)
{
    size_t at = 0;
    unsigned odd = 0;
#if defined(__x86_64__)
    const __m128i wanted = _mm_set1_epi8(quote);
    __m128i lanes[2] = {_mm_setzero_si128(), _mm_setzero_si128()};
    for (; length - at >= 32; at += 32) {
        for (size_t i = 0; i < 2; i++) {
            __m128i block = _mm_loadu_si128((const __m128i *)(const void *)(text + at + 16 * i));
            lanes[i] = _mm_xor_si128(lanes[i], _mm_cmpeq_epi8(block, wanted));
        }
    }
    odd = (unsigned)__builtin_popcount(
        (unsigned)_mm_movemask_epi8(_mm_xor_si128(lanes[0], lanes[1])));
#endif
    for (; at < length; at++)
        odd += text[at] == quote;
    return odd & 1;
}

/* Takes the next 64 bytes, or what is left of them, into `ends`. */
static inline void line_scan_block(struct line_scan *scan)
{
    const char *bytes = scan->text + scan->next;
    size_t left = scan->length - scan->next;
    uint64_t quoted =
        split_mask_parity(split_mask64(bytes, left, left, scan->quote)) ^ scan->inside;
    scan->ends = split_mask64(bytes, left, left, '\n') & ~quoted;
    scan->inside = 0 - (quoted >> 63);
    scan->next += 64;
}

/* The end of the line at position, its \n or the text's end; position moves behind it. */
static inline size_t line_scan_next(struct line_scan *scan)
{
    size_t end;
    if (scan->quote == 0) {
        size_t left = scan->length - scan->position;
        const char *at =
            left ? (const char *)memchr(scan->text + scan->position, '\n', left) : NULL;
        end = at ? (size_t)(at - scan->text) : scan->length;
    } else {
        while (scan->ends == 0 && scan->next < scan->length)
            line_scan_block(scan);
        end = scan->length;
        if (scan->ends) {
            end = scan->next - 64 + (size_t)__builtin_ctzll(scan->ends);
            scan->ends &= scan->ends - 1;
        }
    }
    scan->position = end < scan->length ? end + 1 : end;
    return end;
}

#endif
