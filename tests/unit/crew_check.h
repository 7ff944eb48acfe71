/*
 * The runner's threads: a crew calls every member at once, each where it is bound; and whole trials
 * with several threads, of each kind, whose reports hold the reference's checksum. Included by one
 * small program a backend.
 */
#ifndef TESTS_UNIT_CREW_CHECK_H
#define TESTS_UNIT_CREW_CHECK_H

#include "check.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/runner/crew.h"
#include "harness/runner/describe.h"
#include "harness/runner/measure.h"

#define THREADS 5u

struct calls {
    struct crew *crew;
    _Atomic unsigned here; /* members within the call */
    _Atomic unsigned times[THREADS];
    _Atomic unsigned elsewhere; /* on another processor than the one it is bound to */
    pthread_t threads[THREADS];
};

/* Returns when all are there: they would wait for ever if one were called after another. */
static void meet(void *context, unsigned member)
{
    struct calls *calls = context;
    unsigned all = calls->crew->seen.threads;
    unsigned round = ++calls->times[member];
    calls->threads[member] = pthread_self();
    calls->here++;
    while (calls->here < all * round)
        sched_yield();
    if (calls->crew->processor_count > 0 &&
        sched_getcpu() != (int)calls->crew->processors[member % calls->crew->processor_count])
        calls->elsewhere++;
}

/* Longer than anyone looks before they sleep. */
#define LONG_US 2000

/* The others are asleep when the last one arrives. */
static void wait_for_the_last(void *context, unsigned member)
{
    if (member == 1)
        usleep(LONG_US);
    ((struct calls *)context)->times[member]++;
}

/* Processors that this process may use, two at most, and where it was bound before. */
static size_t find_processors(unsigned *processors, cpu_set_t *before)
{
    size_t count = 0;
    assert_int_equal(sched_getaffinity(0, sizeof *before, before), 0);
    for (unsigned i = 0; i < CPU_SETSIZE && count < 2; i++)
        if (CPU_ISSET(i, before))
            processors[count++] = i;
    return count;
}

static void everyone_at_once(void **state)
{
    (void)state;
    cpu_set_t before;
    unsigned processors[2];
    size_t count = find_processors(processors, &before);
    struct allocator_heap *heaps[THREADS] = {NULL};
    struct crew crew;
    char reason[160];
    assert_true(crew_start(&crew, THREADS, processors, count, heaps, reason, sizeof reason));
    struct calls calls = {.crew = &crew};
    for (unsigned call = 0; call < 3; call++)
        crew.seen.call(&crew.seen, meet, &calls);
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(calls.times[i], 3);
        for (unsigned k = 0; k < i; k++)
            assert_false(pthread_equal(calls.threads[i], calls.threads[k]));
    }
    assert_int_equal(calls.elsewhere, 0);
    for (unsigned call = 0; call < 3; call++) {
        usleep(LONG_US);
        crew.seen.call(&crew.seen, wait_for_the_last, &calls);
        for (unsigned i = 0; i < THREADS; i++)
            assert_int_equal(calls.times[i], 4 + call);
    }
    crew_dismiss(&crew);
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
}

static void a_crew_of_one_is_a_call(void **state)
{
    (void)state;
    struct allocator_heap *heap = NULL;
    struct crew crew;
    crew_alone(&crew, NULL, 0, &heap);
    struct calls calls = {.crew = &crew};
    crew.seen.call(&crew.seen, meet, &calls);
    assert_int_equal(calls.times[0], 1);
    assert_true(pthread_equal(calls.threads[0], pthread_self()));
    crew_dismiss(&crew);
}

/* The value of a measure in a report's text; -1: there is none, or it is n/a. */
static double measured(const struct report *report, const char *metric)
{
    char line[100];
    snprintf(line, sizeof line, "measure\t%s\t", metric);
    const char *at = strstr(report->text, line);
    return at && strncmp(at + strlen(line), "n/a", 3) != 0 ? strtod(at + strlen(line), NULL) : -1;
}

