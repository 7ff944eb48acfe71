/*
 * The plain scan on SSE2, AVX2 and AVX-512. Each takes one register of text at a time, makes a bit
 * mask of its delimiters and turns the bits into spans, and on the way stores the register to the
 * copy where one is wanted.
 *
 * No byte is read that may not be: AVX-512 masks its last load, the others finish on the stack.
 */
#include "split_scan_levels.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

/* Spans of the delimiters in mask, whose bit 0 is text[base]; false: there are more than max. */
static inline __attribute__((always_inline)) bool emit_bits(struct split_span *spans, size_t max,
                                                            size_t *count, size_t *begin,
                                                            size_t base, uint64_t mask)
{
    if (__builtin_expect((size_t)__builtin_popcountll(mask) > max - *count, 0))
        return false;
    for (; mask; mask &= mask - 1) {
        size_t end = base + (size_t)__builtin_ctzll(mask);
        spans[(*count)++] = (struct split_span){(uint32_t)*begin, (uint32_t)(end - *begin)};
        *begin = end + 1;
    }
    return true;
}

/* The token behind the last delimiter. */
static inline __attribute__((always_inline)) size_t emit_last(const struct split_plain *plain,
                                                              struct split_span *spans, size_t max,
                                                              size_t count, size_t begin)
{
    if (count == max)
        return max + 1;
    spans[count] = (struct split_span){(uint32_t)begin, (uint32_t)(plain->length - begin)};
    return count + 1;
}

#define PLAIN_SCAN(name, features, vector, width, load, store, equal_mask, broadcast)              \
    __attribute__((target(features))) size_t name(const struct split_plain *plain,                 \
                                                  struct split_span *spans, size_t max)            \
    {                                                                                              \
        const vector delimiter = broadcast(plain->delimiter);                                      \
        const char *text = plain->text;                                                            \
        const size_t length = plain->length;                                                       \
        char *copy = plain->copy_to;                                                               \
        size_t count = 0, begin = 0, i = 0;                                                        \
        for (; length - i >= width; i += width) {                                                  \
            vector block = load((const void *)(text + i));                                         \
            if (copy)                                                                              \
                store((void *)(copy + i), block);                                                  \
            if (!emit_bits(spans, max, &count, &begin, i, equal_mask(block, delimiter)))           \
                return max + 1;                                                                    \
        }                                                                                          \
        size_t left = length - i;                                                                  \
        if (left) {                                                                                \
            char tail[width];                                                                      \
            const char *from = text + i;                                                           \
            if (plain->readable - i < width || APPORTION_GUARDED) {                                \
                memcpy(tail, from, left);                                                          \
                from = tail;                                                                       \
            }                                                                                      \
            vector block = load((const void *)from);                                               \
            if (copy && STRING_ARENA_OVERCOPY >= width)                                            \
                store((void *)(copy + i), block);                                                  \
            else if (copy)                                                                         \
                memcpy(copy + i, text + i, left);                                                  \
            uint64_t mask = equal_mask(block, delimiter) & (((uint64_t)1 << left) - 1);            \
            if (!emit_bits(spans, max, &count, &begin, i, mask))                                   \
                return max + 1;                                                                    \
        }                                                                                          \
        return emit_last(plain, spans, max, count, begin);                                         \
    }

#define SSE2_LOAD(address) _mm_loadu_si128((const __m128i *)(address))
#define SSE2_STORE(address, block) _mm_storeu_si128((__m128i *)(address), block)
#define SSE2_MASK(block, delimiter)                                                                \
    ((uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(block, delimiter)))
PLAIN_SCAN(split_plain_sse2, "sse2", __m128i, 16, SSE2_LOAD, SSE2_STORE, SSE2_MASK, _mm_set1_epi8)

#define AVX2_LOAD(address) _mm256_loadu_si256((const __m256i *)(address))
#define AVX2_STORE(address, block) _mm256_storeu_si256((__m256i *)(address), block)
#define AVX2_MASK(block, delimiter)                                                                \
    ((uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(block, delimiter)))
