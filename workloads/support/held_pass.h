/*
 * What workloads share that hold all their results at once: the pass (split all, read all, release
 * all), and text that is large but quickly made.
 */
#ifndef WORKLOADS_SUPPORT_HELD_PASS_H
#define WORKLOADS_SUPPORT_HELD_PASS_H

#include "workloads/support/line_pass.h"
#include "workloads/support/text.h"

/* The one parameter of such a workload, its default being `blocks_`. */
#define HELD_PARAMETERS(blocks_)                                                                   \
    {                                                                                              \
        {"blocks", blocks_, "of 10000 lines, some 850 KB each"},                                   \
        {                                                                                          \
            NULL, NULL, NULL                                                                       \
        }                                                                                          \
    }

/* A generated block of lines so many times over, and room for all its results. The lines have fewer
 * than 16 tokens, so that a line's container is asked for once. */
bool held_text(struct workload_input *input, const struct workload_settings *settings,
               struct workload_error *error);

/* Everything in one scope; input->scratch has room for a result a line, input->read is token_hash.
 * Op = one line. */
LINE_TEMPLATE bool held_pass(const struct allocator *allocator, enum strategy strategy,
                             enum pass_mode mode, struct allocator_heap *heap,
                             const struct workload_input *input, struct workload_tally *tally)
{
    struct split_result *held = (struct split_result *)input->scratch;
    size_t count = 0;
    bool done = true;
    allocator->scope_begin(heap);
    for (; done && count < input->line_count; count++) {
        op_begin(mode); /* of an op's three parts the one in which memory is taken */
        done = line_split(&held[count], &input->lines[count], &input->options, strategy, allocator,
                          heap);
        op_end(mode);
    }
    if (!done)
        count--;
    for (size_t i = 0; done && i < count; i++)
        line_read_by(token_hash, &held[i], strategy, mode, tally);
    for (size_t i = 0; i < count; i++)
        line_release(&held[i], strategy, allocator, heap);
    allocator->scope_end(heap);
    tally->ops += count;
    tally->bytes += input->length;
    return done;
}

#endif
