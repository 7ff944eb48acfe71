/* Rows of a run's derived CSV files. */
#include "harness/driver/summary_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/driver/csv.h"

struct tables {
    struct csv_table summary;
    struct csv_table targets;
};

static double number(const char *text)
{
    char *end;
    double value = strtod(text, &end);
    return end == text ? NAN : value;
}

static bool read_rows(struct summary_file *summary, const struct csv_table *table)
{
    summary->rows = calloc(table->row_count + 1, sizeof *summary->rows);
    for (size_t r = 1; summary->rows && r < table->row_count; r++) {
        struct summary_row *row = &summary->rows[summary->row_count++];
        row->workload = csv_field(table, r, 0);
        row->strategy = csv_field(table, r, 1);
        row->backend = csv_field(table, r, 2);
        row->threads = strtoul(csv_field(table, r, 3), NULL, 10);
        row->litter = number(csv_field(table, r, 4));
        row->metric = csv_field(table, r, 5);
        row->unit = csv_field(table, r, 6);
        row->source = csv_field(table, r, 7);
        row->n = strtoul(csv_field(table, r, 8), NULL, 10);
        row->median = number(csv_field(table, r, 9));
        row->lo = number(csv_field(table, r, 10));
        row->hi = number(csv_field(table, r, 11));
        row->ratio = number(csv_field(table, r, 12));
        row->ratio_lo = number(csv_field(table, r, 13));
        row->ratio_hi = number(csv_field(table, r, 14));
        row->flags = csv_field(table, r, 15);
        row->sentinel = summary_has_flag(row, "sentinel");
    }
    return summary->rows != NULL;
}

static bool read_targets(struct summary_file *summary, const struct csv_table *table)
{
    summary->targets = calloc(table->row_count + 1, sizeof *summary->targets);
    for (size_t r = 1; summary->targets && r < table->row_count; r++) {
        struct target_row *row = &summary->targets[summary->target_count++];
        row->target = csv_field(table, r, 0);
        row->tier = csv_field(table, r, 1);
        row->workload = csv_field(table, r, 2);
        row->metric = csv_field(table, r, 3);
        row->candidate = csv_field(table, r, 4);
        row->baseline = csv_field(table, r, 5);
        row->relation = csv_field(table, r, 6);
        row->threshold = number(csv_field(table, r, 7));
        row->measured = number(csv_field(table, r, 8));
        row->lo = number(csv_field(table, r, 9));
        row->hi = number(csv_field(table, r, 10));
        row->verdict = csv_field(table, r, 11);
        row->reason = csv_field(table, r, 12);
    }
    return summary->targets != NULL;
}

bool summary_load(struct summary_file *summary, const char *directory, struct error *error)
{
    char path[4200];
    memset(summary, 0, sizeof *summary);
    struct tables *tables = calloc(1, sizeof *tables);
    summary->tables = tables;
    if (!tables)
        return error_set(error, "no memory");
    snprintf(path, sizeof path, "%s/summary.csv", directory);
    bool done = csv_table_load(&tables->summary, path, error);
    if (done) {
        snprintf(path, sizeof path, "%s/targets.csv", directory);
        done = csv_table_load(&tables->targets, path, error);
    }
    done = done &&
           ((read_rows(summary, &tables->summary) && read_targets(summary, &tables->targets)) ||
            error_set(error, "no memory for the tables of %s", directory));
    if (!done) {
        summary_free(summary);
        if (access(path, F_OK) != 0)
            error_set(error, "%s is not there; `make tables RUN=%s` makes it from the raw rows",
                      path, directory);
    }
    return done;
}

void summary_free(struct summary_file *summary)
{
    struct tables *tables = summary->tables;
    if (tables) {
        csv_table_free(&tables->summary);
        csv_table_free(&tables->targets);
    }
    free(tables);
    free(summary->rows);
    free(summary->targets);
    memset(summary, 0, sizeof *summary);
}

const struct summary_row *summary_of_cell(const struct summary_file *summary,
                                          const struct summary_row *cell, const char *metric)
{
    for (size_t i = 0; i < summary->row_count; i++) {
        const struct summary_row *row = &summary->rows[i];
        if (row->sentinel == cell->sentinel && row->threads == cell->threads &&
            row->litter == cell->litter && strcmp(row->metric, metric) == 0 &&
            strcmp(row->workload, cell->workload) == 0 &&
            strcmp(row->strategy, cell->strategy) == 0 && strcmp(row->backend, cell->backend) == 0)
            return row;
    }
    return NULL;
}

bool summary_is_first_of_workload(const struct summary_file *summary, size_t row)
{
    for (size_t i = 0; i < row; i++)
        if (strcmp(summary->rows[i].workload, summary->rows[row].workload) == 0)
            return false;
    return true;
}

bool summary_has_flag(const struct summary_row *row, const char *flag)
{
    size_t length = strlen(flag);
    for (const char *at = row->flags; (at = strstr(at, flag)) != NULL; at += length)
        if ((at == row->flags || at[-1] == ' ') && strchr(" :", at[length]))
            return true;
    return false;
}

unsigned long summary_failed(const struct summary_row *row)
{
    static const char flag[] = "failed:";
    const char *at = strstr(row->flags, flag);
    return at ? strtoul(at + strlen(flag), NULL, 10) : 0;
}

void summary_format(char *text, size_t size, double value, const char *unit)
{
    static const char *const prefixes[] = {"", "k", "M", "G"};
    unsigned scale = 0;
    if (isnan(value)) {
        snprintf(text, size, "n/a");
        return;
    }
    if (strcmp(unit, "bytes") == 0) {
        while (fabs(value) >= 1000 && scale < 3) {
            value /= 1000;
            scale++;
        }
        unit = "B";
    }
    if (strcmp(unit, "count") == 0 || strcmp(unit, "ratio") == 0)
        unit = "";
    double size_of = fabs(value);
    const char *blank = *unit || scale ? " " : "";
    if (size_of > 0 && size_of < 0.1)
        snprintf(text, size, "%.3g%s%s%s", value, blank, prefixes[scale], unit);
    else
        snprintf(text, size, "%.*f%s%s%s",
                 size_of == 0 || size_of >= 99.95 ? 0
                 : size_of >= 9.995               ? 1
                 : size_of >= 0.9995              ? 2
                                                  : 3,
                 value, blank, prefixes[scale], unit);
}
