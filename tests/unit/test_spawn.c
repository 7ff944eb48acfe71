/* link: driver */
/* Child processes: how each way of ending is told, time limits, environment. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "harness/driver/spawn.h"

static struct spawn_result run_shell(const char *script, double timeout)
{
    char *const arguments[] = {"/bin/sh", "-c", (char *)(uintptr_t)script, NULL};
    struct spawn_request request = {.arguments = arguments, .timeout = timeout};
    struct spawn_result result;
    struct error error;
    assert_true(spawn(&request, &result, &error));
    return result;
}

static void report_comes_on_its_own_descriptor(void **state)
{
    (void)state;
    struct spawn_result result = run_shell("echo noise; echo said >&3", 10);
    assert_true(result.ended_well);
    assert_string_equal(result.report, "said\n");
    assert_true(result.wall_ns > 0);
    free(result.report);
}

static void status_and_last_words(void **state)
{
    (void)state;
    struct spawn_result result = run_shell("echo first >&2; echo last words >&2; exit 7", 10);
    assert_false(result.ended_well);
    assert_string_equal(result.reason, "ended with status 7: last words");
    free(result.report);
}

static void signals_are_named(void **state)
{
    (void)state;
    struct spawn_result result = run_shell("kill -SEGV $$", 10);
    assert_false(result.ended_well);
    assert_non_null(strstr(result.reason, "signal 11"));
    free(result.report);
}

/* The group is killed: a grandchild that holds the pipe would else keep the driver waiting. */
static void time_limit_kills_the_group(void **state)
{
    (void)state;
    struct spawn_result result = run_shell("sleep 100 & sleep 100", 0.2);
    assert_false(result.ended_well);
    assert_non_null(strstr(result.reason, "time limit of 0.2 s"));
    assert_true(result.wall_ns < 20000000000u);
    free(result.report);
}

/* What a simulation is to repeat itself with: no variable whose length could move the stack. */
static void bare_environment_is_bare(void **state)
{
    (void)state;
    setenv("APPORTION_TEST", "here", 1);
    setenv("VALGRIND_LIB", "/elsewhere", 1);
    char *const printed[] = {"/bin/sh", "-c", "/usr/bin/env >&3", NULL};
    struct spawn_request request = {
        .arguments = printed, .timeout = 10, .preload = "", .bare_environment = true};
    struct spawn_result result;
    struct error error;
    assert_true(spawn(&request, &result, &error));
    assert_non_null(strstr(result.report, "VALGRIND_LIB=/elsewhere"));
    assert_non_null(strstr(result.report, "LD_PRELOAD="));
    assert_null(strstr(result.report, "APPORTION_TEST"));
    assert_null(strstr(result.report, "HOME="));
    free(result.report);
    unsetenv("APPORTION_TEST");
    unsetenv("VALGRIND_LIB");
}

static void endless_report_is_cut(void **state)
{
    (void)state;
    struct spawn_result result = run_shell("head -c 5000000 /dev/zero >&3", 30);
    assert_true(result.ended_well);
    assert_int_equal(result.report_size, 1 << 20);
    free(result.report);
}

static void missing_program(void **state)
{
    (void)state;
    char *const arguments[] = {"/nonexistent/runner", NULL};
    char *text;
    struct error error;
    assert_false(spawn_output(arguments, 10, &text, &error));
    assert_non_null(strstr(error.text, "cannot run /nonexistent/runner"));
}

static void allocators_are_not_steered(void **state)
{
    (void)state;
    char names[200];
    setenv("MALLOC_ARENA_MAX", "1", 1);
    setenv("LD_PRELOAD", "", 1);
    spawn_scrubbed(names, sizeof names);
    assert_non_null(strstr(names, "MALLOC_ARENA_MAX"));
    struct spawn_result result = run_shell("echo \"[$MALLOC_ARENA_MAX$LD_PRELOAD]\" >&3", 10);
    assert_string_equal(result.report, "[]\n");
    free(result.report);
    unsetenv("MALLOC_ARENA_MAX");
    unsetenv("LD_PRELOAD");
}

static void preload_and_padding(void **state)
{
    (void)state;
    char *const arguments[] = {"/bin/sh", "-c", "echo \"$LD_PRELOAD ${#APPORTION_PADDING}\" >&3",
                               NULL};
    struct spawn_request request = {
        .arguments = arguments, .timeout = 10, .preload = "/nonexistent.so", .padding = 123};
    struct spawn_result result;
    struct error error;
    assert_true(spawn(&request, &result, &error));
    assert_string_equal(result.report, "/nonexistent.so 123\n");
    free(result.report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(report_comes_on_its_own_descriptor),
        cmocka_unit_test(status_and_last_words),
        cmocka_unit_test(signals_are_named),
        cmocka_unit_test(time_limit_kills_the_group),
        cmocka_unit_test(bare_environment_is_bare),
        cmocka_unit_test(endless_report_is_cut),
        cmocka_unit_test(missing_program),
        cmocka_unit_test(allocators_are_not_steered),
        cmocka_unit_test(preload_and_padding),
    };
    return cmocka_run_group_tests_name("spawn", tests, NULL, NULL);
}
