/*
 * process_lines_bulk on several threads. The text is cut into ranges; a worker takes up a few at a
 * time, the next ones in the text, into its own deque, works on them in order, and when the text is
 * given out steals from the others' deques, their furthest range first:
 *
 *      | done | done | w0 w0 w0 | w1 w1 w1 | w0 w0 | w1 | not given out |
 *
 * So all that is begun lies close together: an end at a line leaves little before it to finish, and
 * ordered delivery little to keep. The number taken at a time shrinks towards the end.
 */
#include "process_lines_team.h"

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RANGE_BYTES_LEAST ((size_t)16 << 10)
#define RANGES_PER_THREAD 16
/* Begun before the oldest is delivered, for each thread. */
#define WINDOW_PER_THREAD 32
/* Taken up at once at most; a deque holds them. */
#define TAKE_MAX 8
_Static_assert(TAKE_MAX <= WORK_DEQUE_CAPACITY, "a deque holds what is taken up at once");
/* More threads than this are a mistake. */
#define THREADS_MAX 4096

/* ---- waiting, without a lock ---- */

void lines_team_wait(struct lines_team *team, uint32_t was)
{
    atomic_fetch_add_explicit(&team->waiting, 1, memory_order_seq_cst);
    /* The kernel compares again, atomically with going to sleep. */
    if (atomic_load_explicit(&team->changes, memory_order_seq_cst) == was)
        (void)syscall(SYS_futex, &team->changes, FUTEX_WAIT_PRIVATE, was, NULL, NULL, 0);
    atomic_fetch_sub_explicit(&team->waiting, 1, memory_order_relaxed);
}

