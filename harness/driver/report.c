/* report_make: report.md from the derived CSV files and environment.json; report.html by cmark-gfm.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/driver/csv.h"
#include "harness/driver/environment.h"
#include "harness/driver/spawn.h"
#include "harness/driver/store.h"
#include "harness/driver/table_rows.h"
#include "harness/driver/tables.h"

#define CMARK "/usr/bin/cmark-gfm"
#define FAILURES_SHOWN 20

static const char *text_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_string(value) ? json_string_value(value) : "unknown";
}

/* Markdown's table takes no bare '|'. */
static void put_cell(FILE *out, const char *text)
{
    fputs(" ", out);
    for (; *text; text++) {
        if (*text == '|')
            putc('\\', out);
        putc(*text, out);
    }
    fputs(" |", out);
}

static void put_verdicts(FILE *out, const struct summary_file *summary)
{
    fputs("## Verdicts\n\n| verdict | tier | workload | target | measured | note |\n"
          "|---|---|---|---|---|---|\n",
          out);
    for (size_t i = 0; i < summary->target_count; i++) {
        const struct target_row *target = &summary->targets[i];
        char claim[200], measured[100];
        target_claim(claim, sizeof claim, target);
        target_measured(measured, sizeof measured, target);
        fputs("|", out);
        put_cell(out, target->verdict);
        put_cell(out, target->tier);
        put_cell(out, target->workload);
        put_cell(out, claim);
        put_cell(out, measured);
        put_cell(out, target->reason);
        putc('\n', out);
    }
    fputs("\nMET and MISSED are said only where the whole 95 % interval lies on one side of the "
          "threshold.\n\n",
          out);
}

static void put_pictures(FILE *out, const char *directory, const char *workload)
{
    static const struct {
        const char *name;
        const char *text;
    } pictures[] = {
        {"speedup", "speedup over system/owned"},
        {"cost", "ns per op, split into the floor and what lies above it"},
        {"memory", "peak resident memory"},
    };
    for (size_t i = 0; i < sizeof pictures / sizeof pictures[0]; i++) {
        char path[4300];
        snprintf(path, sizeof path, "%s/plots/%s-%s.svg", directory, pictures[i].name, workload);
        if (access(path, R_OK) == 0)
            fprintf(out, "![%s: %s](plots/%s-%s.svg)\n\n", workload, pictures[i].text,
                    pictures[i].name, workload);
    }
}

static void put_workload(FILE *out, const struct summary_file *summary, const char *directory,
                         const char *workload)
{
    struct table_row row;
    fprintf(out,
            "## %s\n\n| cell | ns/op | above the floor | ns/token | speedup [95 %%] | peak RSS | "
            "heap allocations/op | heap frees/op | n | note |\n"
            "|---|--:|--:|--:|---|--:|--:|--:|--:|---|\n",
            workload);
    for (size_t i = 0; table_row_next(summary, workload, &i, &row);) {
        char note[240];
        snprintf(note, sizeof note, "%s%s%s", row.bulk ? "bulk release only" : "",
                 row.bulk && row.note[0] ? "; " : "",
                 strcmp(row.note, "A/A") == 0 ? "sentinel: the baseline against itself" : row.note);
        const char *const cells[] = {row.cell,    row.ns_per_op, row.above_floor, row.ns_per_token,
                                     row.speedup, row.peak,      row.allocations, row.frees};
        fputs("|", out);
        for (size_t k = 0; k < sizeof cells / sizeof cells[0]; k++)
            put_cell(out, cells[k]);
        fprintf(out, " %zu |", row.n);
        put_cell(out, note);
        putc('\n', out);
    }
    putc('\n', out);
    for (size_t i = 0; i < summary->row_count; i++) {
        char sentence[300];
        if (strcmp(summary->rows[i].workload, workload) == 0 &&
            sentinel_sentence(sentence, sizeof sentence, &summary->rows[i]))
            fprintf(out, "**%s.**\n\n", sentence);
    }
    put_pictures(out, directory, workload);
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
        put_cell(out, trial->kind);
        put_cell(out, trial->workload);
        put_cell(out, cell);
        put_cell(out, trial->reason);
        putc('\n', out);
    }
    if (failed > FAILURES_SHOWN)
        fprintf(out, "\n%zu more: see trials.csv.\n", failed - FAILURES_SHOWN);
    if (failed)
        putc('\n', out);
    run_rows_free(&rows);
}

