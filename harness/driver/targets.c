/* Reading targets.csv of the harness, checking each field. */
#include "harness/driver/targets.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const relation_names[RELATION_COUNT] = {
    "speedup >=", "reduction >=", "multiple <=", "value <="};

enum column { TIER, NAME, WORKLOAD, METRIC, CANDIDATE, BASELINE, RELATION, THRESHOLD, STATED };

static const char *const columns[] = {"tier",     "target",   "workload",  "metric", "candidate",
                                      "baseline", "relation", "threshold", "stated"};

static bool parse_relation(const char *text, enum relation *relation)
{
    for (unsigned i = 0; i < RELATION_COUNT; i++) {
        if (strcmp(text, relation_names[i]) == 0) {
            *relation = (enum relation)i;
            return true;
        }
    }
    return false;
}

/* "backend/strategy", and maybe " threads 2", " litter 0.5" */
static bool is_cell(const char *text)
{
    const char *slash = strchr(text, '/');
    return slash && slash != text && slash[1] && !strchr(slash + 1, '/');
}

static bool check_header(const struct csv_table *table, const char *path, struct error *error)
{
    for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++)
        if (table->row_count == 0 || strcmp(csv_field(table, 0, c), columns[c]) != 0)
            return error_set(error, "%s, line 1: column %zu is to be %s", path, c + 1, columns[c]);
    return true;
}

/* What is wrong with a target; NULL: nothing. */
static const char *fault_of(const struct target *target)
{
    bool compared = target->relation != RELATION_VALUE;
    if (!*target->tier || !*target->workload || !*target->metric)
        return "tier, workload and metric must be given";
    if (!is_cell(target->candidate))
        return "the candidate is to be backend/strategy";
    if (compared && !is_cell(target->baseline))
        return "the baseline is to be backend/strategy";
    if (compared && target->threshold <= 0)
        return "the threshold is to be above 0";
    if (target->relation == RELATION_REDUCTION && target->threshold > 1)
        return "a reduction is a share from 0 to 1, not per cent";
    return NULL;
}

static bool read_row(const struct csv_table *table, size_t row, struct target *target,
                     const char *path, struct error *error)
{
    char *end;
    const char *threshold = csv_field(table, row, THRESHOLD);
    *target = (struct target){.tier = csv_field(table, row, TIER),
                              .name = csv_field(table, row, NAME),
                              .workload = csv_field(table, row, WORKLOAD),
                              .metric = csv_field(table, row, METRIC),
                              .candidate = csv_field(table, row, CANDIDATE),
                              .baseline = csv_field(table, row, BASELINE),
                              .stated = csv_field(table, row, STATED)};
    if (!parse_relation(csv_field(table, row, RELATION), &target->relation))
        return error_set(error,
                         "%s, line %zu: unknown relation '%.40s'; there are %s, %s, %s and %s",
                         path, row + 1, csv_field(table, row, RELATION), relation_names[0],
                         relation_names[1], relation_names[2], relation_names[3]);
    target->threshold = strtod(threshold, &end);
    if (end == threshold || *end || !isfinite(target->threshold))
        return error_set(error, "%s, line %zu: the threshold '%.40s' is no number", path, row + 1,
                         threshold);
    const char *fault = fault_of(target);
    return !fault || error_set(error, "%s, line %zu: %s", path, row + 1, fault);
}

bool targets_load(struct target_list *list, const char *path, struct error *error)
{
    memset(list, 0, sizeof *list);
    if (!csv_table_load(&list->table, path, error))
        return error_prefix(error, "targets");
    list->items = calloc(list->table.row_count + 1, sizeof *list->items);
    if (!list->items) {
        targets_free(list);
        return error_set(error, "no memory for the targets");
    }
    bool done = check_header(&list->table, path, error);
    for (size_t r = 1; done && r < list->table.row_count; r++)
        done = read_row(&list->table, r, &list->items[list->count++], path, error);
    if (!done)
        targets_free(list);
    return done;
}

void targets_free(struct target_list *list)
{
    csv_table_free(&list->table);
    free(list->items);
    memset(list, 0, sizeof *list);
}

double target_ratio(enum relation relation, double threshold)
{
    if (relation == RELATION_SPEEDUP)
        return threshold;
    if (relation == RELATION_MULTIPLE)
        return 1 / threshold;
    return threshold < 1 ? 1 / (1 - threshold) : INFINITY;
}

double target_terms(enum relation relation, double ratio)
{
    if (relation == RELATION_SPEEDUP)
        return ratio;
    double share = ratio > 0 ? 1 / ratio : INFINITY;
    return relation == RELATION_MULTIPLE ? share : 1 - share;
}
