/*
 * file: a text file of the user's own, line by line. Of a file larger than the window each seed
 * takes the whole lines of a window at a random place, so that many rounds see much of the file
 * while one stays short.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* "1M" -> 1048576. */
static bool parse_size(const char *text, size_t *size)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    unsigned shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
    if (shift)
        end++;
    if (end == text || *end || *text == '-' || errno || value == 0 || value > (1ull << 40) >> shift)
        return false;
    *size = (size_t)value << shift;
    return true;
}

/* Escapes resolved into memory that stays. */
static bool parse_delimiter(const char *text, struct split_delimiter *delimiter,
                            struct workload_error *error)
{
    size_t length = strlen(text);
    if (length == 0)
        return workload_fail(error, "the delimiter is empty; give at least one byte");
    char *bytes = text_map(length + 1, error);
    if (!bytes)
        return false;
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\\' && (text[i + 1] == 't' || text[i + 1] == '\\'))
            bytes[used++] = text[++i] == 't' ? '\t' : '\\';
        else
            bytes[used++] = text[i];
    }
    *delimiter = (struct split_delimiter){bytes, used};
    return true;
}

static bool read_whole(int descriptor, char *to, size_t size, off_t from, const char *path,
                       struct workload_error *error)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = pread(descriptor, to + done, size - done, from + (off_t)done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return workload_fail(error, "cannot read input %s: %s", path,
                                 got < 0 ? strerror(errno) : "it became shorter meanwhile");
        done += (size_t)got;
    }
    return true;
}

/* First byte behind the next newline at or after `at`; the file's size where there is none. */
static bool next_line(int descriptor, off_t at, off_t size, off_t *line, const char *path,
                      struct workload_error *error)
{
    char block[65536];
    while (at < size) {
        size_t wanted = size - at < (off_t)sizeof block ? (size_t)(size - at) : sizeof block;
        if (!read_whole(descriptor, block, wanted, at, path, error))
            return false;
        const char *found = memchr(block, '\n', wanted);
        if (found) {
            *line = at + (found - block) + 1;
            return true;
        }
        at += (off_t)wanted;
    }
    *line = size;
    return true;
}

/* The lines of a window: from the first line that begins in it to the end of the last one. With a
 * quote a window could begin inside quotes, so then the file is taken from its start. */
static bool choose_window(int descriptor, off_t size, size_t window, bool quoted, uint64_t seed,
                          off_t *begin, off_t *end, const char *path, struct workload_error *error)
{
    *begin = 0;
    *end = size;
    if ((uint64_t)size <= window || quoted)
        return true;
    off_t at = (off_t)text_random_below(seed, (uint64_t)size - window + 1);
    if (at > 0 && !next_line(descriptor, at - 1, size, begin, path, error))
        return false;
    if (*begin >= at + (off_t)window || *begin == size)
        *begin = 0; /* one line fills it all: take the first */
    off_t last = *begin + (off_t)window;
    return last >= size || next_line(descriptor, last - 1, size, end, path, error);
}

static bool file_load(struct workload_input *input, int descriptor, const char *path, size_t window,
                      uint64_t seed, struct workload_error *error)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0)
        return workload_fail(error, "cannot read input %s: %s", path, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return workload_fail(error, "input %s is %s; give a regular file", path,
                             S_ISDIR(status.st_mode) ? "a directory" : "not a regular file");
    if (status.st_size == 0)
        return workload_fail(error, "input %s is empty: there is nothing to measure", path);
    off_t begin, end;
    if (!choose_window(descriptor, status.st_size, window, input->options.quote != 0, seed, &begin,
                       &end, path, error))
        return false;
    size_t length = (size_t)(end - begin);
    char *text = text_map(length + WORKLOAD_PADDING, error);
    if (!text || !read_whole(descriptor, text, length, begin, path, error))
        return false;
    input->text = text;
    input->length = length;
    return text_index_lines(input, false, error);
}

static bool file_setup(struct workload_input *input, const struct workload_settings *settings,
                       struct workload_error *error)
{
    const char *path = settings->values[FILE_INPUT];
    const char *quote = settings->values[FILE_QUOTE];
    size_t window;
    if (!parse_size(settings->values[FILE_WINDOW], &window))
        return workload_fail(error, "window '%s' is no size; give bytes, or 512K, 64M, 1G",
                             settings->values[FILE_WINDOW]);
    if (strlen(quote) > 1)
        return workload_fail(error, "quote '%s' is longer than one byte; give one, or none", quote);
    if (!parse_delimiter(settings->values[FILE_DELIMITER], &input->delimiter, error))
        return false;
    if (*quote && input->delimiter.bytes[0] == *quote)
        return workload_fail(error, "quote and delimiter both begin with '%s'; change one", quote);
    input->options = split_options_default();
    input->options.delimiters = &input->delimiter;
    input->options.quote = *quote;
    input->options.readable_after = WORKLOAD_PADDING;

    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return workload_fail(error, "cannot open input %s: %s", path, strerror(errno));
    bool done = file_load(input, descriptor, path, window, settings->seed, error);
    close(descriptor);
    return done;
}

WORKLOAD_PASSES(file, line_by_line)

WORKLOAD(file, .description = "a text file of your own, each line released before the next",
         .op = "one line", .parameters = file_parameters, .setup = file_setup,
         .reference = text_reference);
