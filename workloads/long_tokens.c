/*
 * long_tokens: tokens of 64 B to 64 KiB, every size as likely as its double, in lines of a few.
 * Every sixteenth line is larger than any arena takes into a chunk.
 */
#include <string.h>

#include "workloads/support/line_pass.h"
#include "workloads/support/random.h"
#include "workloads/support/text.h"

#define TOKEN_MIN 64u
#define TOKEN_MAX 65536u
#define LONG_LINES 32u
#define LONG_TOKENS_MIN 2u
#define LONG_TOKENS_MAX 9u
/* Such a line has 9 tokens of 32 KiB at least: more than an eighth of the largest chunk, 2 MiB. */
#define HUGE_EVERY 16u

/* The tokens of each line, and every token's bytes: drawn first, so that no more is mapped than is
 * used. */
struct long_shape {
    unsigned tokens[LONG_LINES];
    unsigned bytes[LONG_LINES][LONG_TOKENS_MAX];
    size_t length;
};

static void draw_shape(struct long_shape *shape, struct text_random *random)
{
    shape->length = 0;
    for (unsigned line = 0; line < LONG_LINES; line++) {
        bool huge = line % HUGE_EVERY == HUGE_EVERY - 1;
        shape->tokens[line] =
            huge ? LONG_TOKENS_MAX : random_between(random, LONG_TOKENS_MIN, LONG_TOKENS_MAX - 1);
        for (unsigned token = 0; token < shape->tokens[line]; token++) {
            shape->bytes[line][token] =
                random_log_uniform(random, huge ? TOKEN_MAX / 2 : TOKEN_MIN, TOKEN_MAX);
            shape->length += shape->bytes[line][token] + 1;
        }
    }
}

static bool long_tokens_setup(struct workload_input *input,
                              const struct workload_settings *settings,
                              struct workload_error *error)
{
    struct text_random random;
    struct long_shape shape;
    if (!random_begin(&random, settings->seed, error))
        return false;
    draw_shape(&shape, &random);
    /* Tokens are cut from one block of letters at random places: drawing each byte of megabytes
     * would take longer than the trial. */
    char *letters = text_map((size_t)2 * TOKEN_MAX, error);
    char *text = letters ? text_map(shape.length + WORKLOAD_PADDING, error) : NULL;
    if (!text)
        return false;
    random_letters(&random, letters, (size_t)2 * TOKEN_MAX);
    char *at = text;
    for (unsigned line = 0; line < LONG_LINES; line++) {
        for (unsigned token = 0; token < shape.tokens[line]; token++) {
            unsigned bytes = shape.bytes[line][token];
            memcpy(at, letters + random_between(&random, 0, TOKEN_MAX), bytes);
            at += bytes;
            *at++ = token + 1 < shape.tokens[line] ? ',' : '\n';
        }
    }
    input->text = text;
    input->length = shape.length;
    text_options(input, text_comma);
    return text_index_lines(input, false, error);
}

WORKLOAD_PASSES(long_tokens, line_by_line)

WORKLOAD(long_tokens,
         .description =
             "lines of 2-8 tokens of 64 B - 64 KiB, every sixteenth beyond 256 KiB, each "
             "released before the next",
         .op = "one line", .setup = long_tokens_setup, .reference = text_reference);
