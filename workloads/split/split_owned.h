/*
 * The one body of the owned strategy, for any allocator. Internal: the library's split_owned() is
 * this on malloc, a workload's owned strategy is this on its backend. With a constant `allocator`
 * the compiler leaves no indirect call in it.
 */
#ifndef WORKLOADS_SPLIT_OWNED_H
#define WORKLOADS_SPLIT_OWNED_H

#include <string.h>

#include "allocators/allocator.h"
#include "split_mask.h"
#include "split_scan.h"
#include "split_short.h"

/* Tokens in a first container: a line's worth. */
#define SPLIT_OWNED_FIRST 16
/* Spans between two looks at the container's room. */
#define SPLIT_OWNED_BLOCK 64
/* A token up to this long is copied as one over-long register move. */
#define SPLIT_OVERCOPY 16

/* Any length, no byte outside either: overlapping moves of the largest size that fits, so that no
 * backend pays for a call of memcpy on a few bytes. */
static inline __attribute__((always_inline)) void split_copy_exact(char *to, const char *from,
                                                                   size_t length)
{
    if (length >= 8) {
        if (length <= 16) {
            uint64_t head, tail;
            memcpy(&head, from, 8);
            memcpy(&tail, from + length - 8, 8);
            memcpy(to, &head, 8);
            memcpy(to + length - 8, &tail, 8);
        } else {
            memcpy(to, from, length);
        }
    } else if (length >= 4) {
        uint32_t head, tail;
        memcpy(&head, from, 4);
        memcpy(&tail, from + length - 4, 4);
        memcpy(to, &head, 4);
        memcpy(to + length - 4, &tail, 4);
    } else if (length > 0) {
        to[0] = from[0];
        to[length / 2] = from[length / 2];
        to[length - 1] = from[length - 1];
    }
}

/* Gives back the first `count` tokens and the container of `capacity` tokens. */
static inline __attribute__((always_inline)) void
split_owned_release_with(struct split_token *tokens, size_t count, size_t capacity,
                         const struct allocator *allocator, struct allocator_heap *heap)
{
    for (size_t i = 0; i < count; i++)
        allocator->deallocate(heap, (void *)(uintptr_t)tokens[i].data, tokens[i].length,
                              ALLOCATION_BYTES);
    if (tokens)
        allocator->deallocate(heap, tokens, capacity * sizeof *tokens, ALLOCATION_CONTAINER);
}

/* A container that grows, and what fills it. */
struct split_owned_builder {
    struct split_token *tokens;
    size_t count;
    size_t capacity;
};

/* Doubles the container until `more` tokens fit. */
static inline __attribute__((always_inline)) bool
split_owned_reserve(struct split_owned_builder *builder, size_t more,
                    const struct allocator *allocator, struct allocator_heap *heap)
{
    if (__builtin_expect(builder->count + more <= builder->capacity, 1))
        return true;
    size_t larger = builder->capacity * 2;
    while (larger < builder->count + more)
        larger *= 2;
    void *grown =
        allocator->reallocate(heap, builder->tokens, builder->capacity * sizeof *builder->tokens,
                              larger * sizeof *builder->tokens, ALLOCATION_CONTAINER);
    if (!grown)
        return false;
    builder->tokens = (struct split_token *)grown;
    builder->capacity = larger;
    return true;
}

/* Owns one token, for which there is room. readable: bytes from `from` on that may be read. */
static inline __attribute__((always_inline)) bool
split_owned_add(struct split_owned_builder *builder, const char *from, size_t length,
                size_t readable, const struct allocator *allocator, struct allocator_heap *heap)
{
    char *block = (char *)allocator->allocate(heap, length, ALLOCATION_BYTES);
    if (__builtin_expect(!block, 0))
        return false;
    if (allocator->slack >= SPLIT_OVERCOPY && __builtin_expect(length <= SPLIT_OVERCOPY, 1) &&
        readable >= SPLIT_OVERCOPY)
        memcpy(block, from, SPLIT_OVERCOPY);
    else
        split_copy_exact(block, from, length);
    builder->tokens[builder->count].data = block;
    builder->tokens[builder->count].length = length;
    builder->count++;
    return true;
}

#if defined(__x86_64__)
/* The plain case in one loop: 64 bytes become a mask of delimiters (SSE2, so no dispatch is
 * needed), and each of its bits a token. */
static inline __attribute__((always_inline)) bool
split_owned_plain(struct split_owned_builder *builder, const char *text, size_t length,
                  const struct split_options *options, const struct allocator *allocator,
                  struct allocator_heap *heap)
{
    size_t readable = length + options->readable_after;
    char delimiter = options->delimiters[0].bytes[0];
    size_t begin = 0;
    for (size_t base = 0; base < length; base += 64) {
        uint64_t mask = split_mask64(text + base, length - base, readable - base, delimiter);
        if (!split_owned_reserve(builder, (size_t)__builtin_popcountll(mask) + 1, allocator, heap))
            return false;
        for (; mask; mask &= mask - 1) {
            size_t end = base + (size_t)__builtin_ctzll(mask);
            if (!split_owned_add(builder, text + begin, end - begin, readable - begin, allocator,
                                 heap))
                return false;
            begin = end + 1;
        }
    }
    return split_owned_add(builder, text + begin, length - begin, readable - begin, allocator,
                           heap);
}
#endif

