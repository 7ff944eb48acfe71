/* compare_print: two runs, cell by cell, each by its ratio to its own run's baseline. */
#include <math.h>
#include <string.h>

#include "harness/driver/environment.h"
#include "harness/driver/summary_file.h"
#include "harness/driver/table_rows.h"
#include "harness/driver/tables.h"
#include "harness/driver/text_table.h"

static const char *const metrics[] = {"ns_per_op", "peak_rss_bytes", "heap_allocations_per_op"};

enum change { BETTER, WORSE, NO_CHANGE, TOO_FEW, CHANGE_COUNT };

static const char *const change_names[CHANGE_COUNT] = {"better", "WORSE", "no change seen",
                                                       "too few rounds"};

struct comparison {
    struct text_table *table;
    size_t changes[CHANGE_COUNT];
    size_t alone; /* rows of one run only */
    size_t shown;
};

/* What is compared: the ratio to the run's own baseline; but a ratio of 0 or inf, to or of nothing,
 * would hide any change, and the figures themselves are taken. */
struct compared {
    double middle, lo, hi;
};

static bool is_degenerate(const struct summary_row *row)
{
    return row->ratio == 0 || isinf(row->ratio);
}

static struct compared compared_of(const struct summary_row *row, bool figures)
{
    return figures ? (struct compared){row->median, row->lo, row->hi}
                   : (struct compared){row->ratio, row->ratio_lo, row->ratio_hi};
}

/* Disjoint intervals: a change. The runs are not paired, so nothing finer is said. */
static enum change change_of(struct compared base, struct compared head, bool less_is_better)
{
    if (isnan(base.lo) || isnan(head.lo))
        return TOO_FEW;
    if (head.lo > base.hi)
        return less_is_better ? WORSE : BETTER;
    if (head.hi < base.lo)
        return less_is_better ? BETTER : WORSE;
    return NO_CHANGE;
}

static void change_text(char *text, size_t size, double base, double head)
{
    if (head == base)
        snprintf(text, size, "0.0 %%");
    else if (base > 0 && isfinite(head / base))
        snprintf(text, size, "%+.1f %%", 100 * (head / base - 1));
    else
        snprintf(text, size, "-");
}

static void compared_text(char *text, size_t size, struct compared compared, bool figures,
                          const char *unit)
{
    if (figures)
        summary_format(text, size, compared.middle, unit);
    else
        ratio_text(text, size, compared.middle, compared.lo, compared.hi);
}

/* Rows that a comparison is about. */
static bool is_compared(const struct summary_row *row)
{
    return !row->sentinel && row->n > 0 && !isnan(row->ratio);
}

static bool add_row(struct comparison *comparison, const struct summary_row *base,
                    const struct summary_row *head)
{
    char cell[64], left[48], right[48], change[24];
    bool figures = is_degenerate(base) || is_degenerate(head);
    struct compared before = compared_of(base, figures), after = compared_of(head, figures);
    enum change kind = change_of(before, after, figures);
    snprintf(cell, sizeof cell, "%.40s/%.12s", head->backend, head->strategy);
    compared_text(left, sizeof left, before, figures, base->unit);
    compared_text(right, sizeof right, after, figures, head->unit);
    change_text(change, sizeof change, before.middle, after.middle);
    const char *const texts[] = {cell, left, right, change, change_names[kind]};
    comparison->changes[kind]++;
    comparison->shown++;
    return text_table_row(comparison->table, texts);
}

/* One workload and metric; false: no memory. */
static bool print_block(const struct summary_file *base, const struct summary_file *head,
                        const char *workload, const char *metric, struct comparison *comparison,
                        FILE *out)
{
    static const char *const titles[] = {"cell", "base [95 %]", "head [95 %]", "head/base", ""};
    size_t before = comparison->shown;
    comparison->table = text_table_new("lllrl");
    bool done = comparison->table && text_table_row(comparison->table, titles);
    for (size_t i = 0; done && i < head->row_count; i++) {
        const struct summary_row *row = &head->rows[i];
        if (!is_compared(row) || strcmp(row->metric, metric) != 0 ||
            strcmp(row->workload, workload) != 0)
            continue;
        const struct summary_row *old = summary_of_cell(base, row, metric);
        if (old && is_compared(old))
            done = add_row(comparison, old, row);
        else
            comparison->alone++;
    }
    for (size_t i = 0; done && i < base->row_count; i++) {
        const struct summary_row *row = &base->rows[i];
        const struct summary_row *new = summary_of_cell(head, row, metric);
        comparison->alone += is_compared(row) && strcmp(row->metric, metric) == 0 &&
                             strcmp(row->workload, workload) == 0 && !(new &&is_compared(new));
    }
    if (done && comparison->shown > before) {
        fprintf(out, "\n%s: %s, ratio to system/owned (above 1 is better)\n", workload, metric);
        text_table_print(comparison->table, out);
    }
    text_table_free(comparison->table);
    return done;
}

static void print_run(const char *name, const char *directory, FILE *out)
{
    struct error ignored;
    json_t *environment = environment_read(directory, &ignored);
    const char *cpu =
        json_string_value(json_object_get(json_object_get(environment, "machine"), "cpu"));
    const char *commit =
        json_string_value(json_object_get(json_object_get(environment, "apportion"), "commit"));
    const char *time = json_string_value(json_object_get(environment, "created_utc"));
    fprintf(out, "%s: %s (%s, commit %.12s, %.19s)\n", name, directory, cpu ? cpu : "unknown CPU",
            commit ? commit : "unknown", time ? time : "unknown time");
    json_decref(environment);
}

static bool print_all(const struct summary_file *base, const struct summary_file *head, FILE *out,
                      struct error *error)
{
    struct comparison comparison = {0};
    for (size_t i = 0; i < head->row_count; i++) {
        if (!summary_is_first_of_workload(head, i))
            continue;
        for (size_t m = 0; m < sizeof metrics / sizeof metrics[0]; m++)
            if (!print_block(base, head, head->rows[i].workload, metrics[m], &comparison, out))
                return error_set(error, "no memory for the comparison");
    }
    if (comparison.shown == 0)
        return error_set(error, "the two runs have no cell in common that can be compared");
    fprintf(out, "\n%zu better, %zu worse, %zu with no change seen, %zu with too few rounds",
            comparison.changes[BETTER], comparison.changes[WORSE], comparison.changes[NO_CHANGE],
            comparison.changes[TOO_FEW]);
    if (comparison.alone)
        fprintf(out, "; %zu in one run only", comparison.alone);
    fputs(
        ".\nThe runs are not paired: only intervals that do not meet are called a change. Where a "
        "ratio would be\nto nothing at all, the figure itself stands.\n",
        out);
    return fflush(out) == 0 || error_set(error, "cannot write the comparison");
}

bool compare_print(const char *base, const char *head, FILE *out, struct error *error)
{
    struct summary_file before, after;
    if (!summary_load(&before, base, error))
        return false;
    if (!summary_load(&after, head, error)) {
        summary_free(&before);
        return false;
    }
    print_run("base", base, out);
    print_run("head", head, out);
    bool done = print_all(&before, &after, out, error);
    summary_free(&before);
    summary_free(&after);
    return done;
}
