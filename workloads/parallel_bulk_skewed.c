/* parallel_bulk_skewed: one text by all threads at once, lines of very different sizes, and a text
 * whose first half takes longer than its second, so that threads must steal to end together. */
#include "workloads/support/parallel_bulk_pass.h"

static const struct workload_parameter parallel_bulk_skewed_parameters[] = {
    /* Some milliseconds a pass: the threads are woken for each. */
    {"size", "16M", "of the text; K, M, G"},
    {NULL, NULL, NULL},
};

static bool parallel_bulk_skewed_setup(struct workload_input *input,
                                       const struct workload_settings *settings,
                                       struct workload_error *error)
{
    return parallel_text(input, settings->values[0], true, settings->seed, error);
}

WORKLOAD_PASSES(parallel_bulk_skewed, parallel_bulk_body)

WORKLOAD(
    parallel_bulk_skewed,
    .description = "the same of lines of 1-16384 tokens, the first half of the text the harder one",
    .op = "one line", .no_latency = true, .threads = WORKLOAD_OWN_HEAPS, .thread_counts = "1,2,8",
    .figures = parallel_bulk_figures, .parameters = parallel_bulk_skewed_parameters,
    .setup = parallel_bulk_skewed_setup, .reference = parallel_reference);
