/*
 * The contract between the runner and a workload.
 *
 * A workload is one file, workloads/<name>.c, that ends with WORKLOAD(…): the build finds it by
 * itself. It makes (or maps) its input once, and has one pass function that runs over the whole of
 * it. The pass is a template: an always-inline body that WORKLOAD_PASSES instantiates for each
 * strategy and mode, so that the allocator's calls in it are direct.
 *
 * A workload states lifetimes (scopes and deallocations); the backend decides how to release.
 * workloads/small_strings.c is the shortest example.
 */
#ifndef WORKLOADS_WORKLOAD_H
#define WORKLOADS_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "allocators/allocator.h"
#include "split.h"

/* A factor of every result, so that the allocator's effect is never mixed with the API's. A
 * workload has owned and, of the others, those that make sense for it. */
enum strategy {
    STRATEGY_OWNED,
    STRATEGY_POOLED,
    STRATEGY_VIEW,
    STRATEGY_LIBCSV, /* a peer's parser on the same bytes, which uses malloc as it will */
    STRATEGY_PINNED, /* pooled, with survivors left where they are rather than copied */
    STRATEGY_COUNT
};

/* What a pass does with each token, chosen at compile time. */
enum pass_mode {
    PASS_TIMED,         /* the workload's own reading of tokens, nothing else */
    PASS_VERIFY,        /* that, and the digest of all token bytes and lengths */
    PASS_TRACKED,       /* as timed, with the allocator's calls counted */
    PASS_SAMPLED,       /* as timed, with some ops timed one by one (support/sampling.h) */
    PASS_SAMPLED_CALLS, /* as timed, with some of the allocator's calls timed one by one */
    PASS_MODE_COUNT
};

/* Bytes readable behind every input text, so that whole registers may be loaded. */
#define WORKLOAD_PADDING 128
#define WORKLOAD_DELIMITERS_MAX 8

struct workload_parameter {
    const char *name;
    const char *value; /* the default; NULL: must be given */
    const char *description;
};

/* One line of the text, its line end left out. */
struct workload_line {
    const char *text;
    size_t length;
};

/*
 * The threads of a trial, as a workload that is made for them (workload.threads) sees them. Its
 * pass runs on member 0; each member has a heap of its own, and a processor where there are enough.
 */
struct workload_crew {
    unsigned threads;
    struct allocator_heap **heaps;          /* one a member; [0] is what the pass is given */
    struct split_result_exchange *exchange; /* that the heaps' pools share; NULL: none */
    /* Calls work(context, member) on every member's thread at once, this one's as 0; returns when
     * all have. */
    void (*call)(const struct workload_crew *crew, void (*work)(void *context, unsigned member),
                 void *context);
};

struct workload_input {
    const char *text; /* mapped, touched, WORKLOAD_PADDING readable behind it */
    size_t length;
    const struct workload_line *lines;
    size_t line_count;
    struct split_options options;
    struct split_delimiter delimiters[WORKLOAD_DELIMITERS_MAX]; /* options.delimiters points here */
    /* How the workload's passes read a token (support/digest.h), for its reference. NULL: touch. */
    uint64_t (*read)(const char *token, size_t length);
    size_t scope_bytes_max; /* for allocator_settings */
    size_t scopes_max;      /* for allocator_settings; 0 = 1 */
    void *scratch;          /* the workload's own, mapped and touched */
    const char *source;     /* where the text is from: "file"; NULL: generated from the seed */
    const struct workload_crew *crew; /* there before setup; of workloads made for threads, else
                                         NULL */
};

/* Names of what passes count besides, at most. */
#define WORKLOAD_FIGURES_MAX 5

/* What a pass did; sums, so that a pass over the same input always gives the same (but for its
 * figures). */
struct workload_tally {
    uint64_t ops;
    uint64_t tokens;
    uint64_t bytes;  /* of input text consumed */
    uint64_t light;  /* sum of the workload's reading of all tokens: kept in timed passes too */
    uint64_t digest; /* over all token bytes and lengths in order: PASS_VERIFY only */
    uint64_t figures[WORKLOAD_FIGURES_MAX]; /* in the order of workload.figures */
};

struct workload_settings {
    uint64_t seed;
    const char *const *values; /* one a parameter, in the order of workload.parameters */
    enum strategy strategy; /* for rules that a peer has of its own; the text is the same for all */
};

struct workload_error {
    char text[400]; /* one line: what is wrong and how to mend it */
};

/* Adds to *tally. False: an allocation failed (errno), everything of the pass is released. */
typedef bool workload_pass(struct allocator_heap *heap, const struct workload_input *input,
                           struct workload_tally *tally);

/* What becomes of a trial with several threads. */
enum workload_threads {
    WORKLOAD_COPIES,    /* each thread runs the pass on an input and a heap of its own */
    WORKLOAD_CREW,      /* made for threads: one input, its pass has the crew called */
    WORKLOAD_OWN_HEAPS, /* the same, but the members beyond the first may make heaps of their own */
    WORKLOAD_STARTS_THREADS /* the same, and it starts threads of its own, whatever the crew */
};

