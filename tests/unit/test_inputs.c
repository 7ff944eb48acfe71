/* link: runner system */
/*
 * What workloads are made of: windows of a file, the reference on tokens counted by hand, and
 * libcsv's rules on a CSV file with every oddity it shares with the splitter.
 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "default_values.h"
#include "harness/runner/describe.h"
#include "harness/runner/tracker.h"
#include "workloads/support/digest.h"
#include "workloads/support/file_input.h"
#include "workloads/support/random.h"
#include "workloads/support/text.h"

static char file_name[64];

static FILE *new_file(void)
{
    strcpy(file_name, "/tmp/apportion-inputs-XXXXXX");
    FILE *out = fdopen(mkstemp(file_name), "w");
    assert_non_null(out);
    return out;
}

/* ---- windows ---- */

#define RECORDS 2000

/* Records "r<number>,…", where a quoted token holds line ends before what looks like a record. */
static size_t write_records(char *whole, size_t *starts)
{
    FILE *out = new_file();
    size_t length = 0;
    for (unsigned i = 0; i < RECORDS; i++) {
        starts[i] = length;
        length +=
            (size_t)sprintf(whole + length, "r%u,\"a\"\"b\nr%u,\r\n\",%.*s\r\n", i, i + 7,
                            (int)(i % 50), "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    }
    starts[RECORDS] = length;
    assert_int_equal(fwrite(whole, 1, length, out), length);
    fclose(out);
    return length;
}

static void windows_are_whole_records(void **state)
{
    (void)state;
    static char whole[RECORDS * 100];
    static size_t starts[RECORDS + 1];
    static const size_t windows[] = {1, 100, 5000, 70000};
    size_t length = write_records(whole, starts);
    unsigned different = 0;
    size_t last = 0;
    for (uint64_t seed = 1; seed <= 80; seed++) {
        struct workload_input input = {.length = 0};
        struct workload_error error;
        size_t window = windows[seed % 4];
        text_options(&input, text_comma);
        input.options.quote = '"';
        assert_true(file_load(&input, file_name, window, seed, &error));
        size_t first = (size_t)strtoul(input.text + 1, NULL, 10);
        assert_true(first < RECORDS && first + input.line_count <= RECORDS);
        assert_int_equal(input.length, starts[first + input.line_count] - starts[first]);
        assert_memory_equal(input.text, whole + starts[first], input.length);
        assert_true(input.length >= window || first + input.line_count == RECORDS);
        assert_true(input.length < window + 100);
        for (size_t i = 0; i < input.line_count; i++)
            assert_ptr_equal(input.lines[i].text, input.text + starts[first + i] - starts[first]);
        different += first != last;
        last = first;
    }
    assert_true(different > 40);
    struct workload_input all = {.length = 0};
    struct workload_error error;
    text_options(&all, text_comma);
    all.options.quote = '"';
    assert_true(file_load(&all, file_name, length, 1, &error));
    assert_int_equal(all.line_count, RECORDS);
    assert_string_equal(all.source, "file");
    unlink(file_name);
}

static void window_sizes(void **state)
{
    (void)state;
    size_t window = 0;
    struct workload_error error;
    assert_true(file_window("256K", &window, &error));
    assert_int_equal(window, 262144);
    assert_true(file_window("7", &window, &error));
    assert_int_equal(window, 7);
    static const char *const wrong[] = {"", "0", "-1", "1X", "K", "1KK", "99999999999999999999"};
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(file_window(wrong[i], &window, &error));
        assert_non_null(strstr(error.text, "is no size"));
    }
}

static void random_numbers_stay_in_range(void **state)
{
    (void)state;
    struct text_random random;
    struct workload_error error;
    unsigned below_8k = 0, least = UINT32_MAX, most = 0;
    assert_true(random_begin(&random, 5, &error));
    for (unsigned i = 0; i < 10000; i++) {
        unsigned value = random_log_uniform(&random, 64, 65536);
        assert_in_range(value, 64, 65536);
        below_8k += value < 2048;
        least = value < least ? value : least;
        most = value > most ? value : most;
    }
    /* Half of the range in logarithms: 5 standard deviations. */
    assert_in_range(below_8k, 4750, 5250);
    assert_true(least < 66 && most > 64000);
}

/* ---- the reference ---- */

static void reference_is(const char *text, const struct split_options *options,
                         const char *const *tokens)
{
    const struct workload_line line = {text, strlen(text)};
    const struct workload_input input = {
        .text = text, .length = line.length, .lines = &line, .line_count = 1, .options = *options};
    struct workload_tally expected = {.digest = DIGEST_SEED}, got = {0};
    for (; *tokens; tokens++) {
        expected.tokens++;
        expected.light += token_touch(*tokens, strlen(*tokens));
        expected.digest = token_digest(expected.digest, *tokens, strlen(*tokens));
    }
    text_reference(&input, &got);
    assert_int_equal(got.tokens, expected.tokens);
    assert_true(got.light == expected.light && got.digest == expected.digest);
}

#define TOKENS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void reference_by_hand(void **state)
{
    (void)state;
    static const char *const several[] = {" ", " - ", "; ", "=", "\t", NULL};
    struct workload_input input = {.length = 0};
    text_options(&input, several);
    reference_is("a - b c; d=e\tf -g", &input.options, TOKENS("a", "b", "c", "d", "e", "f", "-g"));
    reference_is("= - ", &input.options, TOKENS("", "", ""));
    reference_is("", &input.options, TOKENS(""));
    static const char *const longest_first[] = {"==", "=", NULL};
    text_options(&input, longest_first);
    reference_is("a==b=c===d", &input.options, TOKENS("a", "b", "c", "", "d"));
    text_options(&input, text_comma);
    reference_is(" a ,\"b\",", &input.options, TOKENS(" a ", "\"b\"", ""));
    input.options.quote = '"';
    reference_is(" a ,\"b\"\",\",\"c\"d,e\"f", &input.options, TOKENS(" a ", "b\",", "c\"d,e\"f"));
    input.options.trim = true;
    reference_is(" a b\t, \" c \",  ,d", &input.options, TOKENS("a b", " c ", "", "d"));
}

/* ---- generated lines ---- */

static uint64_t digest_of(const struct workload_input *input)
{
    struct workload_tally tally = {.digest = DIGEST_SEED};
    text_reference(input, &tally);
    return tally.digest;
}

/* The figures of earlier runs are of this very text. */
static void default_lines_are_as_ever(void **state)
{
    (void)state;
    static const struct {
        const char *workload;
        struct text_shape shape;
        size_t length;
        uint64_t digest;
    } known[] = {{"small_strings", {512, 8, 12, 3, 12}, 43825, 0xff665b946e296aef},
                 {"batch_processing", {1000, 8, 12, 3, 12}, 85200, 0x6d6530de315078d7}};
    for (unsigned i = 0; i < 2; i++) {
        const struct workload *workload = find_workload(known[i].workload);
        const char *values[DEFAULT_VALUES_MAX];
        struct workload_settings settings = {1, values, STRATEGY_OWNED};
        struct workload_input input = {.length = 0}, plain = {.length = 0};
        struct workload_error error;
        assert_true(default_values(workload, values));
        assert_true(workload->setup(&input, &settings, &error));
        assert_true(text_generate(&plain, &known[i].shape, false, 1, &error));
        assert_int_equal(input.length, known[i].length);
        assert_int_equal(plain.length, known[i].length);
        assert_memory_equal(input.text, plain.text, plain.length);
        assert_true(digest_of(&input) == known[i].digest);
    }
}

static void lines_of_a_given_shape(void **state)
{
    (void)state;
    const struct workload *workload = find_workload("small_strings");
    static const char *const values[] = {"17", "2-5"};
    struct workload_settings settings = {1, values, STRATEGY_OWNED};
    struct workload_input input = {.length = 0};
    struct workload_error error;
    assert_true(workload->setup(&input, &settings, &error));
    assert_int_equal(input.line_count, 512);
    unsigned seen = 0; /* a bit a length */
    for (size_t i = 0; i < input.line_count; i++) {
        const char *text = input.lines[i].text, *end = text + input.lines[i].length;
        unsigned tokens = 1;
        for (unsigned length = 0; text <= end; text++) {
            if (text < end && *text != ',') {
                length++;
                continue;
            }
            assert_in_range(length, 2, 5);
            seen |= 1u << length;
            length = 0;
            tokens += text < end;
        }
        assert_int_equal(tokens, 17);
    }
    assert_int_equal(seen, 0x3c);
}

static void so_many_lines_are_held(void **state)
{
    (void)state;
    const struct workload *workload = find_workload("batch_processing");
    static const char *const wrong[] = {"", "0", "-1", "5x", "1000001", "99999999999999999999999"};
    const char *values[] = {"7", "3", "2"};
    struct workload_settings settings = {1, values, STRATEGY_OWNED};
    struct workload_input input = {.length = 0};
    struct workload_error error;
    assert_true(workload->setup(&input, &settings, &error));
    assert_int_equal(input.line_count, 7);
    assert_int_equal(input.length, 7 * 3 * 3);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char expected[80];
        values[0] = wrong[i];
        snprintf(expected, sizeof expected, "lines '%s' is no number from 1 to 1000000", wrong[i]);
        assert_false(workload->setup(&input, &settings, &error));
        assert_string_equal(error.text, expected);
    }
}

