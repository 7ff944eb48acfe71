/* Windows of a file; see file_input.h. */
#include "workloads/support/file_input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workloads/support/random.h"
#include "workloads/support/text.h"

struct source {
    const char *path;
    int descriptor;
    off_t size;
    char quote;
};

bool file_window(const char *text, size_t *window, struct workload_error *error)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    unsigned shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
    if (shift)
        end++;
    if (end == text || *end || *text == '-' || errno || value == 0 || value > (1ull << 40) >> shift)
        return workload_fail(error, "window '%s' is no size; give bytes, or 512K, 64M, 1G", text);
    *window = (size_t)value << shift;
    return true;
}

static bool read_whole(const struct source *source, char *to, size_t size, off_t from,
                       struct workload_error *error)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = pread(source->descriptor, to + done, size - done, from + (off_t)done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return workload_fail(error, "cannot read input %s: %s", source->path,
                                 got < 0 ? strerror(errno) : "it became shorter meanwhile");
        done += (size_t)got;
    }
    return true;
}

/* The first line that begins at or after `from`, which is behind `known`, where a line begins; the
 * file's size where there is none. */
static bool next_line(const struct source *source, off_t known, off_t from, off_t *line,
                      struct workload_error *error)
{
    char block[65536];
    bool inside = false;
    for (off_t at = source->quote ? known : from - 1; at < source->size;) {
        size_t wanted = sizeof block;
        if (source->size - at < (off_t)wanted)
            wanted = (size_t)(source->size - at);
        if (!read_whole(source, block, wanted, at, error))
            return false;
        for (size_t i = 0; i < wanted; i++) {
            inside ^= source->quote != 0 && block[i] == source->quote;
            if (block[i] == '\n' && !inside && at + (off_t)i + 1 >= from) {
                *line = at + (off_t)i + 1;
                return true;
            }
        }
        at += (off_t)wanted;
    }
    *line = source->size;
    return true;
}

static bool choose_window(const struct source *source, size_t window, uint64_t seed, off_t *begin,
                          off_t *end, struct workload_error *error)
{
    *begin = 0;
    *end = source->size;
    if ((uint64_t)source->size <= window)
        return true;
    off_t at = (off_t)random_below(seed, (uint64_t)source->size - window + 1);
    if (at > 0 && !next_line(source, 0, at, begin, error))
        return false;
    if (*begin >= at + (off_t)window || *begin == source->size)
        *begin = 0; /* one line fills it all: take the first */
    off_t last = *begin + (off_t)window;
    return last >= source->size || next_line(source, *begin, last, end, error);
}

static bool load(struct workload_input *input, struct source *source, size_t window, uint64_t seed,
                 struct workload_error *error)
{
    struct stat status;
    if (fstat(source->descriptor, &status) != 0)
        return workload_fail(error, "cannot read input %s: %s", source->path, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return workload_fail(error, "input %s is %s; give a regular file", source->path,
                             S_ISDIR(status.st_mode) ? "a directory" : "not a regular file");
    if (status.st_size == 0)
        return workload_fail(error, "input %s is empty: there is nothing to measure", source->path);
    source->size = status.st_size;
    off_t begin, end;
    if (!choose_window(source, window, seed, &begin, &end, error))
        return false;
    size_t length = (size_t)(end - begin);
    char *text = text_map(length + WORKLOAD_PADDING, error);
    if (!text || !read_whole(source, text, length, begin, error))
        return false;
    input->text = text;
    input->length = length;
    input->source = "file";
    return text_index_lines(input, false, error);
}

bool file_load(struct workload_input *input, const char *path, size_t window, uint64_t seed,
               struct workload_error *error)
{
    struct source source = {path, open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), 0,
                            input->options.quote};
    if (source.descriptor < 0)
        return workload_fail(error, "cannot open input %s: %s", path, strerror(errno));
    bool done = load(input, &source, window, seed, error);
    close(source.descriptor);
    return done;
}
