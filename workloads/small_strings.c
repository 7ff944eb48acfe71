/*
 * small_strings: lines of 8-12 tokens of 3-12 bytes, one line at a time. The case in which
 * splitting is dominated by malloc and free.
 */
#include "workloads/support/line_pass.h"
#include "workloads/support/text.h"

static bool small_strings_setup(struct workload_input *input,
                                const struct workload_settings *settings,
                                struct workload_error *error)
{
    /* 512 lines are some 45 KB: an L2 cache holds text and heap, so that calls are measured, not
     * memory. */
    const struct text_shape shape = {512, 8, 12, 3, 12};
    return text_generate(input, &shape, false, settings->seed, error);
}

WORKLOAD_PASSES(small_strings, line_by_line)

WORKLOAD(small_strings,
         .description = "lines of 8-12 tokens of 3-12 bytes, each released before the next",
         .op = "one line", .setup = small_strings_setup, .reference = text_reference);
