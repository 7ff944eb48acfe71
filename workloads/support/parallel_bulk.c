/* What both workloads of parallel_bulk_pass.h have once. */
#include "workloads/support/parallel_bulk_pass.h"

const char *const parallel_bulk_figures[] = {[BULK_STEALS] = "steals",
                                             [BULK_LOST_STEALS] = "lost_steals",
                                             [BULK_RANGES] = "ranges",
                                             [BULK_RANGES_CONTENDED] = "ranges_contended",
                                             [BULK_EXCHANGE_CONTENDED] = "exchange_contended",
                                             NULL};

struct bulk_run {
    unsigned workers;
    void (*work)(void *team, unsigned worker);
    void *team;
};

static void work_as_member(void *context, unsigned member)
{
    const struct bulk_run *run = (const struct bulk_run *)context;
    if (member < run->workers)
        run->work(run->team, member);
}

void parallel_bulk_run(void *context, unsigned workers, void (*work)(void *team, unsigned worker),
                       void *team)
{
    struct bulk_run run = {workers, work, team};
    parallel_call((const struct workload_input *)context, work_as_member, &run);
}
