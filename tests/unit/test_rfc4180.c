/* link: lib */
/*
 * RFC 4180 by an independent oracle: valid documents (random, and real where the machine has one)
 * go through libcsv and through owned, pooled and view, record by record, and through one call for
 * the whole document; all fields are equal.
 *
 * libcsv here: CSV_STRICT with CSV_STRICT_FINI, so that it refuses what is not RFC 4180, and no
 * byte counts as a blank, for it strips blanks that the RFC says are part of a field. It also
 * leaves out empty lines; a record of one empty field is therefore written "". Where its other
 * rules differ from split.h's on text that is not RFC 4180, the last test says how.
 */
#include "check.h"

#include <csv.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "split_fixture.h"

#define DOCUMENT_MAX ((size_t)1 << 16)
#define REAL_FILE "/usr/share/ieee-data/oui.csv"

/* Fields of a document in order, and where each row's begin. */
struct table {
    struct split_token *fields;
    size_t field_count, field_room;
    size_t *rows; /* row_count + 1 of them */
    size_t row_count, row_room;
    char *bytes; /* room for the whole document's */
    size_t used;
};

static void table_begin(struct table *table, size_t length)
{
    memset(table, 0, sizeof *table);
    table->field_room = table->row_room = length + 2;
    table->fields = malloc(table->field_room * sizeof *table->fields);
    table->rows = malloc(table->row_room * sizeof *table->rows);
    table->bytes = malloc(length + 1);
    assert_true(table->fields && table->rows && table->bytes);
    table->rows[0] = 0;
}

static void table_free(struct table *table)
{
    free(table->fields);
    free(table->rows);
    free(table->bytes);
}

static void add_field(void *bytes, size_t length, void *data)
{
    struct table *table = data;
    char *copy = table->bytes + table->used;
    assert_true(table->field_count < table->field_room);
    if (length)
        memcpy(copy, bytes, length);
    table->used += length;
    table->fields[table->field_count].data = copy;
    table->fields[table->field_count++].length = length;
}

static void end_row(int end, void *data)
{
    struct table *table = data;
    (void)end;
    table->rows[++table->row_count] = table->field_count;
}

static int never_blank(unsigned char byte)
{
    (void)byte;
    return 0;
}

/* What libcsv makes of a document; `blanks`: by its own rules for blanks. False: it refuses. */
static bool parse_with_libcsv(struct table *table, const char *text, size_t length,
                              unsigned char options, bool blanks)
{
    struct csv_parser parser;
    table_begin(table, length);
    assert_int_equal(csv_init(&parser, options), 0);
    if (!blanks)
        csv_set_space_func(&parser, never_blank);
    bool taken = csv_parse(&parser, text, length, add_field, end_row, table) == length &&
                 csv_fini(&parser, add_field, end_row, table) == 0;
    csv_free(&parser);
    return taken;
}

/* ---- comparing ---- */

static void check_fields(const struct split_result *result, const struct table *table, size_t first,
                         size_t count, const char *how)
{
    if (result->count != count)
        fail_msg("%s, %s: %zu fields, libcsv has %zu", about, how, result->count, count);
    for (size_t i = 0; i < count; i++) {
        struct split_token token = split_result_token(result, i);
        struct split_token wanted = table->fields[first + i];
        if (token.length != wanted.length || memcmp(token.data, wanted.data, token.length) != 0)
            fail_msg("%s, %s: field %zu is '%.*s', libcsv has '%.*s'", about, how, first + i,
                     (int)token.length, token.data, (int)wanted.length, wanted.data);
    }
}

static void check_text(const char *text, size_t length, const struct split_options *options,
                       const struct table *table, size_t first, size_t count)
{
    struct split_result result;
    assert_true(split_owned(&result, text, length, options));
    check_fields(&result, table, first, count, "owned");
    split_result_release(&result);
    assert_true(split_pooled(&result, text, length, options, &arena, pool));
    check_fields(&result, table, first, count, "pooled");
    split_result_release(&result);
    assert_true(split_view(&result, text, length, options, &arena, pool));
    check_fields(&result, table, first, count, "view");
    split_result_release(&result);
    string_arena_reset(&arena);
}

