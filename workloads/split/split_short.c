/*
 * The plain split of a text of less than 128 bytes, the common line, without a loop or a branch
 * that depends on the text: both registers' delimiters become up to 16 spans at once. AVX-512 with
 * VBMI2. Longer texts and other CPUs: split_scan_x86.c.
 *
 * What counts here is not the number of instructions but how soon the spans are there: a reader
 * waits for them, and until then a CPU's window fills with what depends on them.
 */
#include "split_short.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#include "split_scan_levels.h"

#define AVX512 __attribute__((target(SPLIT_TARGET_AVX512)))

struct registers {
    __m512i low;  /* the text's first 64 bytes */
    __m512i high; /* the next 64 */
};

struct places {
    __m128i begins;  /* a byte a token */
    __m128i lengths; /* likewise */
    size_t count;    /* 0: more than 16, use another way */
};

static inline AVX512 __attribute__((always_inline)) struct registers
load(const char *text, size_t length, size_t readable)
{
    struct registers registers;
    if (__builtin_expect(readable >= 128 && !APPORTION_ASAN, 1)) {
        registers.low = _mm512_loadu_si512((const void *)text);
        registers.high = _mm512_loadu_si512((const void *)(text + 64));
    } else {
        registers.low = _mm512_maskz_loadu_epi8(_bzhi_u64(~(uint64_t)0, (unsigned)length), text);
        registers.high = _mm512_maskz_loadu_epi8(
            length < 64 ? 0 : _bzhi_u64(~(uint64_t)0, (unsigned)length - 64), text + 64);
    }
    return registers;
}

/* The end of the text is one more delimiter, so that the last token needs no code of its own;
 * delimiters behind it give tokens behind the last one, which nobody counts. All on bytes, since no
 * place is above 127. */
static inline AVX512 __attribute__((always_inline)) struct places
find(struct registers registers, size_t length, char delimiter)
{
    const __m512i places = _mm512_set_epi8(
        63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41,
        40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18,
        17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    const __m512i places_high = _mm512_or_si512(places, _mm512_set1_epi8(64));
    /* shifts + 16 - n moves bytes up by n, zeros below */
    static const uint8_t shifts[32] = {128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128,
                                       128, 128, 128, 128, 128, 0,   1,   2,   3,   4,   5,
                                       6,   7,   8,   9,   10,  11,  12,  13,  14,  15};
    const __m512i wanted = _mm512_set1_epi8(delimiter);
    const __m512i end = _mm512_set1_epi8((char)length);
    __mmask64 low = _kor_mask64(_mm512_cmpeq_epi8_mask(registers.low, wanted),
                                _mm512_cmpeq_epi8_mask(places, end));
    __mmask64 high = _kor_mask64(_mm512_cmpeq_epi8_mask(registers.high, wanted),
                                 _mm512_cmpeq_epi8_mask(places_high, end));
    struct places found = {.count = 0};
    size_t in_low = (size_t)__builtin_popcountll(_cvtmask64_u64(low));
    if (__builtin_expect(in_low > 16, 0))
        return found;
    /* The low register's ends, the high one's behind them. */
    __m128i ends = _mm512_castsi512_si128(_mm512_maskz_compress_epi8(low, places));
    __m128i more = _mm512_castsi512_si128(_mm512_maskz_compress_epi8(high, places_high));
    ends = _mm_or_si128(
        ends, _mm_shuffle_epi8(
                  more, _mm_loadu_si128((const __m128i *)(const void *)(shifts + 16 - in_low))));
    unsigned last = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(ends, _mm512_castsi512_si128(end)));
    if (__builtin_expect(last == 0, 0))
        return found;
    /* begins[k] = ends[k - 1] + 1, begins[0] = 0 */
    const __m128i minus_one = _mm_set1_epi8(-1);
    found.begins = _mm_sub_epi8(_mm_alignr_epi8(ends, minus_one, 15), minus_one);
    found.lengths = _mm_sub_epi8(ends, found.begins);
    found.count = (size_t)__builtin_ctz(last) + 1;
    return found;
}

/* 16 spans; what lies beyond the count is of no meaning. Whole stores: a masked one cannot be
 * forwarded to the loads that soon follow. */
static inline AVX512 __attribute__((always_inline)) void put(struct split_span *spans,
                                                             struct places found)
{
    _mm512_storeu_si512((void *)spans,
                        _mm512_cvtepu8_epi32(_mm_unpacklo_epi8(found.begins, found.lengths)));
    _mm512_storeu_si512((void *)(spans + 8),
                        _mm512_cvtepu8_epi32(_mm_unpackhi_epi8(found.begins, found.lengths)));
}

AVX512 size_t split_short_spans_avx512(const char *text, size_t length, size_t readable,
                                       char delimiter, struct split_span *spans)
{
    struct places found = find(load(text, length, readable), length, delimiter);
    if (found.count)
        put(spans, found);
    return found.count;
}

/* What this leaves alone: no idle container, no room in the chunk, many tokens. */
#define OTHERWISE return split_plain_any(result, text, length, options, arena, pool)

AVX512 bool split_short_avx512(struct split_result *result, const char *text, size_t length,
                               const struct split_options *options, struct string_arena *arena,
                               struct split_result_pool *pool)
{
    struct split_result_pool_class *small = &pool->classes[0];
    if (__builtin_expect(!split_result_pool_ready(pool, small) ||
                             (arena && !string_arena_has_room(arena, length)),
                         0))
        OTHERWISE;
    struct registers registers = load(text, length, length + options->readable_after);
    struct places found = find(registers, length, options->delimiters[0].bytes[0]);
    if (__builtin_expect(found.count == 0, 0))
        OTHERWISE;
    struct split_span *spans =
        (struct split_span *)split_result_pool_take(pool, small, SPLIT_RESULT_POOL_SMALL);
    result->bases[0] = text;
    if (arena) {
        char *copy = string_arena_take_bytes(arena, length);
        result->bases[0] = copy;
        if (STRING_ARENA_OVERCOPY >= 128) {
            _mm512_storeu_si512((void *)copy, registers.low);
            _mm512_storeu_si512((void *)(copy + 64), registers.high);
        } else if (length) {
            memcpy(copy, text, length);
        }
    }
    put(spans, found);
    result->count = found.count;
    result->spans = spans;
    result->bases[1] = NULL;
    result->tokens = NULL;
    result->capacity_bytes = SPLIT_RESULT_POOL_SMALL;
    result->pool = pool;
    return true;
}

#endif