static void shapes_that_are_none(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",     "0",    "0-4",  "5-3",
                                        "5-",   "-5",   "5-6x", "x5",
                                        "1025", "5- 6", "5-+6", "99999999999999999999"};
    struct text_shape shape;
    struct workload_error error;
    for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const char *const tokens[] = {wrong[i], "3"}, *const bytes[] = {"3", wrong[i]};
        assert_false(text_shape_of(&shape, 1, tokens, &error));
        assert_non_null(strstr(error.text, "tokens '"));
        assert_false(text_shape_of(&shape, 1, bytes, &error));
        assert_non_null(strstr(error.text, "bytes '"));
    }
    static const char *const most[] = {"1-1024", "256"};
    assert_true(text_shape_of(&shape, 7, most, &error));
    assert_true(shape.lines == 7 && shape.tokens_min == 1 && shape.tokens_max == 1024);
    assert_true(shape.bytes_min == 256 && shape.bytes_max == 256);
}

/* ---- quoted_csv ---- */

static const struct workload *quoted_csv(void)
{
    const struct workload *workload = find_workload("quoted_csv");
    assert_non_null(workload);
    return workload;
}

static void check_csv(const char *path, const char *window, const char *source)
{
    const char *const values[] = {path, window};
    for (unsigned strategy = 0; strategy < STRATEGY_COUNT; strategy++) {
        struct workload_settings settings = {3, values, (enum strategy)strategy};
        struct workload_input input = {.length = 0};
        struct workload_error error;
        struct workload_tally reference = {0}, tally = {.digest = DIGEST_SEED};
        if (!backend_offers((enum strategy)strategy))
            continue;
        if (!quoted_csv()->setup(&input, &settings, &error))
            fail_msg("%s", error.text);
        assert_string_equal(input.source ? input.source : "generated", source);
        quoted_csv()->reference(&input, &reference);
        assert_true(quoted_csv()->pass[strategy][PASS_VERIFY](NULL, &input, &tally));
        assert_int_equal(tally.tokens, reference.tokens);
        assert_int_equal(tally.ops, reference.ops);
        assert_true(tally.digest == reference.digest);
    }
}

