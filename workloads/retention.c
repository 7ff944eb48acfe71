/*
 * retention: some 8 MB of text split, held and released; what the process still holds of the
 * system's memory then, a second later, and after a purge. The memory trial asks.
 */
#include "workloads/support/held_pass.h"

static bool retention_setup(struct workload_input *input, const struct workload_settings *settings,
                            struct workload_error *error)
{
    const struct text_shape block = {10000, 8, 12, 3, 12};
    return held_text(input, &block, 10, settings->seed, error);
}

WORKLOAD_PASSES(retention, held_pass)

WORKLOAD(retention,
         .description = "some 8 MB of such lines, all released: what the process keeps of it",
         .op = "one line", .settle_ms = 1000, .setup = retention_setup,
         .reference = text_reference);
