/*
 * What workloads that are made for threads share: a large text, a reference that does not know in
 * which order lines were read, and a tally for each member of the crew.
 */
#ifndef WORKLOADS_SUPPORT_PARALLEL_TEXT_H
#define WORKLOADS_SUPPORT_PARALLEL_TEXT_H

#include "split_result_exchange.h"
#include "workloads/support/line_pass.h"
#include "workloads/workload.h"

/* On cache lines of its own. */
struct parallel_tally {
    _Alignas(128) struct workload_tally tally;
    int error; /* errno of an allocation that was refused; 0: none */
};

/*
 * Text of `bytes` or a little more (K, M, G), and its lines. Uniform: lines of 8-12 tokens of 3-12
 * bytes. Skewed: lines of 1-16384 tokens, log-uniform, of 1-2 bytes in the first half of the text
 * and of 24-48 in the second, so that the first half takes several times as long as the second.
 * input->scratch becomes a parallel_tally a member of the crew.
 */
bool parallel_text(struct workload_input *input, const char *bytes, bool skewed, uint64_t seed,
                   struct workload_error *error);

/* As text_reference, but the digest is the sum of those of the lines. */
void parallel_reference(const struct workload_input *input, struct workload_tally *tally);

/* A pass begins with zeros, and ends with the sum in *tally; false with errno where one failed. */
void parallel_begin(const struct workload_input *input);
bool parallel_end(const struct workload_input *input, struct workload_tally *tally);

/* The crew's call, for the passes: no indirect call is to be in those. */
void parallel_call(const struct workload_input *input, void (*work)(void *context, unsigned member),
                   void *context);

static inline struct parallel_tally *parallel_tally(const struct workload_input *input,
                                                    unsigned member)
{
    return (struct parallel_tally *)input->scratch + member;
}

/* Failed attempts at the exchange's stacks so far; taken off before a pass and added behind it, it
 * is a figure of the pass. */
static inline uint64_t parallel_exchange_contended(const struct workload_input *input)
{
    return input->crew->exchange ? split_result_exchange_statistics(input->crew->exchange).contended
                                 : 0;
}

/* One line's tokens into a member's tally, which counts it as an op. */
LINE_TEMPLATE void parallel_read(const struct split_result *result, enum strategy strategy,
                                 enum pass_mode mode, size_t line_bytes,
                                 struct workload_tally *tally)
{
    struct workload_tally one = {.digest = DIGEST_SEED};
    line_read(result, strategy, mode, &one);
    tally->tokens += one.tokens;
    tally->light += one.light;
    tally->digest += one.digest; /* of no meaning, but in PASS_VERIFY */
    tally->bytes += line_bytes;
    tally->ops++;
}

/*
 * What a member does must be a function of constants, so that the allocator's calls in it are
 * direct. PARALLEL_WORKS(MAKE, strategy, STRATEGY) has MAKE(strategy, mode, STRATEGY, MODE,
 * allocator) make one a mode; PARALLEL_ROW(name, strategy) lists <name>_<strategy>_<mode> by mode.
 */
#define PARALLEL_WORKS(make, strategy, STRATEGY_)                                                  \
    make(strategy, timed, STRATEGY_, PASS_TIMED, &backend)                                         \
        make(strategy, verify, STRATEGY_, PASS_VERIFY, &backend)                                   \
            make(strategy, tracked, STRATEGY_, PASS_TRACKED, &tracker)                             \
                make(strategy, sampled, STRATEGY_, PASS_SAMPLED, &backend)                         \
                    make(strategy, sampled_calls, STRATEGY_, PASS_SAMPLED_CALLS, &sampler)
#define PARALLEL_ROW(name, strategy) WORKLOAD_PASS_ROW(name, strategy)

#endif
