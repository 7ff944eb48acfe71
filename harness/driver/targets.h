/* The list of targets, harness/targets.csv: what is claimed, not whether it holds (judge.h). */
#ifndef HARNESS_DRIVER_TARGETS_H
#define HARNESS_DRIVER_TARGETS_H

#include <stdbool.h>
#include <stddef.h>

#include "harness/driver/csv.h"
#include "harness/error.h"

/* What a threshold is of. The first three are one claim about baseline ÷ candidate, put the way in
 * which one speaks of it; where more is better the ratio is turned over (summarise.h). */
enum relation {
    RELATION_SPEEDUP,   /* "speedup >=": the candidate is so many times as good */
    RELATION_REDUCTION, /* "reduction >=": the candidate needs less by this share */
    RELATION_MULTIPLE,  /* "multiple <=": the candidate needs at most so many times as much */
    RELATION_VALUE,     /* "value <=": the candidate's figure itself, in the metric's unit */
    RELATION_COUNT
};

extern const char *const relation_names[RELATION_COUNT];

/* Strings are owned by the list. */
struct target {
    const char *tier;     /* "stated", "stretch" */
    const char *name;     /* for people */
    const char *workload; /* "*": each allocation-heavy one of the run */
    const char *metric;
    const char *candidate; /* "backend/strategy" */
    const char *baseline;  /* the same; of RELATION_VALUE not used */
    enum relation relation;
    double threshold;
    const char *stated; /* the absolute figures that were stated, shown beside those measured */
};

struct target_list {
    struct target *items;
    size_t count;
    struct csv_table table;
};

/* Columns: tier,target,workload,metric,candidate,baseline,relation,threshold,stated. False: error
 * names the line. */
bool targets_load(struct target_list *list, const char *path, struct error *error);
void targets_free(struct target_list *list);

/* The least ratio (baseline ÷ candidate) that meets the target; of RELATION_VALUE not defined. */
double target_ratio(enum relation relation, double threshold);
/* A ratio in the relation's own terms: a reduction of 0.6 for a ratio of 2.5. */
double target_terms(enum relation relation, double ratio);

#endif
