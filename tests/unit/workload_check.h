/*
 * Every workload, strategy and mode on one backend against the reference. Included by one small
 * program a backend, each linked with that backend alone.
 */
#ifndef TESTS_UNIT_WORKLOAD_CHECK_H
#define TESTS_UNIT_WORKLOAD_CHECK_H

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "default_values.h"
#include "harness/runner/crew.h"
#include "harness/runner/describe.h"
#include "harness/runner/tracker.h"
#include "workloads/support/digest.h"
#include "workloads/workload.h"

static char workload_file[64];

/* A file with what files have: empty lines and tokens, \r\n, NUL, quotes, a long line, no last \n.
 */
static void write_odd_file(void)
{
    strcpy(workload_file, "/tmp/apportion-file-XXXXXX");
    int descriptor = mkstemp(workload_file);
    FILE *out = fdopen(descriptor, "w");
    assert_non_null(out);
    fputs("a,b,c\n\n,\n,,x\r\n\"q,\"\"r\"\"\",s\nmid\"quote,\"two\nlines\",\"open\n", out);
    fwrite("nul\0in,side\n", 1, 12, out);
    for (unsigned i = 0; i < 3000; i++)
        fprintf(out, "%s,", &"0123456789abcdefghijklmnopqrstuvwxyz"[i % 36]);
    fputs("\n\"\"\n\"x\"\"\"\nlast,line", out);
    fclose(out);
}

static void check_pass(const struct workload *workload, struct allocator_heap *heap,
                       const struct workload_input *input, const struct workload_tally *reference,
                       enum strategy strategy, enum pass_mode mode)
{
    struct workload_tally tally = {.digest = DIGEST_SEED};
    assert_true(workload->pass[strategy][mode](heap, input, &tally));
    assert_int_equal(tally.ops, reference->ops);
    assert_int_equal(tally.tokens, reference->tokens);
    assert_int_equal(tally.bytes, reference->bytes);
    assert_true(tally.light == reference->light);
    if (mode == PASS_VERIFY)
        assert_true(tally.digest == reference->digest);
}

static void check_strategy(const struct workload *workload, const char *const *values,
                           uint64_t seed, enum strategy strategy)
{
    struct workload_settings settings = {seed, values, strategy};
    struct workload_input input;
    struct workload_error error;
    struct workload_tally reference = {0};
    struct allocator_heap *heap;
    struct crew crew;
    memset(&input, 0, sizeof input);
    crew_alone(&crew, NULL, 0, &heap);
    if (workload->threads != WORKLOAD_COPIES)
        input.crew = &crew.seen;
    if (!workload->setup(&input, &settings, &error))
        fail_msg("%s: %s", workload->name, error.text);
    workload->reference(&input, &reference);
    assert_true(reference.tokens > 0);
    struct allocator_settings heap_settings = {.scope_bytes_max = input.scope_bytes_max,
                                               .scopes_max = input.scopes_max};
    assert_true(backend.open(&heap, &heap_settings));
    for (unsigned mode = 0; mode < PASS_MODE_COUNT; mode++)
        for (unsigned again = 0; again < (input.line_count > 10000 ? 1 : 3); again++)
            check_pass(workload, heap, &input, &reference, strategy, (enum pass_mode)mode);
    backend.close(heap);
}

static void check_workload(const struct workload *workload, const char *const *values,
                           uint64_t seed)
{
    for (unsigned strategy = 0; strategy < STRATEGY_COUNT; strategy++)
        if (backend_offers((enum strategy)strategy) &&
            workload_offers(workload, (enum strategy)strategy))
            check_strategy(workload, values, seed, (enum strategy)strategy);
}

static void every_workload_by_default(void **state)
{
    (void)state;
    const char *values[DEFAULT_VALUES_MAX];
    for (const struct workload *const *entry = __start_workloads; entry < __stop_workloads; entry++)
        if (default_values(*entry, values))
            for (uint64_t seed = 1; seed <= 3; seed++)
                check_workload(*entry, values, seed);
}

static void odd_file(void **state)
{
    (void)state;
    static const char *const delimiters[] = {",", "b", "\\t", "ab", "q,"};
    static const char *const quotes[] = {"", "\""};
    const struct workload *workload = find_workload("file");
    assert_non_null(workload);
    write_odd_file();
    for (unsigned d = 0; d < 5; d++) {
        for (unsigned q = 0; q < 2; q++) {
            const char *const values[] = {workload_file, delimiters[d], quotes[q], "1M"};
            check_workload(workload, values, 1);
        }
    }
    /* Windows smaller than the file, wherever they fall. */
    for (uint64_t seed = 1; seed <= 30; seed++) {
        const char *const values[] = {workload_file, ",", "", seed % 2 ? "16" : "20000"};
        check_workload(workload, values, seed);
    }
    unlink(workload_file);
}

/* owned asks once a token and once a line at least; each is given back. */
static void tracker_counts_calls(void **state)
{
    (void)state;
    const struct workload *workload = find_workload("small_strings");
    const char *values[DEFAULT_VALUES_MAX];
    struct workload_settings settings = {1, values, STRATEGY_OWNED};
    struct workload_input input;
    struct workload_error error;
    struct workload_tally tally = {0};
    struct allocator_heap *heap;
    memset(&input, 0, sizeof input);
    assert_true(default_values(workload, values));
    assert_true(workload->setup(&input, &settings, &error));
    struct allocator_settings heap_settings = {.scope_bytes_max = input.scope_bytes_max,
                                               .scopes_max = input.scopes_max};
    assert_true(backend.open(&heap, &heap_settings));
    tracker_reset();
    assert_true(workload->pass[STRATEGY_OWNED][PASS_TRACKED](heap, &input, &tally));
    assert_int_equal(tracker_counts().allocations, tally.tokens + tally.ops);
    assert_int_equal(tracker_counts().frees, tally.tokens + tally.ops);
    backend.close(heap);
}

static int run_workload_checks(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_workload_by_default),
        cmocka_unit_test(odd_file),
        cmocka_unit_test(tracker_counts_calls),
    };
    return cmocka_run_group_tests_name(backend.name, tests, NULL, NULL);
}

#endif
