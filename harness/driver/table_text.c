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

static void print_workload(const struct summary_file *summary, const char *workload, FILE *out)
{
    struct table_row row;
    char name[80];
    fprintf(out, "\n%s\n", workload);
    fprintf(out, "  %-17s %9s %9s %9s  %-22s %9s %9s %4s\n", "cell", "ns/op", "- floor", "ns/token",
            "speedup [95 %]", "peak RSS", "allocs/op", "n");
    for (size_t i = 0; table_row_next(summary, workload, &i, &row);) {
        snprintf(name, sizeof name, "%s%s", row.cell, row.bulk ? " *" : "");
        fprintf(out, "  %-17s %9s %9s %9s  %-22s %9s %9s %4zu%s%s\n", name, row.ns_per_op,
                row.above_floor, row.ns_per_token, row.speedup, row.peak, row.allocations, row.n,
                row.note[0] ? "  " : "", row.note);
    }
}

static const char *colour(FILE *out, const char *verdict)
{
    if (!isatty(fileno(out)))
        return "";
    return strcmp(verdict, "MET") == 0      ? "\033[32m"
           : strcmp(verdict, "MISSED") == 0 ? "\033[31m"
                                            : "\033[33m";
}

static void print_targets(const struct summary_file *summary, FILE *out)
{
    size_t absent = 0;
    fputs("\ntargets\n", out);
    for (size_t i = 0; i < summary->target_count; i++) {
        const struct target_row *target = &summary->targets[i];
        char claim[200], measured[100];
        if (target_is_absent(target)) {
            absent++;
            continue;
        }
        target_claim(claim, sizeof claim, target);
        target_measured(measured, sizeof measured, target);
        fprintf(out, "  %s%-12s%s %s: %s; measured %s%s%s\n", colour(out, target->verdict),
                target->verdict, isatty(fileno(out)) ? "\033[0m" : "", target->workload, claim,
                measured, *target->reason ? "; " : "", target->reason);
    }
    if (absent)
        fprintf(out, "  (%zu further target%s for what this run did not measure: targets.csv)\n",
                absent, absent > 1 ? "s" : "");
}

bool tables_print(const char *directory, FILE *out, struct error *error)
{
    struct summary_file summary;
    if (!summary_load(&summary, directory, error))
        return false;
    bool bulk = false;
    for (size_t i = 0; i < summary.row_count; i++) {
        bulk = bulk || summary_has_flag(&summary.rows[i], "bulk");
        if (summary_is_first_of_workload(&summary, i))
            print_workload(&summary, summary.rows[i].workload, out);
    }
    if (bulk)
        fputs("  * releases a scope as a whole; cannot free one token\n", out);
    for (size_t i = 0; i < summary.row_count; i++) {
        char sentence[300];
        if (sentinel_sentence(sentence, sizeof sentence, &summary.rows[i]))
            fprintf(out, "  %s\n", sentence);
    }
    print_targets(&summary, out);
    fputc('\n', out);
    bool done = fflush(out) == 0 && !ferror(out);
    summary_free(&summary);
    return done || error_set(error, "cannot write the table");
}
