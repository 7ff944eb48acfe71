/*
 * Scopes: an arena, or what is taken from one, that is released on every way out of its block,
 * be it the end, return, break, continue or goto. By gcc's and clang's cleanup attribute, in C and
 * C++. Not by exit() or longjmp(), which run no cleanup. Do not jump into a block past a scope.
 *
 *     STRING_ARENA_AUTO(arena);          an arena that destroys itself at the end of the block
 *     STRING_ARENA_SCOPE(&arena);        all taken from here on goes at the end of the block
 *
 * Scopes of one block end in the reverse order of their lines. A scope within a scope releases only
 * what was taken within it. Between a scope's line and its end the arena must be neither reset,
 * destroyed, nor rolled back to a mark older than the scope: each would release what the scope
 * still counts on.
 */
#ifndef APPORTION_STRING_ARENA_SCOPE_H
#define APPORTION_STRING_ARENA_SCOPE_H

#include "string_arena.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Declares `struct string_arena name` with the default options, ready for use. For others call
 * string_arena_init(&name, &options) before its first use; where that fails the defaults stand. */
#define STRING_ARENA_AUTO(name)                                                                    \
    __attribute__((cleanup(string_arena_destroy))) struct string_arena name =                      \
        string_arena_with_defaults()

/* Of an expression `struct string_arena *`, evaluated once. */
#define STRING_ARENA_SCOPE(arena)                                                                  \
    __attribute__((cleanup(string_arena_scope_end), unused)) struct string_arena_scope             \
    STRING_ARENA_SCOPE_NAME(string_arena_scope_, __COUNTER__) = string_arena_scope_begin(arena)

#define STRING_ARENA_SCOPE_NAME(name, number) STRING_ARENA_SCOPE_JOIN(name, number)
#define STRING_ARENA_SCOPE_JOIN(name, number) name##number

struct string_arena_scope {
    struct string_arena *arena;
    struct string_arena_mark mark;
};

static inline struct string_arena string_arena_with_defaults(void)
{
    struct string_arena arena;
    (void)string_arena_init(&arena, NULL); /* takes no memory and cannot fail with the defaults */
    return arena;
}

static inline struct string_arena_scope string_arena_scope_begin(struct string_arena *arena)
{
    struct string_arena_scope scope;
    scope.arena = arena;
    scope.mark = string_arena_mark(arena);
    return scope;
}

static inline void string_arena_scope_end(struct string_arena_scope *scope)
{
    string_arena_rollback(scope->arena, scope->mark);
}

#ifdef __cplusplus
}
#endif

#endif
