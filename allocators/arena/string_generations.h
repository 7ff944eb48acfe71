/*
 * string_generations: arenas in a ring, for data that outlives the scope it was made in.
 *
 * An arena gives nothing back until all of it is released, so one survivor pins everything that was
 * allocated beside it. So place data by expected lifetime: what dies with its batch in the batch's
 * arena, and of that copy the few survivors (split_result_keep) into the youngest generation here.
 * Things that survive together tend to die together; when the oldest generation is dead, or its
 * last survivors were copied into the youngest, string_generations_advance() resets it as a whole
 * and makes it the youngest.
 *
 *     youngest       …       oldest
 *     [filling]  [ full ]  [ dying ] --advance--> reset, and filled next
 *
 * With n generations and first-in-first-out lifetimes at most one n-th is held in vain. When not to
 * use it: where lifetimes have nothing to do with age; there every survivor is copied again and
 * again.
 *
 * Ownership: pointers from a generation die when it is reset (n - 1 advances after it ceased to be
 * the youngest) or at destroy. Threads: one thread at a time. Errors: NULL or false with errno, the
 * generations then as before.
 */
#ifndef APPORTION_STRING_GENERATIONS_H
#define APPORTION_STRING_GENERATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "string_arena.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct string_generations {
    struct string_arena *arenas;
    unsigned count;
    unsigned youngest; /* index */
};

/* count is at least 2; options are those of each arena, NULL: all defaults. False: EINVAL, ENOMEM.
 */
bool string_generations_init(struct string_generations *generations, unsigned count,
                             const struct string_arena_options *options);
void string_generations_destroy(struct string_generations *generations);

/* Where survivors go. */
static inline struct string_arena *
string_generations_youngest(const struct string_generations *generations)
{
    return &generations->arenas[generations->youngest];
}

/* The one that the next advance releases. */
static inline struct string_arena *
string_generations_oldest(const struct string_generations *generations)
{
    return &generations->arenas[(generations->youngest + 1) % generations->count];
}

/* Releases the oldest generation and makes it the youngest, which is returned. */
struct string_arena *string_generations_advance(struct string_generations *generations);

/* Gives the chunks that no generation has in use back to the heap. */
void string_generations_trim(struct string_generations *generations);
size_t string_generations_committed(const struct string_generations *generations);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
