/*
 * split: text into tokens, in three ways that differ in who owns the tokens.
 *
 *   split_owned   every token is a block of its own from malloc(); the plain API, nothing pooled
 *   split_pooled  the text is copied once into an arena, spans beside it from a pool
 *   split_view    tokens point into the caller's text; only a token that needs unescaping is copied
 *
 * All three give the same tokens for the same options, and one result type. A text of one call is
 * limited to SPLIT_TEXT_MAX bytes (spans are 32 bits wide, to halve the container).
 *
 * Tokens may hold any byte, NUL included, and are not terminated. Threads: a result, an arena and a
 * pool belong to one thread at a time; options are only read. Errors: false with errno (ENOMEM;
 * EINVAL: options; EOVERFLOW: text too long); nothing is then held.
 */
#ifndef APPORTION_SPLIT_H
#define APPORTION_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "split_result_pool.h"
#include "string_arena.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

#define SPLIT_TEXT_MAX ((size_t)0x7fffffff)

struct split_delimiter {
    const char *bytes;
    size_t length; /* at least 1 */
};

/* Start from split_options_default(). Quotes: a token is quoted when its first byte (after blanks,
 * with trim) is the quote; inside, a doubled quote is one quote, and a quote that is neither
 * doubled nor followed by a delimiter or the end is an ordinary byte, as is a quote in mid-token. A
 * closing quote that never comes is taken to stand at the end of the text. The last token of a
 * limit is the rest of the text as it stands. */
struct split_options {
    const struct split_delimiter *delimiters; /* the longest that matches at a place wins */
    size_t delimiter_count;                   /* at least 1 */
    bool drop_empty;                          /* leave out empty tokens (after trimming) */
    bool trim;             /* strip spaces and tabs from both ends of unquoted tokens */
    char quote;            /* 0: none; else RFC 4180 quoting, a doubled quote is one */
    char prepared;         /* 0; split_options_prepare() sets it */
    uint32_t limit;        /* most tokens; the last one holds the rest of the text; 0 = none */
    size_t readable_after; /* bytes behind the text that may be read (and are ignored): whole
                              registers of a short text's end are then loaded without care; 128 is
                              as good as more */
    char only_byte;        /* private */
};

/* One comma, nothing else. */
struct split_options split_options_default(void);

/* Finds out once what every call would find out of options, which saves some 5 % of a short line's
 * time. Call it again after a change: until then the old delimiters may hold. Never needed. False:
 * errno EINVAL, and the options are as before. */
bool split_options_prepare(struct split_options *options);

struct split_token {
    const char *data;
    size_t length;
};

/* offset's top bit says which base the span counts from. */
struct split_span {
    uint32_t offset;
    uint32_t length;
};

/* 48 bytes: many results are held at a time. */
struct split_result {
    size_t count;
    union {
        const struct split_span *spans;   /* pooled and view */
        const struct split_token *tokens; /* owned */
    };
    const char *bases[2];  /* [0] the text or its copy, NULL for owned; [1] unescaped bytes */
    size_t capacity_bytes; /* of the container */
    struct split_result_pool *pool; /* where the container goes back to; NULL: free() */
};

/* Whether it has tokens, not spans. */
static inline bool split_result_is_owned(const struct split_result *result)
{
    return result->bases[0] == NULL;
}

/* In one load: on the way from the splitter to a reader, loads are what the reader waits for. */
static inline struct split_span split_result_span(const struct split_result *result, size_t index)
{
    struct split_span span;
    uint64_t both;
    memcpy(&both, &result->spans[index], sizeof both);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    span.offset = (uint32_t)both;
    span.length = (uint32_t)(both >> 32);
#else
    span.offset = (uint32_t)(both >> 32);
    span.length = (uint32_t)both;
#endif
    return span;
}

/* Token `index` of a result with spans. */
static inline struct split_token split_result_span_token(const struct split_result *result,
                                                         size_t index)
{
    struct split_span span = split_result_span(result, index);
    struct split_token token;
    const char *base = result->bases[0];
    if (__builtin_expect(span.offset >> 31, 0)) { /* a branch, not taken, waits for nothing */
        base = result->bases[1];
        span.offset &= 0x7fffffffu;
    }
    token.data = base + span.offset;
    token.length = span.length;
    return token;
}

/* Token `index` of a result of split_pooled, whose tokens all lie in the one copy. */
static inline struct split_token split_result_pooled_token(const struct split_result *result,
                                                           size_t index)
{
    struct split_span span = split_result_span(result, index);
    struct split_token token;
    token.data = result->bases[0] + span.offset;
    token.length = span.length;
    return token;
}

/* Token `index` of any result. */
static inline struct split_token split_result_token(const struct split_result *result, size_t index)
{
    return split_result_is_owned(result) ? result->tokens[index]
                                         : split_result_span_token(result, index);
}

void split_result_release_owned(struct split_result *result);

/* Releases the container and, for owned, every token; the result is then empty, and releasing it
 * again does nothing. Tokens of pooled results live until the arena is reset. A result of zeros is
 * allowed. */
static inline void split_result_release(struct split_result *result)
{
    if (result->pool) {
        split_result_pool_return_some(result->pool, (void *)(uintptr_t)result->spans,
                                      result->capacity_bytes);
        result->pool = NULL;
        result->spans = NULL;
        result->count = 0;
    } else if (split_result_is_owned(result) && result->tokens) {
        split_result_release_owned(result);
    }
}

/* split_result_release on another thread than the one that made the result: the container goes to
 * `pool`, the releasing thread's own. Both pools must share a split_result_exchange. */
static inline void split_result_release_to(struct split_result *result,
                                           struct split_result_pool *pool)
{
    if (result->pool)
        result->pool = pool;
    split_result_release(result);
}

bool split_owned(struct split_result *result, const char *text, size_t length,
                 const struct split_options *options);
bool split_pooled(struct split_result *result, const char *text, size_t length,
                  const struct split_options *options, struct string_arena *arena,
                  struct split_result_pool *pool);
/* arena takes unescaped tokens only; NULL is allowed where options->quote is 0. */
bool split_view(struct split_result *result, const char *text, size_t length,
                const struct split_options *options, struct string_arena *arena,
                struct split_result_pool *pool);

/* A copy of any result in one place: its tokens packed one behind the other, spans beside them, all
 * from the arena, nothing of a pool. For the few results of a batch that outlive it: copied into an
 * arena that lives longer (string_generations.h) they no longer pin the batch's. Release of the
 * copy is allowed and does nothing; *result stays as it was and is to be released. False: EOVERFLOW
 * (more than SPLIT_TEXT_MAX bytes), ENOMEM; nothing is held. */
bool split_result_keep(struct split_result *kept, const struct split_result *result,
                       struct string_arena *arena);

/* How many tokens a text may give, cheaply: an exact delimiter count for a short text, a sample's
 * rate for a long one. Chooses the container class. */
size_t estimate_split_count(const char *text, size_t length, const struct split_options *options);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
