/* Blocks of generated text, repeated; sums over lines and members. */
#include "workloads/support/parallel_text.h"

#include <errno.h>
#include <string.h>

#include "workloads/support/file_input.h"
#include "workloads/support/random.h"
#include "workloads/support/text.h"

/* What is generated of each kind of text; the rest repeats it. */
#define BLOCK_BYTES ((size_t)1 << 20)
#define SKEWED_TOKENS_MAX 16384u
#define SKEWED_BYTES_MAX 48u

static size_t put_line(char *to, struct text_random *random, unsigned tokens, unsigned least,
                       unsigned most)
{
    size_t length = 0;
    for (unsigned token = 0; token < tokens; token++) {
        unsigned bytes = random_between(random, least, most);
        random_letters(random, to + length, bytes);
        length += bytes;
        to[length++] = token + 1 < tokens ? ',' : '\n';
    }
    return length;
}

/* One kind of text, at least `wanted` bytes of whole lines; its length. */
static size_t put_block(char *to, struct text_random *random, size_t wanted, bool skewed,
                        bool small)
{
    size_t length = 0;
    while (length < wanted)
        length += !skewed ? put_line(to + length, random, random_between(random, 8, 12), 3, 12)
                          : put_line(to + length, random,
                                     random_log_uniform(random, 1, SKEWED_TOKENS_MAX),
                                     small ? 1 : 24, small ? 2 : SKEWED_BYTES_MAX);
    return length;
}

/* The block again and again, up to `until` bytes of text or a little more. */
static size_t repeat(char *text, size_t begin, size_t end, size_t until)
{
    size_t block = end - begin;
    for (; end < until; end += block)
        memcpy(text + end, text + begin, block);
    return end;
}

bool parallel_text(struct workload_input *input, const char *bytes, bool skewed, uint64_t seed,
                   struct workload_error *error)
{
    const size_t line_max = (size_t)SKEWED_TOKENS_MAX * (SKEWED_BYTES_MAX + 1);
    struct text_random random;
    size_t size;
    if (!file_window(bytes, &size, error))
        return false;
    size_t block = size < 2 * BLOCK_BYTES ? size / 2 : BLOCK_BYTES;
    /* The text, and each half's last block and its last line. */
    char *text = text_map(size + 2 * (block + line_max) + WORKLOAD_PADDING, error);
    input->scratch = text_map(input->crew->threads * sizeof(struct parallel_tally), error);
    if (!text || !input->scratch || !random_begin(&random, seed, error))
        return false;
    size_t length = put_block(text, &random, block, skewed, true);
    length = repeat(text, 0, length, size / 2);
    size_t half = length;
    length += put_block(text + half, &random, block, skewed, false);
    input->text = text;
    input->length = repeat(text, half, length, size);
    text_options(input, text_comma);
    return text_index_lines(input, false, error);
}

void parallel_reference(const struct workload_input *input, struct workload_tally *tally)
{
    memset(tally, 0, sizeof *tally);
    for (size_t i = 0; i < input->line_count; i++) {
        struct workload_input line = *input;
        struct workload_tally one = {0};
        line.lines = &input->lines[i];
        line.line_count = 1;
        line.length = input->lines[i].length;
        text_reference(&line, &one);
        tally->ops++;
        tally->tokens += one.tokens;
        tally->bytes += one.bytes;
        tally->light += one.light;
        tally->digest += one.digest;
    }
}

__attribute__((noinline)) void parallel_call(const struct workload_input *input,
                                             void (*work)(void *context, unsigned member),
                                             void *context)
{
    input->crew->call(input->crew, work, context);
}

void parallel_begin(const struct workload_input *input)
{
    memset(input->scratch, 0, input->crew->threads * sizeof(struct parallel_tally));
}

bool parallel_end(const struct workload_input *input, struct workload_tally *tally)
{
    uint64_t digest = 0;
    int error = 0;
    for (unsigned i = 0; i < input->crew->threads; i++) {
        const struct parallel_tally *one = parallel_tally(input, i);
        tally->ops += one->tally.ops;
        tally->tokens += one->tally.tokens;
        tally->bytes += one->tally.bytes;
        tally->light += one->tally.light;
        digest += one->tally.digest;
        for (unsigned k = 0; k < WORKLOAD_FIGURES_MAX; k++)
            tally->figures[k] += one->tally.figures[k];
        error = error ? error : one->error;
    }
    tally->digest = digest; /* of this pass */
    errno = error ? error : errno;
    return error == 0;
}
