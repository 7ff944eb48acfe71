/*
 * The contract between the runner and a workload.
 *
 * A workload is one file, workloads/<name>.c, that defines WORKLOAD(<name>); the build finds it by
 * itself. It makes (or maps) its input once, says how its text is split, and has one pass function
 * that runs over the whole input. The pass is a template: an always-inline body that the macro
 * WORKLOAD_PASSES instantiates for each strategy and mode, so that allocator calls are direct.
 *
 * A workload states lifetimes (scopes and deallocations); the backend decides how to release.
 */
#ifndef WORKLOADS_WORKLOAD_H
#define WORKLOADS_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "allocators/allocator.h"
#include "split.h"

/* A factor of every result, so that the allocator's effect is never mixed with the API's. */
enum strategy { STRATEGY_OWNED, STRATEGY_POOLED, STRATEGY_VIEW, STRATEGY_COUNT };

/* What a pass does with each token, chosen at compile time. */
enum pass_mode {
    PASS_TIMED,   /* the workload's own reading of tokens, nothing else */
    PASS_VERIFY,  /* that, and the digest of all token bytes and lengths */
    PASS_TRACKED, /* as timed, with the allocator's calls counted */
    PASS_MODE_COUNT
};

/* Bytes readable behind every input text, so that whole registers may be loaded. */
#define WORKLOAD_PADDING 64

struct workload_parameter {
    const char *name;
    const char *value; /* the default; NULL: must be given */
    const char *description;
};

/* Text of a workload: lines [starts[i], starts[i+1] - 1), line ends left out of each. */
struct workload_line {
    const char *text;
    size_t length;
};

struct workload_input {
    const char *text; /* mapped, touched, WORKLOAD_PADDING readable behind it */
    size_t length;
    const struct workload_line *lines;
    size_t line_count;
    struct split_options options;
    size_t scope_bytes_max; /* for allocator_settings */
    void *mapping;          /* of the harness; released with the process */
};

/* What a pass did; sums, so that a pass over the same input always gives the same. */
struct workload_tally {
    uint64_t ops;
    uint64_t tokens;
    uint64_t bytes;    /* of input text consumed */
    uint64_t light;    /* sum of token_hash over all tokens: kept in timed passes too */
    uint64_t digest;   /* over all token bytes and lengths in order: PASS_VERIFY only */
};

struct workload_settings {
    uint64_t seed;
    const char *const *values; /* one per parameter, in the order of workload.parameters */
};

/* False: an allocation failed (errno), everything of the pass is released. */
typedef bool workload_pass(struct allocator_heap *heap, const struct workload_input *input,
                           struct workload_tally *tally);

struct workload {
    const char *name;
    const char *description; /* one line */
    const char *op;          /* what one op is */
    const struct workload_parameter *parameters; /* ends with a NULL name; NULL: none */
    /* False: `reason` (of reason_size bytes) says what is wrong and how to mend it. */
    bool (*setup)(struct workload_input *input, const struct workload_settings *settings,
                  char *reason, size_t reason_size);
    /* The same tally by the plainest code there is, sharing nothing with the splitter. */
    void (*reference)(const struct workload_input *input, struct workload_tally *tally);
    workload_pass *pass[STRATEGY_COUNT][PASS_MODE_COUNT];
};

#endif
