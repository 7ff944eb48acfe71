/* The terminal's table and verdicts, from summary.csv and targets.csv; and tables_make. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/driver/judge.h"
#include "harness/driver/series.h"
#include "harness/driver/summarise.h"
#include "harness/driver/summary_file.h"
#include "harness/driver/table_rows.h"
#include "harness/driver/tables.h"
#include "harness/driver/text_table.h"

/* Where the text behind a verdict begins. */
#define VERDICT_COLUMN 15

bool tables_make(const char *directory, const char *targets_path, struct verdict_counts *counts,
                 struct error *error)
{
    struct series_set set;
    if (!series_load(&set, directory, error))
        return false;
    bool done =
        summarise(&set, directory, error) && judge(&set, targets_path, directory, counts, error);
    series_free(&set);
    return done;
}

static bool add_row(struct text_table *table, const struct table_row *row)
{
    char name[110], n[24];
    snprintf(name, sizeof name, "%s%s", row->cell, row->bulk ? " *" : "");
    snprintf(n, sizeof n, "%zu", row->n);
    const char *const texts[] = {name,         row->ns_per_op, row->above_floor, row->ns_per_token,
                                 row->speedup, row->peak,      row->allocations, n};
    return text_table_row(table, texts);
}

static bool print_workload(const struct summary_file *summary, const char *workload, FILE *out)
{
    static const char *const head[] = {"cell",           "ns/op",    "above floor", "ns/token",
                                       "speedup [95 %]", "peak RSS", "allocs/op",   "n"};
    struct text_table *table = text_table_new("lrrrlrrr");
    struct table_row row;
    bool done = table && text_table_row(table, head);
    fprintf(out, "\n%s\n", workload);
    for (size_t i = 0; done && table_row_next(summary, workload, &i, &row);)
        done = add_row(table, &row);
    if (done)
        text_table_print(table, out);
    text_table_free(table);
    for (size_t i = 0; done && table_row_next(summary, workload, &i, &row);) {
        char text[500];
        if (!row.failures[0])
            continue;
        snprintf(text, sizeof text, "%s %s%s%s", row.cell, row.failures, row.reason[0] ? ": " : "",
                 row.reason);
        fputs("  ", out);
        text_wrap(out, text, 2);
    }
    return done;
}

static bool is_coloured(FILE *out)
{
    const char *refused = getenv("NO_COLOR"); /* no-color.org */
    return isatty(fileno(out)) && !(refused && *refused);
}

static const char *colour(const char *verdict)
{
    return strcmp(verdict, "MET") == 0      ? "\033[32m"
           : strcmp(verdict, "MISSED") == 0 ? "\033[31m"
                                            : "\033[33m";
}

static void print_target(const struct target_row *target, FILE *out)
{
    char claim[300], measured[100], text[1200];
    bool coloured = is_coloured(out);
    target_claim(claim, sizeof claim, target);
    target_measured(measured, sizeof measured, target);
    fprintf(out, "  %s%-12s%s ", coloured ? colour(target->verdict) : "", target->verdict,
            coloured ? "\033[0m" : "");
    snprintf(text, sizeof text, "%s: %s", target->workload, claim);
    text_wrap(out, text, VERDICT_COLUMN);
    fprintf(out, "%*s", VERDICT_COLUMN, "");
    snprintf(text, sizeof text, "measured %s%s%s", measured, *target->reason ? "; " : "",
             target->reason);
    text_wrap(out, text, VERDICT_COLUMN);
}

/* The targets of the tier of the row `first`, which is the first of its tier. */
static void print_tier(const struct summary_file *summary, size_t first, FILE *out)
{
    const char *tier = summary->targets[first].tier;
    size_t absent = 0, shown = 0;
    for (size_t i = first; i < summary->target_count; i++) {
        const struct target_row *target = &summary->targets[i];
        if (strcmp(target->tier, tier) != 0)
            continue;
        if (target_is_absent(target)) {
            absent++;
            continue;
        }
        if (shown++ == 0)
            fprintf(out, "\n%s targets\n", tier);
        print_target(target, out);
    }
    if (absent)
        fprintf(out, "%s  (%zu %s%s target%s for what this run did not measure: targets.csv)\n",
                shown ? "" : "\n", absent, shown ? "further " : "", tier, absent > 1 ? "s" : "");
}

static void print_targets(const struct summary_file *summary, FILE *out)
{
    for (size_t i = 0; i < summary->target_count; i++) {
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++)
            seen = strcmp(summary->targets[k].tier, summary->targets[i].tier) == 0;
        if (!seen)
            print_tier(summary, i, out);
    }
}

bool tables_print(const char *directory, FILE *out, struct error *error)
{
    struct summary_file summary;
    if (!summary_load(&summary, directory, error))
        return false;
    bool bulk = false, done = true;
    for (size_t i = 0; done && i < summary.row_count; i++) {
        bulk = bulk || summary_has_flag(&summary.rows[i], SUMMARY_NO_INDIVIDUAL_FREE);
        if (summary_is_first_of_workload(&summary, i))
            done = print_workload(&summary, summary.rows[i].workload, out);
    }
    if (bulk)
        fputs("\n  * releases a scope as a whole; cannot free one token\n", out);
    for (size_t i = 0; i < summary.row_count; i++) {
        char sentence[300];
        if (sentinel_sentence(sentence, sizeof sentence, &summary.rows[i])) {
            fputs("  ", out);
            text_wrap(out, sentence, 2);
        }
    }
    print_targets(&summary, out);
    fputc('\n', out);
    summary_free(&summary);
    if (!done)
        return error_set(error, "no memory for the table");
    return (fflush(out) == 0 && !ferror(out)) || error_set(error, "cannot write the table");
}
