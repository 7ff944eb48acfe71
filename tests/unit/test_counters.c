/* link: runner system */
/* perf_event groups: the hardware group's code path on software events, scaling, refusals. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "harness/runner/counters.h"

/* Faults in pages that were never touched. */
static void touch(size_t pages)
{
    volatile char *memory = malloc(pages * 4096);
    assert_non_null((void *)(uintptr_t)memory);
    for (size_t i = 0; i < pages; i++)
        memory[i * 4096] = 1;
    free((void *)(uintptr_t)memory);
}

/* Where perf_event is refused the reason must be there; where it is allowed a figure must. */
static void software_group_counts_faults(void **state)
{
    (void)state;
    struct counter_group group;
    double values[COUNTER_GROUP_MAX];
    counters_software(&group);
    counters_open(&group);
    if (!group.open) {
        print_message("perf_event is refused here: %s\n", group.reason);
        assert_true(strlen(group.reason) > 10);
        assert_false(counters_read(&group, values));
        return;
    }
    counters_start(&group);
    touch(500);
    counters_stop(&group);
    assert_true(counters_read(&group, values));
    assert_string_equal(group.events[1].metric, "page_faults");
    assert_true(values[1] >= 500);
    assert_true(values[0] > 0);
    /* Stopped: no more. */
    double before = values[1];
    touch(500);
    assert_true(counters_read(&group, values));
    assert_near(values[1], before, 0);
    counters_close(&group);
}

static void hardware_group_counts_or_says_why(void **state)
{
    (void)state;
    struct counter_group group;
    double values[COUNTER_GROUP_MAX];
    for (uint64_t turn = 0; turn < 2; turn++) {
        counters_hardware(&group, turn);
        counters_open(&group);
        counters_start(&group);
        touch(100);
        counters_stop(&group);
        if (counters_read(&group, values))
            assert_true(values[0] > 1000);
        else
            assert_true(strlen(group.reason) > 10);
        counters_close(&group);
    }
}

static struct counter_group group_of_two(bool hardware)
{
    static const struct counter_event events[] = {{"a", 0, 0, "count"}, {"b", 0, 0, "count"}};
    struct counter_group group;
    memset(&group, 0, sizeof group);
    group.events = events;
    group.count = 2;
    group.ids[0] = 11;
    group.ids[1] = 22;
    group.refuse_all_zero = hardware;
    return group;
}

static void scaling(void **state)
{
    (void)state;
    struct counter_group group = group_of_two(true);
    double values[2];
    /* Events in another order than they were opened; ran 96 % of the time. */
    const uint64_t raw[] = {2, 1000, 960, 480, 22, 96, 11};
    assert_true(counters_scale(&group, raw, values));
    assert_near(values[0], 100, 1e-9);
    assert_near(values[1], 500, 1e-9);
}

static void refusals(void **state)
{
    (void)state;
    struct counter_group group = group_of_two(true);
    double values[2];
    const uint64_t shared[] = {2, 1000, 940, 1, 11, 1, 22};
    assert_false(counters_scale(&group, shared, values));
    assert_non_null(strstr(group.reason, "over 5 %"));
    const uint64_t never[] = {2, 0, 0, 1, 11, 1, 22};
    assert_false(counters_scale(&group, never, values));
    const uint64_t zero[] = {2, 1000, 1000, 0, 11, 0, 22};
    assert_false(counters_scale(&group, zero, values));
    assert_non_null(strstr(group.reason, "counts nothing"));
    const uint64_t missing[] = {2, 1000, 1000, 5, 11, 5, 33};
    assert_false(counters_scale(&group, missing, values));
    /* A software counter may well stay at zero. */
    group = group_of_two(false);
    assert_true(counters_scale(&group, zero, values));
}

/* A figure that cannot be had is n/a with its reason, never a zero. */
static void missing_figures_are_reported(void **state)
{
    (void)state;
    static struct report report;
    struct counter_group group = group_of_two(true);
    strcpy(group.reason, "no such counter");
    report_begin(&report, -1);
    counters_report(&group, 10, &report);
    assert_non_null(strstr(report.text, "measure\ta_per_op\tn/a\tcount\tno such counter\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(software_group_counts_faults),
        cmocka_unit_test(hardware_group_counts_or_says_why),
        cmocka_unit_test(scaling),
        cmocka_unit_test(refusals),
        cmocka_unit_test(missing_figures_are_reported),
    };
    return cmocka_run_group_tests_name("counters", tests, NULL, NULL);
}
