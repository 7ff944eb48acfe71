/* Large text: one generated block copied end to end, its lines found once and repeated. */
#include <string.h>

#include "workloads/support/held_pass.h"

/* What owning one line's tokens asks for beside the bytes, the floor's alignment included. */
#define CONTAINER_BOUND 512

bool held_text(struct workload_input *input, const struct text_shape *block, size_t repeats,
               uint64_t seed, struct workload_error *error)
{
    if (!text_generate(input, block, true, seed, error))
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
    input->text = text;
    input->length = length * repeats;
    input->lines = index;
    input->line_count = lines * repeats;
    input->scope_bytes_max = input->length + input->line_count * CONTAINER_BOUND;
    return true;
}
