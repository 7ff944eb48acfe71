/* The runner's side of the protocol in harness/trial.h. Collected in a buffer, written once. */
#ifndef HARNESS_RUNNER_REPORT_H
#define HARNESS_RUNNER_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct report {
    int descriptor;
    size_t length;
    bool overflow;
    char text[1 << 18]; /* no heap: it is the measured one; becomes resident as it fills */
};

void report_begin(struct report *report, int descriptor);
void report_identity(struct report *report, const char *file, const char *build_id,
                     const char *version);
void report_measure(struct report *report, const char *metric, double value, const char *unit,
                    const char *source);
/* A metric that cannot be had here, and why. */
void report_missing(struct report *report, const char *metric, const char *unit,
                    const char *reason);
/* A point of a curve or a histogram; unit: of y. To be reported last, since they are many: what is
 * written here becomes resident. */
void report_point(struct report *report, const char *series, double x, double y, const char *unit);
void report_checksum(struct report *report, uint64_t got, uint64_t reference);
/* From any thread; the others are the main one's. */
void report_failed(struct report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Writes it all; false with errno when the descriptor does not take it. */
bool report_end(struct report *report);

#endif
