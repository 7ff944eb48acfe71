/* Copying a result into an arena of longer life. */
#include "split.h"

#include <errno.h>
#include <string.h>

/* A cold function, which keeps the arena's source calls out of the copying one. */
static __attribute__((noinline, cold)) bool fail(struct string_arena *arena,
                                                 struct string_arena_mark mark)
{
    string_arena_rollback(arena, mark);
    errno = ENOMEM;
    return false;
}

bool split_result_keep(struct split_result *kept, const struct split_result *result,
                       struct string_arena *arena)
{
    size_t total = 0;
    for (size_t i = 0; i < result->count; i++) {
        total += split_result_token(result, i).length;
        if (total > SPLIT_TEXT_MAX) {
            errno = EOVERFLOW;
            return false;
        }
    }
    struct string_arena_mark mark = string_arena_mark(arena);
    size_t size = result->count * sizeof(struct split_span);
    struct split_span *spans =
        (struct split_span *)string_arena_alloc(arena, size, sizeof(uint64_t));
    char *bytes = spans ? string_arena_bytes(arena, total) : NULL;
    if (!bytes)
        return fail(arena, mark);
    size_t used = 0;
    for (size_t i = 0; i < result->count; i++) {
        struct split_token token = split_result_token(result, i);
        spans[i].offset = (uint32_t)used;
        spans[i].length = (uint32_t)token.length;
        if (token.length)
            memcpy(bytes + used, token.data, token.length);
        used += token.length;
    }
    memset(kept, 0, sizeof *kept);
    kept->count = result->count;
    kept->spans = spans;
    kept->bases[0] = bytes;
    kept->capacity_bytes = size;
    return true;
}
