/* Formatting and writing the report of a trial. */
#include "harness/runner/report.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/trial.h"

static __attribute__((format(printf, 2, 3))) void add(struct report *report, const char *format,
                                                      ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t room = sizeof report->text - report->length;
    int written = vsnprintf(report->text + report->length, room, format, arguments);
    va_end(arguments);
    if (written < 0 || (size_t)written >= room)
        report->overflow = true;
    else
        report->length += (size_t)written;
}

void report_begin(struct report *report, int descriptor)
{
    report->descriptor = descriptor;
    report->length = 0;
    report->overflow = false;
    add(report, "%s\n", TRIAL_PROTOCOL);
}

void report_identity(struct report *report, const char *file, const char *build_id,
                     const char *version)
{
    add(report, "identity\t%s\t%s\t%s\n", file, build_id, version);
}

void report_measure(struct report *report, const char *metric, double value, const char *unit,
                    const char *source)
{
    add(report, "measure\t%s\t%.17g\t%s\t%s\n", metric, value, unit, source);
}

void report_missing(struct report *report, const char *metric, const char *unit, const char *reason)
{
    add(report, "measure\t%s\tn/a\t%s\t%s\n", metric, unit, reason);
}

void report_point(struct report *report, const char *series, double x, double y, const char *unit)
{
    add(report, "series\t%s\t%.12g\t%.12g\t%s\n", series, x, y, unit);
}

void report_checksum(struct report *report, uint64_t got, uint64_t reference)
{
    add(report, "checksum\t%016" PRIx64 "\t%016" PRIx64 "\n", got, reference);
}

void report_failed(struct report *report, const char *format, ...)
{
    char reason[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    for (char *c = reason; *c; c++)
        if ((unsigned char)*c < ' ')
            *c = ' ';
    /* The only record that any thread of a trial may write. */
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&one_at_a_time);
    add(report, "failed\t%s\n", reason);
    pthread_mutex_unlock(&one_at_a_time);
}

bool report_end(struct report *report)
{
    add(report, "end\n");
    if (report->overflow) {
        errno = EMSGSIZE;
        return false;
    }
    for (size_t done = 0; done < report->length;) {
        ssize_t written = write(report->descriptor, report->text + done, report->length - done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        done += (size_t)written;
    }
    return true;
}
