/*
 * Scopes of the splitter: results, pools and streams that release themselves on every way out of
 * their block. string_arena_scope.h says which ways those are, and has the arena's.
 *
 *     SPLIT_RESULT_POOL_AUTO(pool, NULL);    a pool, destroyed at the end of the block
 *     SPLIT_RESULT_AUTO(result);             a result, released at the end of the block
 *     SPLIT_STREAM_AUTO(stream);             a stream, ended at the end of the block
 *
 * They end in the reverse order of their lines: write the pool before its results.
 */
#ifndef APPORTION_SPLIT_SCOPE_H
#define APPORTION_SPLIT_SCOPE_H

#include "split.h"
#include "split_stream.h"
#include "string_arena_scope.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Declares `struct split_result_pool *name`; NULL with errno where there was no memory for it.
 * options as split_result_pool_create() takes them. */
#define SPLIT_RESULT_POOL_AUTO(name, options)                                                      \
    __attribute__((cleanup(split_result_pool_scope_end))) struct split_result_pool *name =         \
        split_result_pool_create(options)

/* Declares `struct split_result name`, empty. To fill it a second time release it first. */
#define SPLIT_RESULT_AUTO(name)                                                                    \
    __attribute__((cleanup(split_result_release))) struct split_result name = split_result_empty()

/* Declares `struct split_stream name`, to be begun. */
#define SPLIT_STREAM_AUTO(name)                                                                    \
    __attribute__((cleanup(split_stream_end))) struct split_stream name = split_stream_none()

static inline void split_result_pool_scope_end(struct split_result_pool **pool)
{
    split_result_pool_destroy(*pool);
}

static inline struct split_result split_result_empty(void)
{
    struct split_result result;
    memset(&result, 0, sizeof result);
    return result;
}

static inline struct split_stream split_stream_none(void)
{
    struct split_stream stream;
    memset(&stream, 0, sizeof stream);
    return stream;
}

#ifdef __cplusplus
}
#endif

#endif
