/*
 * batch_processing: 1000 lines split and held, each token processed by a small computation (one
 * multiply-and-xor hash of its first 8 bytes), all released together.
 */
#include "workloads/support/line_pass.h"
#include "workloads/support/text.h"

#define BATCH_LINES 1000

static bool batch_processing_setup(struct workload_input *input,
                                   const struct workload_settings *settings,
                                   struct workload_error *error)
{
    const struct text_shape shape = {BATCH_LINES, 8, 12, 3, 12};
    input->scratch = text_map(BATCH_LINES * sizeof(struct split_result), error);
    return input->scratch && text_generate(input, &shape, true, settings->seed, error);
}

LINE_TEMPLATE bool batch_body(const struct allocator *allocator, enum strategy strategy,
                              enum pass_mode mode, struct allocator_heap *heap,
                              const struct workload_input *input, struct workload_tally *tally)
{
    struct split_result *held = input->scratch;
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
        line_read(&held[i], strategy, mode, tally);
    for (size_t i = 0; i < count; i++)
        line_release(&held[i], strategy, allocator, heap);
    allocator->scope_end(heap);
    tally->ops += count;
    tally->bytes += input->length;
    return done;
}

WORKLOAD_PASSES(batch_processing, batch_body)

WORKLOAD(batch_processing,
         .description = "1000 such lines held, every token hashed, all released together",
         .op = "one line", .setup = batch_processing_setup, .reference = text_reference);