void lines_team_note_change(struct lines_team *team)
{
    atomic_fetch_add_explicit(&team->changes, 1, memory_order_seq_cst);
    if (atomic_load_explicit(&team->waiting, memory_order_seq_cst) != 0)
        (void)syscall(SYS_futex, &team->changes, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
}

/* ---- delivery ---- */

/* A range's end for the caller; false: it said stop. */
static bool deliver(struct lines_team *team, struct lines_range *range)
{
    struct lines_call *call = team->call;
    if (!call->options.range_end || range->given.lines == 0)
        return true;
    range->delivered = true;
    int error = call->options.range_end(call->context, &range->given);
    if (error == 0)
        return true;
    range->refused = true;
    range->end = PROCESS_LINES_STOPPED;
    range->error = error;
    lines_stop_behind(call, range->given.index);
    return false;
}

static bool deliverable(void *context, size_t index)
{
    const struct lines_team *team = (const struct lines_team *)context;
    return index < team->range_count && lines_wanted(team->call, index) &&
           atomic_load_explicit(&team->ranges[index].state, memory_order_acquire) ==
               LINES_RANGE_DONE;
}

static bool deliver_next(void *context, size_t index)
{
    struct lines_team *team = (struct lines_team *)context;
    struct lines_range *range = &team->ranges[index];
    lines_team_note_change(team); /* of the one before, which counts as done by now */
    range->given.first_line = team->delivered_lines;
    team->delivered_lines += range->given.lines;
    bool go_on = deliver(team, range);
    if (!go_on)
        atomic_store_explicit(&range->state, LINES_RANGE_LEFT, memory_order_relaxed);
    return go_on;
}

/* ---- the scheduler ---- */

static void run_range(struct team_worker *worker, size_t index)
{
    struct lines_team *team = worker->team;
    struct lines_call *call = team->call;
    struct lines_range *range = &team->ranges[index];
    if (!lines_wanted(call, index))
        return;
    size_t from = lines_range_first_line(team, index), until = lines_range_until(team, index);
    worker->ranges++;
    if (team->worker_count == 1)
        range->given.first_line = (size_t)worker->lines.lines; /* it takes all in order */
    range->at = from == SIZE_MAX ? 0 : from;
    bool done = lines_worker_run(&worker->lines, call, range, from, until);
    if (done && !call->options.ordered)
        done = deliver(team, range);
    if (done) {
        atomic_store_explicit(&range->state, LINES_RANGE_DONE, memory_order_release);
        if (call->options.ordered) {
            in_turn_run(&team->delivery, deliverable, deliver_next, team);
            lines_team_note_change(team);
        }
        return;
    }
    if (range->end != PROCESS_LINES_CANCELLED) /* which asks for no end: it has been asked for */
        lines_stop_behind(call, index);
    atomic_store_explicit(&range->state, LINES_RANGE_LEFT, memory_order_release);
    lines_team_note_change(team);
}

/* Ranges that are wanted end here. */
static size_t ranges_end(const struct lines_team *team)
{
    size_t end = atomic_load_explicit(&team->call->stop_at, memory_order_relaxed);
    if (lines_cancelled(team->call))
        return 0;
    return end < team->range_count ? end : team->range_count;
}

enum take { TAKEN, TAKE_LATER, TAKE_NONE };

/* The next ranges of the text into the worker's deque, which is empty. */
static enum take take_ranges(struct team_worker *worker)
{
    struct lines_team *team = worker->team;
    size_t next = atomic_load_explicit(&team->next, memory_order_relaxed), count;
    for (;;) {
        size_t end = ranges_end(team);
        if (next >= end)
            return TAKE_NONE;
        count = (end - next) / (4 * (size_t)team->worker_count);
        count = count < 1 ? 1 : count > TAKE_MAX ? TAKE_MAX : count;
        if (team->call->options.ordered) {
            size_t window = WINDOW_PER_THREAD * (size_t)team->worker_count;
            size_t delivered = atomic_load_explicit(&team->delivery.done, memory_order_acquire);
            size_t open = next > delivered ? next - delivered : 0; /* next may be an old value */
            if (open >= window)
                return TAKE_LATER;
            if (count > window - open)
                count = window - open;
        }
        if (atomic_compare_exchange_weak_explicit(&team->next, &next, next + count,
                                                  memory_order_relaxed, memory_order_relaxed))
            break;
        worker->lost_ranges++;
    }
    while (count > 0) /* so that the owner finds the first one at the bottom */
        (void)work_deque_put(&worker->deque, next + --count);
    return TAKEN;
}

static bool steal_range(struct team_worker *worker, size_t *index)
{
    struct lines_team *team = worker->team;
    for (unsigned i = 1; i < team->worker_count; i++) {
        struct team_worker *victim = &team->workers[(worker->lines.index + i) % team->worker_count];
        enum work_deque_steal got;
        while ((got = work_deque_steal(&victim->deque, index)) == WORK_DEQUE_LOST)
            worker->lost_steals++;
        if (got == WORK_DEQUE_STOLEN) {
            worker->steals++;
            return true;
        }
    }
    return false;
}

static void work(struct team_worker *worker)
{
    struct lines_team *team = worker->team;
    struct lines_call *call = team->call;
    if (call->options.thread_start)
        call->options.thread_start(call->context, worker->lines.index);
    if ((call->split.quote != 0 || call->options.number_lines) && team->range_count > 1)
        lines_team_count(team);
    for (;;) {
        uint32_t seen = atomic_load_explicit(&team->changes, memory_order_acquire);
        enum take take = TAKEN;
        size_t index;
        bool mine = work_deque_take(&worker->deque, &index);
        if (!mine && (take = take_ranges(worker)) == TAKEN)
            continue;
        if (mine || steal_range(worker, &index))
            run_range(worker, index);
        else if (take == TAKE_NONE)
            break;
        else
            lines_team_wait(team, seen); /* the oldest range is another's: it will say so */
    }
    lines_team_note_change(team); /* those who wait may have to leave as well */
}

/* A worker other than the first, whose memory is there. */
static void *worker_main(void *argument)
{
    struct team_worker *worker = (struct team_worker *)argument;
    struct lines_team *team = worker->team;
    unsigned index = worker->lines.index;
    worker->begun = lines_worker_begin(&worker->lines, team->call, index);
    if (!worker->begun) {
        int none = 0;
        (void)atomic_compare_exchange_strong_explicit(&team->thread_error, &none, errno,
                                                      memory_order_relaxed, memory_order_relaxed);
        return NULL;
    }
    work(worker);
    lines_worker_end(&worker->lines);
    return NULL;
}

/* ---- the call ---- */

/* False with errno; then nothing is held. */
static bool team_begin(struct lines_team *team, struct lines_call *call)
{
    memset(team, 0, sizeof *team);
    team->call = call;
    size_t threads = call->options.threads ? call->options.threads : 1;
    if (threads > THREADS_MAX) {
        errno = EINVAL;
        return false;
    }
    team->range_bytes = call->options.range_bytes;
    if (team->range_bytes == 0) {
        team->range_bytes = call->length / (threads * RANGES_PER_THREAD);
        if (team->range_bytes < RANGE_BYTES_LEAST)
            team->range_bytes = RANGE_BYTES_LEAST;
        if (team->range_bytes > PROCESS_LINES_RANGE_BYTES)
            team->range_bytes = PROCESS_LINES_RANGE_BYTES;
    }
    team->range_count = call->length / team->range_bytes + (call->length % team->range_bytes != 0);
    if (threads > team->range_count)
        threads = team->range_count ? team->range_count : 1;
    team->worker_count = (unsigned)threads;
    if (team->range_count > PTRDIFF_MAX / sizeof *team->ranges) {
        errno = ENOMEM;
        return false;
    }
    size_t ranges_size = (team->range_count ? team->range_count : 1) * sizeof *team->ranges;
    team->ranges = (struct lines_range *)aligned_alloc(64, ranges_size);
    team->workers = (struct team_worker *)aligned_alloc(64, threads * sizeof *team->workers);
    if (!team->ranges || !team->workers ||
        (memset(team->workers, 0, threads * sizeof *team->workers),
         !lines_worker_begin(&team->workers[0].lines, call, 0))) {
        int error = errno;
        free(team->ranges);
        free(team->workers);
        errno = error;
        return false;
    }
    memset(team->ranges, 0, ranges_size);
    for (size_t i = 0; i < team->range_count; i++)
        team->ranges[i].given.index = i;
    for (unsigned i = 0; i < team->worker_count; i++) {
        team->workers[i].team = team;
        team->workers[i].lines.index = i;
    }
    team->workers[0].begun = true;
    return true;
}

/* On a thread of the caller's. */
static void work_on(void *context, unsigned worker)
{
    struct lines_team *team = (struct lines_team *)context;
    if (worker == 0)
        work(&team->workers[0]);
    else if (worker < team->worker_count)
        (void)worker_main(&team->workers[worker]);
}

/* Starts the other workers, as many as can be had; works; and sees them all off. */
static void start_and_work(struct lines_team *team)
{
    unsigned started = 1;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are for the program's own threads */
    while (started < team->worker_count) {
        struct team_worker *worker = &team->workers[started];
        int error = pthread_create(&worker->thread, NULL, worker_main, worker);
        if (error) {
            int none = 0;
            (void)atomic_compare_exchange_strong_explicit(
                &team->thread_error, &none, error, memory_order_relaxed, memory_order_relaxed);
            break;
        }
        started++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    work(&team->workers[0]);
    while (--started > 0)
        pthread_join(team->workers[started].thread, NULL);
}

static void team_work(struct lines_team *team)
{
    const struct process_lines_options *options = &team->call->options;
    if (options->run && team->worker_count > 1)
        options->run(team->call->context, team->worker_count, work_on, team);
    else
        start_and_work(team);
    lines_worker_end(&team->workers[0].lines);
}

/* Where the call ended: the first range that is not done (and, in order, delivered) says so, for
 * all before it are. After a cancel it may be one that was never begun, or not delivered. */
static void team_report(struct lines_team *team, struct process_lines_report *report)
{
    struct lines_call *call = team->call;
    size_t delivered = call->options.ordered ? team->delivery.done : team->range_count;
    report->end = PROCESS_LINES_DONE;
    report->offset = call->length;
    for (size_t i = 0; i < team->range_count; i++) {
        struct lines_range *range = &team->ranges[i];
        int state = range->state;
        if (state == LINES_RANGE_DONE && (i < delivered || range->given.lines == 0)) {
            report->line += range->passed;
            continue;
        }
        if (range->refused) {
            range->at = range->given.offset;
        } else if (state == LINES_RANGE_LEFT) {
            report->line += range->passed;
        } else {
            range->at = lines_range_first_line(team, i);
            if (range->at >= lines_range_until(team, i))
                continue;
            range->end = PROCESS_LINES_CANCELLED;
            range->error = call->progress_error;
        }
        report->end = range->end;
        report->error = range->error;
        report->offset = range->at;
        break;
    }
    report->thread_error = team->thread_error;
    for (unsigned i = 0; i < team->worker_count; i++) {
        const struct team_worker *worker = &team->workers[i];
        report->threads += worker->begun;
        report->lines += worker->lines.lines;
        report->tokens += worker->lines.tokens;
        report->batches += worker->lines.batches;
        report->bytes += worker->lines.bytes;
        report->ranges += worker->ranges;
        report->steals += worker->steals;
        report->lost_steals += worker->lost_steals;
        report->contended += worker->lost_steals + worker->lost_ranges + worker->deque.lost_takes;
    }
}

/* Ranges that gave lines and were not delivered, in order. */
static void drop_the_rest(struct lines_team *team)
{
    const struct lines_call *call = team->call;
    for (size_t i = 0; i < team->range_count; i++) {
        struct lines_range *range = &team->ranges[i];
        if (range->given.lines == 0 || range->delivered)
            continue;
        range->given.dropped = true;
        (void)call->options.range_end(call->context, &range->given);
    }
}

void process_lines_by_ranges(struct lines_call *call, struct process_lines_report *report)
{
    struct lines_team team;
    if (!team_begin(&team, call)) {
        report->end = PROCESS_LINES_FAILED;
        report->error = errno;
        return;
    }
    team_work(&team);
    team_report(&team, report);
    if (call->options.range_end)
        drop_the_rest(&team);
    free(team.ranges);
    free(team.workers);
}
