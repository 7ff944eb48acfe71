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

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

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

/* Bit i: byte i of the 64 is `byte`; on any CPU. */
static inline uint64_t line_scan_mask_bytes(const char *bytes, char byte)
{
    uint64_t mask = 0;
    for (unsigned i = 0; i < 64; i++)
        mask |= (uint64_t)(bytes[i] == byte) << i;
    return mask;
}

/* The same on SSE2, which every x86-64 has. */
static inline uint64_t line_scan_mask(const char *bytes, char byte)
{
#if defined(__x86_64__)
    const __m128i wanted = _mm_set1_epi8(byte);
    uint64_t mask = 0;
    for (unsigned i = 0; i < 64; i += 16) {
        __m128i block = _mm_loadu_si128((const __m128i *)(const void *)(bytes + i));
        mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(block, wanted)) << i;
    }
    return mask;
#else
    return line_scan_mask_bytes(bytes, byte);
#endif
}

/* Bit i: the parity of bits 0 to i. */
static inline uint64_t line_scan_parity(uint64_t mask)
{
    for (unsigned shift = 1; shift < 64; shift *= 2)
        mask ^= mask << shift;
    return mask;
}

/* Takes the next 64 bytes, or what is left of them, into `ends`. */
static inline void line_scan_block(struct line_scan *scan)
{
    const char *bytes = scan->text + scan->next;
    size_t left = scan->length - scan->next;
    char copy[64];
    if (left < 64) {
        memset(copy, 0, sizeof copy); /* neither a quote nor a line end */
        memcpy(copy, bytes, left);
        bytes = copy;
    }
    uint64_t quoted = line_scan_parity(line_scan_mask(bytes, scan->quote)) ^ scan->inside;
    scan->ends = line_scan_mask(bytes, '\n') & ~quoted;
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
