/* What both workloads of parallel_bulk_pass.h have once. */
#include "workloads/support/parallel_bulk_pass.h"

const char *const parallel_bulk_figures[] = {[BULK_STEALS] = "steals",
                                             [BULK_LOST_STEALS] = "lost_steals",
                                             [BULK_RANGES] = "ranges",
                                             [BULK_RANGES_CONTENDED] = "ranges_contended",
                                             [BULK_EXCHANGE_CONTENDED] = "exchange_contended",
                                             NULL};

void parallel_bulk_pin(void *context, unsigned worker)
{
    parallel_pin((const struct workload_input *)context, worker);
}
