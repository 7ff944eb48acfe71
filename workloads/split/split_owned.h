/*
 * The one body of the owned strategy, for any allocator. Internal: the library's split_owned() is
 * this on malloc, a workload's owned strategy is this on its backend. With a constant `allocator`
 * the compiler leaves no indirect call in it.
 */
#ifndef WORKLOADS_SPLIT_OWNED_H
#define WORKLOADS_SPLIT_OWNED_H

#include <string.h>

#include "allocators/allocator.h"
#include "split_scan.h"

/* Tokens in a first container: a line's worth. */
#define SPLIT_OWNED_FIRST 16
/* Spans between two looks at the container's room. */
#define SPLIT_OWNED_BLOCK 64
/* The longest token copied as one over-long register move. */
#define SPLIT_OVERCOPY 32

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

/* On false everything is given back and errno is set. */
static inline __attribute__((always_inline)) bool
split_owned_with(struct split_result *result, const char *text, size_t length,
                 const struct split_options *options, const struct allocator *allocator,
                 struct allocator_heap *heap)
{
    struct split_scan scan;
    memset(result, 0, sizeof *result);
    if (!split_scan_begin(&scan, text, length, options))
        return false;
    /* Bytes behind a token that are there to be read. */
    size_t readable = length + options->readable_after;
    size_t capacity = SPLIT_OWNED_FIRST;
    size_t count = 0;
    struct split_token *tokens = (struct split_token *)allocator->allocate(
        heap, capacity * sizeof *tokens, ALLOCATION_CONTAINER);
    if (!tokens)
        return false;
    struct split_span spans[SPLIT_OWNED_BLOCK];
    size_t found;
    do {
        found = split_scan_next(&scan, spans, SPLIT_OWNED_BLOCK);
        if (count + found > capacity) {
            size_t larger = capacity * 2;
            while (larger < count + found)
                larger *= 2;
            void *grown = allocator->reallocate(heap, tokens, capacity * sizeof *tokens,
                                                larger * sizeof *tokens, ALLOCATION_CONTAINER);
            if (!grown)
                goto fail;
            tokens = (struct split_token *)grown;
            capacity = larger;
        }
        for (size_t i = 0; i < found; i++) {
            const char *from = text + spans[i].offset;
            size_t token_length = spans[i].length & ~SPLIT_SPAN_QUOTES;
            /* An unescaped token is shorter; its block keeps the few bytes more. */
            char *block = (char *)allocator->allocate(heap, token_length, ALLOCATION_BYTES);
            if (__builtin_expect(!block, 0))
                goto fail;
            if (__builtin_expect(spans[i].length & SPLIT_SPAN_QUOTES, 0))
                token_length = split_unescape(block, from, token_length, options->quote);
            else if (allocator->slack >= SPLIT_OVERCOPY && token_length <= SPLIT_OVERCOPY &&
                     spans[i].offset + (size_t)SPLIT_OVERCOPY <= readable)
                memcpy(block, from, SPLIT_OVERCOPY);
            else
                split_copy_exact(block, from, token_length);
            tokens[count].data = block;
            tokens[count].length = token_length;
            count++;
        }
    } while (found == SPLIT_OWNED_BLOCK);
    result->tokens = tokens;
    result->count = count;
    result->capacity_bytes = capacity * sizeof *tokens;
    return true;
fail:
    split_owned_release_with(tokens, count, capacity, allocator, heap);
    return false;
}

#endif
