/* link: runner system */
/* Reuse distances against a naive count, and the metrics of traces whose layout is known. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "harness/runner/locality.h"

/* Other lines since the last touch, by looking back. */
static size_t naive(const uint64_t *lines, size_t at)
{
    size_t distinct = 0;
    for (size_t i = at; i-- > 0;) {
        if (lines[i] == lines[at])
            return distinct;
        bool seen = false;
        for (size_t k = i + 1; k < at && !seen; k++)
            seen = lines[k] == lines[i];
        distinct += !seen;
    }
    return SIZE_MAX;
}

static void distances_are_the_naive_ones(void **state)
{
    (void)state;
    enum { COUNT = 700 };
    uint64_t lines[COUNT];
    size_t distances[COUNT];
    for (unsigned seed = 1; seed <= 20; seed++) {
        unsigned random = seed;
        for (size_t i = 0; i < COUNT; i++)
            lines[i] = (uint64_t)rand_r(&random) % ((uint64_t)seed * 7);
        assert_true(locality_reuse(lines, COUNT, distances));
        for (size_t i = 0; i < COUNT; i++)
            assert_int_equal(distances[i], naive(lines, i));
    }
}

static double reported(const struct locality *trace, const char *metric)
{
    static struct report report;
    char line[80];
    memset(&report, 0, sizeof report);
    locality_report(trace, &report);
    snprintf(line, sizeof line, "measure\t%s\t", metric);
    const char *at = strstr(report.text, line);
    if (!at)
        fail_msg("no %s in:\n%s", metric, report.text);
    return at ? strtod(at + strlen(line), NULL) : 0;
}

/* Tokens of 8 bytes one behind the other: 8 a line, 512 a page. */
static void packed_tokens(void **state)
{
    (void)state;
    struct locality *trace = locality_open();
    assert_non_null(trace);
    for (size_t i = 0; i < 4096; i++)
        locality_note(trace, (const void *)(0x100000 + 8 * i), 8, true);
    assert_near(reported(trace, "lines_per_token"), 1.0 / 8, 1e-9);
    assert_near(reported(trace, "pages_per_token"), 1.0 / 512, 1e-9);
    assert_near(reported(trace, "stride_p95"), 0, 0);
    assert_near(reported(trace, "same_line"), 7.0 / 8, 0.001);
    assert_near(reported(trace, "same_page"), 511.0 / 512, 0.001);
    assert_near(reported(trace, "reuse_p90"), 0, 0);
    assert_near(reported(trace, "first_touches"), 1.0 / 8, 1e-9);
    munmap(trace, sizeof *trace);
}

/* A token that crosses a line, another page away, its entry elsewhere; scopes count by themselves.
 */
static void scattered_tokens(void **state)
{
    (void)state;
    struct locality *trace = locality_open();
    for (size_t scope = 0; scope < 10; scope++) {
        trace->scope_ended = true;
        locality_note(trace, (const void *)0x900000, 16, false);
        locality_note(trace, (const void *)(0x100000 + 60), 10, true);
        locality_note(trace, (const void *)0x900010, 16, false);
        locality_note(trace, (const void *)(0x100000 + 70 + 5000), 10, true);
    }
    /* Two lines, one line, and the entries' line: 4 for 2 tokens; 2 pages and the entries'. */
    assert_near(reported(trace, "lines_per_token"), 2, 1e-9);
    assert_near(reported(trace, "pages_per_token"), 1.5, 1e-9);
    assert_near(reported(trace, "stride_p50"), 5000, 0);
    assert_near(reported(trace, "same_line"), 0, 0);
    assert_near(reported(trace, "same_page"), 0, 0);
    munmap(trace, sizeof *trace);
}

/* The ring keeps the last ones. */
static void the_last_accesses_count(void **state)
{
    (void)state;
    struct locality *trace = locality_open();
    for (size_t i = 0; i < LOCALITY_ACCESSES; i++)
        locality_note(trace, (const void *)(0x10000000 + 4096 * i), 8, true);
    for (size_t i = 0; i < LOCALITY_ACCESSES; i++)
        locality_note(trace, (const void *)0x5000, 8, true);
    assert_near(reported(trace, "lines_per_token") * (double)LOCALITY_ACCESSES, 1, 1e-6);
    munmap(trace, sizeof *trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distances_are_the_naive_ones),
        cmocka_unit_test(packed_tokens),
        cmocka_unit_test(scattered_tokens),
        cmocka_unit_test(the_last_accesses_count),
    };
    return cmocka_run_group_tests_name("locality", tests, NULL, NULL);
}
