/* The options of a split from the first bytes of an input. Shared by the targets that split. */
#ifndef TESTS_FUZZ_OPTIONS_H
#define TESTS_FUZZ_OPTIONS_H

#include "fuzz_check.h"

#include "split.h"

#define FUZZ_READABLE_MAX 64

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

#endif
