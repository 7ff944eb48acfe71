/*
 * The split of a text of less than 128 bytes, the common line, with one delimiter byte and perhaps
 * quotes, without a loop or a branch that depends on the text: both registers' delimiters become up
 * to 16 spans at once. AVX-512 with VBMI2. Longer texts and other CPUs: split_scan_x86.c.
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

/* In each byte the place behind it, the register's first byte being the text's byte `first`. */
static inline AVX512 __attribute__((always_inline)) __m512i behind(char first)
{
    const __m512i places = _mm512_set_epi8(
        64, 63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42,
        41, 40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19,
        18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1);
    return first ? _mm512_add_epi8(places, _mm512_set1_epi8(first)) : places;
}

static inline AVX512 __attribute__((always_inline)) struct registers
load(const char *text, size_t length, bool padded)
{
    struct registers registers;
    if (__builtin_expect(padded && !APPORTION_GUARDED, 1)) {
        registers.low = _mm512_loadu_si512((const void *)text);
        registers.high = _mm512_loadu_si512((const void *)(text + 64));
    } else {
        registers.low = _mm512_maskz_loadu_epi8(_bzhi_u64(~(uint64_t)0, (unsigned)length), text);
        registers.high = _mm512_maskz_loadu_epi8(
            length < 64 ? 0 : _bzhi_u64(~(uint64_t)0, (unsigned)length - 64), text + 64);
    }
    return registers;
}

/* Up to 16 tokens, from the delimiters in both registers. The text's end is the last one: what lies
 * behind it counts as the end too, and the first end is the last token's, so that it needs no code
 * of its own. On bytes, since no place is above 128. */
static inline AVX512 __attribute__((always_inline)) struct places
place(__mmask64 low, __mmask64 high, size_t length)
{
    struct places found = {.count = 0};
    const __m128i end = _mm_set1_epi8((char)(length + 1));
    /* The places behind the low register's delimiters, and behind them those of the high one: a
     * shuffle's index below 0 gives zero. */
    char in_low = (char)__builtin_popcountll(_cvtmask64_u64(low));
    __m128i from = _mm_sub_epi8(_mm_set_epi8(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
                                _mm_set1_epi8(in_low));
    __m128i more = _mm512_castsi512_si128(
        _mm512_mask_compress_epi8(_mm512_castsi128_si512(end), high, behind(64)));
    __m128i next = _mm512_castsi512_si128(_mm512_maskz_compress_epi8(low, behind(0)));
    next = _mm_min_epu8(_mm_or_si128(next, _mm_shuffle_epi8(more, from)), end);
    unsigned last = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(next, end));
    if (__builtin_expect(last == 0, 0))
        return found;
    found.begins = _mm_alignr_epi8(next, _mm_setzero_si128(), 15);
    found.lengths = _mm_sub_epi8(_mm_add_epi8(next, _mm_set1_epi8(-1)), found.begins);
    found.count = (size_t)_tzcnt_u64(last) + 1;
    return found;
}

static inline AVX512 __attribute__((always_inline)) struct places
find(struct registers registers, size_t length, char delimiter)
{
    const __m512i wanted = _mm512_set1_epi8(delimiter);
    return place(_mm512_cmpeq_epi8_mask(registers.low, wanted),
                 _mm512_cmpeq_epi8_mask(registers.high, wanted), length);
}

/* Bit i: the parity of bits 0 to i; the product with all ones, without carries. */
static inline AVX512 __attribute__((always_inline)) uint64_t parity(uint64_t mask)
{
    return (uint64_t)_mm_cvtsi128_si64(
        _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)mask), _mm_set1_epi8(-1), 0));
}

/* With quotes. Left to the general scanner: a quote in mid-token, a closing one before anything
 * but a delimiter or the end, one that never closes, and doubled ones. What remains has parity for
 * "within", and a token is quoted where it begins with a quote. */
