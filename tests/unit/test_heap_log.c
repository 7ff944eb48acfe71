/* link: runner system */
/*
 * The log of a heap against series of calls worked out by hand, with a heap that says what the test
 * wants; the table of births against a model; the classes of sizes.
 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "harness/runner/heap_log.h"

static uint64_t said; /* what the heap says it has committed */

static uint64_t say(struct allocator_heap *heap)
{
    (void)heap;
    return said;
}

static struct heap_log *begin(void)
{
    struct heap_log *log = heap_log_open();
    assert_non_null(log);
    log->probe.source = "test";
    log->probe.committed = say;
    return log;
}

static double reported(const struct heap_log *log, const char *metric)
{
    static struct report report;
    char line[80];
    memset(&report, 0, sizeof report);
    heap_log_report(log, &report);
    snprintf(line, sizeof line, "measure\t%s\t", metric);
    const char *at = strstr(report.text, line);
    if (!at)
        fail_msg("no %s in:\n%s", metric, report.text);
    return at ? strtod(at + strlen(line), NULL) : 0;
}

static void figures_by_hand(void **state)
{
    (void)state;
    struct heap_log *log = begin();
    char block[4];
    said = 1000;
    heap_log_allocated(log, &block[0], 400, 416); /* L 400 C 1000 */
    said = 2000;
    heap_log_allocated(log, &block[1], 600, 608); /* L 1000 C 2000: argmax C, then L */
    heap_log_freed(log, &block[0], 400);          /* L 600 */
    said = 1500;
    heap_log_allocated(log, &block[2], 600, 600); /* L 1200 C 1500: argmax L */
    heap_log_freed(log, &block[1], 600);
    heap_log_freed(log, &block[2], 600);
    assert_int_equal(log->live_blocks, 0);
    assert_near(reported(log, "peak_committed_bytes"), 2000, 0);
    assert_near(reported(log, "peak_live_bytes"), 1200, 0);
    assert_near(reported(log, "live_blocks_max"), 2, 0);
    assert_near(reported(log, "external_fragmentation"), 2000.0 / 1000 - 1, 1e-12);
    assert_near(reported(log, "external_fragmentation_at_peak_live"), 1500.0 / 1200 - 1, 1e-12);
    assert_near(reported(log, "internal_fragmentation"), 1624.0 / 1600 - 1, 1e-12);
    /* After each of the six calls. */
    assert_near(reported(log, "external_fragmentation_mean"),
                (1000 + 2000 + 2000 + 1500 + 1500 + 1500) / (400.0 + 1000 + 600 + 1200 + 600 + 0) -
                    1,
                1e-12);
    /* Over the bytes of the second and third request, with what was live and committed before. */
    assert_near(reported(log, "drag"), (1000 * 600 + 2000 * 600) / (400.0 * 600 + 600.0 * 600),
                1e-12);
    assert_near(reported(log, "size_max"), 600, 0);
    /* Lifetimes: 600 bytes, 600 and 0. */
    assert_int_equal(log->lifetimes.total, 3);
    assert_int_equal(log->lifetimes.most, 600);
    munmap(log, sizeof *log);
}

static void of_equal_peaks_the_most_live_counts(void **state)
{
    (void)state;
    struct heap_log *log = begin();
    char block[2];
    said = 4000;
    heap_log_allocated(log, &block[0], 1000, 1000);
    heap_log_allocated(log, &block[1], 1000, 1000);
    assert_near(reported(log, "external_fragmentation"), 1, 1e-12);
    heap_log_freed(log, &block[0], 1); /* its size is known from its birth */
    assert_int_equal(log->live_bytes, 1000);
    munmap(log, sizeof *log);
}

static void without_an_interface_reasons(void **state)
{
    (void)state;
    static struct report report;
    struct heap_log *log = heap_log_open();
    char block;
    strcpy(log->probe.reason, "no interface at all");
    heap_log_allocated(log, &block, 10, 10);
    heap_log_report(log, &report);
    assert_non_null(
        strstr(report.text, "measure\texternal_fragmentation\tn/a\tratio\tno interface at all\n"));
    assert_non_null(strstr(report.text, "measure\tpeak_live_bytes\t10\t"));
    munmap(log, sizeof *log);
}

/* Random puts and takes, then more than there is room for. */
static void births_against_a_model(void **state)
{
    (void)state;
    enum { ADDRESSES = 3000 };
    static uint64_t model[ADDRESSES]; /* time, 0: not there */
    struct birth_table *table = calloc(1, sizeof *table);
    struct birth birth;
    unsigned seed = 7;
    size_t count = 0;
    for (uint64_t time = 1; time <= 200000; time++) {
        size_t at = (size_t)rand_r(&seed) % ADDRESSES;
        const void *block = (const void *)(0x1000 + 16 * at);
        if (rand_r(&seed) % 2) {
            count += model[at] == 0;
            birth_table_put(table, block, time, at);
            model[at] = time;
        } else {
            assert_int_equal(birth_table_take(table, block, &birth), model[at] != 0);
            if (model[at]) {
                assert_int_equal(birth.time, model[at]);
                assert_int_equal(birth.size, at);
                count--;
            }
            model[at] = 0;
        }
        assert_int_equal(table->count, count);
    }
    memset(table, 0, sizeof *table);
    size_t many = 4 * BIRTHS_ROOM, found = 0;
    for (size_t i = 1; i <= many; i++)
        birth_table_put(table, (const void *)(32 * i), i, i);
    assert_true(table->thinned >= 3 && table->count <= BIRTHS_ROOM / 2);
    size_t kept = table->count;
    for (size_t i = 1; i <= many; i++) {
        if (!birth_table_take(table, (const void *)(32 * i), &birth))
            continue;
        assert_int_equal(birth.time, i);
        found++;
    }
    assert_int_equal(found, kept);
    assert_near((double)found * (double)(1u << table->thinned) / (double)many, 1, 0.05);
    free(table);
}

static void classes_are_narrow(void **state)
{
    (void)state;
    for (uint64_t value = 0; value < 100000; value++) {
        size_t index = log_class_of(value);
        assert_true(log_class_low(index) <= value && value < log_class_low(index + 1));
        uint64_t width = log_class_low(index + 1) - log_class_low(index);
        assert_true(width == 1 || 16 * width <= value);
    }
    assert_int_equal(log_class_of(UINT64_MAX), LOG_CLASSES - 1);
    struct log_classes *classes = calloc(1, sizeof *classes);
    for (uint64_t value = 1; value <= 1001; value++)
        log_classes_add(classes, value);
    assert_near(log_classes_quantile(classes, 0.5) / 501, 1, 0.04);
    assert_near(log_classes_quantile(classes, 1), 1001, 30);
    free(classes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_by_hand),
        cmocka_unit_test(of_equal_peaks_the_most_live_counts),
        cmocka_unit_test(without_an_interface_reasons),
        cmocka_unit_test(births_against_a_model),
        cmocka_unit_test(classes_are_narrow),
    };
    return cmocka_run_group_tests_name("heap log", tests, NULL, NULL);
}
