/*
 * The thread's own arena: a thread-local variable, whose memory a thread-specific key gives back at
 * the thread's end. The library is linked with -z nodelete, for such a destructor must stay.
 */
#include "string_arena_thread.h"

#include <errno.h>
#include <pthread.h>

/* The only state of the library that outlives a call and is not the caller's. */
static _Thread_local struct thread_arena {
    struct string_arena arena;
    unsigned depth; /* of calls of string_arena_with */
    bool begun;
} thread_arena;

static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static int key_error;

/* At the thread's end, whatever its depth. A later destructor of another key may begin the arena
 * again; the system then calls this once more. */
static void thread_ends(void *value)
{
    struct thread_arena *self = (struct thread_arena *)value;
    string_arena_destroy(&self->arena);
    self->begun = false;
    self->depth = 0;
}

static void make_key(void)
{
    key_error = pthread_key_create(&key, thread_ends);
}

bool string_arena_thread_begin(const struct string_arena_options *options)
{
    struct thread_arena *self = &thread_arena;
    if (self->begun) {
        errno = EBUSY;
        return false;
    }
    (void)pthread_once(&key_once, make_key);
    int error = key_error ? key_error : pthread_setspecific(key, self);
    if (error) {
        errno = error;
        return false;
    }
    self->begun = string_arena_init(&self->arena, options);
    return self->begun;
}

bool string_arena_thread_end(void)
{
    struct thread_arena *self = &thread_arena;
    if (self->depth > 0) {
        errno = EBUSY;
        return false;
    }
    if (self->begun)
        string_arena_destroy(&self->arena);
    self->begun = false;
    return true;
}

bool string_arena_with(string_arena_function function, void *argument)
{
    struct thread_arena *self = &thread_arena;
    if (!self->begun && !string_arena_thread_begin(NULL))
        return false;
    struct string_arena_mark mark = string_arena_mark(&self->arena);
    self->depth++;
    bool done = function(argument, &self->arena);
    int error = errno;
    self->depth--;
    /* Nothing can be held outside all calls, so the outermost resets, which also trims. */
    if (self->depth == 0)
        string_arena_reset(&self->arena);
    else
        string_arena_rollback(&self->arena, mark);
    errno = error;
    return done;
}
