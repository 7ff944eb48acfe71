/*
 * The plain scan on SSE2, AVX2 and AVX-512. Each looks at one register of text at a time, makes a
 * bit mask of its delimiters and turns the bits into spans; on the way it copies the register to
 * scan->copy_to where one is given (the destination has STRING_ARENA_SLACK bytes to spare, unless
 * STRING_ARENA_OVERCOPY is 0).
 *
 * No byte outside the text is read: AVX-512 masks its last load, the others finish on the stack.
 */
#include "split_scan_levels.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

/* Spans of the delimiters in mask, whose bit 0 is text[base]. Returns false when spans is full; the
 * bits left then start at scan->scanned. */
static inline __attribute__((always_inline)) bool emit_bits(struct split_scan *scan,
                                                            struct split_span *spans, size_t max,
                                                            size_t *count, size_t base,
                                                            uint64_t mask)
{
    size_t begin = scan->position;
    size_t filled = *count;
    while (mask) {
        size_t end = base + (size_t)__builtin_ctzll(mask);
        if (filled == max) {
            scan->position = begin;
            scan->scanned = end;
            *count = filled;
            return false;
        }
        spans[filled++] = (struct split_span){(uint32_t)begin, (uint32_t)(end - begin)};
        begin = end + 1;
        mask &= mask - 1;
    }
    scan->position = begin;
    *count = filled;
    return true;
}

/* The token behind the last delimiter, where spans has room for it. */
static inline __attribute__((always_inline)) size_t
emit_last(struct split_scan *scan, struct split_span *spans, size_t max, size_t count)
{
    scan->scanned = scan->length;
    if (count < max) {
        spans[count++] = (struct split_span){(uint32_t)scan->position,
                                             (uint32_t)(scan->length - scan->position)};
        scan->done = true;
    }
    return count;
}

#define PLAIN_SCAN(name, features, vector, width, load, store, equal_mask, broadcast)              \
    __attribute__((target(features))) size_t name(struct split_scan *scan,                         \
                                                  struct split_span *spans, size_t max)            \
    {                                                                                              \
        if (scan->done)                                                                            \
            return 0;                                                                              \
        const vector delimiter = broadcast(scan->options->delimiters[0].bytes[0]);                 \
        const char *text = scan->text;                                                             \
        char *copy = scan->copy_to;                                                                \
        size_t count = 0;                                                                          \
        size_t i = scan->scanned;                                                                  \
        for (; scan->length - i >= width; i += width) {                                            \
            vector block = load((const void *)(text + i));                                         \
            if (copy)                                                                              \
                store((void *)(copy + i), block);                                                  \
            if (!emit_bits(scan, spans, max, &count, i, equal_mask(block, delimiter)))             \
                return count;                                                                      \
        }                                                                                          \
        size_t left = scan->length - i;                                                            \
        if (left) {                                                                                \
            char tail[width];                                                                      \
            const char *from = text + i;                                                           \
            if (scan->options->readable_after < width || STRING_ARENA_OVERCOPY == 0) {             \
                memcpy(tail, from, left);                                                          \
                from = tail;                                                                       \
            }                                                                                      \
            vector block = load((const void *)from);                                               \
            if (copy) {                                                                            \
                if (STRING_ARENA_OVERCOPY >= width)                                                \
                    store((void *)(copy + i), block);                                              \
                else                                                                               \
                    memcpy(copy + i, text + i, left);                                              \
            }                                                                                      \
            uint64_t mask = equal_mask(block, delimiter) & (((uint64_t)1 << left) - 1);            \
            if (!emit_bits(scan, spans, max, &count, i, mask))                                     \
                return count;                                                                      \
        }                                                                                          \
        return emit_last(scan, spans, max, count);                                                 \
    }

#define SSE2_LOAD(address) _mm_loadu_si128((const __m128i *)(address))
#define SSE2_STORE(address, block) _mm_storeu_si128((__m128i *)(address), block)
#define SSE2_MASK(block, delimiter)                                                                \
    ((uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(block, delimiter)))
PLAIN_SCAN(split_scan_plain_sse2, "sse2", __m128i, 16, SSE2_LOAD, SSE2_STORE, SSE2_MASK,
           _mm_set1_epi8)

#define AVX2_LOAD(address) _mm256_loadu_si256((const __m256i *)(address))
#define AVX2_STORE(address, block) _mm256_storeu_si256((__m256i *)(address), block)
#define AVX2_MASK(block, delimiter)                                                                \
    ((uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(block, delimiter)))
PLAIN_SCAN(split_scan_plain_avx2, "avx2,bmi", __m256i, 32, AVX2_LOAD, AVX2_STORE, AVX2_MASK,
           _mm256_set1_epi8)

/* The positions of up to 16 delimiters become 16 spans at once: compress their bytes together,
 * widen them to 32 bits, shift in the end before as the first begin, subtract, interleave. */
#define AVX512 "avx512f,avx512bw,avx512vl,avx512vbmi2,bmi,bmi2"
__attribute__((target(AVX512))) size_t split_scan_plain_avx512(struct split_scan *scan,
                                                               struct split_span *spans, size_t max)
{
    if (scan->done)
        return 0;
    const __m512i delimiter = _mm512_set1_epi8(scan->options->delimiters[0].bytes[0]);
    const __m512i places = _mm512_set_epi8(
        63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41,
        40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18,
        17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    const __m512i low = _mm512_set_epi32(23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    const __m512i high =
        _mm512_set_epi32(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8);
    const __m512i one = _mm512_set1_epi32(1);
    const char *text = scan->text;
    char *copy = scan->copy_to;
    size_t count = 0;
    size_t i = scan->scanned;
    size_t begin = scan->position;
    while (i < scan->length) {
        size_t left = scan->length - i;
        __mmask64 inside = left >= 64 ? ~(__mmask64)0 : _bzhi_u64(~(uint64_t)0, (unsigned)left);
        __m512i block = _mm512_maskz_loadu_epi8(inside, text + i);
        if (copy) {
            if (STRING_ARENA_OVERCOPY >= 64)
                _mm512_storeu_si512((void *)(copy + i), block);
            else
                _mm512_mask_storeu_epi8(copy + i, inside, block);
        }
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
        } else {
            scan->position = begin;
            if (!emit_bits(scan, spans, max, &count, i, mask))
                return count;
            begin = scan->position;
        }
        i += 64;
    }
    scan->position = begin;
    return emit_last(scan, spans, max, count);
}

size_t split_count_byte(const char *text, size_t length, char byte)
{
    const __m128i wanted = _mm_set1_epi8(byte);
    size_t count = 0;
    size_t i = 0;
    for (; length - i >= 16; i += 16)
        count += (size_t)__builtin_popcount(
            (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(SSE2_LOAD(text + i), wanted)));
    for (; i < length; i++)
        count += text[i] == byte;
    return count;
}

#endif
