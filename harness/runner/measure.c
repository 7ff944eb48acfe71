/*
 * One trial. Input and reference come first, and litter where it is asked for; then the heap is
 * opened, and a verified pass (which also warms up) shows that the backend's tokens are the
 * reference's. What follows depends on the kind (trial_<kind>.c), and every measured pass is
 * checked against the reference's light hash.
 */
#include "harness/runner/measure.h"

#include <errno.h>
#include <string.h>

#include "harness/runner/litter.h"
#include "harness/runner/trial_state.h"
#include "workloads/support/digest.h"

static workload_pass *pass_of(const struct trial_state *state, enum pass_mode mode)
{
    return state->trial->workload->pass[state->trial->strategy][mode];
}

bool trial_run_passes(struct trial_state *state, enum pass_mode mode, uint64_t passes,
                      struct workload_tally *tally)
{
    workload_pass *pass = pass_of(state, mode);
    for (uint64_t i = 0; i < passes; i++) {
        if (!pass(state->heap, &state->input, tally)) {
            report_failed(state->report, "allocation refused: %s", strerror(errno));
            return false;
        }
    }
    return true;
}

bool trial_check_light(struct trial_state *state, const struct workload_tally *tally,
                       uint64_t passes)
{
    if (tally->light == state->reference.light * passes &&
        tally->tokens == state->reference.tokens * passes &&
        tally->ops == state->reference.ops * passes)
        return true;
    report_failed(state->report, "measured passes read other tokens than the reference");
    return false;
}

bool trial_open_heap(struct trial_state *state)
{
    struct allocator_settings settings = {state->trial->chunk_size, state->input.scope_bytes_max,
                                          state->input.scopes_max, state->trial->pool_limit};
    if (backend.open(&state->heap, &settings))
        return true;
    report_failed(state->report, "backend %s did not open: %s", backend.name,
                  errno == EINVAL ? "chunk must be a power of two of at least 1024"
                                  : strerror(errno));
    return false;
}

bool trial_verify(struct trial_state *state)
{
    struct workload_tally tally = {.digest = DIGEST_SEED};
    if (!trial_run_passes(state, PASS_VERIFY, 1, &tally))
        return false;
    report_checksum(state->report, tally.digest, state->reference.digest);
    return trial_check_light(state, &tally, 1);
}

bool measure(const struct trial *trial, struct report *report)
{
    struct trial_state state = {.trial = trial, .report = report};
    struct workload_settings settings = {trial->seed, (const char *const *)trial->values,
                                         trial->strategy};
    struct workload_error error;
    if (!trial->workload->setup(&state.input, &settings, &error)) {
        report_failed(report, "%s", error.text);
        return false;
    }
    if (state.input.line_count == 0) {
        report_failed(report, "the input has no lines: there is nothing to measure");
        return false;
    }
    if (trial->kind == TRIAL_TIME)
        report_measure(report, "input_bytes", (double)state.input.length, "bytes",
                       state.input.source ? state.input.source : "generated");
    trial->workload->reference(&state.input, &state.reference);
    struct litter litter = {0};
    if (trial->litter > 0) {
        if (!litter_make(&litter, &state, trial->litter))
            return false;
        if (trial->kind == TRIAL_MEMORY)
            report_measure(report, "litter_blocks", (double)litter.blocks, "count", "runner");
    }
    static bool (*const kinds[TRIAL_KIND_COUNT])(struct trial_state *) = {
        [TRIAL_TIME] = trial_time,
        [TRIAL_COUNT] = trial_count,
        [TRIAL_MEMORY] = trial_memory,
        [TRIAL_CACHE] = trial_cache,
        [TRIAL_LATENCY] = trial_latency};
    bool done = trial->kind == TRIAL_MEMORY || (trial_open_heap(&state) && trial_verify(&state));
    done = done && kinds[trial->kind](&state);
    if (done)
        backend.close(state.heap);
    litter_sweep(&litter);
    return done;
}
