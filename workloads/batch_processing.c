/*
 * batch_processing: 1000 lines split and held, each token processed by a small computation (one
 * multiply-and-xor hash of its first 8 bytes), all released together.
 */
#include "workloads/support/held_pass.h"

#define BATCH_LINES 1000

static bool batch_processing_setup(struct workload_input *input,
                                   const struct workload_settings *settings,
                                   struct workload_error *error)
{
    struct text_shape shape;
    input->read = token_hash;
    input->scratch = text_map(BATCH_LINES * sizeof(struct split_result), error);
    return input->scratch && text_shape_of(&shape, BATCH_LINES, settings->values, error) &&
           text_generate(input, &shape, true, settings->seed, error);
}

WORKLOAD_PASSES(batch_processing, held_pass)

WORKLOAD(batch_processing,
         .description = "1000 such lines held, every token hashed, all released together",
         .op = "one line", .litter = 0.5, .parameters = text_shape_parameters,
         .setup = batch_processing_setup, .reference = text_reference);