static inline AVX512 __attribute__((always_inline)) struct places
find_quoted(struct registers registers, size_t length, char delimiter, char quote)
{
    const __m512i a_quote = _mm512_set1_epi8(quote);
    const __m512i wanted = _mm512_set1_epi8(delimiter);
    /* Bytes of the text in each register, for _bzhi_u64: 64 or more is all of them. */
    const unsigned in_low = (unsigned)length;
    const unsigned in_high = length < 64 ? 0 : (unsigned)length - 64;
    uint64_t quotes_low =
        _bzhi_u64(_cvtmask64_u64(_mm512_cmpeq_epi8_mask(registers.low, a_quote)), in_low);
    uint64_t quotes_high =
        _bzhi_u64(_cvtmask64_u64(_mm512_cmpeq_epi8_mask(registers.high, a_quote)), in_high);
    if (!(quotes_low | quotes_high))
        return find(registers, length, delimiter);
    uint64_t within_low = parity(quotes_low);
    uint64_t within_high = parity(quotes_high) ^ -(within_low >> 63);
    uint64_t ends_low = _cvtmask64_u64(_mm512_cmpeq_epi8_mask(registers.low, wanted)) & ~within_low;
    uint64_t ends_high =
        _cvtmask64_u64(_mm512_cmpeq_epi8_mask(registers.high, wanted)) & ~within_high;
    uint64_t begins_low = ends_low << 1 | 1;
    uint64_t begins_high = ends_high << 1 | ends_low >> 63;
    uint64_t closing_low = quotes_low & ~within_low;
    uint64_t behind_low = closing_low << 1;
    uint64_t behind_high = (quotes_high & ~within_high) << 1 | closing_low >> 63;
    struct places found = {.count = 0};
    if (__builtin_expect(((quotes_low & within_low & ~begins_low) |
                          (quotes_high & within_high & ~begins_high) |
                          _bzhi_u64(behind_low & ~ends_low, in_low) |
                          _bzhi_u64(behind_high & ~ends_high, in_high) | within_high >> 63) != 0,
                         0))
        return found;
    found = place(_cvtu64_mask64(ends_low), _cvtu64_mask64(ends_high), length);
    if (__builtin_expect(found.count == 0, 0))
        return found;
    /* Bit k: token k is quoted; what it holds lies between its quotes. */
    uint64_t quoted = _pext_u64(quotes_low, begins_low) | _pext_u64(quotes_high, begins_high)
                                                              << __builtin_popcountll(begins_low);
    found.begins =
        _mm_mask_add_epi8(found.begins, (__mmask16)quoted, found.begins, _mm_set1_epi8(1));
    found.lengths =
        _mm_mask_sub_epi8(found.lengths, (__mmask16)quoted, found.lengths, _mm_set1_epi8(2));
    return found;
}

static inline AVX512 __attribute__((always_inline)) struct places
find_any(struct registers registers, size_t length, char delimiter, char quote)
{
    return quote ? find_quoted(registers, length, delimiter, quote)
                 : find(registers, length, delimiter);
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
                                       char delimiter, char quote, struct split_span *spans)
{
    struct places found = find_any(load(text, length, readable >= 128), length, delimiter, quote);
    if (found.count)
        put(spans, found);
    return found.count;
}

/* What a reader does not wait for, in two stores: a CPU whose other half is busy has room for 32 on
 * their way, less than those of two lines. */
static inline AVX512 __attribute__((always_inline)) void
put_rest(struct split_result *result, const char *base, struct split_result_pool *pool)
{
    __m128i capacity = _mm_cvtsi64_si128((long long)SPLIT_RESULT_POOL_SMALL);
    _Static_assert(offsetof(struct split_result, pool) ==
                           offsetof(struct split_result, capacity_bytes) + 8 &&
                       sizeof result->bases == 16,
                   "stored two by two");
    _mm_storeu_si128((__m128i *)(void *)result->bases, _mm_cvtsi64_si128((long long)base));
    _mm_storeu_si128((__m128i *)(void *)&result->capacity_bytes,
                     _mm_unpacklo_epi64(capacity, _mm_cvtsi64_si128((long long)pool)));
}

