/*
 * The bit mask of a byte in 64 bytes of text, on SSE2, which every x86-64 has. Internal to the
 * library.
 */
#ifndef WORKLOADS_SPLIT_MASK_H
#define WORKLOADS_SPLIT_MASK_H

#if defined(__x86_64__)

#include <emmintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "string_arena_annotate.h"

/* Bit i: text[i] is `byte`, for i < length. readable: bytes from text on that may be read. */
static inline __attribute__((always_inline)) uint64_t split_mask64(const char *text, size_t length,
                                                                   size_t readable, char byte)
{
    char copy[64];
    if (__builtin_expect(readable < 64 || (APPORTION_GUARDED && length < 64), 0)) {
        memcpy(copy, text, length < 64 ? length : 64);
        text = copy;
    }
    const __m128i wanted = _mm_set1_epi8(byte);
    uint64_t mask = 0;
    for (size_t i = 0; i < 4; i++) {
        __m128i block = _mm_loadu_si128((const __m128i *)(const void *)(text + 16 * i));
        mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(block, wanted)) << (16 * i);
    }
    return length < 64 ? mask & (((uint64_t)1 << length) - 1) : mask;
}

#endif
#endif
