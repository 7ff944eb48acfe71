/* parallel_bulk: one text by all threads at once, lines of one size. */
#include "workloads/support/parallel_bulk_pass.h"

static const struct workload_parameter parallel_bulk_parameters[] = {
    /* Some milliseconds a pass: the threads are woken for each. */
    {"size", "16M", "of the text; K, M, G"},
    {NULL, NULL, NULL},
};

static bool parallel_bulk_setup(struct workload_input *input,
                                const struct workload_settings *settings,
                                struct workload_error *error)
{
    return parallel_text(input, settings->values[0], false, settings->seed, error);
}

WORKLOAD_PASSES(parallel_bulk, parallel_bulk_body)

WORKLOAD(parallel_bulk,
         .description =
             "one text by all threads (process_lines_bulk), lines of 8-12 tokens of 3-12 bytes",
         .op = "one line", .no_latency = true, .threads = WORKLOAD_OWN_HEAPS,
         .thread_counts = "1,2,8", .figures = parallel_bulk_figures,
         .parameters = parallel_bulk_parameters, .setup = parallel_bulk_setup,
         .reference = parallel_reference);
