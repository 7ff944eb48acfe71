/* Large text: one generated block copied end to end, its lines found once and repeated. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "workloads/support/held_pass.h"

/* What owning one line's tokens asks for beside the bytes, the floor's alignment included. */
#define CONTAINER_BOUND 512

#define BLOCKS_MAX 10000

bool held_text(struct workload_input *input, const struct workload_settings *settings,
               struct workload_error *error)
{
    const struct text_shape block = {10000, 8, 12, 3, 12};
    const char *given = settings->values[0];
    char *end;
    errno = 0;
    size_t repeats = strtoul(given, &end, 10);
    if (end == given || *end || *given == '-' || errno || repeats < 1 || repeats > BLOCKS_MAX)
        return workload_fail(error, "blocks '%s' is no number from 1 to %d", given, BLOCKS_MAX);
    if (!text_generate(input, &block, true, settings->seed, error))
        return false;
    size_t length = input->length;
    size_t lines = input->line_count;
    char *text = text_map(length * repeats + WORKLOAD_PADDING, error);
    struct workload_line *index = text ? text_map(lines * repeats * sizeof *index, error) : NULL;
    input->scratch = index ? text_map(lines * repeats * sizeof(struct split_result), error) : NULL;
    if (!input->scratch)
        return false;
    for (size_t r = 0; r < repeats; r++) {
        memcpy(text + r * length, input->text, length);
        for (size_t i = 0; i < lines; i++) {
            struct workload_line line = input->lines[i];
            line.text = text + r * length + (line.text - input->text);
            index[r * lines + i] = line;
        }
    }
    input->read = token_hash;
    input->text = text;
    input->length = length * repeats;
    input->lines = index;
    input->line_count = lines * repeats;
    input->scope_bytes_max = input->length + input->line_count * CONTAINER_BOUND;
    return true;
}
