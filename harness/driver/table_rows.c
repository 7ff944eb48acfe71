/* Words and figures of the tables. */
#include "harness/driver/table_rows.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/driver/summarise.h"

/* Digits after the point that show three of a number's, at most two of a ratio. */
static int decimals(double value)
{
    double size = fabs(value);
    return size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.0995 || size == 0 ? 2 : 3;
}

void ratio_text(char *text, size_t size, double ratio, double lo, double hi)
{
    int digits = decimals(ratio);
    if (isnan(ratio))
        snprintf(text, size, "n/a");
    else if (isnan(lo) || isnan(hi))
        snprintf(text, size, "%.*f [few rounds]", digits, ratio);
    else
        snprintf(text, size, "%.*f [%.*f, %.*f]", digits, ratio, digits, lo, digits, hi);
}

/* How much more or less than the baseline, in whole per cent: " -43 %"; "" where that is nothing,
 * or nothing can be said, as against a baseline of 0. */
static void change_text(char *text, size_t size, const struct summary_row *row)
{
    double change = row->ratio > 0 ? 100 * (1 / row->ratio - 1) : NAN;
    if (isnan(change) || row->sentinel || fabs(change) < 0.5)
        snprintf(text, size, "%s", "");
    else if (change < -99 && change > -100)
        snprintf(text, size, " %.1f %%", change);
    else
        snprintf(text, size, " %+.0f %%", change);
}

/* A metric of the cell without its unit, which the table's head names; bytes keep theirs. */
static void figure(char *text, size_t size, const struct summary_file *summary,
                   const struct summary_row *cell, const char *metric, bool change)
{
    const struct summary_row *row = summary_of_cell(summary, cell, metric);
    bool bytes = row && strcmp(row->unit, "bytes") == 0;
    char value[24], against[24] = "";
    summary_format(value, sizeof value, row ? row->median : NAN, bytes ? "bytes" : "");
    if (change && row)
        change_text(against, sizeof against, row);
    snprintf(text, size, "%s%s", value, against);
}

/* "system/owned", with threads ("2T") and litter where they are not the usual ones. */
static void cell_text(char *text, size_t size, const struct summary_row *row)
{
    char threads[24] = "", litter[24] = "";
    if (row->threads != 1)
        snprintf(threads, sizeof threads, " %luT", row->threads);
    if (row->litter != 0)
        snprintf(litter, sizeof litter, " litter %g", row->litter);
    snprintf(text, size, "%.40s/%.12s%s%s%s", row->backend, row->strategy, threads, litter,
             row->sentinel ? " A/A" : "");
}

/* "failed: 2 time, 1 memory" */
static void failures_text(char *text, size_t size, const struct summary_file *summary,
                          const struct summary_row *cell)
{
    static const struct {
        const char *kind;
        const char *metric; /* which carries the flag of its kind */
    } kinds[] = {
        {"time", "ns_per_op"}, {"memory", "peak_rss_bytes"}, {"count", "heap_allocations_per_op"}};
    size_t used = 0;
    text[0] = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0] && used < size; i++) {
        const struct summary_row *row = summary_of_cell(summary, cell, kinds[i].metric);
        unsigned long failed = row ? summary_failed(row) : 0;
        if (failed)
            used += (size_t)snprintf(text + used, size - used, "%s%lu %s",
                                     used ? ", " : "failed: ", failed, kinds[i].kind);
    }
}