static void put_environment(FILE *out, const json_t *environment)
{
    const json_t *machine = json_object_get(environment, "machine");
    const json_t *settings = json_object_get(environment, "settings");
    const json_t *build = json_object_get(environment, "apportion");
    const json_t *counters = json_object_get(environment, "counters");
    const json_t *outcome = json_object_get(environment, "outcome");
    size_t i;
    json_t *item;
    fprintf(out,
            "## Machine and build\n\n| | |\n|---|---|\n| CPU | %s, %" JSON_INTEGER_FORMAT
            " usable; trials on CPU %" JSON_INTEGER_FORMAT " |\n",
            text_of(machine, "cpu"), json_integer_value(json_object_get(machine, "cpus")),
            json_integer_value(json_object_get(machine, "trial_cpu")));
    fputs("| caches |", out);
    json_array_foreach(json_object_get(machine, "caches"), i, item)
        fprintf(out, " L%" JSON_INTEGER_FORMAT " %s %" JSON_INTEGER_FORMAT " KiB;",
                json_integer_value(json_object_get(item, "level")), text_of(item, "type"),
                json_integer_value(json_object_get(item, "bytes")) / 1024);
    fprintf(out, " |\n| hypervisor | %s |\n| kernel | %s |\n| C library | %s |\n",
            json_is_null(json_object_get(machine, "hypervisor")) ? "none"
                                                                 : text_of(machine, "hypervisor"),
            text_of(machine, "kernel"), text_of(environment, "libc"));
    fprintf(out, "| compiler | %s, %s |\n",
            text_of(json_object_get(environment, "compiler"), "name"),
            text_of(json_object_get(environment, "compiler"), "flags"));
    fprintf(out,
            "| transparent huge pages | %s |\n| address randomisation | %s |\n"
            "| frequency governor | %s |\n",
            text_of(settings, "thp"), text_of(settings, "aslr"), text_of(settings, "governor"));
    fprintf(out, "| apportion | %s, commit %s%s |\n", text_of(build, "version"),
            text_of(build, "commit"),
            json_is_true(json_object_get(build, "dirty")) ? ", with uncommitted changes" : "");
    fprintf(out, "| counters | tier %s: %s |\n", text_of(counters, "tier"),
            text_of(counters, "why"));
    fprintf(out, "| seed | %" JSON_INTEGER_FORMAT " |\n",
            json_integer_value(json_object_get(json_object_get(environment, "plan"), "seed")));
    fprintf(out, "| load before, after | %s; %s |\n",
            text_of(json_object_get(environment, "load"), "before"),
            text_of(json_object_get(environment, "load"), "after"));
    fprintf(out, "| outcome | %s, %.1f s; %.0f %% of the timed rounds outside measured batches |\n",
            text_of(outcome, "status"), json_number_value(json_object_get(outcome, "wall_s")),
            100 * json_number_value(json_object_get(outcome, "overhead_share")));
    json_array_foreach(json_object_get(outcome, "workloads"), i, item) fprintf(
        out,
        "| %s | %" JSON_INTEGER_FORMAT " rounds, stopped by %s; widest half-width "
        "%.1f %% |\n",
        text_of(item, "name"), json_integer_value(json_object_get(item, "rounds")),
        text_of(item, "stopped_by"), 100 * json_number_value(json_object_get(item, "half_width")));
    fputs("\n| backend | malloc served by | build-id | version |\n|---|---|---|---|\n", out);
    json_array_foreach(json_object_get(environment, "backends"), i, item) fprintf(
        out, "| %s | %s | %s | %s |\n", text_of(item, "name"), text_of(item, "provider_file"),
        text_of(item, "build_id"), text_of(item, "version"));
    putc('\n', out);
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
    "- Every figure with its source is in `summary.csv`, every trial in `trials.csv` and "
    "`measurements.csv`.\n";

static bool write_markdown(const char *directory, const struct summary_file *summary,
                           const json_t *environment, struct error *error)
{
    struct csv_replacement file;
    if (!csv_replace(&file, directory, "report.md", error))
        return false;
    fprintf(file.out, "# apportion: run %s\n\nMeasured %s with `%s`.\n\n",
            text_of(environment, "run"), text_of(environment, "created_utc"),
            text_of(environment, "command"));
    put_verdicts(file.out, summary);
    for (size_t i = 0; i < summary->row_count; i++)
        if (summary_is_first_of_workload(summary, i))
            put_workload(file.out, summary, directory, summary->rows[i].workload);
    put_failures(file.out, directory);
    put_environment(file.out, environment);
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

static bool write_page(const char *directory, struct error *error)
{
    char markdown[4200];
    char *body;
    struct csv_replacement file;
    if (access(CMARK, X_OK) != 0)
        return error_set(error,
                         "no report.html: %s is missing; `make deps` installs it (report.md "
                         "is there)",
                         CMARK);
    snprintf(markdown, sizeof markdown, "%s/report.md", directory);
    char *const arguments[] = {CMARK, "--extension", "table", markdown, NULL};
    if (!spawn_output(arguments, 60, &body, error))
        return false;
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
