/*
 * The bit mask of a byte in 64 bytes of text: on SSE2, which every x86-64 has, a byte at a time
 * elsewhere. Internal to the library.
 */
#ifndef WORKLOADS_SPLIT_MASK_H
#define WORKLOADS_SPLIT_MASK_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

#include "string_arena_annotate.h"

/* Bit i of the result: bytes[i] is `byte`, for all 64. */
static inline uint64_t split_mask64_bytes(const char *bytes, char byte)
{
    uint64_t mask = 0;
    for (unsigned i = 0; i < 64; i++)
        mask |= (uint64_t)(bytes[i] == byte) << i;
    return mask;
}

static inline __attribute__((always_inline)) uint64_t split_mask64_whole(const char *bytes,
                                                                         char byte)
{
#if defined(__x86_64__)
    const __m128i wanted = _mm_set1_epi8(byte);
    uint64_t parts[4];
    for (size_t i = 0; i < 4; i++) {
        __m128i block = _mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * i));
        parts[i] = (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(block, wanted));
    }
    return parts[0] | parts[1] << 16 | parts[2] << 32 | parts[3] << 48;
#else
    return split_mask64_bytes(bytes, byte);
#endif
}

/* Bit i: text[i] is `byte`, for i < length. readable: bytes from text on that may be read. */
static inline __attribute__((always_inline)) uint64_t split_mask64(const char *text, size_t length,
                                                                   size_t readable, char byte)
{
    char copy[64];
    if (__builtin_expect(readable < 64 || (APPORTION_ASAN && length < 64), 0)) {
        memset(copy, 0, sizeof copy);
        memcpy(copy, text, length < 64 ? length : 64);
        text = copy;
    }
    uint64_t mask = split_mask64_whole(text, byte);
    return length < 64 ? mask & (((uint64_t)1 << length) - 1) : mask;
}

/* Bit i: the parity of bits 0 to i: whether byte i is within quotes, of a mask of quotes. */
static inline uint64_t split_mask_parity(uint64_t mask)
{
    for (unsigned shift = 1; shift < 64; shift *= 2)
        mask ^= mask << shift;
    return mask;
}

#endif
