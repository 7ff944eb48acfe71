/* link: lib */
/*
 * process_lines_bulk with threads against itself with one: every line once and the same, ranges in
 * order, the same line where it stops, nothing left behind after a stop, a cancel, or a refusal of
 * memory or of a thread at any place; and idle threads take the work of one that is held up.
 */
#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "failing_heap.h"
#include "failing_threads.h"
#include "process_lines.h"
#include "split_result_exchange.h"
#include "stress.h"

#define TEXT_MAX 60000
#define WORKERS_MAX 8

/* ---- what one thread sees ---- */

struct seen_line {
    size_t offset;
    size_t length;
    size_t tokens;
    uint64_t hash;
};

static struct seen_line lines[TEXT_MAX];
static size_t line_count;
static unsigned line_at[TEXT_MAX]; /* by offset: number of the line */

static uint64_t hash_of(const struct split_result *tokens)
{
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < tokens->count; i++) {
        struct split_token token = split_result_token(tokens, i);
        for (size_t k = 0; k < token.length; k++)
            hash = (hash ^ (unsigned char)token.data[k]) * 1099511628211u;
        hash = (hash ^ token.length) * 1099511628211u;
    }
    return hash;
}

static int record(void *context, const struct process_lines_line *line)
{
    (void)context;
    line_at[line->offset] = (unsigned)line_count;
    lines[line_count++] =
        (struct seen_line){line->offset, line->length, line->tokens->count, hash_of(line->tokens)};
    return 0;
}

static struct process_lines_report alone(const char *text, size_t length,
                                         const struct process_lines_options *options)
{
    struct process_lines_options single = {.split = options->split, .view = options->view};
    struct process_lines_report report;
    line_count = 0;
    assert_true(process_lines_bulk(text, length, &single, record, NULL, &report));
    return report;
}

/* ---- what several see ---- */

/* cmocka's own checks may not be used on other threads: what is wrong is noted here. */
struct watch {
    const struct process_lines_options *options;
    const unsigned char *stops; /* by line: what its callback returns; NULL: 0 */
    size_t stop_range_line;     /* range_end of the range with this line returns 55 */
    size_t cancel_line;         /* its callback cancels */
    int cancel;
    _Atomic size_t given;
    _Atomic size_t given_after_cancel;
    _Atomic bool cancelled;
    _Atomic int users; /* ranges whose user is set */
    _Atomic unsigned started;
    _Atomic unsigned delivering;
    size_t next_index; /* of ordered delivery */
    size_t next_line;
    _Atomic size_t delivered_lines;
    _Atomic(const char *) wrong;
};

static _Atomic unsigned char times[TEXT_MAX]; /* by line */

static void must(struct watch *watch, bool holds, const char *what)
{
    if (!holds)
        watch->wrong = what;
}

#define MUST(holds) must(watch, (holds), #holds)

static int compare(void *context, const struct process_lines_line *line)
{
    struct watch *watch = context;
    unsigned number = line_at[line->offset];
    const struct seen_line *expected = &lines[number];
    struct process_lines_range *range = line->range;
    times[number]++;
    watch->given++;
    if (watch->cancelled)
        watch->given_after_cancel++;
    MUST(expected->offset == line->offset);
    MUST(expected->length == line->length);
    MUST(expected->tokens == line->tokens->count);
    MUST(expected->hash == hash_of(line->tokens));
    MUST(line->worker == range->worker);
    MUST(line->worker < (watch->options->threads ? watch->options->threads : 1));
    MUST(watch->options->threads > 1 && !watch->options->number_lines
             ? line->index == range->first_line + range->lines - 1
             : line->index == number);
    MUST(number == line_at[range->offset] + range->lines - 1);
    if (!range->user) {
        MUST(range->lines == 1);
        range->user = watch; /* nothing from the heap: that might be refused */
        watch->users++;
    }
    if (number == watch->cancel_line) {
        process_lines_cancel(&watch->cancel);
        watch->cancelled = true;
    }
    return watch->stops ? watch->stops[number] : 0;
}

