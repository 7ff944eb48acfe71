/* Parsing a report; refusing what is cut short, wrong, or from another allocator. */
#include "harness/driver/trial_report.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/trial.h"

static __attribute__((format(printf, 2, 3))) void fail(struct trial_report *report,
                                                       const char *format, ...)
{
    va_list arguments;
    if (!report->ok && report->reason[0])
        return; /* the first reason stands */
    va_start(arguments, format);
    vsnprintf(report->reason, sizeof report->reason, format, arguments);
    va_end(arguments);
    report->ok = false;
}

/* libfoo.so matches libfoo.so and libfoo.so.2, not libfoobar.so; a path must be the same. */
static bool provider_matches(const char *file, const char *provider)
{
    if (strchr(provider, '/'))
        return strcmp(file, provider) == 0;
    const char *name = strrchr(file, '/');
    name = name ? name + 1 : file;
    size_t length = strlen(provider);
    return strncmp(name, provider, length) == 0 && (name[length] == 0 || name[length] == '.');
}

/* False: it is no finite number. */
static bool read_number(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    return end != text && !*end && isfinite(*value);
}

static void read_measure(struct trial_report *report, char **fields, size_t count)
{
    if (count != 5) {
        fail(report, "garbage in the report: a measure of %zu fields", count - 1);
        return;
    }
    if (report->measurement_count == TRIAL_MEASUREMENTS_MAX) {
        fail(report, "garbage in the report: more than %d measures", TRIAL_MEASUREMENTS_MAX);
        return;
    }
    struct measurement_row *row = &report->measurements[report->measurement_count];
    row->value = NAN;
    if (strcmp(fields[2], "n/a") != 0 && !read_number(fields[2], &row->value)) {
        fail(report, "garbage in the report: %s is '%.40s'", fields[1], fields[2]);
        return;
    }
    row->metric = fields[1];
    row->unit = fields[3];
    row->source = fields[4];
    report->measurement_count++;
}

/* A point's place; NULL: no memory. */
static struct point_row *add_point(struct trial_report *report)
{
    size_t count = report->point_count;
    if ((count & (count - 1)) == 0) { /* room is a power of two */
        struct point_row *points =
            realloc(report->points, (count ? 2 * count : 1) * sizeof *points);
        if (!points)
            return NULL;
        report->points = points;
    }
    return &report->points[report->point_count++];
}

static void read_point(struct trial_report *report, char **fields, size_t count)
{
    double x, y;
    if (count != 5) {
        fail(report, "garbage in the report: a point of %zu fields", count - 1);
        return;
    }
    if (!read_number(fields[2], &x) || !read_number(fields[3], &y)) {
        fail(report, "garbage in the report: a point of %.40s is '%.40s', '%.40s'", fields[1],
             fields[2], fields[3]);
        return;
    }
    if (report->point_count == TRIAL_POINTS_MAX) {
        fail(report, "garbage in the report: more than %d points", TRIAL_POINTS_MAX);
        return;
    }
    struct point_row *point = add_point(report);
    if (!point) {
        fail(report, "no memory for the points of a report");
        return;
    }
    *point = (struct point_row){.series = fields[1], .x = x, .y = y, .unit = fields[4]};
}

static void read_line(struct trial_report *report, char *line, const char *provider, bool *checked)
{
    char *fields[6] = {""};
    size_t count = 0;
    for (char *field; count < 6 && (field = strsep(&line, "\t")) != NULL;)
        fields[count++] = field;
    if (strcmp(fields[0], "measure") == 0) {
        read_measure(report, fields, count);
    } else if (strcmp(fields[0], "series") == 0) {
        read_point(report, fields, count);
    } else if (strcmp(fields[0], "identity") == 0 && count == 4) {
        snprintf(report->provider, sizeof report->provider, "%s", fields[1]);
        /* A preloaded library is known by its file: the runner's version is the C library's. */
        snprintf(report->identity, sizeof report->identity, "%s %s %s", fields[1], fields[2],
                 strchr(provider, '/') ? "n/a" : fields[3]);
        if (!provider_matches(fields[1], provider))
            fail(report, "malloc is served by %s, not by %s", fields[1], provider);
    } else if (strcmp(fields[0], "checksum") == 0 && count == 3) {
        *checked = true;
        if (strcmp(fields[1], fields[2]) != 0)
            fail(report, "wrong tokens: checksum %s, the reference's is %s", fields[1], fields[2]);
    } else if (strcmp(fields[0], "failed") == 0 && count == 2) {
        fail(report, "%s", fields[1]);
    } else {
        fail(report, "garbage in the report: '%.60s'", fields[0]);
    }
}

void trial_report_read(struct trial_report *report, char *text, const char *provider)
{
    bool checked = false, ended = false;
    memset(report, 0, sizeof *report);
    report->ok = true;
    char *line = strsep(&text, "\n");
    if (!line || strcmp(line, TRIAL_PROTOCOL) != 0) {
        fail(report, line && *line ? "garbage in the report: it does not begin with its protocol"
                                   : "no report");
        return;
    }
    while (!ended && (line = strsep(&text, "\n")) != NULL) {
        if (strcmp(line, "end") == 0)
            ended = true;
        else if (*line)
            read_line(report, line, provider, &checked);
    }
    if (!ended)
        fail(report, "the report was cut short");
    else if (!report->identity[0])
        fail(report, "the report does not say who serves malloc");
    else if (!checked)
        fail(report, "the report has no checksum");
}

void trial_report_release(struct trial_report *report)
{
    free(report->points);
    report->points = NULL;
    report->point_count = 0;
}

double trial_report_value(const struct trial_report *report, const char *metric)
{
    for (size_t i = 0; i < report->measurement_count; i++)
        if (strcmp(report->measurements[i].metric, metric) == 0)
            return report->measurements[i].value;
    return NAN;
}
