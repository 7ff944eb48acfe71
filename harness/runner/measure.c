/*
 * One trial. Input and reference come first, and litter where it is asked for; then the heap is
 * opened, and a verified pass (which also warms up) shows that the backend's tokens are the
 * reference's. What follows depends on the kind (trial_<kind>.c), and every measured pass is
 * checked against the reference's light hash. With several threads see members.c.
 */
#include "harness/runner/measure.h"

#include <errno.h>
#include <string.h>

#include "harness/runner/litter.h"
#include "harness/runner/members.h"
#include "harness/runner/trial_state.h"
#include "workloads/support/digest.h"

bool trial_run_passes(struct trial_state *state, enum pass_mode mode, uint64_t passes,
                      struct workload_tally *tally)
{
    if (state->members)
        return members_run_passes(state, mode, passes, tally);
    workload_pass *pass = state->trial->workload->pass[state->trial->strategy][mode];
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

bool trial_verify(struct trial_state *state)
{
    struct workload_tally tally = {.digest = DIGEST_SEED};
    if (!trial_run_passes(state, PASS_VERIFY, 1, &tally))
        return false;
    report_checksum(state->report, tally.digest, state->reference.digest);
    return trial_check_light(state, &tally, 1);
}

/* Input and reference of one state. */
static bool prepare(struct trial_state *state, uint64_t seed)
{
    const struct workload *workload = state->trial->workload;
    struct workload_settings settings = {seed, (const char *const *)state->trial->values,
                                         state->trial->strategy};
    struct workload_error error;
    if (workload->threads != WORKLOAD_COPIES)
        state->input.crew = &state->crew->seen;
    if (!workload->setup(&state->input, &settings, &error)) {
        report_failed(state->report, "%s", error.text);
        return false;
    }
    if (state->input.line_count == 0) {
        report_failed(state->report, "the input has no lines: there is nothing to measure");
        return false;
    }
    workload->reference(&state->input, &state->reference);
    return true;
}

static bool prepare_all(struct trial_state *state)
{
    const struct trial *trial = state->trial;
    size_t bytes = 0;
    if (!state->members) {
        if (!prepare(state, trial->seed))
            return false;
        bytes = state->input.length;
    }
    for (unsigned i = 0; state->members && i < state->crew->seen.threads; i++) {
        if (!prepare(&state->members[i], trial->seed + i))
            return false;
        bytes += state->members[i].input.length;
    }
    if (state->members)
        members_sum(state);
    if (trial->kind == TRIAL_TIME)
        report_measure(state->report, "input_bytes", (double)bytes, "bytes",
                       state->input.source ? state->input.source : "generated");
    return true;
}

static bool measure_prepared(struct trial_state *state)
{
    static bool (*const kinds[TRIAL_KIND_COUNT])(struct trial_state *) = {
        [TRIAL_TIME] = trial_time,
        [TRIAL_COUNT] = trial_count,
        [TRIAL_MEMORY] = trial_memory,
        [TRIAL_CACHE] = trial_cache,
        [TRIAL_LATENCY] = trial_latency};
    enum trial_kind kind = state->trial->kind;
    bool several = state->crew->seen.threads > 1 || members_has_others(state);
    bool opens = kind == TRIAL_MEMORY; /* the heap itself */
    if (!opens && !(trial_open_heap(state) && trial_verify(state)))
        return false;
    if (!(opens && several ? trial_peak(state) : kinds[kind](state)))
        return false;
    trial_close_heap(state);
    return true;
}

static bool measure_littered(struct trial_state *state)
{
    struct litter litter = {0};
    if (!prepare_all(state))
        return false;
    if (state->members)
        return members_litter(state) && measure_prepared(state);
    if (state->trial->litter > 0) {
        if (!litter_make(&litter, state, state->trial->litter))
            return false;
        if (state->trial->kind == TRIAL_MEMORY)
            report_measure(state->report, "litter_blocks", (double)litter.blocks, "count",
                           "runner");
    }
    bool done = measure_prepared(state);
    litter_sweep(&litter);
    return done;
}

bool measure(const struct trial *trial, struct report *report)
{
    struct crew crew;
    struct trial_state state = {.trial = trial, .report = report, .crew = &crew};
    if (trial->threads > 1)
        return members_begin(&state) && measure_littered(&state) && members_end(&state);
    crew_alone(&crew, trial->processors, trial->processor_count, &state.heap);
    return measure_littered(&state);
}
