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
enum { BULK_STEALS, BULK_LOST_STEALS, BULK_RANGES };

/* A line's callback; context: the input. */
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
    return done ? 0 : 1;
}

/* Binds a worker's thread; context: the input. */
void parallel_bulk_pin(void *context, unsigned worker);

LINE_TEMPLATE bool parallel_bulk_pass(const struct allocator *allocator, enum strategy strategy,
                                      process_lines_callback callback, struct allocator_heap *heap,
                                      const struct workload_input *input,
                                      struct workload_tally *tally)
{
    const struct workload_crew *crew = input->crew;
    struct process_lines_options options = {.split = &input->options,
                                            .view = strategy == STRATEGY_VIEW,
                                            .threads = crew->threads,
                                            .unsplit = strategy == STRATEGY_OWNED};
    struct process_lines_report report;
    struct split_result_pool_options pool = {.exchange = crew->exchange};
    if (strategy != STRATEGY_OWNED && allocator->arena && allocator->pool) {
        options.arena = allocator->arena(heap);
        options.pool = allocator->pool(heap);
        options.arena_options = &options.arena->options;
        options.pool_options = &pool;
    }
    if (crew->threads > 1) {
        options.thread_start = parallel_bulk_pin;
        parallel_loose(input);
    }
    parallel_begin(input);
    bool done = process_lines_bulk(input->text, input->length, &options, callback,
                                   (void *)(uintptr_t)input, &report);
    int error = errno;
    struct workload_tally *first = &parallel_tally(input, 0)->tally;
    first->figures[BULK_STEALS] = report.steals;
    first->figures[BULK_LOST_STEALS] = report.lost_steals;
    first->figures[BULK_RANGES] = report.ranges;
    if (!parallel_end(input, tally))
        return false;
    errno = error;
    return done;
}

/* callbacks and body for a workload called `name`: <name>_line_<strategy>_<mode>, <name>_body. */
#define BULK_LINE(name, strategy, mode, STRATEGY_, MODE_, allocator)                               \
    static int name##_line_##strategy##_##mode(void *context,                                      \
                                               const struct process_lines_line *line)              \
    {                                                                                              \
        return parallel_bulk_line(allocator, STRATEGY_, MODE_, context, line);                     \
    }
#define BULK_LINES(name, strategy, STRATEGY_)                                                      \
    BULK_LINE(name, strategy, timed, STRATEGY_, PASS_TIMED, &backend)                              \
    BULK_LINE(name, strategy, verify, STRATEGY_, PASS_VERIFY, &backend)                            \
    BULK_LINE(name, strategy, tracked, STRATEGY_, PASS_TRACKED, &tracker)                          \
    BULK_LINE(name, strategy, sampled, STRATEGY_, PASS_SAMPLED, &backend)                          \
    BULK_LINE(name, strategy, sampled_calls, STRATEGY_, PASS_SAMPLED_CALLS, &sampler)
#define BULK_ROW(name, strategy)                                                                   \
    {                                                                                              \
        name##_line_##strategy##_timed, name##_line_##strategy##_verify,                           \
            name##_line_##strategy##_tracked, name##_line_##strategy##_sampled,                    \
            name##_line_##strategy##_sampled_calls                                                 \
    }
#define BULK_PASSES(name)                                                                          \
    BULK_LINES(name, owned, STRATEGY_OWNED)                                                        \
    BULK_LINES(name, pooled, STRATEGY_POOLED)                                                      \
    BULK_LINES(name, view, STRATEGY_VIEW)                                                          \
    LINE_TEMPLATE bool name##_body(const struct allocator *allocator, enum strategy strategy,      \
                                   enum pass_mode mode, struct allocator_heap *heap,               \
                                   const struct workload_input *input,                             \
                                   struct workload_tally *tally)                                   \
    {                                                                                              \
        static const process_lines_callback callbacks[3][PASS_MODE_COUNT] = {                      \
            BULK_ROW(name, owned), BULK_ROW(name, pooled), BULK_ROW(name, view)};                  \
        return parallel_bulk_pass(allocator, strategy, callbacks[strategy][mode], heap, input,     \
                                  tally);                                                          \
    }                                                                                              \
    WORKLOAD_PASSES(name, name##_body)

#endif