bool table_row_next(const struct summary_file *summary, const char *workload, size_t *position,
                    struct table_row *out)
{
    const struct summary_row *row = NULL;
    for (; *position < summary->row_count && !row; (*position)++) {
        const struct summary_row *candidate = &summary->rows[*position];
        if (strcmp(candidate->workload, workload) == 0 &&
            strcmp(candidate->metric, "ns_per_op") == 0)
            row = candidate;
    }
    if (!row)
        return false;
    memset(out, 0, sizeof *out);
    cell_text(out->cell, sizeof out->cell, row);
    summary_format(out->ns_per_op, sizeof out->ns_per_op, row->median, "");
    figure(out->above_floor, sizeof out->above_floor, summary, row, SUMMARY_ABOVE_FLOOR, false);
    if (strcmp(out->above_floor, "n/a") == 0)
        snprintf(out->above_floor, sizeof out->above_floor, "-");
    figure(out->ns_per_token, sizeof out->ns_per_token, summary, row, "ns_per_token", false);
    figure(out->peak, sizeof out->peak, summary, row, "peak_rss_bytes", true);
    figure(out->allocations, sizeof out->allocations, summary, row, "heap_allocations_per_op",
           true);
    figure(out->frees, sizeof out->frees, summary, row, "heap_frees_per_op", true);
    bool baseline = !row->sentinel && strcmp(row->backend, "system") == 0 &&
                    strcmp(row->strategy, "owned") == 0;
    if (baseline && row->n > 0)
        snprintf(out->speedup, sizeof out->speedup, "1 (baseline)");
    else
        ratio_text(out->speedup, sizeof out->speedup, row->ratio, row->ratio_lo, row->ratio_hi);
    failures_text(out->failures, sizeof out->failures, summary, row);
    if (row->n == 0)
        snprintf(out->reason, sizeof out->reason, "%.190s", row->source);
    out->n = row->n;
    out->sentinel = row->sentinel;
    out->bulk = summary_has_flag(row, SUMMARY_NO_INDIVIDUAL_FREE);
    return true;
}

bool target_is_absent(const struct target_row *target)
{
    return isnan(target->measured) && strstr(target->reason, "is not in this run") != NULL;
}

/* Metrics for which "fast" is the word. */
static bool is_time(const char *metric)
{
    return strncmp(metric, "ns_per_", 7) == 0 || strncmp(metric, "ms_per_", 7) == 0 ||
           strcmp(metric, "gb_per_s") == 0;
}

void target_claim(char *text, size_t size, const struct target_row *target)
{
    bool time = is_time(target->metric);
    if (strcmp(target->relation, "speedup >=") == 0)
        snprintf(text, size, "%s at least %gx as %s%s as %s", target->candidate, target->threshold,
                 time ? "fast" : "good in ", time ? "" : target->metric, target->baseline);
    else if (strcmp(target->relation, "reduction >=") == 0)
        snprintf(text, size, "%s of %s at least %g %% below %s", target->metric, target->candidate,
                 100 * target->threshold, target->baseline);
    else if (strcmp(target->relation, "multiple <=") == 0)
        snprintf(text, size, "%s of %s at most %gx that of %s", time ? "time" : target->metric,
                 target->candidate, target->threshold, target->baseline);
    else
        snprintf(text, size, "%s of %s at most %g", target->metric, target->candidate,
                 target->threshold);
}

void target_measured(char *text, size_t size, const struct target_row *target)
{
    bool reduction = strcmp(target->relation, "reduction >=") == 0;
    bool value = strcmp(target->relation, "value <=") == 0;
    const char *unit = reduction ? " %" : value ? "" : "x";
    double measured = (reduction ? 100 : 1) * target->measured;
    double lo = (reduction ? 100 : 1) * target->lo, hi = (reduction ? 100 : 1) * target->hi;
    bool whole = measured == 0 || (reduction && measured == 100);
    int digits = whole ? 0 : reduction ? 1 : decimals(measured);
    if (isnan(measured))
        snprintf(text, size, "nothing");
    else if (isnan(lo) || isnan(hi) || lo == hi)
        snprintf(text, size, "%.*f%s", digits, measured, unit);
    else
        snprintf(text, size, "%.*f%s [%.*f, %.*f]", digits, measured, unit, digits, lo, digits, hi);
}

bool sentinel_sentence(char *text, size_t size, const struct summary_row *row)
{
    if (!summary_has_flag(row, "sentinel-off") || strcmp(row->metric, "ns_per_op") != 0)
        return false;
    snprintf(text, size,
             "%s: the sentinel (system/owned against itself) is at %.3f [%.3f, %.3f], so every "
             "time target must clear its threshold by that much more",
             row->workload, row->ratio, row->ratio_lo, row->ratio_hi);
    return true;
}
