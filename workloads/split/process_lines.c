/*
 * process_lines_bulk: the call on one thread, and what each of several does: find a line, split it,
 * call back; at a batch's end roll the arena back to where it stood.
 */
#include "process_lines.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "line_scan.h"
#include "process_lines_work.h"
#include "split_scan.h"

/* Nanoseconds between two calls of progress. */
#define PROGRESS_INTERVAL 100000000u

bool lines_call_begin(struct lines_call *call, const char *text, size_t length,
                      const struct process_lines_options *options, process_lines_callback callback,
                      void *context)
{
    memset(call, 0, sizeof *call);
    call->text = text;
    call->length = length;
    call->callback = callback;
    call->context = context;
    if (options)
        call->options = *options;
    call->split = call->options.split ? *call->options.split : split_options_default();
    if (call->options.batch_bytes == 0)
        call->options.batch_bytes = PROCESS_LINES_BATCH_BYTES;
    atomic_init(&call->stop_at, SIZE_MAX);
    return split_options_prepare(&call->split);
}

bool lines_worker_begin(struct lines_worker *worker, const struct lines_call *call, unsigned index)
{
    const struct process_lines_options *options = &call->options;
    memset(worker, 0, sizeof *worker);
    worker->index = index;
    worker->arena = index == 0 && options->arena ? options->arena : &worker->own_arena;
    if (worker->arena == &worker->own_arena &&
        !string_arena_init(worker->arena, options->arena_options))
        return false;
    if (index != 0 || !options->pool) {
        worker->own_pool = split_result_pool_create(options->pool_options);
        if (!worker->own_pool)
            return false;
    }
    worker->pool = worker->own_pool ? worker->own_pool : options->pool;
    worker->mark = string_arena_mark(worker->arena);
    return true;
}

void lines_worker_end(struct lines_worker *worker)
{
    string_arena_rollback(worker->arena, worker->mark);
    if (worker->arena == &worker->own_arena)
        string_arena_destroy(&worker->own_arena);
    split_result_pool_destroy(worker->own_pool);
}

void lines_stop_behind(struct lines_call *call, size_t range)
{
    size_t at = atomic_load_explicit(&call->stop_at, memory_order_relaxed);
    while (range + 1 < at &&
           !atomic_compare_exchange_weak_explicit(&call->stop_at, &at, range + 1,
                                                  memory_order_relaxed, memory_order_relaxed)) {
    }
}

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* Calls progress with what is done, where it is more than was told; whoever is telling does. */
static void tell(struct lines_call *call)
{
    size_t done = atomic_load_explicit(&call->bytes_done, memory_order_relaxed);
    if (done <= call->bytes_told)
        return;
    call->bytes_told = done;
    int error = call->options.progress(call->context, done, call->length);
    if (error == 0)
        return;
    atomic_store_explicit(&call->progress_error, error, memory_order_relaxed);
    atomic_store_explicit(&call->stop_at, 0, memory_order_relaxed);
}

/* Once a batch, and at a range's end. */
static __attribute__((noinline)) void note_progress(struct lines_worker *worker,
                                                    struct lines_call *call)
{
    atomic_fetch_add_explicit(&call->bytes_done, (size_t)worker->bytes - worker->bytes_told,
                              memory_order_relaxed);
    worker->bytes_told = (size_t)worker->bytes;
    uint64_t time = now(), told = atomic_load_explicit(&call->told_at, memory_order_relaxed);
    if (told == 0) { /* the first one begins the interval */
        (void)atomic_compare_exchange_strong_explicit(&call->told_at, &told, time,
                                                      memory_order_relaxed, memory_order_relaxed);
        return;
    }
    if (time < told + PROGRESS_INTERVAL ||
        atomic_exchange_explicit(&call->telling, true, memory_order_acquire))
        return;
    /* Another may have told between the look at the time and here. */
    if (atomic_load_explicit(&call->told_at, memory_order_relaxed) == told) {
        atomic_store_explicit(&call->told_at, time, memory_order_relaxed);
        tell(call);
    }
    atomic_store_explicit(&call->telling, false, memory_order_release);
}

/* Splits one line and gives it to the callback. False: that was the last one, the range says why.
 * after: bytes of the text behind the line. */
