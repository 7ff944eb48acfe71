/*
 * The pass of parallel_bulk and parallel_bulk_skewed: process_lines_bulk over one text with all the
 * crew's threads. The tokens are the call's own (pooled, view), or, with the same scheduler, owned
 * through the heap of the thread that a line falls to.
 */
#ifndef WORKLOADS_SUPPORT_PARALLEL_BULK_PASS_H
#define WORKLOADS_SUPPORT_PARALLEL_BULK_PASS_H

#include "process_lines.h"
#include "workloads/support/parallel_text.h"

extern const char *const parallel_bulk_figures[];

/* Figures of a pass, in this order. */
enum { BULK_STEALS, BULK_LOST_STEALS, BULK_RANGES, BULK_RANGES_CONTENDED, BULK_EXCHANGE_CONTENDED };

/* A line's callback; context: the input. No latency is asked of an op, whose splitting is the
 * call's own: it is only counted. */
LINE_TEMPLATE int parallel_bulk_line(const struct allocator *allocator, enum strategy strategy,
                                     enum pass_mode mode, void *context,
                                     const struct process_lines_line *line)
{
    const struct workload_input *input = (const struct workload_input *)context;
    struct parallel_tally *tally = parallel_tally(input, line->worker);
    if (strategy != STRATEGY_OWNED) {
        if (allocator == &tracker)
            tracker_result_made(line->tokens, strategy);
        parallel_read(line->tokens, strategy, mode, line->length, &tally->tally);
        if (allocator == &tracker)
            tracker_result_released(line->tokens, strategy);
        op_end(mode);
        return 0;
    }
    struct allocator_heap *heap = input->crew->heaps[line->worker];
    const struct workload_line text = {line->text, line->length};
    struct split_result result;
    allocator->scope_begin(heap);
    bool done = line_split(&result, &text, &input->options, strategy, allocator, heap);
    if (done) {
        parallel_read(&result, strategy, mode, line->length, &tally->tally);
        line_release(&result, strategy, allocator, heap);
    } else {
        tally->error = errno;
    }
    allocator->scope_end(heap);
    op_end(mode);
    return done ? 0 : 1;
}

/* Has the workers work on the crew's threads; context: the input. */
void parallel_bulk_run(void *context, unsigned workers, void (*work)(void *team, unsigned worker),
                       void *team);

#define PARALLEL_BULK_LINE(strategy, mode, STRATEGY_, MODE_, allocator)                            \
    static int parallel_bulk_line_##strategy##_##mode(void *context,                               \
                                                      const struct process_lines_line *line)       \
    {                                                                                              \
        return parallel_bulk_line(allocator, STRATEGY_, MODE_, context, line);                     \
    }
PARALLEL_WORKS(PARALLEL_BULK_LINE, owned, STRATEGY_OWNED)
PARALLEL_WORKS(PARALLEL_BULK_LINE, pooled, STRATEGY_POOLED)
PARALLEL_WORKS(PARALLEL_BULK_LINE, view, STRATEGY_VIEW)

LINE_TEMPLATE bool parallel_bulk_body(const struct allocator *allocator, enum strategy strategy,
                                      enum pass_mode mode, struct allocator_heap *heap,
                                      const struct workload_input *input,
                                      struct workload_tally *tally)
{
    static const process_lines_callback callbacks[][PASS_MODE_COUNT] = {
        [STRATEGY_OWNED] = PARALLEL_ROW(parallel_bulk_line, owned),
        [STRATEGY_POOLED] = PARALLEL_ROW(parallel_bulk_line, pooled),
        [STRATEGY_VIEW] = PARALLEL_ROW(parallel_bulk_line, view)};
    const struct workload_crew *crew = input->crew;
    struct process_lines_options options = {.split = &input->options,
                                            .view = strategy == STRATEGY_VIEW,
                                            .threads = crew->threads,
                                            .run = parallel_bulk_run,
                                            .unsplit = strategy == STRATEGY_OWNED};
    struct process_lines_report report;
    struct split_result_pool_options pool = {.exchange = crew->exchange};
    if (strategy != STRATEGY_OWNED && allocator->arena && allocator->pool) {
        options.arena = allocator->arena(heap);
        options.pool = allocator->pool(heap);
        options.arena_options = &options.arena->options;
        options.pool_options = &pool;
    }
    parallel_begin(input);
    uint64_t exchange_contended = parallel_exchange_contended(input);
    bool done = process_lines_bulk(input->text, input->length, &options, callbacks[strategy][mode],
                                   (void *)(uintptr_t)input, &report);
    int error = errno;
    struct workload_tally *first = &parallel_tally(input, 0)->tally;
    first->figures[BULK_STEALS] = report.steals;
    first->figures[BULK_LOST_STEALS] = report.lost_steals;
    first->figures[BULK_RANGES] = report.ranges;
    first->figures[BULK_RANGES_CONTENDED] = report.contended;
    first->figures[BULK_EXCHANGE_CONTENDED] =
        parallel_exchange_contended(input) - exchange_contended;
    if (!parallel_end(input, tally))
        return false;
    errno = error;
    return done;
}

#endif
