/*
 * small_strings: lines of 8-12 tokens of 3-12 bytes (or as asked), one line at a time. The case in
 * which splitting is dominated by malloc and free.
 */
#include "workloads/support/line_pass.h"
#include "workloads/support/text.h"

static const struct workload_parameter small_strings_parameters[] = {
    TEXT_SHAPE_PARAMETERS,
    {NULL, NULL, NULL},
};

static bool small_strings_setup(struct workload_input *input,
                                const struct workload_settings *settings,
                                struct workload_error *error)
{
    /* 512 lines are some 45 KB: an L2 cache holds text and heap, so that calls are measured, not
     * memory. */
    struct text_shape shape;
    return text_shape_of(&shape, 512, settings->values, error) &&
           text_generate(input, &shape, false, settings->seed, error);
}

/* No token is empty. */
LINE_TEMPLATE bool small_strings_body(const struct allocator *allocator, enum strategy strategy,
                                      enum pass_mode mode, struct allocator_heap *heap,
                                      const struct workload_input *input,
                                      struct workload_tally *tally)
{
    return line_by_line_by(token_touch_byte, allocator, strategy, mode, heap, input, tally);
}

WORKLOAD_PASSES(small_strings, small_strings_body)

WORKLOAD(small_strings,
         .description = "lines of 8-12 tokens of 3-12 bytes, each released before the next",
         .op = "one line", .parameters = small_strings_parameters, .setup = small_strings_setup,
         .reference = text_reference);