static int range_end(void *context, struct process_lines_range *range)
{
    struct watch *watch = context;
    const struct process_lines_options *options = watch->options;
    size_t first = line_at[range->offset];
    MUST(range->user != NULL);
    range->user = NULL;
    watch->users--;
    MUST(range->lines > 0);
    MUST(lines[first].offset == range->offset);
    if (range->dropped)
        return 99; /* not looked at */
    MUST(range->bytes == (first + range->lines < line_count ? lines[first + range->lines].offset
                                                            : range->offset + range->bytes) -
                             range->offset);
    if (options->ordered || options->number_lines)
        MUST(range->first_line == first);
    if (options->ordered) {
        MUST(watch->delivering++ == 0);
        MUST(range->index >= watch->next_index);
        MUST(first == watch->next_line);
        watch->next_index = range->index + 1;
        watch->next_line = first + range->lines;
        MUST(--watch->delivering == 0);
    }
    watch->delivered_lines += range->lines;
    return first <= watch->stop_range_line && watch->stop_range_line < first + range->lines ? 55
                                                                                            : 0;
}

static void start(void *context, unsigned worker)
{
    struct watch *watch = context;
    sigset_t blocked;
    watch->started++;
    pthread_sigmask(SIG_BLOCK, NULL, &blocked);
    MUST(worker == 0 || sigismember(&blocked, SIGUSR1) == 1);
}

static struct watch watch_of(const struct process_lines_options *options)
{
    struct watch watch = {.options = options, .stop_range_line = SIZE_MAX, .cancel_line = SIZE_MAX};
    for (size_t i = 0; i < line_count; i++)
        times[i] = 0;
    return watch;
}

static void check_watch(const struct watch *watch, unsigned seed)
{
    if (watch->wrong)
        fail_msg("seed %u: not so: %s", seed, watch->wrong);
    if (watch->users != 0)
        fail_msg("seed %u: %d ranges were not ended", seed, watch->users);
    for (size_t i = 0; i < line_count; i++)
        if (times[i] > 1)
            fail_msg("seed %u: line %zu was given %u times", seed, i, times[i]);
}

/* ---- texts ---- */

static char text[TEXT_MAX];

/* Of each text some lines are much longer than the others, and than a range. */
static size_t random_text(void)
{
    static const char alphabet[] = "ab,,;\"\"\n\n\r\n";
    size_t length = (size_t)rand() % (rand() % 8 ? 3000 : TEXT_MAX);
    int density = 1 + rand() % 12;
    for (size_t i = 0; i < length; i++)
        text[i] = (char)(rand() % 12 < density ? alphabet[(size_t)rand() % sizeof alphabet]
                                               : 'a' + rand() % 26);
    if (length > 0 && rand() % 4 == 0) {
        size_t from = (size_t)rand() % length;
        memset(text + from, rand() % 3 ? 'x' : '\n', (length - from) / (size_t)(1 + rand() % 4));
    }
    return length;
}

static struct split_options random_split(void)
{
    struct split_options split = split_options_default();
    split.quote = rand() % 2 ? '"' : 0;
    split.trim = rand() % 4 == 0;
    return split;
}

static struct process_lines_options random_options(const struct split_options *split)
{
    struct process_lines_options options = {.split = split,
                                            .view = rand() % 2,
                                            .batch_bytes = (size_t)rand() % 300,
                                            .threads = (unsigned)(rand() % (WORKERS_MAX + 1)),
                                            .range_bytes = (size_t)(1 + rand() % 500),
                                            .ordered = rand() % 2,
                                            .number_lines = rand() % 2,
                                            .range_end = range_end,
                                            .thread_start = start};
    if (rand() % 8 == 0)
        options.range_bytes = 0;
    return options;
}

/* ---- the tests ---- */

typedef void run_workers(void *context, unsigned workers, void (*work)(void *team, unsigned worker),
                         void *team);

