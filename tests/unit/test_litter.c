/* link: runner system */
/* Litter: how many blocks, of which sizes, how many of them stay; nothing where there is no heap.
 */
#include "check.h"

#include <malloc.h>
#include <string.h>

#include "default_values.h"
#include "harness/runner/describe.h"
#include "harness/runner/litter.h"
#include "string_arena_annotate.h"

static struct report report;

static void begin(struct trial_state *state, struct trial *trial, const char *workload)
{
    const char *values[DEFAULT_VALUES_MAX];
    struct workload_settings settings = {1, values, STRATEGY_OWNED};
    struct workload_error error;
    memset(state, 0, sizeof *state);
    memset(trial, 0, sizeof *trial);
    memset(&report, 0, sizeof report);
    trial->workload = find_workload(workload);
    trial->seed = 1;
    state->trial = trial;
    state->report = &report;
    assert_true(default_values(trial->workload, values));
    assert_true(trial->workload->setup(&state->input, &settings, &error));
}

/* batch_processing holds every token and container of its text at once. */
static void blocks_are_a_multiple_of_the_live_ones(void **state)
{
    (void)state;
    struct trial_state trial_state;
    struct trial trial;
    struct workload_tally tally = {0};
    struct litter litter;
    begin(&trial_state, &trial, "batch_processing");
    trial.workload->reference(&trial_state.input, &tally);
    struct mallinfo2 before = mallinfo2();
    assert_true(litter_make(&litter, &trial_state, 0.25));
    struct mallinfo2 after = mallinfo2();
    uint64_t live = tally.tokens + trial_state.input.line_count;
    assert_int_equal(litter.blocks, LITTER_MULTIPLE * live);
    assert_near((double)litter.kept_count, 0.25 * (double)litter.blocks, 1);
    litter_sweep(&litter);
    assert_int_equal(litter.kept_count, 0);
    if (APPORTION_ASAN)
        return; /* its malloc is not the C library's */
    /* 32 bytes a token's chunk, mostly, and 272 a container's. */
    double each =
        (32.0 * (double)tally.tokens + 272.0 * (double)trial_state.input.line_count) / (double)live;
    double kept = (double)(after.uordblks - before.uordblks) / each;
    assert_near(kept / (0.25 * LITTER_MULTIPLE * (double)live), 1, 0.15);
    assert_true(after.arena - before.arena > (size_t)(0.7 * each * LITTER_MULTIPLE * (double)live));
}

static void scopes_that_overlap(void **state)
{
    (void)state;
    struct trial_state trial_state;
    struct trial trial;
    struct litter litter;
    begin(&trial_state, &trial, "fragmentation");
    assert_true(trial_state.input.scopes_max > 1);
    assert_true(litter_make(&litter, &trial_state, 0.5));
    assert_true(litter.blocks > 10000);
    assert_int_equal(report.length, 0);
    litter_sweep(&litter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_a_multiple_of_the_live_ones),
        cmocka_unit_test(scopes_that_overlap),
    };
    return cmocka_run_group_tests_name("litter", tests, NULL, NULL);
}
