/*
 * The thread's own arena, lent for the length of a call; and arenas handed from thread to thread.
 *
 *     static bool work(void *argument, struct string_arena *arena)
 *     {
 *         ... string_arena_bytes(arena, n) ...              all of it goes when work returns
 *         return true;
 *     }
 *     string_arena_with(work, &argument);
 *
 * The arena begins with the thread's first call and ends with the thread (or before, with
 * string_arena_thread_end). What a call takes from it is released when its function returns; the
 * chunks stay for the thread's next call. A call within a call lends the same arena and releases
 * only what was taken within it. The thread-local variable is looked up once a call: functions that
 * work on tokens are given the arena, and never ask for it.
 *
 * Threads: any; each sees its own arena alone. An arena lent must not leave its call or thread.
 */
#ifndef APPORTION_STRING_ARENA_THREAD_H
#define APPORTION_STRING_ARENA_THREAD_H

#include "string_arena.h"

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* It must return: not leave by longjmp() or an exception. (A thread that ends within, by
 * pthread_exit(), ends its arena too.) It must not reset or destroy the arena, nor roll it back to
 * a mark older than the call. */
typedef bool (*string_arena_function)(void *argument, struct string_arena *arena);

/* What the function returns, with its errno. False with errno ENOMEM or EAGAIN where the thread's
 * arena could not begin (no memory, or no thread-specific key left); the function then was not
 * called. */
bool string_arena_with(string_arena_function function, void *argument);

/* Options of this thread's arena, before its first use or after an end; without it, the defaults.
 * False with errno EBUSY: it is in use; else as string_arena_init(). */
bool string_arena_thread_begin(const struct string_arena_options *options);

/* Gives all memory of this thread's arena back now; a later use begins it anew, with the defaults.
 * False with errno EBUSY within string_arena_with. */
bool string_arena_thread_end(void);

/* Hands an arena over, with all that it holds: addresses stay valid, `from` is then an empty arena
 * of the same options, and `to`, which must hold nothing, is the other's. An arena has no pointer
 * to itself and belongs to no thread, so this is also what passing it to another thread takes: the
 * giver moves it and no longer touches what lies in it, and passes `to` by anything that orders
 * memory between the two (a lock-free queue, a join, a mutex). The source's functions must be ones
 * that any thread may call; the heap's are. Marks taken before are valid for `to`. */
static inline void string_arena_move(struct string_arena *to, struct string_arena *from)
{
    *to = *from;
    (void)string_arena_init(from, &to->options); /* they were valid before */
}

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