static bool process_line(struct lines_worker *worker, struct lines_call *call,
                         struct lines_range *range, const struct process_lines_line *line,
                         size_t whole, size_t after)
{
    struct split_options split = call->split;
    struct process_lines_line given = *line;
    struct split_result result;
    split.readable_after += after;
    bool done = true;
    if (call->options.unsplit)
        memset(&result, 0, sizeof result);
    else if (call->options.view)
        done = split_view(&result, line->text, line->length, &split, worker->arena, worker->pool);
    else
        done = split_pooled(&result, line->text, line->length, &split, worker->arena, worker->pool);
    if (!done) {
        range->end = PROCESS_LINES_FAILED;
        range->error = errno;
        return false;
    }
    given.tokens = &result;
    worker->lines++;
    worker->tokens += result.count;
    worker->bytes += whole;
    range->given.lines++;
    range->given.bytes += whole;
    int error = call->callback(call->context, &given);
    split_result_release(&result);
    if (error != 0) {
        range->end = PROCESS_LINES_STOPPED;
        range->error = error;
        return false;
    }
    range->passed++;
    return true;
}

bool lines_worker_run(struct lines_worker *worker, struct lines_call *call,
                      struct lines_range *range, size_t from, size_t until)
{
    const size_t batch_bytes = call->options.batch_bytes;
    struct line_scan scan =
        line_scan_begin_at(call->text, call->length, from, call->split.quote, false);
    bool go_on = true;
    range->given.offset = from;
    range->given.worker = worker->index;
    while (go_on && scan.position < until) {
        struct process_lines_line line = {NULL,
                                          call->text + scan.position,
                                          0,
                                          range->given.first_line + range->passed,
                                          scan.position,
                                          worker->index,
                                          &range->given};
        range->at = line.offset;
        if (!lines_wanted(call, range->given.index)) {
            range->end = PROCESS_LINES_CANCELLED;
            range->error = atomic_load_explicit(&call->progress_error, memory_order_relaxed);
            return false;
        }
        size_t end = line_scan_next(&scan);
        size_t whole = scan.position - line.offset;
        line.length = end - line.offset;
        if (end < call->length && line.length > 0 && call->text[end - 1] == '\r')
            line.length--;
        if (worker->batch > 0 && whole > batch_bytes - worker->batch) {
            string_arena_rollback(worker->arena, worker->mark);
            worker->batch = 0;
            if (call->options.progress)
                note_progress(worker, call);
        }
        if (worker->batch == 0)
            worker->batches++;
        /* A batch that one long line overfills takes no further line. */
        worker->batch = whole < batch_bytes - worker->batch ? worker->batch + whole : batch_bytes;
        go_on = process_line(worker, call, range, &line, whole,
                             call->length - line.offset - line.length);
    }
    if (go_on && from < until)
        range->at = scan.position;
    if (call->options.progress)
        note_progress(worker, call);
    return go_on;
}

/* All of the text as one range. */
static void process_as_one(struct lines_call *call, struct process_lines_report *report)
{
    struct lines_worker worker;
    struct lines_range range;
    memset(&range, 0, sizeof range);
    if (!lines_worker_begin(&worker, call, 0)) {
        report->end = PROCESS_LINES_FAILED;
        report->error = errno;
        return;
    }
    report->threads = 1;
    if (call->options.thread_start)
        call->options.thread_start(call->context, 0);
    bool done = lines_worker_run(&worker, call, &range, 0, call->length);
    lines_worker_end(&worker);
    report->end = done ? PROCESS_LINES_DONE : range.end;
    report->error = range.error;
    report->line = range.passed;
    report->offset = done ? call->length : range.at;
    report->lines = worker.lines;
    report->tokens = worker.tokens;
    report->batches = worker.batches;
    report->bytes = worker.bytes;
    report->ranges = 1;
}

bool process_lines_bulk(const char *text, size_t length,
                        const struct process_lines_options *options,
                        process_lines_callback callback, void *context,
                        struct process_lines_report *report)
{
    struct process_lines_report unwanted;
    if (!report)
        report = &unwanted;
    memset(report, 0, sizeof *report);
    struct lines_call call;
    if (!lines_call_begin(&call, text, length, options, callback, context)) {
        report->end = PROCESS_LINES_FAILED;
        report->error = errno;
    } else if (call.options.threads > 1 || call.options.range_end) {
        process_lines_by_ranges(&call, report);
    } else {
        process_as_one(&call, report);
    }
    if (report->end == PROCESS_LINES_DONE && call.options.progress)
        tell(&call);
    if (report->end == PROCESS_LINES_FAILED)
        errno = report->error;
    return report->end == PROCESS_LINES_DONE;
}
