/*
 * split_stream: the tokens of a text that comes in pieces. A token, a delimiter and a doubled quote
 * may each span feeds; all feeds' tokens together, with those of the finish, are what
 * split_pooled() of the whole text would give, whatever the pieces are.
 *
 *     SPLIT_STREAM_AUTO(stream);
 *     split_stream_begin(&stream, &options, 0, &arena, pool);
 *     while ((length = read(...)) > 0) {
 *         split_stream_feed(&stream, &result, buffer, length);    tokens that are now complete
 *         ...
 *         split_result_release(&result);
 *         string_arena_reset(&arena);                             as often as the caller likes
 *     }
 *     split_stream_finish(&stream, &result);                      the last ones
 *
 * Ownership. A feed's tokens lie in the arena and live until its next reset; the container is the
 * pool's, given back by split_result_release(). The bytes of a token that is not complete yet (the
 * carry) lie in memory of the stream's own, so the arena may be reset between any two calls and the
 * fed bytes may go when the call returns. The carry grows by doubling and is kept for the next long
 * token until split_stream_end().
 *
 * Work. Linear in the bytes fed, whatever the pieces: scanning goes on where it stopped. What lies
 * between the first and the last delimiter of a feed goes through the vector scanner (or, with
 * options, the general one); only a feed's two ends go through the carry.
 *
 * Limits. All of a text may have any length. What is carried and one feed together are at most
 * SPLIT_TEXT_MAX bytes.
 *
 * Errors. False with errno; result is then empty and the stream as it was before the call, so the
 * same bytes may be fed again (after a reset of the arena, say, or in smaller pieces), or the
 * stream ended. ENOMEM: no memory, or the arena's limit. EOVERFLOW: an incomplete token of more
 * than carry_limit bytes, or a feed too long. Threads: one at a time.
 */
#ifndef APPORTION_SPLIT_STREAM_H
#define APPORTION_SPLIT_STREAM_H

#include "split.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* Where the incomplete token stands: what a failed call puts back. */
struct split_stream_place {
    size_t carried;  /* bytes in the carry */
    size_t begin;    /* where in it the incomplete token begins; 0 between calls */
    size_t position; /* everything before is scanned */
    size_t open;     /* behind the opening quote, in a quoted token */
    size_t emitted;  /* tokens of this text so far, for the limit */
    int phase;
    bool doubled; /* the quoted token holds doubled quotes */
};

/* Sums since begin; each stays below a small multiple of the bytes fed. */
struct split_stream_statistics {
    uint64_t fed_bytes;     /* of feeds that succeeded */
    uint64_t carried_bytes; /* written to the carry, moves of it when it grows included */
    uint64_t carry_scanned; /* bytes of the carry looked at */
};

/* On the caller's stack or wherever else; treat all fields as private. Zeros: nothing to end. */
struct split_stream {
    struct split_options options;
    struct string_arena *arena;
    struct split_result_pool *pool;
    size_t carry_limit;
    size_t delimiter_max; /* length of the longest delimiter */
    char *carry;
    size_t carry_capacity;
    struct split_stream_place place;
    struct split_stream_statistics statistics;
};

/* Takes no memory. What options points to, arena and pool must outlive the stream; readable_after
 * counts behind each feed. carry_limit: most bytes of an incomplete token, as they stand in the
 * text (quotes, blanks and all), kept from one call to the next; 0 = SPLIT_TEXT_MAX. So the carry
 * takes at most carry_limit and a feed's bytes, rounded up to a power of two. With a limit of
 * tokens the last one is all the rest of the text and ends at the finish only. False: errno EINVAL
 * (options). */
bool split_stream_begin(struct split_stream *stream, const struct split_options *options,
                        size_t carry_limit, struct string_arena *arena,
                        struct split_result_pool *pool);

/* The tokens that these bytes complete, perhaps none. A token is complete when its delimiter is
 * beyond doubt: not while a longer delimiter, or a second quote, could still come. */
bool split_stream_feed(struct split_stream *stream, struct split_result *result, const char *bytes,
                       size_t length);

/* The tokens that the end of the text completes: at least one, unless empty ones are dropped. The
 * stream then stands at the beginning of a next text. */
bool split_stream_finish(struct split_stream *stream, struct split_result *result);

/* Frees the carry, at any time; an incomplete token is forgotten. Results stay valid. */
void split_stream_end(struct split_stream *stream);

struct split_stream_statistics split_stream_statistics(const struct split_stream *stream);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
