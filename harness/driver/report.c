/* report_make: report.md from the derived CSV files and environment.json; report.html by cmark-gfm.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/driver/csv.h"
#include "harness/driver/environment.h"
#include "harness/driver/markdown.h"
#include "harness/driver/programs.h"
#include "harness/driver/report_parts.h"
#include "harness/driver/spawn.h"
#include "harness/driver/store.h"
#include "harness/driver/table_rows.h"
#include "harness/driver/tables.h"

#define FAILURES_SHOWN 20

static void put_target(FILE *out, const struct target_row *target)
{
    char claim[300], measured[100];
    target_claim(claim, sizeof claim, target);
    target_measured(measured, sizeof measured, target);
    const char *const cells[] = {target->verdict, target->tier, target->workload,
                                 claim,           measured,     target->reason};
    fputs("|", out);
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++)
        markdown_cell(out, cells[i]);
    putc('\n', out);
}

static void put_verdicts(FILE *out, const struct summary_file *summary)
{
    size_t absent = 0;
    fputs("## Verdicts\n\n| verdict | tier | workload | target | measured | note |\n"
          "|---|---|---|---|---|---|\n",
          out);
    for (size_t i = 0; i < summary->target_count; i++) {
        absent += target_is_absent(&summary->targets[i]);
        if (!target_is_absent(&summary->targets[i]))
            put_target(out, &summary->targets[i]);
    }
    fputs("\nMET and MISSED are said only where the whole 95 % interval lies on one side of the "
          "threshold.\n\n",
          out);
    if (absent)
        fputs("INCONCLUSIVE because this run did not measure them:\n\n", out);
    for (size_t i = 0; i < summary->target_count; i++) {
        const struct target_row *target = &summary->targets[i];
        char claim[300];
        if (!target_is_absent(target))
            continue;
        target_claim(claim, sizeof claim, target);
        fprintf(out, "- %s, ", target->tier);
        markdown_text(out, target->workload);
        fputs(": ", out);
        markdown_text(out, claim);
        fputs(" (", out);
        markdown_text(out, target->reason);
        fputs(")\n", out);
    }
    if (absent)
        putc('\n', out);
}

/* What each known picture shows; others are named by their files. */
static const char *picture_text(const char *name)
{
    static const char *const texts[][2] = {
        {"speedup", "speedup over system/owned"},
        {"cost", "time per op, split at the floor"},
        {"memory", "peak resident memory"},
        {"heap_curve", "live, committed and resident memory over ops"},
        {"fragmentation", "fragmentation of the heap"},
        {"heap_map", "pages of the heap at the peak"},
        {"retention", "memory kept after everything was freed"},
        {"misses", "first-level cache misses per op"},
        {"latency", "latency of an op, percentiles"},
        {"threads", "speedup over threads"},
        {"contention", "steals and waits by threads"},
        {"latency_threads", "latency of an op by threads"},
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (strcmp(texts[i][0], name) == 0)
            return texts[i][1];
    return name;
}

/* The speedup first, the others by name. */
static int picture_order(const struct dirent **a, const struct dirent **b)
{
    int left = strncmp((*a)->d_name, "speedup-", 8) != 0;
    int right = strncmp((*b)->d_name, "speedup-", 8) != 0;
    return left != right ? left - right : strcmp((*a)->d_name, (*b)->d_name);
}

/* Every plots/<name>-<workload>.svg there is. */
static void put_pictures(FILE *out, const char *directory, const char *workload)
{
    char folder[4200], end[200];
    struct dirent **entries;
    snprintf(folder, sizeof folder, "%s/plots", directory);
    snprintf(end, sizeof end, "-%.190s.svg", workload);
    int count = scandir(folder, &entries, NULL, picture_order);
    for (int i = 0; i < count; i++) {
        const char *file = entries[i]->d_name;
        size_t length = strlen(file), tail = strlen(end);
        if (length > tail && strcmp(file + length - tail, end) == 0) {
            char name[NAME_MAX + 1];
            snprintf(name, sizeof name, "%.*s", (int)(length - tail), file);
            fprintf(out, "![%s: %s](plots/%s)\n\n", workload, picture_text(name), file);
        }
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

static void note_of(char *note, size_t size, const struct table_row *row)
{
    const char *const parts[] = {row->bulk ? "bulk release only" : "",
                                 row->sentinel ? "sentinel: the baseline against itself" : "",
                                 row->failures, row->reason};
    size_t used = 0;
    note[0] = 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && used < size; i++)
        if (*parts[i])
            used += (size_t)snprintf(note + used, size - used, "%s%s", used ? "; " : "", parts[i]);
}

static void put_workload(FILE *out, const struct summary_file *summary, const char *directory,
                         const char *workload)
{
    struct table_row row;
    fputs("## ", out);
    markdown_text(out, workload);
    fputs("\n\n| cell | ns/op | above the floor | ns/token | speedup [95 %] | peak RSS | "
          "heap allocations/op | heap frees/op | n | note |\n"
          "|---|--:|--:|--:|---|--:|--:|--:|--:|---|\n",
          out);
    for (size_t i = 0; table_row_next(summary, workload, &i, &row);) {
        char note[500];
        note_of(note, sizeof note, &row);
        const char *const cells[] = {row.cell,    row.ns_per_op, row.above_floor, row.ns_per_token,
                                     row.speedup, row.peak,      row.allocations, row.frees};
        fputs("|", out);
        for (size_t k = 0; k < sizeof cells / sizeof cells[0]; k++)
            markdown_cell(out, cells[k]);
        fprintf(out, " %zu |", row.n);
        markdown_cell(out, note);
        putc('\n', out);
    }
    putc('\n', out);
    for (size_t i = 0; i < summary->row_count; i++) {
        char sentence[300];
        if (strcmp(summary->rows[i].workload, workload) != 0 ||
            !sentinel_sentence(sentence, sizeof sentence, &summary->rows[i]))
            continue;
        fputs("**Sentinel.** ", out);
        markdown_text(out, sentence);
        fputs(".\n\n", out);
    }
    put_pictures(out, directory, workload);
    report_metrics(out, summary, workload);
}

static void put_failures(FILE *out, const char *directory)
{
    struct run_rows rows;
    struct error ignored;
    size_t failed = 0;
    if (!run_rows_load(&rows, directory, &ignored))
        return;
    for (size_t i = 0; i < rows.trial_count; i++) {
        const struct trial_row *trial = &rows.trials[i];
        if (strcmp(trial->status, "ok") == 0)
            continue;
        if (failed++ == 0)
            fputs("## Failed trials\n\n| trial | kind | workload | cell | reason |\n"
                  "|--:|---|---|---|---|\n",
                  out);
        if (failed > FAILURES_SHOWN)
            continue;
        char cell[256];
        snprintf(cell, sizeof cell, "%.120s/%.100s", trial->backend, trial->strategy);
        fprintf(out, "| %" PRIu64 " |", trial->trial);
        markdown_cell(out, trial->kind);
        markdown_cell(out, trial->workload);
        markdown_cell(out, cell);
        markdown_cell(out, trial->reason);
        putc('\n', out);
    }
    if (failed > FAILURES_SHOWN)
        fprintf(out, "\n%zu more: see trials.csv.\n", failed - FAILURES_SHOWN);
    if (failed)
        putc('\n', out);
    run_rows_free(&rows);
}

static const char how_to_read[] =
    "## How to read it\n\n"
    "- A cell is a backend and a strategy. `owned` allocates every token by itself, with the same "
    "code on every backend; `pooled` is the library's own API on the arena and pool; `view` copies "
    "nothing.\n"
    "- A round runs every cell once, each in a process of its own, in a random order in which each "
    "cell follows each other equally often. The speedup is the median over rounds of "
    "`system/owned` "
    "÷ cell, its interval that of the sign test.\n"
    "- `null/owned` is the floor: a pointer bump that manages no memory. A cell below it does less "
    "copying than owning each token needs.\n"
    "- The sentinel is `system/owned` a second time in each round: its ratio should be 1.\n"
    "- Peak RSS is the growth of the resident high-water mark over the state just before the heap "
    "is opened; the kernel counts it in pages, and may lag by some.\n"
    "- Per cent behind peak RSS, allocations and frees: the change against `system/owned`.\n"
    "- Every figure with its source is in `summary.csv`, every trial in `trials.csv` and "
    "`measurements.csv`.\n";

static bool write_markdown(const char *directory, const struct summary_file *summary,
                           const json_t *environment, struct error *error)
{
    struct csv_replacement file;
    if (!csv_replace(&file, directory, "report.md", error))
        return false;
    fputs("# apportion: run ", file.out);
    markdown_text(file.out, report_word(environment, "run"));
    fputs("\n\nMeasured ", file.out);
    markdown_text(file.out, report_word(environment, "created_utc"));
    fputs(" with: ", file.out);
    markdown_text(file.out, report_word(environment, "command"));
    fputs("\n\n", file.out);
    put_verdicts(file.out, summary);
    for (size_t i = 0; i < summary->row_count; i++)
        if (summary_is_first_of_workload(summary, i))
            put_workload(file.out, summary, directory, summary->rows[i].workload);
    put_failures(file.out, directory);
    report_environment(file.out, environment);
    fputs(how_to_read, file.out);
    return csv_commit(&file, error);
}

static const char page_head[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>apportion</title>\n<style>\n"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;"
    "color:#222}\n"
    "table{border-collapse:collapse;margin:1rem 0;font-size:.9rem;display:block;overflow-x:auto}\n"
    "th,td{border-bottom:1px solid #ddd;padding:.25rem .6rem;text-align:left;"
    "font-variant-numeric:tabular-nums}\n"
    "th{background:#f4f4f4}\nimg{max-width:100%;height:auto}\ncode{background:#f4f4f4}\n"
    "[align=right]{text-align:right}\n</style></head><body>\n";

/* The page, or none: one that does not belong to the report.md beside it would mislead. */
static bool write_page(const char *directory, struct error *error)
{
    char markdown[4200], page[4200], cmark[PATH_MAX];
    char *body;
    struct csv_replacement file;
    snprintf(markdown, sizeof markdown, "%s/report.md", directory);
    snprintf(page, sizeof page, "%s/report.html", directory);
    if (!program_find("cmark-gfm", cmark, sizeof cmark)) {
        unlink(page);
        return error_set(error, "no report.html: cmark-gfm is not on PATH; `make deps` installs it "
                                "(report.md is there)");
    }
    char *const arguments[] = {cmark, "--extension", "table", markdown, NULL};
    if (!spawn_output(arguments, 60, &body, error)) {
        unlink(page);
        return error_prefix(error, "no report.html");
    }
    bool done = csv_replace(&file, directory, "report.html", error);
    if (done) {
        fputs(page_head, file.out);
        fputs(body, file.out);
        fputs("</body></html>\n", file.out);
        done = csv_commit(&file, error);
    }
    free(body);
    return done;
}

bool report_make(const char *directory, struct error *error)
{
    struct summary_file summary;
    if (!summary_load(&summary, directory, error))
        return false;
    json_t *environment = environment_read(directory, error);
    bool done = environment && write_markdown(directory, &summary, environment, error) &&
                write_page(directory, error);
    json_decref(environment);
    summary_free(&summary);
    return done;
}
