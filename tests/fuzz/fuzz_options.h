/* What the targets that split share: the options, from the first bytes of an input, and what a text
 * is split with. */
#ifndef TESTS_FUZZ_OPTIONS_H
#define TESTS_FUZZ_OPTIONS_H

#include "fuzz_check.h"

#include <sys/mman.h>

#include "split.h"
#include "tests/unit/naive_split.h"

#define TEXT_MAX ((size_t)8192)

#define FUZZ_READABLE_MAX 160

struct fuzz_options {
    struct split_options split; /* points to the delimiters below */
    struct split_delimiter delimiters[3];
    char bytes[3][4];
    unsigned flags; /* of the first byte: those from 32 on are the target's own */
};

/* Which options, how many delimiters of what length; the quote, the limit, how much may be read
 * behind the text; the delimiters' own bytes. */
static inline void fuzz_options(struct fuzz_options *options, struct fuzz_input *input)
{
    struct split_options *split = &options->split;
    *split = split_options_default();
    options->flags = fuzz_byte(input);
    unsigned lengths = fuzz_byte(input);
    split->drop_empty = options->flags & 1;
    split->trim = options->flags & 2;
    if (options->flags & 4)
        split->quote = (char)fuzz_byte(input);
    if (options->flags & 8)
        split->limit = fuzz_byte(input) % 8;
    if (options->flags & 16)
        split->readable_after = fuzz_byte(input) % (FUZZ_READABLE_MAX + 1);
    split->delimiters = options->delimiters;
    split->delimiter_count = 1 + lengths % 3;
    for (size_t i = 0; i < split->delimiter_count; i++) {
        struct split_delimiter *delimiter = &options->delimiters[i];
        delimiter->bytes = options->bytes[i];
        delimiter->length = 1 + (lengths >> (2 + 2 * i)) % 4;
        for (size_t k = 0; k < delimiter->length; k++)
            options->bytes[i][k] = (char)fuzz_byte(input);
    }
}

static struct naive_tokens expected;
static struct string_arena arena;
static struct split_result_pool *pool;
static char *guarded; /* 2 * TEXT_MAX bytes that end at the page */

static void setup(void)
{
    size_t size = 2 * TEXT_MAX;
    struct string_arena_options options = {.chunk_size = 4096};
    CHECK(string_arena_init(&arena, &options));
    CHECK((pool = split_result_pool_create(NULL)));
    guarded = mmap(NULL, size + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(guarded != MAP_FAILED);
    CHECK(mprotect(guarded + size, 4096, PROT_NONE) == 0);
    guarded += size;
}

#endif
