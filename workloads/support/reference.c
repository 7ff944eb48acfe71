/*
 * The reference: tokens found by the plainest code, a byte at a time, for one delimiter and an
 * optional quote. Shares the hash with the workloads, and nothing with the splitter.
 */
#include "workloads/support/digest.h"
#include "workloads/support/text.h"

static bool starts_with(const char *text, size_t length, const struct split_delimiter *delimiter)
{
    if (length < delimiter->length)
        return false;
    for (size_t i = 0; i < delimiter->length; i++)
        if (text[i] != delimiter->bytes[i])
            return false;
    return true;
}

/* One token's sum and digest. An unescaped one is gathered in buffer. */
static void take(struct workload_tally *tally, const struct workload_input *input,
                 const char *token, size_t length)
{
    tally->tokens++;
    tally->light += input->read ? input->read(token, length) : token_touch(token, length);
    tally->digest = token_digest(tally->digest, token, length);
}

static void reference_line(const struct workload_line *line, const struct workload_input *input,
                           char *buffer, struct workload_tally *tally)
{
    const struct split_delimiter *delimiter = &input->delimiter;
    char quote = input->options.quote;
    const char *text = line->text;
    size_t length = line->length;
    size_t at = 0;
    for (;;) {
        size_t used = 0;
        if (quote != 0 && at < length && text[at] == quote) {
            for (at++; at < length; at++) {
                if (text[at] == quote) {
                    if (at + 1 < length && text[at + 1] == quote)
                        at++;
                    else if (at + 1 == length ||
                             starts_with(text + at + 1, length - at - 1, delimiter))
                        break;
                }
                buffer[used++] = text[at];
            }
            if (at < length)
                at++;
            take(tally, input, buffer, used);
        } else {
            size_t begin = at;
            while (at < length && !starts_with(text + at, length - at, delimiter))
                at++;
            take(tally, input, text + begin, at - begin);
        }
        if (at >= length)
            return;
        at += delimiter->length;
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
