/*
 * The reference: tokens found by the plainest code, a byte at a time, for any delimiters, an
 * optional quote and trimming. Shares the hash with the workloads, and nothing with the splitter.
 */
#include "workloads/support/digest.h"
#include "workloads/support/text.h"

/* Length of the longest delimiter at the beginning of text; 0: none is there. */
static size_t delimiter_at(const char *text, size_t length, const struct split_options *options)
{
    size_t longest = 0;
    for (size_t d = 0; d < options->delimiter_count; d++) {
        const struct split_delimiter *delimiter = &options->delimiters[d];
        size_t same = 0;
        while (same < delimiter->length && same < length && text[same] == delimiter->bytes[same])
            same++;
        if (same == delimiter->length && same > longest)
            longest = same;
    }
    return longest;
}

static bool is_blank(const struct split_options *options, char byte)
{
    return options->trim && (byte == ' ' || byte == '\t');
}

/* One token's sum and digest. */
static void take(struct workload_tally *tally, const struct workload_input *input,
                 const char *token, size_t length)
{
    tally->tokens++;
    tally->light += input->read ? input->read(token, length) : token_touch(token, length);
    tally->digest = token_digest(tally->digest, token, length);
}

/* The token behind an opening quote, gathered in buffer; where its closing quote ends. */
static size_t take_quoted(const char *text, size_t at, size_t length,
                          const struct workload_input *input, char *buffer,
                          struct workload_tally *tally)
{
    const struct split_options *options = &input->options;
    size_t used = 0;
    for (; at < length; at++) {
        if (text[at] == options->quote) {
            if (at + 1 < length && text[at + 1] == options->quote)
                at++;
            else if (at + 1 == length || delimiter_at(text + at + 1, length - at - 1, options))
                break;
        }
        buffer[used++] = text[at];
    }
    take(tally, input, buffer, used);
    return at < length ? at + 1 : length;
}

static void reference_line(const struct workload_line *line, const struct workload_input *input,
                           char *buffer, struct workload_tally *tally)
{
    const struct split_options *options = &input->options;
    const char *text = line->text;
    size_t length = line->length;
    size_t at = 0;
    size_t delimiter;
    for (;; at += delimiter) {
        size_t begin = at;
        while (begin < length && is_blank(options, text[begin]) &&
               !delimiter_at(text + begin, length - begin, options))
            begin++;
        bool quoted = options->quote != 0 && begin < length && text[begin] == options->quote;
        if (quoted)
            at = take_quoted(text, begin + 1, length, input, buffer, tally);
        for (delimiter = 0; at < length; at++)
            if ((delimiter = delimiter_at(text + at, length - at, options)) != 0)
                break;
        if (!quoted) {
            size_t end = at;
            while (end > begin && is_blank(options, text[end - 1]))
                end--;
            take(tally, input, text + begin, end - begin);
        }
        if (at >= length)
            return;
    }
}

void text_reference(const struct workload_input *input, struct workload_tally *tally)
{
    size_t longest = 0;
    for (size_t i = 0; i < input->line_count; i++)
        if (input->lines[i].length > longest)
            longest = input->lines[i].length;
    struct workload_error error;
    char *buffer = input->options.quote ? text_map(longest + 1, &error) : NULL;
    tally->digest = DIGEST_SEED;
    if (input->options.quote && !buffer)
        return; /* a digest that nothing agrees with */
    for (size_t i = 0; i < input->line_count; i++)
        reference_line(&input->lines[i], input, buffer, tally);
    tally->ops = input->line_count;
    tally->bytes = input->length;
}
