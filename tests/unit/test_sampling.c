/* link: runner system */
/* Sampling: how many events are taken, which, and that passes of other modes take none. */
#include "check.h"

#include <stdlib.h>

#include "allocators/allocator.h"
#include "default_values.h"
#include "harness/runner/describe.h"
#include "harness/runner/sampler.h"

static struct histogram *empty(void)
{
    struct histogram *histogram = calloc(1, sizeof *histogram);
    assert_non_null(histogram);
    return histogram;
}

static void one_in_a_period_is_taken(void **state)
{
    (void)state;
    if (ticks_missing())
        skip();
    struct histogram *histogram = empty();
    struct sampler_settings settings = {.period = 64, .seed = 1, .histogram = histogram};
    const uint64_t events = 640000;
    uint64_t gaps[128] = {0}, gap = 0;
    sampler_start(&sampling_ops, &settings);
    for (uint64_t i = 0; i < events; i++) {
        uint64_t before = histogram->count + sampler_dropped();
        op_begin(PASS_SAMPLED);
        op_end(PASS_SAMPLED);
        gap++;
        if (histogram->count + sampler_dropped() > before) {
            assert_true(gap < (size_t)2 * 64);
            gaps[gap]++;
            gap = 0;
        }
    }
    uint64_t taken = histogram->count + sampler_dropped();
    sampler_start(NULL, NULL);
    assert_near((double)taken, 10000, 400);
    /* At random: each gap from 1 to 127 is as likely. */
    for (unsigned i = 1; i < 128; i++)
        assert_near((double)gaps[i], 10000 / 127.0, 60);
    free(histogram);
}

static void other_modes_take_none(void **state)
{
    (void)state;
    struct histogram *histogram = empty();
    struct sampler_settings settings = {.period = 1, .seed = 1, .histogram = histogram};
    sampler_start(&sampling_ops, &settings);
    uint64_t left = sampling_ops.left;
    op_begin(PASS_TIMED);
    op_end(PASS_TIMED);
    op_begin(PASS_TRACKED);
    op_end(PASS_TRACKED);
    assert_true(sampling_ops.left == left && histogram->count == 0);
    sampler_start(NULL, NULL);
    op_begin(PASS_SAMPLED);
    op_end(PASS_SAMPLED);
    assert_true(histogram->count == 0);
    free(histogram);
}

static void overhead_is_taken_off_and_migrants_dropped(void **state)
{
    (void)state;
    struct histogram *histogram = empty();
    struct sampler_settings settings = {
        .period = 1, .seed = 1, .overhead = 100, .histogram = histogram};
    sampler_start(&sampling_ops, &settings);
    sampling_ops.begin = 1000;
    sampling_ops.processor = 3;
    sampling_take(&sampling_ops, 1150, 3);
    sampling_take(&sampling_ops, 1050, 3); /* shorter than an empty pair: 0, not 2^64 */
    sampling_take(&sampling_ops, 9000, 4);
    sampler_start(NULL, NULL);
    assert_true(histogram->count == 2 && histogram->buckets[50] == 1 && histogram->buckets[0] == 1);
    assert_true(sampler_dropped() == 1);
    free(histogram);
}

/* Every op of a workload, and every call for memory, of its sampled passes. */
static void passes_meet_every_event(void **state)
{
    (void)state;
    if (ticks_missing())
        skip();
    static const char *const names[] = {"small_strings", "batch_processing"};
    for (size_t i = 0; i < 2; i++) {
        const struct workload *workload = find_workload(names[i]);
        struct workload_input input = {0};
        struct workload_error error;
        const char *values[DEFAULT_VALUES_MAX];
        struct workload_settings settings = {.seed = 5, .values = values};
        struct workload_tally tally = {0};
        struct allocator_heap *heap = NULL;
        struct histogram *ops = empty(), *calls = empty();
        assert_true(default_values(workload, values));
        assert_true(workload->setup(&input, &settings, &error));
        const struct allocator_settings heap_settings = {.scope_bytes_max = input.scope_bytes_max,
                                                         .scopes_max = input.scopes_max};
        assert_true(backend.open(&heap, &heap_settings));
        struct sampler_settings every = {.period = 1, .seed = 1, .histogram = ops};
        sampler_start(&sampling_ops, &every);
        assert_true(workload->pass[STRATEGY_OWNED][PASS_SAMPLED](heap, &input, &tally));
        assert_true(ops->count + sampler_dropped() == tally.ops && tally.ops > 0);
        every.histogram = calls;
        sampler_start(&sampling_allocations, &every);
        tally = (struct workload_tally){0};
        assert_true(workload->pass[STRATEGY_OWNED][PASS_SAMPLED_CALLS](heap, &input, &tally));
        /* A call a token and one or more for the container of each op. */
        assert_true(calls->count + sampler_dropped() >= tally.tokens + tally.ops);
        sampler_start(NULL, NULL);
        backend.close(heap);
        free(ops);
        free(calls);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_in_a_period_is_taken),
        cmocka_unit_test(other_modes_take_none),
        cmocka_unit_test(overhead_is_taken_off_and_migrants_dropped),
        cmocka_unit_test(passes_meet_every_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
