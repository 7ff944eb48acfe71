/* link: runner system */
/*
 * The curve of a heap against patterns worked out by hand: points at equal distances up to the last
 * op, peaks between two points, C as the heap says it, R as the kernel does; and the rows of the
 * report.
 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "harness/runner/clock.h"
#include "harness/runner/heap_log.h"
#include "harness/runner/memory.h"
#include "harness/runner/tracker.h"
#include "workloads/support/sampling.h"

static uint64_t said; /* what the heap says it has committed */

static uint64_t say(struct allocator_heap *heap)
{
    (void)heap;
    return said;
}

static struct heap_log *begin(uint64_t ops)
{
    struct heap_log *log = heap_log_open();
    assert_non_null(log);
    log->probe.source = "test";
    log->probe.committed = say;
    heap_curve_begin(&log->curve, ops, HEAP_CURVE_UNKNOWN, clock_ns());
    return log;
}

/* Whether a line stands in the series' report. */
static bool has_line(const struct report *report, const char *line)
{
    const char *at = strstr(report->text, line);
    return at && (at == report->text || at[-1] == '\n');
}

/* Op i allocates a block of 100 bytes that stays, and one of 50 that goes; op 298 a large one that
 * goes as well: 1000 ops, a point in 4. */
static void live_is_the_patterns(void **state)
{
    (void)state;
    enum { OPS = 1000, PEAK_AT = 298 };
    static char blocks[OPS], brief, large;
    static struct report report;
    struct heap_log *log = begin(OPS);
    tracker_set_log(log);
    for (uint64_t i = 0; i < OPS; i++) {
        heap_log_allocated(log, &blocks[i], 100, 112);
        heap_log_allocated(log, &brief, 50, 56);
        if (i + 1 == PEAK_AT) {
            heap_log_allocated(log, &large, 1000000, 1000000);
            heap_log_freed(log, &large, 1000000);
        }
        heap_log_freed(log, &brief, 50);
        said = 4096 * (1 + (i + 1) / 40);
        op_end(PASS_TRACKED);
    }
    tracker_set_log(NULL);
    const struct heap_curve *curve = &log->curve;
    assert_int_equal(curve->ops, OPS);
    assert_int_equal(curve->count, OPS / 4);
    for (size_t i = 0; i < curve->count; i++) {
        uint64_t ops = 4 * (i + 1);
        bool has_peak = ops - 4 < PEAK_AT && PEAK_AT <= ops;
        uint64_t most = has_peak ? 100 * PEAK_AT + 50 + 1000000 : 100 * ops + 50;
        assert_int_equal(curve->points[i].ops, ops);
        assert_int_equal(curve->points[i].live, most);
        assert_int_equal(curve->points[i].committed, 4096 * (1 + ops / 40));
        assert_int_equal(curve->points[i].resident, HEAP_CURVE_UNKNOWN);
    }
    log->curve.freed.committed = 4096;
    heap_log_report_series(log, &report);
    assert_true(has_line(&report, "series\tlive_bytes\t4\t450\tbytes\n"));
    assert_true(has_line(&report, "series\tlive_bytes\t300\t1029850\tbytes\n"));
    assert_true(has_line(&report, "series\tcommitted_bytes\t1000\t106496\tbytes\n"));
    assert_true(has_line(&report, "series\tcommitted_bytes_freed\t1000\t4096\tbytes\n"));
    assert_null(strstr(report.text, "_purged"));
    assert_null(strstr(report.text, "resident"));
    /* 1000 brief and 1000 that stay; brief ones lived for no byte, and their classes are narrow. */
    assert_true(has_line(&report, "series\tsize_histogram\t50\t1000\tcount\n"));
    assert_true(has_line(&report, "series\tsize_histogram\t100\t1000\tcount\n"));
    assert_true(has_line(&report, "series\tlifetime_histogram\t0\t1000\tcount\n"));
    munmap(log, sizeof *log);
}

/* The last point is that of the last op, whatever their number; there are never too many. */
static void every_number_of_ops(void **state)
{
    (void)state;
    struct heap_log *log = begin(0);
    for (uint64_t total = 0; total < 2000; total++) {
        heap_curve_begin(&log->curve, total, HEAP_CURVE_UNKNOWN, clock_ns());
        for (uint64_t i = 0; i < total + 10; i++) /* more than was said: no point */
            heap_log_op_done(log);
        size_t count = log->curve.count;
        assert_true(count <= HEAP_CURVE_POINTS && count >= (total < 128 ? total : 128));
        assert_int_equal(count ? log->curve.points[count - 1].ops : 0, total);
    }
    munmap(log, sizeof *log);
}