struct workload {
    const char *name;
    const char *description; /* one line */
    const char *op;          /* what one op is */
    double litter; /* occupancy of the littered heap it is measured on as well where none is named;
                      0: a clean heap only */
    unsigned settle_ms; /* memory trial: what the heap holds is looked at again so long after all
                           was freed; 0: not */
    enum workload_threads threads;
    const char *thread_counts; /* "1,2,8": what it is measured at where none are named; NULL: 1 */
    bool no_latency;           /* its passes mark no op's beginning (support/sampling.h) */
    bool frees_across; /* owned: blocks are freed by other threads than those that made them */
    const char *const *figures;                  /* ends with NULL; NULL: none */
    const struct workload_parameter *parameters; /* ends with a NULL name; NULL: none */
    /* *input is zeros but for its crew. It is never released: a process runs one workload. */
    bool (*setup)(struct workload_input *input, const struct workload_settings *settings,
                  struct workload_error *error);
    /* The same tally by the plainest code there is, sharing nothing with the splitter. */
    void (*reference)(const struct workload_input *input, struct workload_tally *tally);
    /* NULL: no such strategy. */
    workload_pass *pass[STRATEGY_COUNT][PASS_MODE_COUNT];
};

/* Wraps the backend and counts its calls. */
extern const struct allocator tracker;
/* Wraps the backend and times some of its calls. */
extern const struct allocator sampler;

/* What a split takes from arena and pool passes none of those calls: where the allocator is the
 * tracker, say so after each split that succeeded, and before its result is released. (line_pass.h
 * does.) A result that split_result_keep made is told of as pooled. */
void tracker_result_made(const struct split_result *result, enum strategy strategy);
void tracker_result_released(const struct split_result *result, enum strategy strategy);
/* A heap, or an arena, that the pass opened itself is about to be closed: what it asked of the
 * general heap is counted. Where the allocator is the tracker. */
void tracker_heap_closing(struct allocator_heap *heap);
void tracker_arena_closing(const struct string_arena *arena);
/* An op was done: PASS_TRACKED (support/sampling.h says so). */
void tracker_op_done(void);
/* A token was read by way of its entry in the container: PASS_TRACKED. */
void tracker_token_read(const struct split_result *result, size_t index, struct split_token token);

#define WORKLOAD_PASS(name, strategy, mode, NAME_STRATEGY, NAME_MODE, allocator, body)             \
    static __attribute__((noinline)) bool name##_##strategy##_##mode(                              \
        struct allocator_heap *heap, const struct workload_input *input,                           \
        struct workload_tally *tally)                                                              \
    {                                                                                              \
        return body(allocator, NAME_STRATEGY, NAME_MODE, heap, input, tally);                      \
    }
#define WORKLOAD_PASS_MODES(name, strategy, NAME_STRATEGY, body)                                   \
    WORKLOAD_PASS(name, strategy, timed, NAME_STRATEGY, PASS_TIMED, &backend, body)                \
    WORKLOAD_PASS(name, strategy, verify, NAME_STRATEGY, PASS_VERIFY, &backend, body)              \
    WORKLOAD_PASS(name, strategy, tracked, NAME_STRATEGY, PASS_TRACKED, &tracker, body)            \
    WORKLOAD_PASS(name, strategy, sampled, NAME_STRATEGY, PASS_SAMPLED, &backend, body)            \
    WORKLOAD_PASS(name, strategy, sampled_calls, NAME_STRATEGY, PASS_SAMPLED_CALLS, &sampler, body)

/* Functions <name>_<strategy>_<mode> of body(allocator, strategy, mode, heap, input, tally). */
#define WORKLOAD_PASSES(name, body)                                                                \
    WORKLOAD_PASS_MODES(name, owned, STRATEGY_OWNED, body)                                         \
    WORKLOAD_PASS_MODES(name, pooled, STRATEGY_POOLED, body)                                       \
    WORKLOAD_PASS_MODES(name, view, STRATEGY_VIEW, body)

/* One strategy's entry in workload.pass, in the order of enum pass_mode. */
#define WORKLOAD_PASS_ROW(name, strategy)                                                          \
    {                                                                                              \
        name##_##strategy##_timed, name##_##strategy##_verify, name##_##strategy##_tracked,        \
            name##_##strategy##_sampled, name##_##strategy##_sampled_calls                         \
    }
#define WORKLOAD_PASS_TABLE(name)                                                                  \
    {                                                                                              \
        [STRATEGY_OWNED] = WORKLOAD_PASS_ROW(name, owned),                                         \
        [STRATEGY_POOLED] = WORKLOAD_PASS_ROW(name, pooled),                                       \
        [STRATEGY_VIEW] = WORKLOAD_PASS_ROW(name, view)                                            \
    }

/* WORKLOAD(name, .description = …, …) has the three strategies of WORKLOAD_PASSES; WORKLOAD_OF
 * states its own .pass. Both enter the workload into the table below. */
#define WORKLOAD(name_, ...) WORKLOAD_OF(name_, .pass = WORKLOAD_PASS_TABLE(name_), __VA_ARGS__)
#define WORKLOAD_OF(name_, ...)                                                                    \
    static const struct workload workload_##name_ = {.name = #name_, __VA_ARGS__};                 \
    static const struct workload *const workload_##name_##_entry                                   \
        __attribute__((section("workloads"), used)) = &workload_##name_

/* The linker collects the entries: every workload of this binary, in no particular order. */
extern const struct workload *const __start_workloads[];
extern const struct workload *const __stop_workloads[];

#endif
