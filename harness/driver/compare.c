/* compare_print: two runs, cell by cell, each by its ratio to its own run's baseline. */
#include <math.h>
#include <string.h>

#include "harness/driver/summary_file.h"
#include "harness/driver/tables.h"

static const struct summary_row *same_row(const struct summary_file *summary,
                                          const struct summary_row *wanted)
{
    const struct summary_row *row = summary_of_cell(summary, wanted, wanted->metric);
    return row && row->n > 0 ? row : NULL;
}

/* Disjoint intervals of the ratios: a change. The runs are not paired, so nothing finer is said. */
static const char *change(const struct summary_row *base, const struct summary_row *head)
{
    if (isnan(base->ratio_lo) || isnan(head->ratio_lo))
        return "too few rounds";
    if (head->ratio_lo > base->ratio_hi)
        return "better";
    if (head->ratio_hi < base->ratio_lo)
        return "WORSE";
    return "no change seen";
}

bool compare_print(const char *base, const char *head, FILE *out, struct error *error)
{
    static const char *const metrics[] = {"ns_per_op", "peak_rss_bytes"};
    struct summary_file before, after;
    size_t shown = 0;
    if (!summary_load(&before, base, error))
        return false;
    if (!summary_load(&after, head, error)) {
        summary_free(&before);
        return false;
    }
    fprintf(out, "base %s, head %s: each cell's ratio to system/owned of its own run\n\n", base,
            head);
    fprintf(out, "  %-18s %-16s %-14s %-20s %-20s %8s\n", "workload", "cell", "metric",
            "base [95 %]", "head [95 %]", "change");
    for (size_t m = 0; m < sizeof metrics / sizeof metrics[0]; m++) {
        for (size_t i = 0; i < after.row_count; i++) {
            const struct summary_row *row = &after.rows[i];
            if (strcmp(row->metric, metrics[m]) != 0 || row->sentinel || isnan(row->ratio))
                continue;
            const struct summary_row *old = same_row(&before, row);
            if (!old || isnan(old->ratio))
                continue;
            char cell[64], left[48], right[48];
            snprintf(cell, sizeof cell, "%.30s/%.20s", row->backend, row->strategy);
            snprintf(left, sizeof left, "%.2f [%.2f, %.2f]", old->ratio, old->ratio_lo,
                     old->ratio_hi);
            snprintf(right, sizeof right, "%.2f [%.2f, %.2f]", row->ratio, row->ratio_lo,
                     row->ratio_hi);
            fprintf(out, "  %-18s %-16s %-14s %-20s %-20s %+7.1f %%  %s\n", row->workload, cell,
                    row->metric, left, right, 100 * (row->ratio / old->ratio - 1),
                    change(old, row));
            shown++;
        }
    }
    summary_free(&before);
    summary_free(&after);
    if (shown == 0)
        return error_set(error, "the two runs have no cell in common");
    fputs("\nThe runs are not paired: only intervals that do not meet are called a change.\n", out);
    return fflush(out) == 0 || error_set(error, "cannot write the comparison");
}