/* The record from `at` on, without its end; *behind: where the next begins. In a valid document a
 * line end stands outside quotes where the number of quotes before it is even. */
static size_t record_length(const char *text, size_t length, size_t at, size_t *behind)
{
    bool inside = false;
    size_t i = at;
    for (; i < length && (inside || text[i] != '\n'); i++)
        inside ^= text[i] == '"';
    *behind = i < length ? i + 1 : length;
    return i - at - (i > at && i < length && text[i - 1] == '\r');
}

/* A document that ends with a line end, whole and by its records. The rows' number. */
static size_t check_document(const char *text, size_t length)
{
    static const struct split_delimiter comma = {",", 1};
    static const struct split_delimiter all[] = {{",", 1}, {"\r\n", 2}, {"\n", 1}};
    struct split_options options = split_options_default();
    struct table table;
    if (!parse_with_libcsv(&table, text, length, CSV_STRICT | CSV_STRICT_FINI, false))
        fail_msg("%s: libcsv does not take it", about);
    options.quote = '"';
    options.delimiters = &comma;
    size_t row = 0;
    for (size_t at = 0, behind; at < length; at = behind, row++) {
        size_t record = record_length(text, length, at, &behind);
        assert_true(row < table.row_count);
        check_text(text + at, record, &options, &table, table.rows[row],
                   table.rows[row + 1] - table.rows[row]);
    }
    assert_int_equal(row, table.row_count);
    options.delimiters = all;
    options.delimiter_count = 3;
    add_field(NULL, 0, &table); /* behind the last line end */
    check_text(text, length, &options, &table, 0, table.field_count);
    table_free(&table);
    return row;
}

/* ---- documents ---- */

/* A string behind what there is; the new length. */
static size_t append(char *text, size_t used, const char *string)
{
    while (*string)
        text[used++] = *string++;
    return used;
}

/* A field's bytes. Plain: none that would need quotes. */
static size_t random_field(char *to, bool plain)
{
    static const char special[] = "\",\r\n\"\"\" \t\0";
    size_t length = (size_t)(rand() % (rand() % 16 ? 9 : 150));
    int density = rand() % 5; /* up to all of them special */
    for (size_t i = 0; i < length; i++) {
        to[i] = rand() % 4 < density ? special[rand() % (int)sizeof special] : (char)rand();
        if (plain && strchr("\",\r\n", to[i]) && to[i])
            to[i] = 'x';
    }
    return length;
}

/* A valid document; *expected: its fields. */
static size_t random_document(char *text, struct table *expected)
{
    static char field[256];
    size_t used = 0;
    const char *line_end = rand() % 2 ? "\r\n" : "\n";
    int quoting = rand() % 5; /* of 4: how many fields are quoted */
    unsigned rows = 1 + (unsigned)rand() % 12;
    for (unsigned row = 0; row < rows; row++) {
        unsigned columns = 1 + (unsigned)rand() % (rand() % 8 ? 6 : 100);
        for (unsigned column = 0; column < columns; column++) {
            bool plain = rand() % 4 >= quoting;
            size_t length = random_field(field, plain);
            plain = plain && (length || columns > 1); /* else an empty line */
            add_field(field, length, expected);
            if (column)
                text[used++] = ',';
            if (!plain)
                text[used++] = '"';
            for (size_t i = 0; i < length; i++) {
                if (field[i] == '"')
                    text[used++] = '"';
                text[used++] = field[i];
            }
            if (!plain)
                text[used++] = '"';
        }
        end_row(0, expected);
        used = append(text, used, line_end);
        if (used > DOCUMENT_MAX / 2)
            break;
    }
    return used;
}

static void random_documents(void **state)
{
    (void)state;
    static char text[DOCUMENT_MAX];
    char name[40];
    unsigned seeds = test_rounds(3000);
    for (unsigned seed = 1; seed <= seeds; seed++) {
        struct table expected, parsed;
        srand(seed);
        snprintf(name, sizeof name, "seed %u", seed);
        about = name;
        table_begin(&expected, DOCUMENT_MAX);
        size_t length = random_document(text, &expected);
        /* The oracle itself gives what went in. */
        assert_true(parse_with_libcsv(&parsed, text, length, CSV_STRICT, false));
        assert_int_equal(parsed.field_count, expected.field_count);
        assert_int_equal(parsed.used, expected.used);
        assert_memory_equal(parsed.bytes, expected.bytes, expected.used);
        assert_int_equal(check_document(text, length), expected.row_count);
        table_free(&parsed);
        table_free(&expected);
    }
    print_message("# seeds 1 to %u\n", seeds);
}