/* Owns what `found` spans of text say. */
static inline __attribute__((always_inline)) bool
split_owned_found(struct split_owned_builder *builder, const char *text, size_t readable,
                  const struct split_span *spans, size_t found, char quote,
                  const struct allocator *allocator, struct allocator_heap *heap)
{
    if (!split_owned_reserve(builder, found, allocator, heap))
        return false;
    for (size_t i = 0; i < found; i++) {
        const char *from = text + spans[i].offset;
        size_t length = spans[i].length & ~SPLIT_SPAN_QUOTES;
        if (__builtin_expect(spans[i].length & SPLIT_SPAN_QUOTES, 0)) {
            /* Unescaped it is shorter; its block keeps the few bytes more. */
            char *block = (char *)allocator->allocate(heap, length, ALLOCATION_BYTES);
            if (!block)
                return false;
            builder->tokens[builder->count].data = block;
            builder->tokens[builder->count++].length = split_unescape(block, from, length, quote);
        } else if (!split_owned_add(builder, from, length, readable - spans[i].offset, allocator,
                                    heap)) {
            return false;
        }
    }
    return true;
}

/* Any options, by way of spans. */
static inline __attribute__((always_inline)) bool
split_owned_spans(struct split_owned_builder *builder, const char *text, size_t length,
                  const struct split_options *options, const struct allocator *allocator,
                  struct allocator_heap *heap)
{
    struct split_span spans[SPLIT_OWNED_BLOCK];
    size_t readable = length + options->readable_after;
    if (split_is_quoted(options)) {
        const struct split_plain whole = {text, length, readable, NULL,
                                          options->delimiters[0].bytes[0]};
        size_t found = split_quoted_spans(&whole, options->quote, spans, SPLIT_OWNED_BLOCK);
        if (found <= SPLIT_OWNED_BLOCK)
            return split_owned_found(builder, text, readable, spans, found, options->quote,
                                     allocator, heap);
    }
    struct split_scan scan = split_scan_begin(text, length, options);
    size_t found;
    do {
        found = split_scan_next(&scan, spans, SPLIT_OWNED_BLOCK);
        if (!split_owned_found(builder, text, readable, spans, found, options->quote, allocator,
                               heap))
            return false;
    } while (found == SPLIT_OWNED_BLOCK);
    return true;
}

/* The common line: its spans at once, then a loop over them. padded: SPLIT_OVERCOPY bytes behind
 * the text may be read. */
static inline __attribute__((always_inline)) bool
split_owned_short(struct split_owned_builder *builder, const char *text, size_t length, bool padded,
                  const struct split_span *spans, size_t count, const struct allocator *allocator,
                  struct allocator_heap *heap)
{
    for (size_t i = 0; i < count; i++)
        if (!split_owned_add(builder, text + spans[i].offset, spans[i].length,
                             padded ? SPLIT_OVERCOPY : length - spans[i].offset, allocator, heap))
            return false;
    return true;
}

/* Everything but the common line. */
static inline __attribute__((always_inline)) bool
split_owned_otherwise(struct split_owned_builder *builder, const char *text, size_t length,
                      const struct split_options *options, const struct allocator *allocator,
                      struct allocator_heap *heap)
{
#if defined(__x86_64__)
    if (split_is_plain(options))
        return split_owned_plain(builder, text, length, options, allocator, heap);
#endif
    return split_owned_spans(builder, text, length, options, allocator, heap);
}

/* On false everything is given back and errno is set. */
static inline __attribute__((always_inline)) bool
split_owned_with(struct split_result *result, const char *text, size_t length,
                 const struct split_options *options, const struct allocator *allocator,
                 struct allocator_heap *heap)
{
    struct split_owned_builder builder = {NULL, 0, SPLIT_OWNED_FIRST};
    struct split_span spans[SPLIT_OWNED_FIRST];
    size_t count = 0;
    bool done;
#if defined(__x86_64__)
    if (length < SPLIT_SHORT &&
        (split_is_prepared(options) ||
         (split_has_avx512() && (split_is_plain(options) || split_is_quoted(options)))))
        count = split_short_spans_avx512(text, length, length + options->readable_after,
                                         options->delimiters[0].bytes[0], options->quote, spans);
#endif
    if (__builtin_expect(count == 0, 0) && !split_scan_check(length, options)) {
        memset(result, 0, sizeof *result);
        return false;
    }
    builder.tokens = (struct split_token *)allocator->allocate(
        heap, builder.capacity * sizeof *builder.tokens, ALLOCATION_CONTAINER);
    if (!builder.tokens) {
        done = false;
    } else if (__builtin_expect(count != 0, 1)) {
        done =
            allocator->slack >= SPLIT_OVERCOPY && options->readable_after >= SPLIT_OVERCOPY
                ? split_owned_short(&builder, text, length, true, spans, count, allocator, heap)
                : split_owned_short(&builder, text, length, false, spans, count, allocator, heap);
    } else {
        struct split_owned_builder other = builder; /* so that builder itself stays in registers */
        done = split_owned_otherwise(&other, text, length, options, allocator, heap);
        builder = other;
    }
    if (__builtin_expect(!done, 0)) {
        split_owned_release_with(builder.tokens, builder.count, builder.capacity, allocator, heap);
        memset(result, 0, sizeof *result);
        return false;
    }
    result->tokens = builder.tokens;
    result->bases[0] = NULL;
    result->pool = NULL;
    result->count = builder.count;
    result->capacity_bytes = builder.capacity * sizeof *builder.tokens;
    return true;
}

#endif