/* run: NULL, or threads of the caller's. */
static struct process_lines_report same_as_alone(unsigned seed, run_workers *run)
{
    srand(seed);
    struct split_options split = random_split();
    struct process_lines_options options = random_options(&split);
    if (run) {
        options.run = run;
        options.thread_start = NULL; /* whose signals are the caller's own */
    }
    /* In a block of just its size, so that a read past its end traps. */
    size_t length = seed <= 8 ? 0 : random_text();
    char *copy = malloc(length ? length : 1);
    memcpy(copy, text, length);
    struct process_lines_report single = alone(copy, length, &options), report;
    struct watch watch = watch_of(&options);
    assert_true(process_lines_bulk(copy, length, &options, compare, &watch, &report));
    check_watch(&watch, seed);
    assert_int_equal(report.end, PROCESS_LINES_DONE);
    assert_int_equal(report.error, 0);
    assert_int_equal(report.thread_error, 0);
    assert_int_equal(report.line, single.line);
    assert_int_equal(report.offset, length);
    assert_int_equal(report.lines, single.lines);
    assert_int_equal(report.tokens, single.tokens);
    assert_int_equal(report.bytes, length);
    assert_int_equal(watch.given, line_count);
    assert_int_equal(watch.delivered_lines, line_count);
    if (!run)
        assert_int_equal(watch.started, report.threads);
    assert_true(report.threads >= 1 && report.threads <= (options.threads | 1));
    if (options.ordered)
        assert_int_equal(watch.next_line, line_count);
    free(copy);
    return report;
}

static void same_at_every_count(void **state)
{
    (void)state;
    struct stress stress = stress_begin();
    unsigned seed = 1;
    uint64_t steals = 0;
    for (; seed <= 150 || stress_goes_on(&stress); seed++)
        steals += same_as_alone(seed, NULL).steals;
    print_message("# %u texts, %llu ranges stolen\n", seed - 1, (unsigned long long)steals);
}

/* ---- threads of the caller's ---- */

static unsigned runs;

static void run_upwards(void *context, unsigned workers, void (*work)(void *, unsigned), void *team)
{
    (void)context;
    runs++;
    for (unsigned worker = 0; worker < workers; worker++)
        work(team, worker);
}

static void run_downwards(void *context, unsigned workers, void (*work)(void *, unsigned),
                          void *team)
{
    (void)context;
    runs++;
    while (workers > 0)
        work(team, --workers);
}

static void run_one(void *context, unsigned workers, void (*work)(void *, unsigned), void *team)
{
    (void)context;
    (void)workers;
    runs++;
    work(team, 0);
}

struct own_thread {
    pthread_t thread;
    void (*work)(void *, unsigned);
    void *team;
    unsigned worker;
    bool started;
};

static void *own_main(void *argument)
{
    const struct own_thread *own = argument;
    own->work(own->team, own->worker);
    return NULL;
}

static void run_at_once(void *context, unsigned workers, void (*work)(void *, unsigned), void *team)
{
    struct own_thread own[WORKERS_MAX];
    (void)context;
    runs++;
    for (unsigned i = 0; i < workers; i++) {
        own[i] = (struct own_thread){.work = work, .team = team, .worker = i};
        own[i].started = pthread_create(&own[i].thread, NULL, own_main, &own[i]) == 0;
        if (!own[i].started)
            work(team, i);
    }
    for (unsigned i = 0; i < workers; i++)
        if (own[i].started)
            pthread_join(own[i].thread, NULL);
}

static void callers_threads(void **state)
{
    (void)state;
    static run_workers *const ways[] = {run_upwards, run_downwards, run_one, run_at_once};
    for (unsigned way = 0; way < sizeof ways / sizeof ways[0]; way++) {
        unsigned before = runs;
        for (unsigned seed = 1; seed <= 60; seed++)
            (void)same_as_alone(seed, ways[way]);
        assert_true(runs > before + 20); /* the others have one worker */
    }
}

