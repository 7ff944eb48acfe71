/* link: driver */
/* What is given to callgrind and what is read from it: geometries, files whole, cut short and
 * garbled, and failures that are n/a and no failure of the cell. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/driver/simulation.h"
#include "harness/trial.h"

static const char head[] = "# callgrind format\nversion: 1\ndesc: D1 cache: 1 B\n\n"
                           "positions: line\n"
                           "events: Ir Dr Dw I1mr D1mr D1mw ILmr DLmr DLmw Bc Bcm Bi Bim\n";

static const char *totals_of(const char *tail, double *totals)
{
    char text[2000];
    snprintf(text, sizeof text, "%s%s", head, tail);
    return simulation_totals(text, totals);
}

static void totals_go_by_their_events(void **state)
{
    (void)state;
    double totals[SIMULATION_EVENT_COUNT];
    assert_null(totals_of("summary: 9\n\nfn=(1) f\n16 400\n\ntotals: 1000 200 100 9 30 12 3 4 5 90 "
                          "7 6 2\n",
                          totals));
    assert_near(totals[SIMULATION_INSTRUCTIONS], 1000, 0);
    assert_near(totals[SIMULATION_L1D_READ_MISSES], 30, 0);
    assert_near(totals[SIMULATION_L1D_WRITE_MISSES], 12, 0);
    assert_near(totals[SIMULATION_L1D_MISSES], 42, 0);
    assert_near(totals[SIMULATION_LLC_MISSES], 12, 0);
    assert_near(totals[SIMULATION_BRANCH_MISSES], 9, 0);
    /* Another order of events. */
    char turned[] = "events: D1mw Ir D1mr DLmw DLmr ILmr Bim Bcm\ntotals: 1 2 3 4 5 6 7 8\n";
    assert_null(simulation_totals(turned, totals));
    assert_near(totals[SIMULATION_L1D_MISSES], 4, 0);
    assert_near(totals[SIMULATION_LLC_MISSES], 15, 0);
}

/* callgrind leaves out zeros at the end of a line. */
static void zeros_at_the_end_may_lack(void **state)
{
    (void)state;
    double totals[SIMULATION_EVENT_COUNT];
    assert_null(totals_of("totals: 1000 200 100 9 30\n", totals));
    assert_near(totals[SIMULATION_L1D_MISSES], 30, 0);
    assert_near(totals[SIMULATION_BRANCH_MISSES], 0, 0);
    assert_non_null(strstr(totals_of("totals: 0\n", totals), "nothing was simulated"));
}

static void broken_files_say_so(void **state)
{
    (void)state;
    double totals[SIMULATION_EVENT_COUNT];
    assert_non_null(strstr(totals_of("summary: 1000 2\n", totals), "cut short"));
    assert_non_null(strstr(totals_of("totals: 1000 200 100 9 3", totals), "cut short"));
    assert_non_null(strstr(totals_of("totals: 1000 200 100 9 x 12\n", totals), "no number"));
    assert_non_null(strstr(totals_of("totals: 1000 200 100 9 -3 12\n", totals), "no number"));
    assert_non_null(strstr(totals_of("totals: 1000 200 100 9 nan 12\n", totals), "no number"));
    assert_non_null(
        strstr(totals_of("totals: 1 2 3 4 5 6 7 8 9 10 11 12 13 14\n", totals), "more totals"));
    char no_events[] = "totals: 1 2 3\n", empty[] = "", few[] = "events: Ir Dr\ntotals: 1 2\n";
    assert_non_null(strstr(simulation_totals(no_events, totals), "no events"));
    assert_non_null(strstr(simulation_totals(empty, totals), "no events"));
    assert_non_null(strstr(simulation_totals(few, totals), "lacks an event"));
    char garbage[512];
    for (size_t i = 0; i < sizeof garbage - 1; i++)
        garbage[i] = (char)(1 + i * 73 % 255);
    garbage[sizeof garbage - 1] = 0;
    assert_non_null(simulation_totals(garbage, totals));
}

static const char *geometry(const struct topology_cache *caches, size_t count)
{
    static struct simulation simulation;
    memset(&simulation, 0, sizeof simulation);
    return simulation_geometry(&simulation, caches, count) ? simulation.source : NULL;
}

static void geometry_is_the_machines(void **state)
{
    (void)state;
    struct topology_cache caches[] = {{32768, "data", 1, 8, 64, 1},
                                      {65536, "instruction", 1, 4, 64, 1},
                                      {1 << 20, "unified", 2, 16, 64, 1},
                                      {32 << 20, "unified", 3, 16, 64, 8}};
    struct simulation simulation = {0};
    assert_true(simulation_geometry(&simulation, caches, 4));
    assert_string_equal(simulation.geometry[0], "--I1=65536,4,64");
    assert_string_equal(simulation.geometry[1], "--D1=32768,8,64");
    assert_string_equal(simulation.geometry[2], "--LL=33554432,16,64");
    assert_string_equal(simulation.source, "callgrind-sim;D1=32768/8/64;LL=33554432/16/64");
    /* The last level is the second here; 48 KiB of 12 ways have 64 sets. */
    caches[0].bytes = 49152;
    caches[0].ways = 12;
    assert_string_equal(geometry(caches, 3), "callgrind-sim;D1=49152/12/64;LL=1048576/16/64");
    /* 36 MiB of 12 ways have 49152 sets: callgrind takes 32768 of 18. */
    caches[3].bytes = 36 << 20;
    caches[3].ways = 12;
    assert_string_equal(geometry(caches, 4), "callgrind-sim;D1=49152/12/64;LL=37748736/18/64");
    /* Unknown ways and lines; a first level alone; none. */
    caches[0] = (struct topology_cache){32768, "data", 1, 0, 0, 1};
    assert_string_equal(geometry(caches, 1), "callgrind-sim;D1=32768/8/64;LL=32768/8/64");
    assert_null(geometry(caches + 1, 3));
    assert_null(geometry(caches, 0));
}

