/* The ring of arenas. */
#include "string_generations.h"

#include <errno.h>
#include <stdlib.h>

bool string_generations_init(struct string_generations *generations, unsigned count,
                             const struct string_arena_options *options)
{
    if (count < 2) {
        errno = EINVAL;
        return false;
    }
    struct string_arena *arenas = (struct string_arena *)calloc(count, sizeof *arenas);
    if (!arenas) {
        errno = ENOMEM;
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        if (!string_arena_init(&arenas[i], options)) {
            free(arenas); /* arenas that hold nothing yet need no destroy */
            return false;
        }
    }
    generations->arenas = arenas;
    generations->count = count;
    generations->youngest = 0;
    return true;
}

void string_generations_destroy(struct string_generations *generations)
{
    for (unsigned i = 0; i < generations->count; i++)
        string_arena_destroy(&generations->arenas[i]);
    free(generations->arenas);
    generations->arenas = NULL;
    generations->count = 0;
}

struct string_arena *string_generations_advance(struct string_generations *generations)
{
    generations->youngest = (generations->youngest + 1) % generations->count;
    struct string_arena *arena = string_generations_youngest(generations);
    string_arena_reset(arena);
    return arena;
}

void string_generations_trim(struct string_generations *generations)
{
    for (unsigned i = 0; i < generations->count; i++)
        string_arena_trim(&generations->arenas[i]);
}

size_t string_generations_committed(const struct string_generations *generations)
{
    size_t committed = 0;
    for (unsigned i = 0; i < generations->count; i++)
        committed += generations->arenas[i].committed_bytes;
    return committed;
}
