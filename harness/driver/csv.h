/* CSV files per RFC 4180: reading by libcsv, writing with the quotes that are needed. */
#ifndef HARNESS_DRIVER_CSV_H
#define HARNESS_DRIVER_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "harness/error.h"

/* A whole file in memory: rows of fields, all NUL-terminated. */
struct csv_table {
    char **fields; /* row r begins at fields[row_starts[r]] */
    size_t *row_starts;
    size_t row_count; /* the header is row 0 */
    char *text;
};

/* A last line without its end was cut short and is left out. */
bool csv_table_load(struct csv_table *table, const char *path, struct error *error);
void csv_table_free(struct csv_table *table);

size_t csv_row_length(const struct csv_table *table, size_t row);
/* Field `column` of a row, "" where the row is shorter. */
const char *csv_field(const struct csv_table *table, size_t row, size_t column);

/* One field, quoted where it must be; then ',' or '\n' is the caller's. */
void csv_put(FILE *out, const char *field);

/* Replaces a file whole: write to the stream, then csv_commit. On failure the old file stands. */
struct csv_replacement {
    FILE *out;
    char path[4096];
    char temporary[4112];
};
bool csv_replace(struct csv_replacement *replacement, const char *directory, const char *name,
                 struct error *error);
bool csv_commit(struct csv_replacement *replacement, struct error *error);

#endif
