/*
 * The scan of a text with quotes, 64 bytes at a time, on any x86-64: a mask of the quotes, whose
 * running parity says what is within, one of the delimiters, and a token for each delimiter that is
 * not. Quotes that are not RFC 4180's are left to the general scanner (split_scan.c), which other
 * CPUs always take.
 *
 * Parity equals the rules of split.h as long as each opening quote begins a token or stands behind
 * a closing one (then the two are a doubled quote), and behind each closing one there is a
 * delimiter, the end, or such a quote. That is checked for all 64 at once.
 */
#include "split_scan_levels.h"

#include <string.h>

#include "split_mask.h"

#if defined(__x86_64__)

#include <immintrin.h>

struct masks {
    uint64_t quotes;
    uint64_t delimiters;
};

typedef struct masks find_masks(const char *bytes, char quote, char delimiter);
typedef uint64_t find_parity(uint64_t mask);

/* What one block leaves for the next. */
struct carry {
    uint64_t within; /* all ones: an odd number of quotes so far */
    uint64_t begins; /* bit 0: a token begins at the next byte */
    uint64_t closed; /* bit 0: the byte before is a closing quote */
    bool doubled;    /* anywhere in the text */
};

/* The delimiters that are not within quotes; false: odd quotes. left: of the text, from the block's
 * first byte on. */
static inline __attribute__((always_inline)) bool block_ends(struct masks masks, size_t left,
                                                             struct carry *carry,
                                                             find_parity *parity, uint64_t *ends)
{
    uint64_t within = parity(masks.quotes) ^ carry->within;
    uint64_t opening = masks.quotes & within;
    uint64_t closing = masks.quotes & ~within;
    uint64_t behind_closing = closing << 1 | carry->closed;
    *ends = masks.delimiters & ~within;
    uint64_t begins = *ends << 1 | carry->begins;
    uint64_t allowed = *ends | opening | (left < 64 ? (uint64_t)1 << left : 0);
    carry->within = -(within >> 63);
    carry->begins = *ends >> 63;
    carry->closed = closing >> 63;
    carry->doubled |= (opening & behind_closing) != 0;
    return ((opening & ~(begins | behind_closing)) | (behind_closing & ~allowed)) == 0;
}

static inline __attribute__((always_inline)) struct split_span token(const char *text, size_t begin,
                                                                     size_t end, char quote)
{
    bool quoted = begin < end && text[begin] == quote;
    struct split_span span = {(uint32_t)(begin + quoted),
                              (uint32_t)(end - begin - 2 * (size_t)quoted)};
    return span;
}

static void mark_doubled(const char *text, char quote, struct split_span *spans, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (memchr(text + spans[i].offset, quote, spans[i].length))
            spans[i].length |= SPLIT_SPAN_QUOTES;
}

static inline __attribute__((always_inline)) size_t scan(const struct split_plain *plain,
                                                         char quote, struct split_span *spans,
                                                         size_t max, find_masks *find,
                                                         find_parity *parity)
{
    const char *text = plain->text;
    struct carry carry = {0, 1, 0, false};
    size_t count = 0, begin = 0;
    for (size_t base = 0; base < plain->length; base += 64) {
        size_t left = plain->length - base;
        const char *bytes = text + base;
        char copy[64];
        if (plain->readable - base < 64 || (APPORTION_GUARDED && left < 64)) {
            memset(copy, 0, sizeof copy);
            memcpy(copy, bytes, left);
            bytes = copy;
        }
        struct masks masks = find(bytes, quote, plain->delimiter);
        if (left < 64) {
            masks.quotes &= ((uint64_t)1 << left) - 1;
            masks.delimiters &= ((uint64_t)1 << left) - 1;
        }
        uint64_t ends;
        if (!block_ends(masks, left, &carry, parity, &ends))
            return SPLIT_ODD_QUOTES;
        for (; ends; ends &= ends - 1) {
            size_t end = base + (size_t)__builtin_ctzll(ends);
            if (__builtin_expect(count == max, 0))
                return max + 1;
            spans[count++] = token(text, begin, end, quote);
            begin = end + 1;
        }
    }
    if (carry.within)
        return SPLIT_ODD_QUOTES;
    if (count == max)
        return max + 1;
    spans[count++] = token(text, begin, plain->length, quote);
    if (__builtin_expect(carry.doubled, 0))
        mark_doubled(text, quote, spans, count);
    return count;
}

#define CLMUL_PARITY(name, features)                                                               \
    static inline __attribute__((target(features), always_inline)) uint64_t name(uint64_t mask)    \
    {                                                                                              \
        return (uint64_t)_mm_cvtsi128_si64(                                                        \
            _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)mask), _mm_set1_epi8(-1), 0));       \
    }

#define AVX2 "avx2,bmi,pclmul"
CLMUL_PARITY(parity_avx2, AVX2)
CLMUL_PARITY(parity_avx512, SPLIT_TARGET_AVX512)

static inline __attribute__((always_inline)) struct masks masks_sse2(const char *bytes, char quote,
                                                                     char delimiter)
{
    struct masks masks = {split_mask64_whole(bytes, quote), split_mask64_whole(bytes, delimiter)};
    return masks;
}

static inline __attribute__((target(AVX2), always_inline)) uint64_t
equal_avx2(__m256i low, __m256i high, char byte)
{
    const __m256i wanted = _mm256_set1_epi8(byte);
    return (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted)) |
           (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted)) << 32;
}

static inline __attribute__((target(AVX2), always_inline)) struct masks
masks_avx2(const char *bytes, char quote, char delimiter)
{
    __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)bytes);
    __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + 32));
    struct masks masks = {equal_avx2(low, high, quote), equal_avx2(low, high, delimiter)};
    return masks;
}

static inline __attribute__((target(SPLIT_TARGET_AVX512), always_inline)) struct masks
masks_avx512(const char *bytes, char quote, char delimiter)
{
    __m512i block = _mm512_loadu_si512((const void *)bytes);
    struct masks masks = {
        _cvtmask64_u64(_mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8(quote))),
        _cvtmask64_u64(_mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8(delimiter)))};
    return masks;
}

size_t split_quoted_sse2(const struct split_plain *plain, char quote, struct split_span *spans,
                         size_t max)
{
    return scan(plain, quote, spans, max, masks_sse2, split_mask_parity);
}

__attribute__((target(AVX2))) size_t split_quoted_avx2(const struct split_plain *plain, char quote,
                                                       struct split_span *spans, size_t max)
{
    return scan(plain, quote, spans, max, masks_avx2, parity_avx2);
}

__attribute__((target(SPLIT_TARGET_AVX512))) size_t
split_quoted_avx512(const struct split_plain *plain, char quote, struct split_span *spans,
                    size_t max)
{
    return scan(plain, quote, spans, max, masks_avx512, parity_avx512);
}

#endif
