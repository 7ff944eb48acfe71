/*
 * What workloads over lines share: splitting one line by a strategy, reading its tokens, releasing
 * it, and the pass that does so line by line. All always-inline templates, see workload.h.
 */
#ifndef WORKLOADS_SUPPORT_LINE_PASS_H
#define WORKLOADS_SUPPORT_LINE_PASS_H

#include <errno.h>

#include "split_owned.h"
#include "workloads/support/digest.h"
#include "workloads/support/sampling.h"
#include "workloads/workload.h"

#define LINE_TEMPLATE static inline __attribute__((always_inline))

LINE_TEMPLATE bool line_split_untold(struct split_result *result, const struct workload_line *line,
                                     const struct split_options *options, enum strategy strategy,
                                     const struct allocator *allocator, struct allocator_heap *heap)
{
    if (strategy == STRATEGY_OWNED)
        return split_owned_with(result, line->text, line->length, options, allocator, heap);
    if (!allocator->arena || !allocator->pool) { /* known at compile time; the runner never asks */
        errno = ENOTSUP;
        return false;
    }
    struct string_arena *arena = allocator->arena(heap);
    struct split_result_pool *pool = allocator->pool(heap);
    if (strategy == STRATEGY_POOLED)
        return split_pooled(result, line->text, line->length, options, arena, pool);
    return split_view(result, line->text, line->length, options, arena, pool);
}

LINE_TEMPLATE bool line_split(struct split_result *result, const struct workload_line *line,
                              const struct split_options *options, enum strategy strategy,
                              const struct allocator *allocator, struct allocator_heap *heap)
{
    bool done = line_split_untold(result, line, options, strategy, allocator, heap);
    if (allocator == &tracker && done)
        tracker_result_made(result, strategy);
    return done;
}

LINE_TEMPLATE void line_release(struct split_result *result, enum strategy strategy,
                                const struct allocator *allocator, struct allocator_heap *heap)
{
    if (allocator == &tracker)
        tracker_result_released(result, strategy);
    if (strategy == STRATEGY_OWNED)
        split_owned_release_with((struct split_token *)(uintptr_t)result->tokens, result->count,
                                 result->capacity_bytes / sizeof *result->tokens, allocator, heap);
    else
        split_result_release(result);
}

typedef uint64_t token_reading(const char *token, size_t length);

LINE_TEMPLATE uint64_t line_read_token(token_reading *read, const struct split_result *result,
                                       size_t index, enum strategy strategy, enum pass_mode mode,
                                       struct workload_tally *tally)
{
    /* The layout is known here, so there is no test of it a token. */
    struct split_token token = strategy == STRATEGY_OWNED ? result->tokens[index]
                               : strategy == STRATEGY_POOLED
                                   ? split_result_pooled_token(result, index)
                                   : split_result_span_token(result, index);
    if (mode == PASS_VERIFY)
        tally->digest = token_digest(tally->digest, token.data, token.length);
    if (mode == PASS_TRACKED)
        tracker_token_read(result, index, token);
    return read(token.data, token.length);
}

/* Two tokens a turn: what the loop itself costs is not what is measured. */
LINE_TEMPLATE void line_read_by(token_reading *read, const struct split_result *result,
                                enum strategy strategy, enum pass_mode mode,
                                struct workload_tally *tally)
{
    uint64_t light = 0;
    size_t count = result->count, even = count & ~(size_t)1;
    for (size_t i = 0; i < even; i += 2) {
        light += line_read_token(read, result, i, strategy, mode, tally);
        light += line_read_token(read, result, i + 1, strategy, mode, tally);
    }
    if (count & 1)
        light += line_read_token(read, result, even, strategy, mode, tally);
    tally->light += light;
    tally->tokens += count;
}

LINE_TEMPLATE void line_read(const struct split_result *result, enum strategy strategy,
                             enum pass_mode mode, struct workload_tally *tally)
{
    line_read_by(token_touch, result, strategy, mode, tally);
}

/* Split a line, own every token, read it, release before the next line; op = one line. */
LINE_TEMPLATE bool line_by_line_by(token_reading *read, const struct allocator *allocator,
                                   enum strategy strategy, enum pass_mode mode,
                                   struct allocator_heap *heap, const struct workload_input *input,
                                   struct workload_tally *tally)
{
    struct workload_tally sums = *tally; /* in registers */
    const struct workload_line *end = input->lines + input->line_count;
    for (const struct workload_line *line = input->lines; line < end; line++) {
        op_begin(mode);
        allocator->scope_begin(heap);
        bool done;
        { /* its life ends here: what its release writes into it is never read */
            struct split_result result;
            done = line_split(&result, line, &input->options, strategy, allocator, heap);
            if (__builtin_expect(done, 1)) {
                line_read_by(read, &result, strategy, mode, &sums);
                line_release(&result, strategy, allocator, heap);
            }
        }
        allocator->scope_end(heap);
        op_end(mode);
        if (__builtin_expect(!done, 0))
            return false;
    }
    *tally = sums;
    tally->ops += input->line_count;
    tally->bytes += input->length;
    return true;
}

LINE_TEMPLATE bool line_by_line(const struct allocator *allocator, enum strategy strategy,
                                enum pass_mode mode, struct allocator_heap *heap,
                                const struct workload_input *input, struct workload_tally *tally)
{
    return line_by_line_by(token_touch, allocator, strategy, mode, heap, input, tally);
}

#endif
