/*
 * quoted_csv: RFC 4180 records, one at a time, of the IEEE's list of vendors (Debian package
 * ieee-data) where it is there, else of generated text of its kind. Has a row of libcsv's parser.
 */
#include <string.h>
#include <unistd.h>

#include "workloads/support/csv_peer.h"
#include "workloads/support/file_input.h"
#include "workloads/support/line_pass.h"
#include "workloads/support/random.h"
#include "workloads/support/text.h"

enum { CSV_INPUT, CSV_WINDOW };

#define CSV_FILE "/usr/share/ieee-data/oui.csv"
#define CSV_GENERATED "generated"
/* Room for the longest record that is generated. */
#define CSV_RECORD_MAX 512

static const struct workload_parameter quoted_csv_parameters[] = {
    [CSV_INPUT] = {"input", CSV_FILE,
                   "path of a CSV file; '" CSV_GENERATED "', or this file missing: its like"},
    /* A pass of some 3000 records: libcsv takes a millisecond for it. */
    [CSV_WINDOW] = {"window", "256K", "bytes measured a round of a larger file; K, M, G"},
    {NULL, NULL, NULL},
};

/* A few words; now and then something that makes quotes needed. */
static char *put_words(char *to, struct text_random *random, unsigned words)
{
    static const char *const odd[] = {", ", ", ", ", ", " \"\"", "\"\" ", "\r\n"};
    bool quoted = random_between(random, 0, 2) == 0;
    if (quoted)
        *to++ = '"';
    for (unsigned word = 0; word < words; word++) {
        unsigned length = random_between(random, 2, 11);
        random_letters(random, to, length);
        to += length;
        /* Line ends within a token are rare in the real file, too. */
        unsigned kind = random_between(random, 0, 99);
        to = stpcpy(to, quoted && kind < 30 ? odd[kind % 5] : quoted && kind == 30 ? odd[5] : " ");
    }
    if (quoted)
        *to++ = '"';
    return to;
}

static bool generate(struct workload_input *input, size_t window, uint64_t seed,
                     struct workload_error *error)
{
    static const char *const registries[] = {"MA-L,", "MA-M,", "MA-S,"};
    static const char digits[] = "0123456789ABCDEF";
    struct text_random random;
    char *text = text_map(window + CSV_RECORD_MAX + WORKLOAD_PADDING, error);
    if (!text || !random_begin(&random, seed, error))
        return false;
    char *at = stpcpy(text, "Registry,Assignment,Organization Name,Organization Address\r\n");
    while ((size_t)(at - text) < window) {
        at = stpcpy(at, registries[random_between(&random, 0, 2)]);
        for (unsigned i = 0; i < 6; i++)
            *at++ = digits[random_between(&random, 0, 15)];
        *at++ = ',';
        at = put_words(at, &random, random_between(&random, 1, 5));
        *at++ = ',';
        at = put_words(at, &random, random_between(&random, 5, 10));
        at = stpcpy(at, "\r\n");
    }
    input->text = text;
    input->length = (size_t)(at - text);
    return text_index_lines(input, false, error);
}

static bool quoted_csv_setup(struct workload_input *input, const struct workload_settings *settings,
                             struct workload_error *error)
{
    const char *path = settings->values[CSV_INPUT];
    size_t window;
    if (!file_window(settings->values[CSV_WINDOW], &window, error))
        return false;
    text_options(input, text_comma);
    input->options.quote = '"';
    /* As libcsv does; see csv_peer.h. Its tokens are checked by that rule. */
    input->options.trim = settings->strategy == STRATEGY_LIBCSV;
    if (strcmp(path, CSV_GENERATED) == 0 ||
        (strcmp(path, CSV_FILE) == 0 && access(path, F_OK) != 0))
        return generate(input, window, settings->seed, error);
    return file_load(input, path, window, settings->seed, error);
}

LINE_TEMPLATE bool csv_peer_body(const struct allocator *allocator, enum strategy strategy,
                                 enum pass_mode mode, struct allocator_heap *heap,
                                 const struct workload_input *input, struct workload_tally *tally)
{
    (void)strategy;
    return csv_peer_pass(allocator == &backend ? NULL : allocator, mode, heap, input, tally);
}

WORKLOAD_PASSES(quoted_csv, line_by_line)
WORKLOAD_PASS_MODES(quoted_csv, libcsv, STRATEGY_LIBCSV, csv_peer_body)

WORKLOAD_OF(quoted_csv,
            .description = "CSV records with quotes, tokens unescaped, each released before the "
                           "next; libcsv hands tokens out without owning them",
            .op = "one record", .parameters = quoted_csv_parameters, .setup = quoted_csv_setup,
            .reference = text_reference,
            .pass = {[STRATEGY_OWNED] = WORKLOAD_PASS_ROW(quoted_csv, owned),
                     [STRATEGY_POOLED] = WORKLOAD_PASS_ROW(quoted_csv, pooled),
                     [STRATEGY_VIEW] = WORKLOAD_PASS_ROW(quoted_csv, view),
                     [STRATEGY_LIBCSV] = WORKLOAD_PASS_ROW(quoted_csv, libcsv)});
