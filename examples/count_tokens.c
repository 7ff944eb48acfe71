/*
 * Counts tokens: the library from outside. Reads lines from standard input, splits each at commas
 * with RFC 4180 quotes, and prints how many lines and tokens there were and the longest token.
 *
 *     cc count_tokens.c $(pkg-config --cflags --libs apportion) -o count_tokens
 */
#include <apportion/split.h>

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    struct string_arena arena;
    if (!string_arena_init(&arena, NULL)) {
        perror("count_tokens: arena");
        return 1;
    }
    struct split_result_pool *pool = split_result_pool_create(NULL);
    if (!pool) {
        perror("count_tokens: pool");
        return 1;
    }
    struct split_delimiter comma = {",", 1};
    struct split_options options = {0};
    options.delimiters = &comma;
    options.delimiter_count = 1;
    options.quote = '"';

    unsigned long lines = 0, tokens = 0;
    size_t longest = 0;
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length;
    int status = 0;
    while ((length = getline(&line, &capacity, stdin)) >= 0) {
        if (length > 0 && line[length - 1] == '\n')
            length--;
        struct split_result result;
        if (!split_pooled(&result, line, (size_t)length, &options, &arena, pool)) {
            perror("count_tokens: split");
            status = 1;
            break;
        }
        lines++;
        tokens += result.count;
        for (size_t i = 0; i < result.count; i++) {
            struct split_token token = split_result_token(&result, i);
            if (token.length > longest)
                longest = token.length;
        }
        split_result_release(&result);
        string_arena_reset(&arena); /* every token of this line goes at once */
    }
    printf("%lu lines, %lu tokens, longest %zu bytes\n", lines, tokens, longest);

    free(line);
    split_result_pool_destroy(pool);
    string_arena_destroy(&arena);
    return status;
}