/* The report is that of one thread, whichever of several lines is met first. */
static void stops_at_the_lowest(void **state)
{
    (void)state;
    static unsigned char stops[TEXT_MAX];
    struct stress stress = stress_begin();
    for (unsigned seed = 1; seed <= 200 || stress_goes_on(&stress); seed++) {
        srand(seed);
        struct split_options split = random_split();
        struct process_lines_options options = random_options(&split);
        size_t length = random_text();
        struct process_lines_report report;
        alone(text, length, &options);
        if (line_count == 0)
            continue;
        struct watch watch = watch_of(&options);
        size_t lowest = line_count;
        memset(stops, 0, sizeof stops);
        watch.stops = stops;
        for (int i = rand() % 20; i >= 0; i--) {
            size_t line = (size_t)rand() % line_count;
            stops[line] = (unsigned char)(1 + line % 200);
            lowest = line < lowest ? line : lowest;
        }
        assert_false(process_lines_bulk(text, length, &options, compare, &watch, &report));
        check_watch(&watch, seed);
        assert_int_equal(report.end, PROCESS_LINES_STOPPED);
        assert_int_equal(report.line, lowest);
        assert_int_equal(report.error, stops[lowest]);
        assert_int_equal(report.offset, lines[lowest].offset);
        assert_int_equal(report.lines, watch.given);
        for (size_t i = 0; i <= lowest; i++)
            assert_int_equal(times[i], 1);
        if (options.ordered)
            assert_true(watch.next_line <= lowest);
    }
}

static void range_end_stops(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 100; seed++) {
        srand(seed);
        struct split_options split = random_split();
        struct process_lines_options options = random_options(&split);
        size_t length = random_text();
        struct process_lines_report report;
        alone(text, length, &options);
        if (line_count == 0)
            continue;
        struct watch watch = watch_of(&options);
        watch.stop_range_line = (size_t)rand() % line_count;
        assert_false(process_lines_bulk(text, length, &options, compare, &watch, &report));
        check_watch(&watch, seed);
        assert_int_equal(report.end, PROCESS_LINES_STOPPED);
        assert_int_equal(report.error, 55);
        assert_true(report.line <= watch.stop_range_line);
        assert_int_equal(report.offset, lines[report.line].offset);
        for (size_t i = 0; i <= watch.stop_range_line; i++)
            assert_int_equal(times[i], 1);
    }
}

static void cancelled(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 200; seed++) {
        srand(seed);
        struct split_options split = random_split();
        struct process_lines_options options = random_options(&split);
        size_t length = random_text();
        struct process_lines_report report;
        alone(text, length, &options);
        if (line_count == 0)
            continue;
        struct watch watch = watch_of(&options);
        watch.cancel_line =
            seed % 4 ? (size_t)rand() % (line_count + 1) : line_count - 1; /* the last */
        watch.cancel = watch.cancel_line == line_count;                    /* before it begins */
        options.cancel = &watch.cancel;
        bool done = process_lines_bulk(text, length, &options, compare, &watch, &report);
        check_watch(&watch, seed);
        /* Each other worker may be about to give a line just then. */
        assert_true(watch.given_after_cancel <= WORKERS_MAX);
        assert_int_equal(report.lines, watch.given);
        assert_int_equal(done, report.end == PROCESS_LINES_DONE);
        if (done) { /* it was the last line to be given */
            assert_int_equal(watch.given, line_count);
            assert_int_equal(watch.delivered_lines, line_count);
            continue;
        }
        assert_int_equal(report.end, PROCESS_LINES_CANCELLED);
        assert_int_equal(report.error, 0);
        assert_true(report.line < line_count);
        assert_int_equal(report.offset, lines[report.line].offset);
        for (size_t i = 0; i < report.line; i++)
            assert_int_equal(times[i], 1);
        if (options.ordered)
            assert_int_equal(watch.next_line <= report.line, true);
        else
            assert_int_equal(times[report.line], 0);
    }
}

/* ---- progress ---- */

struct progress {
    size_t told;
    size_t calls;
    _Atomic unsigned inside;
    int cancel_at; /* call; 0: none */
    bool wrong;
};

static int progress(void *context, size_t bytes, size_t total)
{
    struct progress *progress = context;
    progress->wrong =
        progress->wrong || progress->inside++ != 0 || bytes <= progress->told || bytes > total;
    progress->told = bytes;
    progress->inside--;
    return ++progress->calls == (size_t)progress->cancel_at ? 44 : 0;
}

