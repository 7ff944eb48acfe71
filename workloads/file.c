/*
 * file: a text file of the user's own, line by line; a window of a large one.
 */
#include <string.h>

#include "workloads/support/file_input.h"
#include "workloads/support/line_pass.h"
#include "workloads/support/text.h"

enum { FILE_INPUT, FILE_DELIMITER, FILE_QUOTE, FILE_WINDOW };

static const struct workload_parameter file_parameters[] = {
    [FILE_INPUT] = {"input", NULL, "path of a text file, lines of any length"},
    [FILE_DELIMITER] = {"delimiter", ",",
                        "between tokens, one byte or more; \\t and \\\\ stand for"
                        " tab and backslash"},
    [FILE_QUOTE] = {"quote", "", "quote character per RFC 4180; empty: none"},
    [FILE_WINDOW] = {"window", "1M", "bytes measured a round of a larger file; K, M, G"},
    {NULL, NULL, NULL},
};

/* Escapes resolved into memory that stays; NULL: error says why. */
static const char *parse_delimiter(const char *text, struct workload_error *error)
{
    size_t length = strlen(text);
    if (length == 0) {
        workload_fail(error, "the delimiter is empty; give at least one byte");
        return NULL;
    }
    char *bytes = text_map(length + 1, error);
    size_t used = 0;
    for (size_t i = 0; bytes && i < length; i++) {
        if (text[i] == '\\' && (text[i + 1] == 't' || text[i + 1] == '\\'))
            bytes[used++] = text[++i] == 't' ? '\t' : '\\';
        else
            bytes[used++] = text[i];
    }
    return bytes;
}

static bool file_setup(struct workload_input *input, const struct workload_settings *settings,
                       struct workload_error *error)
{
    const char *quote = settings->values[FILE_QUOTE];
    size_t window;
    if (!file_window(settings->values[FILE_WINDOW], &window, error))
        return false;
    if (strlen(quote) > 1)
        return workload_fail(error, "quote '%s' is longer than one byte; give one, or none", quote);
    const char *delimiters[] = {parse_delimiter(settings->values[FILE_DELIMITER], error), NULL};
    if (!delimiters[0])
        return false;
    if (*quote && delimiters[0][0] == *quote)
        return workload_fail(error, "quote and delimiter both begin with '%s'; change one", quote);
    text_options(input, delimiters);
    input->options.quote = *quote;
    return file_load(input, settings->values[FILE_INPUT], window, settings->seed, error);
}

WORKLOAD_PASSES(file, line_by_line)

WORKLOAD(file, .description = "a text file of your own, each line released before the next",
         .op = "one line", .parameters = file_parameters, .setup = file_setup,
         .reference = text_reference);
