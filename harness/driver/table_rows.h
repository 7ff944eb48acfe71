/* Cells, targets and the sentinel in words and figures, the same on the terminal and in the report.
 */
#ifndef HARNESS_DRIVER_TABLE_ROWS_H
#define HARNESS_DRIVER_TABLE_ROWS_H

#include "harness/driver/summary_file.h"

struct table_row {
    char cell[100];
    char ns_per_op[24];
    char above_floor[24];
    char ns_per_token[24];
    char speedup[48];
    char peak[48];        /* "336 kB -43 %": with its change against the baseline */
    char allocations[48]; /* the same */
    char frees[48];
    char failures[160]; /* "failed: 2 time, 1 memory"; "" */
    char reason[200];   /* why there is no time; "" */
    size_t n;
    bool sentinel;
    bool bulk; /* can only release in bulk */
};

/* The next cell of a workload from *position on, which it moves; false: no more. The sentinel is a
 * cell of its own. */
bool table_row_next(const struct summary_file *summary, const char *workload, size_t *position,
                    struct table_row *row);

/* Whether a target is about something that the run did not measure. */
bool target_is_absent(const struct target_row *target);
/* "pool/pooled at least 2.5x as fast as system/owned" */
void target_claim(char *text, size_t size, const struct target_row *target);
/* "3.12x [3.05, 3.20]", "84 % [83, 85]" */
void target_measured(char *text, size_t size, const struct target_row *target);

/* What a sentinel that is off means; false: the row is not one. */
bool sentinel_sentence(char *text, size_t size, const struct summary_row *row);

/* A ratio and its interval: "2.81 [2.78, 2.83]", "12.3 [few rounds]", "n/a". */
void ratio_text(char *text, size_t size, double ratio, double lo, double hi);

#endif
