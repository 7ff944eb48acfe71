/* Words and figures of the tables. */
#include "harness/driver/table_rows.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A metric of the cell without its unit, which the table's head names; bytes keep theirs. */
static void figure(char *text, size_t size, const struct summary_file *summary,
                   const struct summary_row *cell, const char *metric)
{
    const struct summary_row *row = summary_of_cell(summary, cell, metric);
    bool bytes = row && strcmp(row->unit, "bytes") == 0;
    summary_format(text, size, row ? row->median : NAN, bytes ? "bytes" : "");
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
    snprintf(out->cell, sizeof out->cell, "%.30s/%.20s", row->backend, row->strategy);
    summary_format(out->ns_per_op, sizeof out->ns_per_op, row->median, "");
    figure(out->above_floor, sizeof out->above_floor, summary, row, "ns_per_op_above_floor");
    if (row->sentinel || strcmp(out->above_floor, "n/a") == 0)
        snprintf(out->above_floor, sizeof out->above_floor, "-");
    figure(out->ns_per_token, sizeof out->ns_per_token, summary, row, "ns_per_token");
    figure(out->peak, sizeof out->peak, summary, row, "peak_rss_bytes");
    figure(out->allocations, sizeof out->allocations, summary, row, "heap_allocations_per_op");
    figure(out->frees, sizeof out->frees, summary, row, "heap_frees_per_op");
    if (!isnan(row->ratio) && !isnan(row->ratio_lo))
        snprintf(out->speedup, sizeof out->speedup, "%.2f [%.2f, %.2f]", row->ratio, row->ratio_lo,
                 row->ratio_hi);
    else if (!isnan(row->ratio))
        snprintf(out->speedup, sizeof out->speedup, "%.2f [few rounds]", row->ratio);
    else
        snprintf(out->speedup, sizeof out->speedup, "1 (baseline)");
    if (row->n == 0)
        snprintf(out->speedup, sizeof out->speedup, "-");
    out->n = row->n;
    out->bulk = summary_has_flag(row, "bulk");
    if (row->sentinel)
        snprintf(out->note, sizeof out->note, "A/A");
    const char *failed = strstr(row->flags, "failed:");
    if (failed)
        snprintf(out->note, sizeof out->note, "%.24s%s%.150s", failed, row->n ? "" : ": ",
                 row->n ? "" : row->source);
    return true;
}

bool target_is_absent(const struct target_row *target)
{
    return isnan(target->measured) && strstr(target->reason, "is not in this run") != NULL;
}

void target_claim(char *text, size_t size, const struct target_row *target)
{
    if (strcmp(target->relation, "speedup >=") == 0)
        snprintf(text, size, "%s at least %gx as fast as %s", target->candidate, target->threshold,
                 target->baseline);
    else if (strcmp(target->relation, "reduction >=") == 0)
        snprintf(text, size, "%s of %s at least %g %% below %s", target->metric, target->candidate,
                 100 * target->threshold, target->baseline);
    else
        snprintf(text, size, "%s of %s at most %g", target->metric, target->candidate,
                 target->threshold);
}

void target_measured(char *text, size_t size, const struct target_row *target)
{
    bool reduction = strcmp(target->relation, "reduction >=") == 0;
    const char *unit = strcmp(target->relation, "speedup >=") == 0 ? "x" : reduction ? " %" : "";
    double scale = reduction ? 100 : 1;
    if (isnan(target->measured))
        snprintf(text, size, "nothing");
    else if (isnan(target->lo) || isnan(target->hi))
        snprintf(text, size, "%.3g%s", scale * target->measured, unit);
    else
        snprintf(text, size, "%.3g%s [%.3g, %.3g]", scale * target->measured, unit,
                 scale * target->lo, scale * target->hi);
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
