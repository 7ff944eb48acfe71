/* libcsv as a row of quoted_csv; see csv_peer.h. */
#include "workloads/support/csv_peer.h"

#include <csv.h>
#include <errno.h>

#include "workloads/support/digest.h"

/* libcsv's allocation functions take no argument of the caller's. */
static _Thread_local struct {
    const struct allocator *allocator;
    struct allocator_heap *heap;
    size_t size;
} thread_buffer;

static void *buffer_grow(void *block, size_t size)
{
    void *grown =
        block ? thread_buffer.allocator->reallocate(thread_buffer.heap, block, thread_buffer.size,
                                                    size, ALLOCATION_BYTES)
              : thread_buffer.allocator->allocate(thread_buffer.heap, size, ALLOCATION_BYTES);
    if (grown)
        thread_buffer.size = size;
    return grown;
}

static void buffer_free(void *block)
{
    if (block)
        thread_buffer.allocator->deallocate(thread_buffer.heap, block, thread_buffer.size,
                                            ALLOCATION_BYTES);
}

struct reading {
    uint64_t light;
    uint64_t digest;
    uint64_t tokens;
    uint64_t tokens_before; /* this row */
    int last_end;           /* the byte that ended the row before */
};

static void read_token(void *token, size_t length, void *data)
{
    struct reading *reading = data;
    reading->light += token_touch(token, length);
    reading->tokens++;
}

static void digest_token(void *token, size_t length, void *data)
{
    struct reading *reading = data;
    read_token(token, length, data);
    reading->digest = token_digest(reading->digest, token, length);
}

/* An empty line has one empty token here as everywhere; libcsv tells of its end alone. The second
 * byte of \r\n is no line. */
static bool is_empty_line(struct reading *reading, int end)
{
    bool empty =
        reading->tokens == reading->tokens_before && !(end == '\n' && reading->last_end == '\r');
    reading->tokens_before = reading->tokens + empty;
    reading->last_end = end;
    return empty;
}

static void end_row(int end, void *data)
{
    if (is_empty_line(data, end))
        read_token(&(char){0}, 0, data);
}

static void digest_row(int end, void *data)
{
    if (is_empty_line(data, end))
        digest_token(&(char){0}, 0, data);
}

bool csv_peer_pass(const struct allocator *allocator, enum pass_mode mode,
                   struct allocator_heap *heap, const struct workload_input *input,
                   struct workload_tally *tally)
{
    struct csv_parser parser;
    struct reading reading = {.digest = tally->digest};
    bool digest = mode == PASS_VERIFY;
    if (csv_init(&parser, CSV_REPALL_NL) != 0) {
        errno = EINVAL;
        return false;
    }
    csv_set_delim(&parser, (unsigned char)input->delimiters[0].bytes[0]);
    csv_set_quote(&parser, (unsigned char)input->options.quote);
    if (allocator) {
        thread_buffer.allocator = allocator;
        thread_buffer.heap = heap;
        csv_set_realloc_func(&parser, buffer_grow);
        csv_set_free_func(&parser, buffer_free);
    }
    size_t parsed =
        digest ? csv_parse(&parser, input->text, input->length, digest_token, digest_row, &reading)
               : csv_parse(&parser, input->text, input->length, read_token, end_row, &reading);
    bool done = parsed == input->length && csv_fini(&parser, digest ? digest_token : read_token,
                                                    digest ? digest_row : end_row, &reading) == 0;
    csv_free(&parser);
    if (!done) {
        errno = ENOMEM; /* without its strict mode libcsv refuses no text */
        return false;
    }
    tally->ops += input->line_count;
    tally->bytes += input->length;
    tally->tokens += reading.tokens;
    tally->light += reading.light;
    tally->digest = reading.digest;
    return true;
}
