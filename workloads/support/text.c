/* Input memory, generated text and lines; see text.h. */
#include "workloads/support/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "workloads/support/random.h"

const char *const text_comma[] = {",", NULL};

bool workload_fail(struct workload_error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return false;
}

void *text_map(size_t size, struct workload_error *error)
{
    void *memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory != MAP_FAILED)
        return memory;
    workload_fail(error, "no %zu bytes of memory for the input: %s; take a smaller input", size,
                  strerror(errno));
    return NULL;
}

/* Length of the line at text: up to a \n outside quotes, or all. */
static size_t line_length(const char *text, size_t length, char quote)
{
    if (quote == 0) {
        const char *end = length ? memchr(text, '\n', length) : NULL;
        return end ? (size_t)(end - text) : length;
    }
    bool inside = false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == quote)
            inside = !inside;
        else if (text[i] == '\n' && !inside)
            return i;
    }
    return length;
}

/* The bytes, and a container that began at 16 tokens and doubled: all of its sizes, since the floor
 * never frees. */
size_t text_bound(const struct workload_line *line, const struct split_options *options)
{
    size_t tokens = 1;
    for (size_t i = 0; i < line->length; i++)
        for (size_t k = 0; k < options->delimiter_count; k++)
            tokens += line->text[i] == options->delimiters[k].bytes[0];
    return line->length + 64 * tokens + 1024;
}

bool text_index_lines(struct workload_input *input, bool whole, struct workload_error *error)
{
    const char *text = input->text;
    size_t newlines = 0;
    for (size_t i = 0; i < input->length; i++)
        newlines += text[i] == '\n';
    struct workload_line *lines = text_map((newlines + 1) * sizeof *lines, error);
    if (!lines)
        return false;
    size_t count = 0;
    size_t bound = 0;
    for (size_t at = 0; at < input->length; count++) {
        size_t length = line_length(text + at, input->length - at, input->options.quote);
        lines[count].text = text + at;
        at += length + 1;
        if (length > 0 && at <= input->length && text[at - 2] == '\r')
            length--;
        lines[count].length = length;
        size_t one = text_bound(&lines[count], &input->options);
        bound = whole ? bound + one : one > bound ? one : bound;
        if (length > SPLIT_TEXT_MAX)
            return workload_fail(error, "line %zu has %zu bytes; a line may have %zu at most",
                                 count + 1, length, SPLIT_TEXT_MAX);
    }
    input->lines = lines;
    input->line_count = count;
    input->scope_bytes_max = bound;
    return true;
}

void text_options(struct workload_input *input, const char *const *delimiters)
{
    input->options = split_options_default();
    input->options.delimiters = input->delimiters;
    input->options.delimiter_count = 0;
    for (size_t i = 0; delimiters[i]; i++)
        input->delimiters[input->options.delimiter_count++] =
            (struct split_delimiter){delimiters[i], strlen(delimiters[i])};
    input->options.readable_after = WORKLOAD_PADDING;
    split_options_prepare(&input->options);
}

/* A thousand lines of both are 256 MB, which each trial makes anew. */
#define SHAPE_TOKENS_MAX 1024
#define SHAPE_BYTES_MAX 256

/* "5", or "3-12". */
static bool parse_bounds(const char *name, const char *text, unsigned most, unsigned *low,
                         unsigned *high, struct workload_error *error)
{
    char *end = NULL;
    unsigned long first = isdigit((unsigned char)*text) ? strtoul(text, &end, 10) : 0;
    unsigned long last = first;
    if (first && *end == '-')
        last = isdigit((unsigned char)end[1]) ? strtoul(end + 1, &end, 10) : 0;
    if (!first || *end || last < first || last > most)
        return workload_fail(error, "%s '%s' is no number from 1 to %u and no range like 3-12",
                             name, text, most);
    *low = (unsigned)first;
    *high = (unsigned)last;
    return true;
}

bool text_shape_of(struct text_shape *shape, size_t lines, const char *const *values,
                   struct workload_error *error)
{
    shape->lines = lines;
    return parse_bounds("tokens", values[0], SHAPE_TOKENS_MAX, &shape->tokens_min,
                        &shape->tokens_max, error) &&
           parse_bounds("bytes", values[1], SHAPE_BYTES_MAX, &shape->bytes_min, &shape->bytes_max,
                        error);
}

bool text_generate(struct workload_input *input, const struct text_shape *shape, bool whole,
                   uint64_t seed, struct workload_error *error)
{
    struct text_random random;
    size_t most = shape->lines * shape->tokens_max * ((size_t)shape->bytes_max + 1);
    char *text = text_map(most + WORKLOAD_PADDING, error);
    if (!text || !random_begin(&random, seed, error))
        return false;
    size_t length = 0;
    for (size_t line = 0; line < shape->lines; line++) {
        unsigned tokens = random_between(&random, shape->tokens_min, shape->tokens_max);
        for (unsigned token = 0; token < tokens; token++) {
            unsigned bytes = random_between(&random, shape->bytes_min, shape->bytes_max);
            random_letters(&random, text + length, bytes);
            length += bytes;
            text[length++] = token + 1 < tokens ? ',' : '\n';
        }
    }
    input->text = text;
    input->length = length;
    text_options(input, text_comma);
    return text_index_lines(input, whole, error);
}
