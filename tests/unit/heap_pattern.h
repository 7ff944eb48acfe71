/*
 * A backend's own interface against an allocation pattern whose sizes are known: what it says is
 * committed and in use, what the kernel says is resident, and that the log itself is in neither.
 * Included by one small program a backend, which states the error that is allowed.
 */
#ifndef TESTS_UNIT_HEAP_PATTERN_H
#define TESTS_UNIT_HEAP_PATTERN_H

#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "harness/runner/clock.h"
#include "harness/runner/heap_log.h"
#include "harness/runner/memory.h"
#include "harness/runner/tracker.h"
#include "string_arena_annotate.h"
#include "workloads/workload.h"

#define BLOCKS ((size_t)200000)
#define BLOCK_BYTES ((size_t)100)

struct allowed {
    size_t header;       /* bytes a block beside its usable ones */
    double in_use;       /* relative error of what is in use */
    double committed;    /* what may be committed beyond that, relative */
    size_t committed_at; /* and absolute */
};

static struct allowed allowed;
static char **blocks; /* mapped and touched: not of the heap */

static int map_blocks(void **state)
{
    (void)state;
    blocks = mmap(NULL, BLOCKS * sizeof *blocks, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    return blocks == MAP_FAILED;
}

/* Whether the heap can be asked here: not under a sanitizer, whose malloc is another. */
static bool can_be_asked(const struct heap_log *log)
{
    if (log->probe.source)
        return true;
    print_message("not asked: %s\n", log->probe.reason);
    assert_true(strlen(log->probe.reason) > 10);
    return false;
}

static void fill(struct allocator_heap *heap)
{
    for (size_t i = 0; i < BLOCKS; i++) {
        blocks[i] = tracker.allocate(heap, BLOCK_BYTES, ALLOCATION_BYTES);
        assert_non_null(blocks[i]);
        memset(blocks[i], (int)i, BLOCK_BYTES);
        tracker_op_done();
    }
}

/* A straight line from nothing to all blocks; drawing it shows in no figure of the heap below. */
static void check_curve(const struct heap_curve *curve)
{
    assert_true(curve->count > HEAP_CURVE_POINTS / 2);
    for (size_t i = 0; i < curve->count; i++)
        assert_int_equal(curve->points[i].live, curve->points[i].ops * BLOCK_BYTES);
    assert_int_equal(curve->points[curve->count - 1].ops, BLOCKS);
}

static void figures_are_the_patterns(void **state)
{
    (void)state;
    struct heap_log *log = heap_log_open();
    const struct allocator_settings settings = {.scope_bytes_max = BLOCKS * (BLOCK_BYTES + 64),
                                                .scopes_max = 1};
    struct allocator_heap *heap;
    const char *source;
    char reason[160];
    uint64_t before = 0, after = 0, committed, in_use;
    assert_non_null(log);
    memory_touch_code();
    heap_log_before(log);
    bool known = memory_resident(&before, &source, reason, sizeof reason);
    heap_curve_begin(&log->curve, BLOCKS, known ? before : HEAP_CURVE_UNKNOWN, clock_ns());
    assert_true(backend.open(&heap, &settings));
    heap_log_begin(log, heap);
    tracker_set_log(log);
    assert_true(tracker.scope_begin(heap));
    fill(heap);

    assert_int_equal(log->live_bytes, BLOCKS * BLOCK_BYTES);
    assert_int_equal(log->live_max, BLOCKS * BLOCK_BYTES);
    assert_int_equal(log->live_blocks_max, BLOCKS);
    assert_true(log->usable_bytes >= log->requested_bytes);
    check_curve(&log->curve);
    double expected = (double)log->usable_bytes + (double)(BLOCKS * allowed.header);
    if (can_be_asked(log)) {
        assert_true(heap_probe_look(&log->probe, heap, &committed, &in_use));
        assert_near((double)(in_use - log->in_use_before) / expected, 1, allowed.in_use);
        assert_true(heap_log_ask(log));
        assert_true((double)log->committed >= expected * (1 - allowed.in_use));
        assert_true((double)log->committed <=
                    expected * (1 + allowed.committed) + (double)allowed.committed_at);
        /* The log, the trial's own memory and its code are not in R; a sanitizer's shadow is. */
        assert_true(memory_resident(&after, &source, reason, sizeof reason) && known);
        if (!APPORTION_ASAN)
            assert_near((double)(after - before) / expected, 1, 0.01 + allowed.committed);
    }

    for (size_t i = 0; i < BLOCKS; i++)
        tracker.deallocate(heap, blocks[i], BLOCK_BYTES, ALLOCATION_BYTES);
    tracker.scope_end(heap);
    tracker_set_log(NULL);
    assert_int_equal(log->live_bytes, 0);
    assert_int_equal(log->live_blocks, 0);
    if (log->probe.source && heap_probe_look(&log->probe, heap, &committed, &in_use))
        assert_true((double)in_use - (double)log->in_use_before < 0.02 * expected);
    assert_int_equal(log->lifetimes.total > 0, 1);
    backend.close(heap);
    munmap(log, sizeof *log);
}

static int run_heap_pattern(struct allowed errors)
{
    allowed = errors;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(figures_are_the_patterns, map_blocks)};
    return cmocka_run_group_tests_name(backend.name, tests, NULL, NULL);
}

#endif
