/*
 * thread_churn: threads that live for a few hundred lines each, with a heap of their own from their
 * first line to their last: what an allocator costs at a thread's beginning and end. A member of
 * the crew starts one, waits for it, and starts the next.
 */
#include <pthread.h>
#include <stdlib.h>

#include "workloads/support/parallel_text.h"
#include "workloads/support/text.h"

enum { CHURN_LIVES, CHURN_LINES };

static const struct workload_parameter thread_churn_parameters[] = {
    [CHURN_LIVES] = {"lives", "32", "threads a pass, one after another"},
    [CHURN_LINES] = {"lines", "512", "that each of them splits"},
    {NULL, NULL, NULL},
};

static const char *const thread_churn_figures[] = {"exchange_contended", NULL};
enum { EXCHANGE_CONTENDED };

struct churn {
    size_t next; /* life that no member has begun */
    size_t lives, lines;
};

/* Behind the crew's tallies. */
static struct churn *churn_of(const struct workload_input *input)
{
    return (struct churn *)parallel_tally(input, input->crew->threads);
}

static bool churn_number(const char *text, size_t *number, struct workload_error *error)
{
    char *end;
    *number = strtoul(text, &end, 10);
    return (end != text && !*end && *text != '-' && *number >= 1 && *number <= 100000) ||
           workload_fail(error, "'%s' is no number of lives or lines from 1 to 100000", text);
}

static bool thread_churn_setup(struct workload_input *input,
                               const struct workload_settings *settings,
                               struct workload_error *error)
{
    struct churn churn = {0, 0, 0};
    if (!churn_number(settings->values[CHURN_LIVES], &churn.lives, error) ||
        !churn_number(settings->values[CHURN_LINES], &churn.lines, error))
        return false;
    const struct text_shape shape = {churn.lives * churn.lines, 8, 12, 3, 12};
    input->scratch = text_map(
        input->crew->threads * sizeof(struct parallel_tally) + sizeof(struct churn), error);
    if (!input->scratch || !text_generate(input, &shape, false, settings->seed, error))
        return false;
    *churn_of(input) = churn;
    return true;
}

struct life {
    const struct workload_input *input;
    size_t index;
    unsigned member;
};

LINE_TEMPLATE void churn_live(const struct allocator *allocator, enum strategy strategy,
                              enum pass_mode mode, const struct life *life)
{
    const struct workload_input *input = life->input;
    size_t lines = churn_of(input)->lines;
    struct parallel_tally *tally = parallel_tally(input, life->member);
    const struct allocator_settings settings = {.scope_bytes_max = input->scope_bytes_max,
                                                .exchange = input->crew->exchange};
    struct allocator_heap *heap;
    if (!backend.open(&heap, &settings)) {
        tally->error = errno;
        return;
    }
    for (size_t i = life->index * lines; i < (life->index + 1) * lines && !tally->error; i++) {
        struct split_result result;
        allocator->scope_begin(heap);
        if (line_split(&result, &input->lines[i], &input->options, strategy, allocator, heap)) {
            parallel_read(&result, strategy, mode, input->lines[i].length, &tally->tally);
            line_release(&result, strategy, allocator, heap);
        } else {
            tally->error = errno;
        }
        allocator->scope_end(heap);
    }
    if (allocator == &tracker)
        tracker_heap_closing(heap);
    backend.close(heap);
}

/* A member's lives: as many as it comes to. */
static void churn_member(const struct workload_input *input, unsigned member,
                         void *(*live)(void *life))
{
    struct churn *churn = churn_of(input);
    struct parallel_tally *tally = parallel_tally(input, member);
    struct life life = {input, 0, member};
    while (!tally->error &&
           (life.index = __atomic_fetch_add(&churn->next, 1, __ATOMIC_RELAXED)) < churn->lives) {
        pthread_t thread;
        int error = pthread_create(&thread, NULL, live, &life);
        if (error == 0)
            pthread_join(thread, NULL);
        else
            tally->error = error; /* not before: the thread has the tally */
    }
}

#define CHURN_WORK(strategy, mode, STRATEGY_, MODE_, allocator)                                    \
    static void *thread_churn_live_##strategy##_##mode(void *life)                                 \
    {                                                                                              \
        churn_live(allocator, STRATEGY_, MODE_, (const struct life *)life);                        \
        return NULL;                                                                               \
    }                                                                                              \
    static void thread_churn_work_##strategy##_##mode(void *context, unsigned member)              \
    {                                                                                              \
        churn_member((const struct workload_input *)context, member,                               \
                     thread_churn_live_##strategy##_##mode);                                       \
    }
PARALLEL_WORKS(CHURN_WORK, owned, STRATEGY_OWNED)
PARALLEL_WORKS(CHURN_WORK, pooled, STRATEGY_POOLED)
PARALLEL_WORKS(CHURN_WORK, view, STRATEGY_VIEW)

LINE_TEMPLATE bool thread_churn_body(const struct allocator *allocator, enum strategy strategy,
                                     enum pass_mode mode, struct allocator_heap *heap,
                                     const struct workload_input *input,
                                     struct workload_tally *tally)
{
    static void (*const works[][PASS_MODE_COUNT])(void *, unsigned) = {
        [STRATEGY_OWNED] = PARALLEL_ROW(thread_churn_work, owned),
        [STRATEGY_POOLED] = PARALLEL_ROW(thread_churn_work, pooled),
        [STRATEGY_VIEW] = PARALLEL_ROW(thread_churn_work, view)};
    (void)allocator;
    (void)heap;
    parallel_begin(input);
    tally->figures[EXCHANGE_CONTENDED] -= parallel_exchange_contended(input);
    churn_of(input)->next = 0;
    parallel_call(input, works[strategy][mode], (void *)(uintptr_t)input);
    tally->figures[EXCHANGE_CONTENDED] += parallel_exchange_contended(input);
    return parallel_end(input, tally);
}

WORKLOAD_PASSES(thread_churn, thread_churn_body)

WORKLOAD(thread_churn,
         .description = "threads that live for 512 lines each, with a heap of their own",
         .op = "one line", .no_latency = true, .threads = WORKLOAD_STARTS_THREADS,
         .thread_counts = "1,2,8", .figures = thread_churn_figures,
         .parameters = thread_churn_parameters, .setup = thread_churn_setup,
         .reference = parallel_reference);
