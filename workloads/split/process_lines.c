/*
 * process_lines_bulk on one thread: find a line, split it, call back; at a batch's end roll the
 * arena back to where it stood.
 */
#include "process_lines.h"

#include <errno.h>
#include <string.h>

#include "line_scan.h"
#include "split_scan.h"

/* What a call works with, its own or the caller's. */
struct work {
    struct process_lines_options options; /* defaults filled in */
    struct split_options split;
    struct string_arena own_arena;
    struct string_arena_mark mark;
};

/* False with errno; then nothing is held. */
static bool work_begin(struct work *work, const struct process_lines_options *options)
{
    memset(work, 0, sizeof *work);
    if (options)
        work->options = *options;
    work->split = work->options.split ? *work->options.split : split_options_default();
    if (work->options.batch_bytes == 0)
        work->options.batch_bytes = PROCESS_LINES_BATCH_BYTES;
    if (!split_scan_check(0, &work->split))
        return false;
    if (!work->options.arena) {
        if (!string_arena_init(&work->own_arena, NULL))
            return false;
        work->options.arena = &work->own_arena;
    }
    if (!work->options.pool) {
        work->options.pool = split_result_pool_create(NULL);
        if (!work->options.pool)
            return false;
    }
    work->mark = string_arena_mark(work->options.arena);
    return true;
}

static void work_end(struct work *work, const struct process_lines_options *options)
{
    string_arena_rollback(work->options.arena, work->mark);
    if (work->options.arena == &work->own_arena)
        string_arena_destroy(&work->own_arena);
    if (!options || !options->pool)
        split_result_pool_destroy(work->options.pool);
}

/* Splits one line and gives it to the callback. False: that was the last one, the report says why.
 * after: bytes of the text behind the line. */
static bool process_line(const struct work *work, const struct process_lines_line *line,
                         size_t after, process_lines_callback callback, void *context,
                         struct process_lines_report *report)
{
    const struct process_lines_options *options = &work->options;
    struct process_lines_line given = *line;
    struct split_options split = work->split;
    struct split_result result;
    split.readable_after += after;
    bool done = options->view ? split_view(&result, line->text, line->length, &split,
                                           options->arena, options->pool)
                              : split_pooled(&result, line->text, line->length, &split,
                                             options->arena, options->pool);
    if (!done) {
        report->end = PROCESS_LINES_FAILED;
        report->error = errno;
        return false;
    }
    given.tokens = &result;
    report->lines++;
    report->tokens += result.count;
    report->error = callback(context, &given);
    if (report->error != 0)
        report->end = PROCESS_LINES_STOPPED;
    split_result_release(&result);
    return report->error == 0;
}

static void process_all(const struct work *work, const char *text, size_t length,
                        process_lines_callback callback, void *context,
                        struct process_lines_report *report)
{
    struct line_scan scan = line_scan_begin(text, length, work->split.quote);
    size_t batch = 0; /* bytes in it so far */
    bool go_on = true;
    while (go_on && scan.position < length) {
        struct process_lines_line line = {NULL, text + scan.position, 0, report->line,
                                          scan.position};
        size_t end = line_scan_next(&scan);
        size_t whole = scan.position - line.offset;
        line.length = end - line.offset;
        if (end < length && line.length > 0 && text[end - 1] == '\r')
            line.length--;
        if (batch > 0 && whole > work->options.batch_bytes - batch) {
            string_arena_rollback(work->options.arena, work->mark);
            batch = 0;
        }
        if (batch == 0)
            report->batches++;
        /* A batch that one long line overfills takes no further line. */
        batch =
            whole < work->options.batch_bytes - batch ? batch + whole : work->options.batch_bytes;
        uint64_t lines = report->lines;
        go_on = process_line(work, &line, length - line.offset - line.length, callback, context,
                             report);
        if (report->lines > lines)
            report->bytes += whole;
        report->line += go_on;
        report->offset = go_on ? scan.position : line.offset;
    }
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
    struct work work;
    if (work_begin(&work, options)) {
        process_all(&work, text, length, callback, context, report);
        work_end(&work, options);
    } else {
        report->end = PROCESS_LINES_FAILED;
        report->error = errno;
    }
    if (report->end == PROCESS_LINES_FAILED)
        errno = report->error;
    return report->end == PROCESS_LINES_DONE;
}