static int dawdle(void *context, const struct process_lines_line *line)
{
    (void)context;
    const struct timespec pause = {0, 1000000};
    if (line->offset % 50 == 0)
        nanosleep(&pause, NULL);
    return 0;
}

static void progress_is_told(void **state)
{
    (void)state;
    struct timespec begin, end;
    struct process_lines_report report;
    size_t length = 40000; /* 400 pauses of a millisecond */
    for (size_t i = 0; i < length; i++)
        text[i] = i % 10 == 9 ? '\n' : 'x';
    for (unsigned threads = 1; threads <= 4; threads += 3) {
        struct process_lines_options options = {
            .threads = threads, .range_bytes = 100, .batch_bytes = 100, .progress = progress};
        struct progress told = {0};
        clock_gettime(CLOCK_MONOTONIC, &begin);
        assert_true(process_lines_bulk(text, length, &options, dawdle, &told, &report));
        clock_gettime(CLOCK_MONOTONIC, &end);
        double seconds =
            (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
        assert_false(told.wrong);
        assert_int_equal(told.told, length);
        assert_true(told.calls >= 2);
        assert_true((double)told.calls <= seconds * 10 + 2);
        told = (struct progress){.cancel_at = 1};
        assert_false(process_lines_bulk(text, length, &options, dawdle, &told, &report));
        assert_int_equal(report.end, PROCESS_LINES_CANCELLED);
        assert_int_equal(report.error, 44);
        assert_int_equal(told.calls, 1);
        assert_true(report.bytes < length);
    }
}

/* ---- one worker is held up ---- */

struct hold {
    size_t others;          /* lines of other ranges */
    _Atomic size_t given;   /* of those */
    _Atomic size_t begun;   /* ranges but the first */
    size_t window;          /* go on when so many are begun; 0: when all others' lines are given */
    size_t begun_at_window; /* a while later */
};

static int hold_first(void *context, const struct process_lines_line *line)
{
    struct hold *hold = context;
    if (line->range->index > 0) {
        hold->begun += line->range->lines == 1;
        hold->given++;
        return 0;
    }
    if (line->range->lines > 1)
        return 0;
    while (hold->window ? hold->begun < hold->window : hold->given < hold->others)
        sched_yield();
    if (hold->window) {
        const struct timespec pause = {0, 30000000};
        nanosleep(&pause, NULL);
        hold->begun_at_window = hold->begun;
    }
    return 0;
}

static int nothing(void *context, struct process_lines_range *range)
{
    (void)context;
    (void)range;
    return 0;
}

/* The first range goes on only when all others are done, those among them that lay in its worker's
 * deque: so they were stolen. */
static void work_is_stolen(void **state)
{
    (void)state;
    struct process_lines_report report;
    size_t length = 20000;
    for (size_t i = 0; i < length; i++)
        text[i] = i % 10 == 9 ? '\n' : 'x';
    for (unsigned threads = 2; threads <= 4; threads++) {
        struct process_lines_options options = {.threads = threads, .range_bytes = 100};
        struct hold hold = {.others = length / 10 - 10};
        assert_true(process_lines_bulk(text, length, &options, hold_first, &hold, &report));
        assert_int_equal(report.threads, threads);
        assert_int_equal(report.ranges, length / 100);
        assert_true(report.steals >= 7); /* it took up 8 */
        assert_true(report.contended >= report.lost_steals);
    }
}

#if !APPORTION_VALGRIND /* which runs one thread at a time, hardly ever leaving one in mid-step */
static int no_work(void *context, const struct process_lines_line *line)
{
    (void)context;
    (void)line;
    return 0;
}

/* Threads that do little but take up ranges are soon in each other's way; one alone never is. */
static void contention_is_counted(void **state)
{
    (void)state;
    struct process_lines_report report;
    memset(text, '\n', TEXT_MAX);
    struct process_lines_options options = {.range_end = nothing, .range_bytes = 10};
    assert_true(process_lines_bulk(text, TEXT_MAX, &options, no_work, NULL, &report));
    assert_int_equal(report.contended, 0);
    options.threads = 4;
    unsigned calls = 0;
    do
        assert_true(process_lines_bulk(text, TEXT_MAX, &options, no_work, NULL, &report));
    while (report.contended == 0 && ++calls < 5000);
    print_message("# %llu failed attempts in call %u\n", (unsigned long long)report.contended,
                  calls + 1);
    assert_true(report.contended > 0);
    assert_true(report.contended >= report.lost_steals);
}
#endif

/* Ordered, the others wait for it once 32 ranges for each thread are begun. */
static void window_is_bounded(void **state)
{
    (void)state;
    struct process_lines_report report;
    size_t length = 20000;
    for (size_t i = 0; i < length; i++)
        text[i] = i % 10 == 9 ? '\n' : 'x';
    struct process_lines_options options = {
        .threads = 3, .range_bytes = 100, .ordered = true, .range_end = nothing};
    struct hold hold = {.window = 3 * 32 - 1};
    assert_true(process_lines_bulk(text, length, &options, hold_first, &hold, &report));
    assert_int_equal(hold.begun_at_window, 3 * 32 - 1);
    assert_int_equal(report.lines, length / 10);
}

/* ---- faults ---- */

static _Atomic size_t source_out;
static _Atomic unsigned source_left; /* requests until all are refused, for an arena tries again
                                        with less; 0: none is */

static void *source_acquire(void *context, size_t size, size_t alignment)
{
    (void)context;
    unsigned left = source_left;
    while (left > 1 && !atomic_compare_exchange_weak(&source_left, &left, left - 1)) {
    }
    void *memory = left == 1 ? NULL : aligned_alloc(alignment, size);
    if (memory)
        source_out += size;
    return memory;
}

static void source_release(void *context, void *memory, size_t size)
{
    (void)context;
    source_out -= size;
    free(memory);
}

enum fault { FAULT_HEAP, FAULT_SOURCE, FAULT_THREAD };

/* Each request or thread is refused once, until none is left to refuse. */
static void refused(enum fault fault, bool ordered, char quote)
{
    struct split_options split = split_options_default();
    /* Small chunks, so that many are asked for. */
    struct string_arena_options arena_options = {.chunk_size = 4096,
                                                 .chunk_size_max = 4096,
                                                 .source = {source_acquire, source_release, NULL}};
    struct split_result_exchange *exchange = split_result_exchange_create(NULL);
    struct split_result_pool_options pool_options = {.exchange = exchange};
    struct process_lines_options options = {.split = &split,
                                            .threads = 4,
                                            .range_bytes = 1000,
                                            .ordered = ordered,
                                            .range_end = range_end,
                                            .arena_options = &arena_options,
                                            .pool_options = &pool_options};
    struct process_lines_report report;
    split.quote = quote;
    size_t length = 30000;
    for (size_t i = 0; i < length; i++)
        text[i] = i % 200 == 199 ? '\n' : i % 9 == 0 ? ',' : quote && i % 200 == 11 ? quote : 'x';
    memset(text + 9000, ',', 9000); /* a container and a block of its own */
    alone(text, length, &options);
    unsigned failures = 0, fewer = 0;
    for (unsigned n = 1; n < 60; n++) {
        struct watch watch = watch_of(&options);
        if (fault == FAULT_HEAP)
            heap_fail_at(n);
        else if (fault == FAULT_SOURCE)
            source_left = n;
        else
            threads_fail_at(n);
        bool done = process_lines_bulk(text, length, &options, compare, &watch, &report);
        heap_fail_at(0);
        threads_fail_at(0);
        source_left = 0;
        check_watch(&watch, n);
        assert_int_equal(source_out, 0);
        struct split_result_exchange_statistics left = split_result_exchange_statistics(exchange);
        assert_int_equal(left.idle_bytes + left.uncut_bytes, left.committed_bytes);
        split_result_exchange_trim(exchange); /* the next call begins cold */
        if (report.thread_error) {
            assert_true(report.thread_error == EAGAIN || report.thread_error == ENOMEM);
            assert_true(report.threads < 4);
            fewer++;
        } else if (report.threads > 0) {
            assert_int_equal(report.threads, 4);
        }
        if (done) {
            assert_int_equal(watch.given, line_count);
            assert_int_equal(report.line, line_count);
        } else {
            assert_int_equal(report.end, PROCESS_LINES_FAILED);
            assert_int_equal(report.error, ENOMEM);
            assert_int_equal(errno, ENOMEM);
            assert_int_equal(report.offset, lines[report.line].offset);
            for (size_t i = 0; i < report.line; i++)
                assert_int_equal(times[i], 1);
            if (report.threads > 0)
                assert_int_equal(times[report.line], 0);
            failures++;
        }
        if (fault == FAULT_THREAD)
            assert_int_equal(report.threads, n < 4 ? n : 4);
    }
    if (fault == FAULT_THREAD)
        assert_int_equal(fewer, 3);
    else
        assert_true(failures > 2);
    split_result_exchange_destroy(exchange);
}

static void refused_anywhere(void **state)
{
    (void)state;
    for (int fault = FAULT_HEAP; fault <= FAULT_THREAD; fault++)
        for (unsigned i = 0; i < 4; i++)
            refused((enum fault)fault, i & 1, i & 2 ? '"' : 0);
}

static void bad_options(void **state)
{
    (void)state;
    struct string_arena_options bad = {.chunk_size = 7};
    struct process_lines_options options = {.threads = 100000};
    struct process_lines_report report;
    text[0] = 'a';
    for (unsigned i = 0; i < 2; i++) {
        struct watch watch = watch_of(&options);
        assert_false(process_lines_bulk(text, 1, &options, compare, &watch, &report));
        assert_int_equal(report.end, PROCESS_LINES_FAILED);
        assert_int_equal(report.error, EINVAL);
        assert_int_equal(report.lines + report.threads, 0);
        options = (struct process_lines_options){.threads = 2, .arena_options = &bad};
    }
}

/* Worker 0 works in what the caller gave, and gives all of it back. */
static void callers_own(void **state)
{
    (void)state;
    struct string_arena arena;
    struct split_result_pool *pool = split_result_pool_create(NULL);
    struct process_lines_options options = {
        .threads = 3, .range_bytes = 200, .arena = &arena, .pool = pool, .range_end = range_end};
    struct process_lines_report report;
    assert_true(string_arena_init(&arena, NULL));
    char *kept = string_arena_copy(&arena, "kept", 4);
    size_t in_use = string_arena_statistics(&arena).in_use_bytes;
    srand(7);
    size_t length = 5000;
    for (size_t i = 0; i < length; i++)
        text[i] = (char)(rand() % 20 ? 'a' : rand() % 3 ? ',' : '\n');
    alone(text, length, &options);
    struct watch watch = watch_of(&options);
    assert_true(process_lines_bulk(text, length, &options, compare, &watch, &report));
    check_watch(&watch, 7);
    assert_memory_equal(kept, "kept", 4);
    assert_int_equal(string_arena_statistics(&arena).in_use_bytes, in_use);
    struct split_result_pool_statistics statistics = split_result_pool_statistics(pool);
    assert_int_equal(statistics.idle_bytes, statistics.container_bytes);
    split_result_pool_destroy(pool);
    string_arena_destroy(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_at_every_count),
        cmocka_unit_test(callers_threads),
        cmocka_unit_test(stops_at_the_lowest),
        cmocka_unit_test(range_end_stops),
        cmocka_unit_test(cancelled),
        cmocka_unit_test(progress_is_told),
        cmocka_unit_test(work_is_stolen),
#if !APPORTION_VALGRIND
        cmocka_unit_test(contention_is_counted),
#endif
        cmocka_unit_test(window_is_bounded),
        cmocka_unit_test(refused_anywhere),
        cmocka_unit_test(bad_options),
        cmocka_unit_test(callers_own),
    };
    return cmocka_run_group_tests_name("threads: lines", tests, NULL, NULL);
}
