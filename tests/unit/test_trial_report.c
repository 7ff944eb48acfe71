/* link: driver */
/* Reports that are whole, cut short, wrong, or from another allocator. */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/driver/trial_report.h"

#define HEAD "apportion-trial 1\nidentity\t/usr/lib/libfoo.so.2\tabc\t1.0\n"
#define TAIL "checksum\t01\t01\nend\n"

static struct trial_report read_report(const char *text, const char *provider)
{
    static char copy[8192]; /* the report points into it */
    struct trial_report report;
    snprintf(copy, sizeof copy, "%s", text);
    trial_report_read(&report, copy, provider);
    return report;
}

static void whole(void **state)
{
    (void)state;
    struct trial_report report = read_report(
        HEAD "measure\tns_per_op\t12.5\tns\tclock\nmeasure\tllc\tn/a\tcount\tno PMU\n" TAIL,
        "libfoo.so");
    assert_true(report.ok);
    assert_string_equal(report.identity, "/usr/lib/libfoo.so.2 abc 1.0");
    assert_int_equal(report.measurement_count, 2);
    assert_near(trial_report_value(&report, "ns_per_op"), 12.5, 0);
    assert_true(isnan(trial_report_value(&report, "llc")));
    assert_true(isnan(trial_report_value(&report, "absent")));
}

static void points_of_series(void **state)
{
    (void)state;
    struct trial_report report = read_report(HEAD "series\tlive_bytes\t1\t-2.5e3\tbytes\n"
                                                  "series\tlive_bytes\t2\t0\tbytes\n"
                                                  "series\tsize_histogram\t16\t7\tcount\n" TAIL,
                                             "libfoo.so");
    assert_true(report.ok);
    assert_int_equal(report.point_count, 3);
    assert_int_equal(report.measurement_count, 0);
    assert_string_equal(report.points[0].series, "live_bytes");
    assert_near(report.points[0].x, 1, 0);
    assert_near(report.points[0].y, -2500, 0);
    assert_string_equal(report.points[2].series, "size_histogram");
    assert_near(report.points[2].x, 16, 0);
    assert_string_equal(report.points[2].unit, "count");
    trial_report_release(&report);
    assert_int_equal(report.point_count, 0);
}

static void too_many_points(void **state)
{
    (void)state;
    static const char point[] = "series\ts\t1\t1\tcount\n";
    size_t length = sizeof point - 1, used = strlen(HEAD);
    char *text = malloc(used + (TRIAL_POINTS_MAX + 1) * length + sizeof TAIL);
    struct trial_report report;
    assert_non_null(text);
    strcpy(text, HEAD);
    for (size_t i = 0; i <= TRIAL_POINTS_MAX; i++, used += length)
        memcpy(text + used, point, length);
    memcpy(text + used, TAIL, sizeof TAIL);
    trial_report_read(&report, text, "libfoo.so");
    assert_false(report.ok);
    assert_non_null(strstr(report.reason, "more than 16384 points"));
    trial_report_release(&report);
    free(text);
}

static void refused(const char *text, const char *provider, const char *reason)
{
    struct trial_report report = read_report(text, provider);
    assert_false(report.ok);
    if (!strstr(report.reason, reason))
        fail_msg("reason '%s' lacks '%s'", report.reason, reason);
}

static void wrong_provider(void **state)
{
    (void)state;
    refused(HEAD TAIL, "libbar.so", "malloc is served by /usr/lib/libfoo.so.2, not by libbar.so");
    refused(HEAD TAIL, "libfo.so", "not by libfo.so");
    refused(HEAD TAIL, "/other/libfoo.so.2", "not by /other/libfoo.so.2");
    assert_true(read_report(HEAD TAIL, "/usr/lib/libfoo.so.2").ok);
}

static void wrong_or_missing_checksum(void **state)
{
    (void)state;
    refused(HEAD "checksum\t01\t02\nend\n", "libfoo.so", "wrong tokens");
    refused(HEAD "end\n", "libfoo.so", "no checksum");
}

static void cut_short(void **state)
{
    (void)state;
    refused("", "libfoo.so", "no report");
    refused(HEAD "checksum\t01\t01\n", "libfoo.so", "cut short");
    refused(HEAD "measure\tns_per_op\t1", "libfoo.so", "garbage");
}

static void garbage(void **state)
{
    (void)state;
    refused("hello\n", "libfoo.so", "does not begin with its protocol");
    refused(HEAD "measure\tns_per_op\tfast\tns\tclock\n" TAIL, "libfoo.so", "ns_per_op is 'fast'");
    refused(HEAD "measure\tns_per_op\tinf\tns\tclock\n" TAIL, "libfoo.so", "garbage");
    refused(HEAD "series\tlive\t1\tn/a\tbytes\n" TAIL, "libfoo.so",
            "a point of live is '1', 'n/a'");
    refused(HEAD "series\tlive\tnan\t1\tbytes\n" TAIL, "libfoo.so",
            "a point of live is 'nan', '1'");
    refused(HEAD "series\tlive\t1\t1\n" TAIL, "libfoo.so", "a point of 3 fields");
    refused(HEAD "series\tlive\t1", "libfoo.so", "a point of 2 fields");
    refused(HEAD "what\tis this\n" TAIL, "libfoo.so", "garbage in the report: 'what'");
    refused("apportion-trial 1\n" TAIL, "libfoo.so", "does not say who serves malloc");
}

static void own_reason_wins(void **state)
{
    (void)state;
    refused(HEAD "failed\tallocation refused: no memory\nend\n", "libfoo.so",
            "allocation refused: no memory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole),
        cmocka_unit_test(wrong_provider),
        cmocka_unit_test(cut_short),
        cmocka_unit_test(wrong_or_missing_checksum),
        cmocka_unit_test(points_of_series),
        cmocka_unit_test(too_many_points),
        cmocka_unit_test(garbage),
        cmocka_unit_test(own_reason_wins),
    };
    return cmocka_run_group_tests_name("trial report", tests, NULL, NULL);
}