/* A report as of a runner that simulated `ops` ops. */
static struct trial_report reported(const char *ops)
{
    static char text[400];
    struct trial_report report;
    snprintf(text, sizeof text,
             TRIAL_PROTOCOL "\nidentity\t/lib/libc.so.6\tab\t1\nchecksum\ta\ta\n"
                            "measure\t" TRIAL_SIMULATED_OPS "\t%s\tcount\trunner\nend\n",
             ops);
    trial_report_read(&report, text, "libc.so");
    assert_true(report.ok);
    return report;
}

static void write_output(const struct simulation *simulation, const char *tail)
{
    FILE *out = fopen(simulation->output, "we");
    assert_non_null(out);
    fprintf(out, "%s%s", head, tail);
    fclose(out);
}

static struct simulation make(void)
{
    struct simulation simulation = {.source = "callgrind-sim;D1=…"};
    snprintf(simulation.output, sizeof simulation.output, "/tmp/test_simulation.%d", getpid());
    return simulation;
}

static void totals_become_metrics(void **state)
{
    (void)state;
    struct simulation simulation = make();
    struct trial_report report = reported("100");
    write_output(&simulation, "totals: 1000 200 100 9 30 12\n");
    simulation.failures = 2;
    simulation_finish(&simulation, NULL, &report);
    assert_true(report.ok);
    assert_int_equal(report.measurement_count, SIMULATION_EVENT_COUNT);
    assert_near(trial_report_value(&report, "simulated_l1d_misses_per_op"), 0.42, 1e-12);
    assert_near(trial_report_value(&report, "simulated_instructions_per_op"), 10, 1e-12);
    assert_string_equal(report.measurements[0].source, simulation.source);
    assert_int_equal(simulation.failures, 0);
    assert_int_equal(access(simulation.output, F_OK), -1); /* removed */
}

static void assert_missing(const struct trial_report *report, const char *reason)
{
    assert_true(report->ok);
    assert_int_equal(report->measurement_count, SIMULATION_EVENT_COUNT);
    for (size_t i = 0; i < report->measurement_count; i++) {
        assert_true(isnan(report->measurements[i].value));
        assert_non_null(strstr(report->measurements[i].source, reason));
    }
}

static void what_fails_is_missing_and_given_up(void **state)
{
    (void)state;
    struct simulation simulation = make();
    struct trial_report report = reported("100");
    simulation_finish(&simulation, NULL, &report);
    assert_missing(&report, "wrote no file");
    report = reported("0");
    write_output(&simulation, "totals: 1000 200 100 9 30 12\n");
    simulation_finish(&simulation, NULL, &report);
    assert_missing(&report, "did not say how many ops");
    assert_int_equal(access(simulation.output, F_OK), -1);
    assert_string_equal(simulation.reason, "");
    report = reported("100");
    write_output(&simulation, "totals: 1000 200 100 9 30 12\n");
    simulation_finish(&simulation, "ended with status 1: no memory", &report);
    assert_missing(&report, "valgrind: ended with status 1: no memory");
    assert_non_null(strstr(simulation.reason, "failed 3 times in a row"));
    simulation_try_again(&simulation);
    assert_int_equal(simulation.reason[0], 0);
    /* What was never there is not tried again. */
    strcpy(simulation.reason, "no valgrind");
    simulation_try_again(&simulation);
    assert_string_equal(simulation.reason, "no valgrind");
}

static void percent_signs_are_doubled(void **state)
{
    (void)state;
    struct simulation simulation = {.output = "/run/100%p/x", .valgrind = "/usr/bin/valgrind"};
    const char *arguments[SIMULATION_ARGUMENTS_MAX];
    char output[400];
    simulation_arguments(&simulation, arguments, output, sizeof output);
    assert_string_equal(output, "--callgrind-out-file=/run/100%%p/x");
    assert_string_equal(arguments[0], "/usr/bin/valgrind");
    size_t count = 0;
    while (arguments[count])
        count++;
    assert_ptr_equal(arguments[count - 1], output);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(totals_go_by_their_events),
        cmocka_unit_test(zeros_at_the_end_may_lack),
        cmocka_unit_test(broken_files_say_so),
        cmocka_unit_test(geometry_is_the_machines),
        cmocka_unit_test(totals_become_metrics),
        cmocka_unit_test(what_fails_is_missing_and_given_up),
        cmocka_unit_test(percent_signs_are_doubled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