/* padded: 128 bytes from the text on may be read. */
static inline AVX512 __attribute__((always_inline)) bool
split_short(struct split_result *result, const char *text, size_t length, bool padded,
            const char *delimiter, char quote, struct string_arena *arena,
            struct split_result_pool *pool)
{
    if (__builtin_expect(
            !split_result_pool_ready(pool) || (arena && !string_arena_has_room(arena, length)), 0))
        return false;
    struct registers registers = load(text, length, padded);
    struct places found = find_any(registers, length, *delimiter, quote);
    if (__builtin_expect(found.count == 0, 0))
        return false;
    __asm__("" : "+m"(pool->window_left)); /* not kept from above, for which a register is saved */
    struct split_span *spans = (struct split_span *)split_result_pool_take(pool);
    const char *base = text;
    if (arena) {
        char *copy = string_arena_take_bytes(arena, length);
        base = copy;
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
    put_rest(result, base, pool);
    return true;
}

/* What the short ones leave alone: no idle container, no room in the chunk, many tokens, odd
 * quotes. Tail calls, so that the common line saves no register. */
AVX512 bool split_short_pooled_avx512(struct split_result *result, const char *text, size_t length,
                                      const struct split_options *options,
                                      struct string_arena *arena, struct split_result_pool *pool)
{
    if (!arena)
        __builtin_unreachable();
    return split_short(result, text, length, length + options->readable_after >= 128,
                       options->delimiters[0].bytes, 0, arena, pool) ||
           split_pooled_any(result, text, length, options, arena, pool);
}

AVX512 bool split_short_view_avx512(struct split_result *result, const char *text, size_t length,
                                    const struct split_options *options, struct string_arena *arena,
                                    struct split_result_pool *pool)
{
    return split_short(result, text, length, length + options->readable_after >= 128,
                       options->delimiters[0].bytes, 0, NULL, pool) ||
           split_view_any(result, text, length, options, arena, pool);
}

AVX512 bool split_short_quoted_pooled_avx512(struct split_result *result, const char *text,
                                             size_t length, const struct split_options *options,
                                             struct string_arena *arena,
                                             struct split_result_pool *pool)
{
    if (!arena)
        __builtin_unreachable();
    return split_short(result, text, length, length + options->readable_after >= 128,
                       options->delimiters[0].bytes, options->quote, arena, pool) ||
           split_pooled_any(result, text, length, options, arena, pool);
}

AVX512 bool split_short_quoted_view_avx512(struct split_result *result, const char *text,
                                           size_t length, const struct split_options *options,
                                           struct string_arena *arena,
                                           struct split_result_pool *pool)
{
    return split_short(result, text, length, length + options->readable_after >= 128,
                       options->delimiters[0].bytes, options->quote, NULL, pool) ||
           split_view_any(result, text, length, options, arena, pool);
}

/* Those leave text that ends soon before what must not be read to the ones above. */
AVX512 bool split_short_prepared_pooled_avx512(struct split_result *result, const char *text,
                                               size_t length, const struct split_options *options,
                                               struct string_arena *arena,
                                               struct split_result_pool *pool)
{
    if (__builtin_expect(options->readable_after < 128, 0))
        return split_short_pooled_avx512(result, text, length, options, arena, pool);
    if (!arena)
        __builtin_unreachable();
    return split_short(result, text, length, true, &options->only_byte, 0, arena, pool) ||
           split_pooled_any(result, text, length, options, arena, pool);
}

AVX512 bool split_short_prepared_view_avx512(struct split_result *result, const char *text,
                                             size_t length, const struct split_options *options,
                                             struct string_arena *arena,
                                             struct split_result_pool *pool)
{
    if (__builtin_expect(options->readable_after < 128, 0))
        return split_short_view_avx512(result, text, length, options, arena, pool);
    return split_short(result, text, length, true, &options->only_byte, 0, NULL, pool) ||
           split_view_any(result, text, length, options, arena, pool);
}

#endif
