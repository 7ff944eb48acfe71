/* The report's tables of further metrics: medians, a row a metric, a column a cell. Simulated
 * misses and latencies have tables of their own. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "harness/driver/markdown.h"
#include "harness/driver/report_parts.h"
#include "harness/driver/summarise.h"

static bool is_shown_elsewhere(const char *metric)
{
    static const char *const shown[] = {"ns_per_op",      "ns_per_op_above_floor",
                                        "ns_per_token",   "heap_allocations_per_op",
                                        "peak_rss_bytes", "heap_frees_per_op"};
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
        if (strcmp(metric, shown[i]) == 0)
            return true;
    return false;
}

struct group {
    const char *prefix; /* words that its metrics begin with; NULL: of no other group */
    const char *heading;
};

static const struct group groups[] = {
    {"simulated_", "Misses and instructions by simulation, medians (TLB, prefetching and the "
                   "kernel are not simulated):"},
    {"latency_op_", "Latency of an op, medians of the trials' quantiles:"},
    {"latency_alloc_", "Latency of a call for memory, medians of the trials' quantiles:"},
    {"peak_ live_ external_ internal_ container_ drag retained_ purge_ size_ lifetime_ litter_ "
     "committed_",
     "Memory, medians (docs/memory-efficiency.md says what each means):"},
    {"lines_per_ pages_per_ stride_ same_ reuse_ first_touches", "Where tokens lie, medians:"},
    {"thread_speedup blow_up processors steals_ lost_steals_ ranges_ full_waits_ empty_waits_ "
     "exchange_",
     "Threads, medians (docs/measuring.md):"},
    {NULL, "Every further metric, medians:"},
};

static bool is_in_group(const struct group *group, const char *metric)
{
    for (const char *word = group->prefix; word && *word;) {
        size_t length = strcspn(word, " ");
        if (strncmp(metric, word, length) == 0)
            return true;
        word += length + (word[length] == ' ');
    }
    if (group->prefix)
        return false;
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        if (groups[i].prefix && is_in_group(&groups[i], metric))
            return false;
    return true;
}

static bool is_first_of_metric(const struct summary_file *summary, size_t row)
{
    for (size_t i = 0; i < row; i++)
        if (strcmp(summary->rows[i].metric, summary->rows[row].metric) == 0 &&
            strcmp(summary->rows[i].workload, summary->rows[row].workload) == 0)
            return false;
    return true;
}

/* A value of some cell; NULL: the metric is n/a in all. */
static const struct summary_row *measured_row(const struct summary_file *summary,
                                              const struct summary_row *wanted)
{
    for (size_t i = 0; i < summary->row_count; i++) {
        const struct summary_row *row = &summary->rows[i];
        if (row->n > 0 && strcmp(row->metric, wanted->metric) == 0 &&
            strcmp(row->workload, wanted->workload) == 0)
            return row;
    }
    return NULL;
}

/* The workload's cells, by their rows of ns_per_op, without the sentinel: at most `room`. */
static size_t cells_of(const struct summary_file *summary, const char *workload,
                       const struct summary_row **cells, size_t room)
{
    size_t count = 0;
    for (size_t i = 0; i < summary->row_count && count < room; i++) {
        const struct summary_row *row = &summary->rows[i];
        if (strcmp(row->workload, workload) == 0 && strcmp(row->metric, "ns_per_op") == 0 &&
            !row->sentinel)
            cells[count++] = row;
    }
    return count;
}

static void put_metric(FILE *out, const struct summary_file *summary,
                       const struct summary_row *metric, const struct summary_row **cells,
                       size_t count)
{
    bool bytes = strcmp(metric->unit, "bytes") == 0;
    fputs("|", out);
    markdown_cell(out, metric->metric);
    markdown_cell(out, bytes ? "B" : metric->unit);
    for (size_t c = 0; c < count; c++) {
        const struct summary_row *row = summary_of_cell(summary, cells[c], metric->metric);
        char text[40] = "";
        if (row && summary_has_flag(row, SUMMARY_UNRESOLVED))
            snprintf(text, sizeof text, "unresolved");
        else if (row)
            summary_format(text, sizeof text, row->median, bytes ? "bytes" : "");
        markdown_cell(out, text);
    }
    markdown_cell(out, metric->source);
    putc('\n', out);
}

/* The rows that begin a metric which no cell of the workload has, from `from` on, of one reason;
 * NULL: no more. */
static const struct summary_row *next_missing(const struct summary_file *summary,
                                              const char *workload, const char *reason,
                                              size_t *from)
{
    for (; *from < summary->row_count; (*from)++) {
        const struct summary_row *row = &summary->rows[*from];
        if (strcmp(row->workload, workload) == 0 && !is_shown_elsewhere(row->metric) &&
            is_first_of_metric(summary, *from) && !measured_row(summary, row) &&
            (!reason || strcmp(row->source, reason) == 0)) {
            (*from)++;
            return row;
        }
    }
    return NULL;
}

/* Metrics of one reason in one line: a group of counters shares its own. */
static void put_missing(FILE *out, const struct summary_file *summary, const char *workload)
{
    const struct summary_row *row;
    size_t lines = 0;
    for (size_t i = 0; (row = next_missing(summary, workload, NULL, &i)) != NULL;) {
        size_t first = 0;
        const char *comma = "- ";
        if (next_missing(summary, workload, row->source, &first) != row)
            continue; /* in the line of an earlier one */
        if (lines++ == 0)
            fputs("Not to be had here:\n\n", out);
        const struct summary_row *same;
        for (size_t k = 0; (same = next_missing(summary, workload, row->source, &k)) != NULL;) {
            fputs(comma, out);
            markdown_text(out, same->metric);
            comma = ", ";
        }
        fputs(": ", out);
        markdown_text(out, row->source);
        putc('\n', out);
    }
    if (lines)
        putc('\n', out);
}

static void put_heading(FILE *out, const char *heading, const struct summary_row **cells,
                        size_t count)
{
    fprintf(out, "%s\n\n| metric | unit |", heading);
    for (size_t c = 0; c < count; c++) {
        fprintf(out, " %s/%s", cells[c]->backend, cells[c]->strategy);
        if (cells[c]->litter != 0)
            fprintf(out, " litter %g", cells[c]->litter);
        fputs(" |", out);
    }
    fputs(" source |\n|---|---|", out);
    for (size_t c = 0; c < count; c++)
        fputs("--:|", out);
    fputs("---|\n", out);
}

static void put_group(FILE *out, const struct summary_file *summary, const char *workload,
                      const struct group *group, const struct summary_row **cells, size_t count)
{
    bool begun = false;
    for (size_t i = 0; i < summary->row_count; i++) {
        const struct summary_row *row = &summary->rows[i];
        if (strcmp(row->workload, workload) != 0 || is_shown_elsewhere(row->metric) ||
            !is_in_group(group, row->metric) || !is_first_of_metric(summary, i))
            continue;
        const struct summary_row *measured = measured_row(summary, row);
        if (!measured)
            continue;
        if (!begun)
            put_heading(out, group->heading, cells, count);
        begun = true;
        put_metric(out, summary, measured, cells, count);
    }
    if (begun)
        putc('\n', out);
}

void report_metrics(FILE *out, const struct summary_file *summary, const char *workload)
{
    const struct summary_row **cells = calloc(summary->row_count + 1, sizeof(void *));
    size_t count = cells ? cells_of(summary, workload, cells, summary->row_count) : 0;
    if (count > 0) {
        for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
            put_group(out, summary, workload, &groups[i], cells, count);
        put_missing(out, summary, workload);
    }
    free(cells);
}
