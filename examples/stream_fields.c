/*
 * Counts the fields of standard input as it comes, in pieces of any size: fields end at commas and
 * at line ends, empty ones do not count. Nothing is held but the piece and an unfinished field.
 *
 *     cc stream_fields.c $(pkg-config --cflags --libs apportion) -o stream_fields
 */
#include <apportion/split_scope.h>
#include <apportion/string_arena_simd.h>

#include <stdio.h>
#include <unistd.h>

#define PIECE_BYTES ((size_t)64 << 10)
#define FIELD_BYTES_MAX ((size_t)1 << 20) /* an unfinished field above this is an error */

struct tally {
    unsigned long fields;
    size_t longest;
};

/* Every return releases whatever there is by then: the result, the tokens, stream, pool, arena. */
static bool count_fields(int input, struct tally *tally)
{
    STRING_ARENA_AUTO(arena);
    SPLIT_RESULT_POOL_AUTO(pool, NULL);
    SPLIT_STREAM_AUTO(stream);
    const struct split_delimiter delimiters[] = {{",", 1}, {"\n", 1}};
    struct split_options options = split_options_default();
    options.delimiters = delimiters;
    options.delimiter_count = 2;
    options.drop_empty = true;

    char *piece = (char *)string_arena_simd(&arena, PIECE_BYTES);
    options.readable_after = STRING_ARENA_SIMD_WIDTH; /* the padding behind the piece */
    if (!pool || !piece || !split_stream_begin(&stream, &options, FIELD_BYTES_MAX, &arena, pool))
        return false;
    for (bool more = true; more;) {
        STRING_ARENA_SCOPE(&arena); /* this round's tokens; the piece stays */
        SPLIT_RESULT_AUTO(result);
        ssize_t length = read(input, piece, PIECE_BYTES);
        if (length < 0)
            return false;
        more = length > 0;
        if (more ? !split_stream_feed(&stream, &result, piece, (size_t)length)
                 : !split_stream_finish(&stream, &result))
            return false;
        for (size_t i = 0; i < result.count; i++) {
            struct split_token field = split_result_token(&result, i);
            tally->fields++;
            if (field.length > tally->longest)
                tally->longest = field.length;
        }
    }
    return true;
}

int main(void)
{
    struct tally tally = {0, 0};
    if (!count_fields(STDIN_FILENO, &tally)) {
        perror("stream_fields");
        return 1;
    }
    printf("%lu fields, longest %zu bytes\n", tally.fields, tally.longest);
    return 0;
}