PLAIN_SCAN(split_plain_avx2, "avx2,bmi", __m256i, 32, AVX2_LOAD, AVX2_STORE, AVX2_MASK,
           _mm256_set1_epi8)

/* The positions of up to 16 delimiters become 16 spans at once: compress their bytes together,
 * widen them to 32 bits, shift in the end before as the first begin, subtract, interleave. */
__attribute__((target(SPLIT_TARGET_AVX512))) size_t
split_plain_avx512(const struct split_plain *plain, struct split_span *spans, size_t max)
{
    const __m512i delimiter = _mm512_set1_epi8(plain->delimiter);
    const __m512i places = _mm512_set_epi8(
        63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41,
        40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18,
        17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    const __m512i low = _mm512_set_epi32(23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    const __m512i high =
        _mm512_set_epi32(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8);
    const __m512i one = _mm512_set1_epi32(1);
    const char *text = plain->text;
    const size_t length = plain->length;
    char *copy = plain->copy_to;
    size_t count = 0, begin = 0;
    for (size_t i = 0; i < length; i += 64) {
        size_t left = length - i;
        __mmask64 inside = left >= 64 ? ~(__mmask64)0 : _bzhi_u64(~(uint64_t)0, (unsigned)left);
        __m512i block = _mm512_maskz_loadu_epi8(inside, text + i);
        if (copy && STRING_ARENA_OVERCOPY >= 64)
            _mm512_storeu_si512((void *)(copy + i), block);
        else if (copy)
            _mm512_mask_storeu_epi8(copy + i, inside, block);
        __mmask64 mask = _mm512_mask_cmpeq_epi8_mask(inside, block, delimiter);
        size_t found = (size_t)__builtin_popcountll(mask);
        size_t room = max - count;
        /* Whole stores only: a masked one cannot be forwarded to the loads that soon follow, which
         * was seen to cost more than all the rest. So there must be room for 8 or 16 spans. */
        if (__builtin_expect(room >= 8 && found <= (room >= 16 ? 16u : 8u), 1)) {
            __m128i bytes = _mm512_castsi512_si128(_mm512_maskz_compress_epi8(mask, places));
            __m512i ends = _mm512_add_epi32(_mm512_cvtepu8_epi32(bytes), _mm512_set1_epi32((int)i));
            /* begins[k] = ends[k - 1] + 1, begins[0] = begin */
            __m512i begins = _mm512_add_epi32(
                _mm512_alignr_epi32(ends, _mm512_set1_epi32((int)begin - 1), 15), one);
            __m512i lengths = _mm512_sub_epi32(ends, begins);
            _mm512_storeu_si512((void *)(spans + count),
                                _mm512_permutex2var_epi32(begins, low, lengths));
            if (room >= 16)
                _mm512_storeu_si512((void *)(spans + count + 8),
                                    _mm512_permutex2var_epi32(begins, high, lengths));
            count += found;
            if (found)
                begin = i + 64 - (size_t)__builtin_clzll(mask);
        } else if (!emit_bits(spans, max, &count, &begin, i, mask)) {
            return max + 1;
        }
    }
    return emit_last(plain, spans, max, count, begin);
}

/* Sums in the lanes, since not every CPU that has SSE2 counts bits by one instruction; 255
 * registers fill a lane's byte at most. */
size_t split_count_byte(const char *text, size_t length, char byte)
{
    const __m128i wanted = _mm_set1_epi8(byte);
    size_t count = 0;
    size_t i = 0;
    while (length - i >= 16) {
        __m128i sums = _mm_setzero_si128();
        size_t registers = (length - i) / 16;
        for (size_t left = registers < 255 ? registers : 255; left > 0; left--, i += 16)
            sums = _mm_sub_epi8(sums, _mm_cmpeq_epi8(SSE2_LOAD(text + i), wanted));
        sums = _mm_sad_epu8(sums, _mm_setzero_si128());
        count += (size_t)(_mm_cvtsi128_si64(sums) + _mm_extract_epi16(sums, 4));
    }
    for (; i < length; i++)
        count += text[i] == byte;
    return count;
}

#endif
