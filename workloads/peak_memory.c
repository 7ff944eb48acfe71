/*
 * peak_memory: some 65 MB of text split and held whole, as a program does that loads a file. It is
 * judged by its memory and its calls; a timed pass takes a good part of a second.
 */
#include "workloads/support/held_pass.h"

static bool peak_memory_setup(struct workload_input *input,
                              const struct workload_settings *settings,
                              struct workload_error *error)
{
    const struct text_shape block = {10000, 8, 12, 3, 12};
    return held_text(input, &block, 80, settings->seed, error);
}

WORKLOAD_PASSES(peak_memory, held_pass)

WORKLOAD(peak_memory, .description = "some 65 MB of such lines, all split and held, then released",
         .op = "one line", .setup = peak_memory_setup, .reference = text_reference);
