/* Reading with libcsv, writing, and replacing files whole. */
#include "harness/driver/csv.h"

#include <csv.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct loader {
    struct csv_table *table;
    size_t field_count, field_room;
    size_t row_room;
    size_t used; /* of table->text */
    bool failed;
};

static void take_field(void *field, size_t length, void *data)
{
    struct loader *loader = data;
    struct csv_table *table = loader->table;
    if (loader->failed)
        return;
    if (loader->field_count == loader->field_room) {
        size_t room = loader->field_room ? loader->field_room * 2 : 1024;
        char **fields = realloc(table->fields, room * sizeof *fields);
        if (!fields) {
            loader->failed = true;
            return;
        }
        table->fields = fields;
        loader->field_room = room;
    }
    char *copy = table->text + loader->used;
    if (length)
        memcpy(copy, field, length);
    copy[length] = 0;
    loader->used += length + 1;
    table->fields[loader->field_count++] = copy;
}

static void take_row(int end, void *data)
{
    struct loader *loader = data;
    struct csv_table *table = loader->table;
    (void)end;
    if (table->row_count + 2 > loader->row_room && !loader->failed) {
        size_t room = loader->row_room ? loader->row_room * 2 : 256;
        size_t *starts = realloc(table->row_starts, room * sizeof *starts);
        if (!starts) {
            loader->failed = true;
            return;
        }
        table->row_starts = starts;
        loader->row_room = room;
    }
    if (loader->failed)
        return;
    if (table->row_count == 0)
        table->row_starts[0] = 0;
    table->row_starts[++table->row_count] = loader->field_count;
}

static bool read_file(const char *path, char **text, size_t *length, struct error *error)
{
    FILE *in = fopen(path, "rbe");
    if (!in)
        return error_set(error, "cannot read %s: %s", path, strerror(errno));
    size_t room = 0;
    *text = NULL;
    *length = 0;
    for (;;) {
        if (*length + 1 >= room) {
            room = room ? room * 2 : 1 << 16;
            char *larger = realloc(*text, room);
            if (!larger) {
                fclose(in);
                return error_set(error, "no memory to read %s", path);
            }
            *text = larger;
        }
        size_t got = fread(*text + *length, 1, room - *length - 1, in);
        *length += got;
        if (got == 0)
            break;
    }
    bool done = !ferror(in);
    fclose(in);
    return done || error_set(error, "cannot read %s: %s", path, strerror(errno));
}

bool csv_table_load(struct csv_table *table, const char *path, struct error *error)
{
    char *raw = NULL;
    size_t length = 0;
    struct loader loader = {.table = table};
    struct csv_parser parser;
    memset(table, 0, sizeof *table);
    if (!read_file(path, &raw, &length, error)) {
        free(raw);
        return false;
    }
    while (length > 0 && raw[length - 1] != '\n')
        length--;
    /* A field takes its bytes and a NUL; each is followed by a separator in the file. */
    table->text = malloc(2 * length + 16);
    if (!table->text || csv_init(&parser, 0) != 0) {
        free(raw);
        csv_table_free(table);
        return error_set(error, "no memory to read %s", path);
    }
    bool done = csv_parse(&parser, raw, length, take_field, take_row, &loader) == length &&
                csv_fini(&parser, take_field, take_row, &loader) == 0 && !loader.failed;
    if (!done)
        error_set(error, "%s, row %zu: not CSV (%s)", path, table->row_count + 1,
                  csv_strerror(csv_error(&parser)));
    csv_free(&parser);
    free(raw);
    if (!done)
        csv_table_free(table);
    return done;
}

void csv_table_free(struct csv_table *table)
{
    free(table->fields);
    free(table->row_starts);
    free(table->text);
    memset(table, 0, sizeof *table);
}

size_t csv_row_length(const struct csv_table *table, size_t row)
{
    return table->row_starts[row + 1] - table->row_starts[row];
}

const char *csv_field(const struct csv_table *table, size_t row, size_t column)
{
    return column < csv_row_length(table, row) ? table->fields[table->row_starts[row] + column]
                                               : "";
}

void csv_put(FILE *out, const char *field)
{
    if (field[strcspn(field, ",\"\r\n")] == 0)
        fputs(field, out);
    else
        csv_fwrite(out, field, strlen(field));
}

bool csv_replace(struct csv_replacement *replacement, const char *directory, const char *name,
                 struct error *error)
{
    if (snprintf(replacement->path, sizeof replacement->path, "%s/%s", directory, name) >=
        (int)sizeof replacement->path)
        return error_set(error, "path %s/%s is too long", directory, name);
    snprintf(replacement->temporary, sizeof replacement->temporary, "%s.new", replacement->path);
    replacement->out = fopen(replacement->temporary, "we");
    if (!replacement->out)
        return error_set(error, "cannot write %s: %s", replacement->temporary, strerror(errno));
    return true;
}

bool csv_commit(struct csv_replacement *replacement, struct error *error)
{
    bool written = fflush(replacement->out) == 0 && !ferror(replacement->out) &&
                   fdatasync(fileno(replacement->out)) == 0;
    int reason = errno;
    if (fclose(replacement->out) != 0 && written) {
        reason = errno;
        written = false;
    }
    if (written && rename(replacement->temporary, replacement->path) == 0)
        return true;
    if (written)
        reason = errno;
    unlink(replacement->temporary);
    return error_set(error, "cannot write %s: %s; the old one stands", replacement->path,
                     strerror(reason));
}