static void libcsv_reads_what_the_splitter_reads(void **state)
{
    (void)state;
    FILE *out = new_file();
    fputs("a,b\r\n\r\n\n  spaced , \" kept \",\t\n\"\",\"\"\"\",\"x\"\"y\"\n,\n\"l1\r\nl2\",z\n",
          out);
    fputs("   \nlast, one", out);
    fclose(out);
    check_csv(file_name, "1M", "file");
    unlink(file_name);
    assert_true(backend_offers(STRATEGY_LIBCSV));
}

static void generated_csv(void **state)
{
    (void)state;
    check_csv("generated", "64K", "generated");
    check_csv("generated", "1", "generated");
}

/* Half of the tokens with quotes in them, some with line ends: text of the real file's kind. */
static void generated_csv_has_what_is_odd(void **state)
{
    (void)state;
    static const char *const values[] = {"generated", "256K"};
    struct workload_settings settings = {1, values, STRATEGY_OWNED};
    struct workload_input input = {.length = 0};
    struct workload_error error;
    unsigned doubled = 0, inside = 0, quoted = 0;
    assert_true(quoted_csv()->setup(&input, &settings, &error));
    for (size_t i = 0; i < input.line_count; i++) {
        struct workload_line line = input.lines[i];
        doubled += memmem(line.text, line.length, "\"\"", 2) != NULL;
        inside += memchr(line.text, '\n', line.length) != NULL;
        quoted += memchr(line.text, '"', line.length) != NULL;
    }
    assert_true(doubled > 100 && inside > 10);
    assert_in_range(quoted, input.line_count / 3, input.line_count * 2 / 3);
}

static void a_given_file_must_exist(void **state)
{
    (void)state;
    static const char *const values[] = {"/nonexistent/oui.csv", "256K"};
    struct workload_settings settings = {1, values, STRATEGY_OWNED};
    struct workload_input input = {.length = 0};
    struct workload_error error;
    assert_false(quoted_csv()->setup(&input, &settings, &error));
    assert_non_null(strstr(error.text, "cannot open input /nonexistent/oui.csv"));
}

/* In a counted pass libcsv's own buffer is seen, and given back. */
static void libcsv_buffer_is_counted(void **state)
{
    (void)state;
    static const char *const values[] = {"generated", "64K"};
    struct workload_settings settings = {1, values, STRATEGY_LIBCSV};
    struct workload_input input = {.length = 0};
    struct workload_error error;
    struct workload_tally tally = {0};
    assert_true(quoted_csv()->setup(&input, &settings, &error));
    tracker_reset();
    assert_true(quoted_csv()->pass[STRATEGY_LIBCSV][PASS_TRACKED](NULL, &input, &tally));
    assert_in_range(tracker_counts().allocations, 1, 10);
    assert_int_equal(tracker_counts().allocations, tracker_counts().frees);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_are_whole_records),
        cmocka_unit_test(window_sizes),
        cmocka_unit_test(random_numbers_stay_in_range),
        cmocka_unit_test(reference_by_hand),
        cmocka_unit_test(default_lines_are_as_ever),
        cmocka_unit_test(lines_of_a_given_shape),
        cmocka_unit_test(so_many_lines_are_held),
        cmocka_unit_test(shapes_that_are_none),
        cmocka_unit_test(libcsv_reads_what_the_splitter_reads),
        cmocka_unit_test(generated_csv),
        cmocka_unit_test(generated_csv_has_what_is_odd),
        cmocka_unit_test(a_given_file_must_exist),
        cmocka_unit_test(libcsv_buffer_is_counted),
    };
    return cmocka_run_group_tests_name("inputs", tests, NULL, NULL);
}