/* One thread that is given two processors ends on the second; without them it stays. */
static void one_thread_takes_turns(void **state)
{
    (void)state;
    static const char *lines[] = {"8-12", "3-12", NULL};
    static struct report report;
    cpu_set_t before, after;
    unsigned processors[2];
    size_t count = find_processors(processors, &before);
    enum strategy strategy = backend_offers(STRATEGY_OWNED) ? STRATEGY_OWNED : STRATEGY_POOLED;
    for (unsigned given = 0; given <= count; given += 2) {
        struct trial trial = {.workload = find_workload("small_strings"),
                              .strategy = strategy,
                              .kind = TRIAL_TIME,
                              .passes = 2,
                              .batches = 5,
                              .seed = 7,
                              .values = lines,
                              .threads = 1,
                              .processors = processors,
                              .processor_count = given};
        report_begin(&report, -1);
        if (!measure(&trial, &report))
            fail_msg("one thread, %u processors: %s", given, report.text);
        assert_true(measured(&report, "processors") == (given ? 2 : -1));
        assert_true(measured(&report, "ns_per_op") > 0);
        assert_true(measured(&report, "ops") == 5 * 2 * 512);
        assert_int_equal(sched_getaffinity(0, sizeof after, &after), 0);
        assert_true(given ? CPU_COUNT(&after) == 1 && CPU_ISSET(processors[1], &after)
                          : CPU_EQUAL(&after, &before));
    }
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
}

static void check_trial(const char *workload, enum strategy strategy, const char **values,
                        unsigned threads)
{
    static struct report report;
    if (!backend_offers(strategy) || !workload_offers(find_workload(workload), strategy))
        return;
    for (unsigned kind = 0; kind < TRIAL_KIND_COUNT; kind++) {
        struct trial trial = {.workload = find_workload(workload),
                              .strategy = strategy,
                              .kind = (enum trial_kind)kind,
                              .passes = 2,
                              .batches = 2,
                              .seed = 7,
                              .values = values,
                              .threads = threads};
        char got[17] = "", reference[17] = "";
        if (kind == TRIAL_CACHE) /* the driver has none of several threads */
            continue;
        report_begin(&report, -1);
        if (!measure(&trial, &report))
            fail_msg("%s, %u threads: %s", workload, threads, report.text);
        assert_null(strstr(report.text, "failed\t"));
        const char *checksum = strstr(report.text, "checksum\t");
        assert_non_null(checksum);
        assert_int_equal(sscanf(checksum, "checksum\t%16s\t%16s", got, reference), 2);
        assert_string_equal(got, reference);
        if (kind == TRIAL_TIME)
            assert_true(measured(&report, "ns_per_op") > 0);
    }
}

static void trials(void **state)
{
    (void)state;
    static const char *lines[] = {"8-12", "3-12", NULL};
    static const char *bytes[] = {"200K", NULL}, *cross[] = {"200K", "3", NULL};
    static const char *churn[] = {"7", "20", NULL}, *sharing[] = {"5001", "3", NULL};
    for (unsigned threads = 2; threads <= 5; threads += 3) {
        check_trial("small_strings", STRATEGY_OWNED, lines, threads);
        check_trial("small_strings", STRATEGY_POOLED, lines, threads);
        check_trial("parallel_bulk", STRATEGY_OWNED, bytes, threads);
        check_trial("parallel_bulk_skewed", STRATEGY_POOLED, bytes, threads);
        check_trial("cross_thread", STRATEGY_OWNED, cross, threads);
        check_trial("cross_thread", STRATEGY_POOLED, cross, threads);
        check_trial("thread_churn", STRATEGY_OWNED, churn, threads);
        check_trial("thread_churn", STRATEGY_POOLED, churn, threads);
        check_trial("false_sharing", STRATEGY_OWNED, sharing, threads);
    }
}

/* All threads' ops are counted: three times the input is three times the ops. */
static void ops_are_summed(void **state)
{
    (void)state;
    static struct report report;
    static const char *lines[] = {"8-12", "3-12", NULL};
    struct trial trial = {.workload = find_workload("small_strings"),
                          .kind = TRIAL_TIME,
                          .values = lines,
                          .passes = 1,
                          .batches = 1,
                          .seed = 7};
    report_begin(&report, -1);
    assert_true(measure(&trial, &report));
    double alone = measured(&report, "ops");
    trial.threads = 3;
    report_begin(&report, -1);
    assert_true(measure(&trial, &report));
    assert_true(alone > 0 && measured(&report, "ops") == 3 * alone);
}

static int run_crew_checks(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everyone_at_once),       cmocka_unit_test(a_crew_of_one_is_a_call),
        cmocka_unit_test(one_thread_takes_turns), cmocka_unit_test(trials),
        cmocka_unit_test(ops_are_summed),
    };
    return cmocka_run_group_tests_name(backend.name, tests, NULL, NULL);
}

#endif