/* What falls between two points is not held against the next. */
static void a_fall_is_seen(void **state)
{
    (void)state;
    char block;
    struct heap_log *log = begin(3);
    said = 8000;
    heap_log_allocated(log, &block, 5000, 5000);
    said = 3000;
    heap_log_freed(log, &block, 5000);
    heap_log_op_done(log);
    heap_log_op_done(log);
    assert_int_equal(log->curve.points[0].live, 5000);
    assert_int_equal(log->curve.points[0].committed, 8000);
    assert_int_equal(log->curve.points[1].live, 0);
    assert_int_equal(log->curve.points[1].committed, 3000);
    munmap(log, sizeof *log);
}

/* Where the heap cannot be asked, or nothing was told of blocks, those series are left out. */
static void what_is_unknown_is_left_out(void **state)
{
    (void)state;
    static struct report report;
    struct heap_log *log = begin(4);
    log->probe.source = NULL;
    log->probe.committed = NULL;
    for (unsigned i = 0; i < 4; i++)
        heap_log_op_done(log);
    heap_log_report_series(log, &report);
    assert_int_equal(log->curve.count, 4);
    assert_string_equal(report.text, "");
    /* A workload that marks no ops has no curve, and nothing after it. */
    heap_curve_begin(&log->curve, 4, 0, clock_ns());
    log->curve.freed.resident = 5;
    heap_log_report_series(log, &report);
    assert_string_equal(report.text, "");
    munmap(log, sizeof *log);
}

/* Memory touched half-way: R is less than a hundredth of it off before and after. */
static void resident_is_the_kernels(void **state)
{
    (void)state;
    enum { OPS = 64 };
    const size_t size = (size_t)64 << 20;
    uint64_t before;
    const char *source;
    char reason[160];
    struct heap_log *log = begin(OPS);
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(memory != MAP_FAILED);
    memory_touch_code();
    if (!memory_resident(&before, &source, reason, sizeof reason)) {
        print_message("not asked: %s\n", reason);
        return;
    }
    /* As if the process had run for an hour: each point has time to ask. */
    heap_curve_begin(&log->curve, OPS, before, clock_ns() - 3600000000000u);
    for (unsigned i = 0; i < OPS; i++) {
        if (i == OPS / 2)
            touch_pages(memory, size);
        heap_log_op_done(log);
    }
    for (size_t i = 0; i < OPS; i++) {
        double expected = i < OPS / 2 ? 0 : (double)size;
        assert_near((double)log->curve.points[i].resident, expected, 0.01 * (double)size);
    }
    munmap(memory, size);
    munmap(log, sizeof *log);
}

/* With no time to spend R is put off; at the last op it is asked for all the same. */
static void resident_is_asked_at_the_end(void **state)
{
    (void)state;
    enum { OPS = 250 };
    uint64_t bytes;
    const char *source;
    char reason[160];
    struct heap_log *log = begin(OPS);
    if (!memory_resident(&bytes, &source, reason, sizeof reason)) {
        print_message("not asked: %s\n", reason);
        return;
    }
    heap_curve_begin(&log->curve, OPS, 0, clock_ns());
    log->curve.asking_ns = 3600000000000u; /* as if it took an hour */
    for (unsigned i = 0; i < OPS; i++)
        heap_log_op_done(log);
    for (size_t i = 0; i < OPS - 1; i++)
        assert_true(log->curve.points[i].resident == HEAP_CURVE_UNKNOWN);
    assert_true(log->curve.points[OPS - 1].resident > 0);
    assert_true(log->curve.points[OPS - 1].resident != HEAP_CURVE_UNKNOWN);
    munmap(log, sizeof *log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(live_is_the_patterns),    cmocka_unit_test(every_number_of_ops),
        cmocka_unit_test(a_fall_is_seen),          cmocka_unit_test(what_is_unknown_is_left_out),
        cmocka_unit_test(resident_is_the_kernels), cmocka_unit_test(resident_is_asked_at_the_end),
    };
    return cmocka_run_group_tests_name("heap curve", tests, NULL, NULL);
}
