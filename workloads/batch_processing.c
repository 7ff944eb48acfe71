/*
 * batch_processing: 1000 lines (or as asked) split and held, each token processed by a small
 * computation (one multiply-and-xor hash of its first 8 bytes), all released together.
 */
#include <ctype.h>
#include <stdlib.h>

#include "workloads/support/held_pass.h"

/* Of the default shape some 600 MB of tokens and containers. */
#define BATCH_LINES_MAX 1000000

enum { BATCH_LINES, BATCH_SHAPE };

static const struct workload_parameter batch_parameters[] = {
    {"lines", "1000", "held at a time"},
    TEXT_SHAPE_PARAMETERS,
    {NULL, NULL, NULL},
};

static bool batch_processing_setup(struct workload_input *input,
                                   const struct workload_settings *settings,
                                   struct workload_error *error)
{
    struct text_shape shape;
    const char *given = settings->values[BATCH_LINES];
    char *end;
    size_t lines = isdigit((unsigned char)*given) ? strtoul(given, &end, 10) : 0;
    if (lines < 1 || *end || lines > BATCH_LINES_MAX)
        return workload_fail(error, "lines '%s' is no number from 1 to %d", given, BATCH_LINES_MAX);
    input->read = token_hash;
    input->scratch = text_map(lines * sizeof(struct split_result), error);
    return input->scratch && text_shape_of(&shape, lines, settings->values + BATCH_SHAPE, error) &&
           text_generate(input, &shape, true, settings->seed, error);
}

WORKLOAD_PASSES(batch_processing, held_pass)

WORKLOAD(batch_processing,
         .description = "1000 such lines held, every token hashed, all released together",
         .op = "one line", .litter = 0.5, .parameters = batch_parameters,
         .setup = batch_processing_setup, .reference = text_reference);