/* One quoted field whose doubled quote, line end or comma stands at every place of a register. */
static void every_place(void **state)
{
    (void)state;
    static const char *const pieces[] = {"\"\"", "\n", "\r\n", ",", "\"\"\"\"", "\"\",\"\""};
    char text[300], name[80];
    for (size_t p = 0; p < sizeof pieces / sizeof pieces[0]; p++) {
        for (size_t before = 0; before < 140; before++) {
            snprintf(name, sizeof name, "piece %zu after %zu bytes", p, before);
            about = name;
            text[0] = '"';
            memset(text + 1, 'x', before);
            size_t used = append(text, 1 + before, pieces[p]);
            used = append(text, used, "\",y,\"\"\n");
            assert_int_equal(check_document(text, used), 1);
        }
    }
}

static void real_file(void **state)
{
    (void)state;
    FILE *file = fopen(REAL_FILE, "rb");
    if (!file) {
        print_message("# SKIP no %s (package ieee-data)\n", REAL_FILE);
        return;
    }
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    size_t length = (size_t)ftell(file);
    char *text = malloc(length);
    rewind(file);
    if (!text || length == 0)
        fail_msg("no memory or an empty file");
    assert_int_equal(fread(text, 1, length, file), length);
    fclose(file);
    about = REAL_FILE;
    assert_int_equal(text[length - 1], '\n');
    size_t rows = check_document(text, length);
    print_message("# %s: %zu rows\n", REAL_FILE, rows);
    assert_true(rows > 1000);
    free(text);
}

/* Text that RFC 4180 does not define: what split.h says and what libcsv does, by its default rules
 * (ours), as one field of each: the first. */
static void where_the_rules_differ(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *split, *libcsv;
        size_t split_count, libcsv_count;
    } cases[] = {
        /* the same: a quote in mid-field is a byte, an unclosed one stands at the end */
        {"a\"b,c", "a\"b", "a\"b", 2, 2},
        {"\"open,x", "open,x", "open,x", 1, 1},
        {"\"a\"b\",c", "a\"b", "a\"b", 2, 2},
        /* blanks belong to a field unless `trim` is asked for; libcsv strips them */
        {" a ,b", " a ", "a", 2, 2},
        {" \"a\",b", " \"a\"", "a", 2, 2},
        /* nothing but a delimiter may stand behind a closing quote; libcsv allows blanks */
        {"\"a\" ,b", "a\" ,b", "a", 1, 2},
        /* no text is one empty field; libcsv: no row */
        {"", "", "", 1, 0},
    };
    struct split_options options = split_options_default();
    options.quote = '"';
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct split_result result;
        struct table table;
        assert_true(split_owned(&result, cases[i].text, strlen(cases[i].text), &options));
        assert_int_equal(result.count, cases[i].split_count);
        assert_int_equal(result.tokens[0].length, strlen(cases[i].split));
        assert_memory_equal(result.tokens[0].data, cases[i].split, strlen(cases[i].split));
        split_result_release(&result);
        assert_true(parse_with_libcsv(&table, cases[i].text, strlen(cases[i].text), 0, true));
        assert_int_equal(table.field_count, cases[i].libcsv_count);
        if (table.field_count) {
            assert_int_equal(table.fields[0].length, strlen(cases[i].libcsv));
            assert_memory_equal(table.fields[0].data, cases[i].libcsv, strlen(cases[i].libcsv));
        }
        table_free(&table);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_documents),
        cmocka_unit_test(every_place),
        cmocka_unit_test(real_file),
        cmocka_unit_test(where_the_rules_differ),
    };
    return cmocka_run_group_tests_name("RFC 4180", tests, make_arena, free_arena);
}
