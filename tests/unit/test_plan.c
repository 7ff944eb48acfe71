/* link: driver */
/* The schedule: Williams squares, seeds, names. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "harness/driver/plan.h"

static struct plan plan_of(size_t cells, uint64_t seed)
{
    static const struct workload_text workload = {.name = "w"};
    struct plan plan = {.seed = seed, .cell_count = cells, .workload_count = 1};
    plan.cells = calloc(cells, sizeof *plan.cells);
    plan.workloads = calloc(1, sizeof *plan.workloads);
    plan.workloads[0].workload = &workload;
    plan.workloads[0].cells = calloc(cells, sizeof *plan.workloads[0].cells);
    plan.workloads[0].cell_count = cells;
    for (size_t i = 0; i < cells; i++)
        plan.workloads[0].cells[i] = i;
    return plan;
}

/* In one square each cell runs once a round and directly follows each other cell equally often. */
static void square_is_balanced(size_t cells)
{
    struct plan plan = plan_of(cells, 42);
    uint64_t rounds = plan_square(&plan, 0);
    unsigned *follows = calloc(cells * cells, sizeof *follows);
    size_t *order = calloc(cells, sizeof *order);
    for (uint64_t round = 0; round < rounds; round++) {
        unsigned *seen = calloc(cells, sizeof *seen);
        plan_order(&plan, 0, TRIAL_TIME, round, order);
        for (size_t i = 0; i < cells; i++) {
            assert_true(order[i] < cells);
            seen[order[i]]++;
            if (i > 0)
                follows[order[i - 1] * cells + order[i]]++;
        }
        for (size_t i = 0; i < cells; i++)
            assert_int_equal(seen[i], 1);
        free(seen);
    }
    unsigned each = (unsigned)(rounds / cells);
    for (size_t i = 0; i < cells; i++)
        for (size_t k = 0; k < cells; k++)
            if (i != k)
                assert_int_equal(follows[i * cells + k], each);
    free(follows);
    free(order);
    plan_free(&plan);
}

static void squares_are_balanced(void **state)
{
    (void)state;
    for (size_t cells = 2; cells <= 13; cells++)
        square_is_balanced(cells);
}

static void seed_decides_order_and_input(void **state)
{
    (void)state;
    struct plan one = plan_of(8, 1), same = plan_of(8, 1), other = plan_of(8, 2);
    size_t a[8], b[8], c[8];
    bool differs = false;
    for (uint64_t round = 0; round < 8; round++) {
        plan_order(&one, 0, TRIAL_TIME, round, a);
        plan_order(&same, 0, TRIAL_TIME, round, b);
        plan_order(&other, 0, TRIAL_TIME, round, c);
        assert_memory_equal(a, b, sizeof a);
        differs = differs || memcmp(a, c, sizeof a) != 0;
        assert_int_equal(plan_input_seed(&one, 0, round), plan_input_seed(&same, 0, round));
    }
    assert_true(differs);
    assert_int_not_equal(plan_input_seed(&one, 0, 0), plan_input_seed(&one, 0, 1));
    assert_int_not_equal(plan_input_seed(&one, 0, 0), plan_input_seed(&other, 0, 0));
    plan_free(&one);
    plan_free(&same);
    plan_free(&other);
}

/* A catalogue of two backends and two workloads, one of which must be given an input. */
static struct catalogue small_catalogue(void)
{
    struct catalogue catalogue = {.backend_count = 2, .workload_count = 2};
    catalogue.backends = calloc(2, sizeof *catalogue.backends);
    catalogue.workloads = calloc(3, sizeof *catalogue.workloads);
    strcpy(catalogue.backends[0].name, "system");
    catalogue.backends[0].strategies[0] = true;
    strcpy(catalogue.backends[1].name, "pool");
    catalogue.backends[1].strategies[0] = catalogue.backends[1].strategies[1] = true;
    strcpy(catalogue.workloads[0].name, "file");
    catalogue.workloads[0].parameter_count = 1;
    strcpy(catalogue.workloads[0].parameters[0].name, "input");
    catalogue.workloads[0].parameters[0].required = true;
    catalogue.workloads[0].strategies[0] = true;
    strcpy(catalogue.workloads[1].name, "small_strings");
    catalogue.workloads[1].strategies[0] = catalogue.workloads[1].strategies[1] = true;
    return catalogue;
}

static void all_cells_and_the_sentinel(void **state)
{
    (void)state;
    struct catalogue catalogue = small_catalogue();
    struct options options = {.seed_given = true};
    struct plan plan;
    struct error error;
    assert_true(plan_make(&plan, &catalogue, &options, &error));
    assert_int_equal(plan.cell_count, 4);
    assert_string_equal(plan.cells[0].backend->name, "system");
    assert_string_equal(plan.cells[1].backend->name, "system");
    assert_int_equal(plan.cells[3].strategy, 1);
    /* `file` needs an input, so the default is the other workload only. */
    assert_int_equal(plan.workload_count, 1);
    assert_string_equal(plan.workloads[0].workload->name, "small_strings");
    plan_free(&plan);
    catalogue_free(&catalogue);
}

/* A strategy that one workload lacks: its rounds have the other cells only, by their own indexes.
 */
static void a_workload_without_a_strategy(void **state)
{
    (void)state;
    struct catalogue catalogue = small_catalogue();
    struct options options = {.seed_given = true};
    struct plan plan;
    struct error error;
    size_t order[4];
    options.parameters.items[options.parameters.count++] = "input=/x";
    options.workloads.items[options.workloads.count++] = "file";
    options.workloads.items[options.workloads.count++] = "small_strings";
    assert_true(plan_make(&plan, &catalogue, &options, &error));
    assert_int_equal(plan.cell_count, 4);
    assert_int_equal(plan.workloads[0].cell_count, 3); /* file has owned only */
    assert_int_equal(plan.workloads[1].cell_count, 4);
    assert_int_equal(plan_square(&plan, 0), 6);
    assert_int_equal(plan_square(&plan, 1), 4);
    for (uint64_t round = 0; round < 6; round++) {
        unsigned seen = 0;
        plan_order(&plan, 0, TRIAL_COUNT, round, order);
        for (size_t i = 0; i < 3; i++) {
            assert_int_equal(plan.cells[order[i]].strategy, 0);
            seen |= 1u << order[i];
        }
        assert_int_equal(seen, 7);
    }
    plan_free(&plan);
    catalogue_free(&catalogue);
}

static void input_means_file(void **state)
{
    (void)state;
    struct catalogue catalogue = small_catalogue();
    struct options options = {.seed_given = true};
    struct plan plan;
    struct error error;
    options.parameters.items[options.parameters.count++] = "input=/x";
    assert_true(plan_make(&plan, &catalogue, &options, &error));
    assert_int_equal(plan.workload_count, 1);
    assert_string_equal(plan.workloads[0].workload->name, "file");
    assert_string_equal(plan.workloads[0].parameters[0], "input=/x");
    plan_free(&plan);
    catalogue_free(&catalogue);
}

/* One more workload takes an input, but has a default for it. */
static void a_default_input_is_not_asked_for(void **state)
{
    (void)state;
    struct catalogue catalogue = small_catalogue();
    struct options options = {.seed_given = true};
    struct plan plan;
    struct error error;
    catalogue.workloads[2] = catalogue.workloads[0];
    strcpy(catalogue.workloads[2].name, "quoted_csv");
    strcpy(catalogue.workloads[2].parameters[0].value, "/default");
    catalogue.workloads[2].parameters[0].required = false;
    catalogue.workload_count = 3;
    assert_true(plan_make(&plan, &catalogue, &options, &error));
    assert_int_equal(plan.workload_count, 2);
    assert_string_equal(plan.workloads[1].workload->name, "quoted_csv");
    assert_string_equal(plan.workloads[1].parameters[0], "input=/default");
    plan_free(&plan);
    options.parameters.items[options.parameters.count++] = "input=/x";
    assert_true(plan_make(&plan, &catalogue, &options, &error));
    assert_int_equal(plan.workload_count, 1);
    assert_string_equal(plan.workloads[0].workload->name, "file");
    plan_free(&plan);
    options.workloads.items[options.workloads.count++] = "quoted_csv";
    assert_true(plan_make(&plan, &catalogue, &options, &error));
    assert_int_equal(plan.workload_count, 1);
    assert_string_equal(plan.workloads[0].parameters[0], "input=/x");
    plan_free(&plan);
    catalogue_free(&catalogue);
}

/* A parameter with a default: all that take it where it is given, no fewer workloads where not. */
static void a_given_default_chooses_its_takers(void **state)
{
    (void)state;
    struct catalogue catalogue = small_catalogue();
    struct options options = {.seed_given = true};
    struct plan plan;
    struct error error;
    strcpy(catalogue.workloads[1].parameters[0].name, "tokens");
    strcpy(catalogue.workloads[1].parameters[0].value, "8-12");
    catalogue.workloads[1].parameter_count = 1;
    catalogue.workloads[2] = catalogue.workloads[1];
    strcpy(catalogue.workloads[2].name, "streaming");
    catalogue.workloads[2].parameter_count = 0;
    catalogue.workload_count = 3;
    assert_true(plan_make(&plan, &catalogue, &options, &error));
    assert_int_equal(plan.workload_count, 2);
    assert_string_equal(plan.workloads[0].parameters[0], "tokens=8-12");
    plan_free(&plan);
    options.parameters.items[options.parameters.count++] = "tokens=17";
    assert_true(plan_make(&plan, &catalogue, &options, &error));
    assert_int_equal(plan.workload_count, 1);
    assert_string_equal(plan.workloads[0].parameters[0], "tokens=17");
    plan_free(&plan);
    catalogue_free(&catalogue);
}

static void unknown_names(void **state)
{
    (void)state;
    struct catalogue catalogue = small_catalogue();
    struct plan plan;
    struct error error;
    struct options options = {.seed_given = true};
    options.backends.items[options.backends.count++] = "jemaloc";
    assert_false(plan_make(&plan, &catalogue, &options, &error));
    assert_non_null(strstr(error.text, "unknown backend 'jemaloc'; there are system, pool"));
    options = (struct options){.seed_given = true};
    options.workloads.items[options.workloads.count++] = "small";
    assert_false(plan_make(&plan, &catalogue, &options, &error));
    assert_non_null(strstr(error.text, "unknown workload 'small'"));
    options = (struct options){.seed_given = true};
    options.strategies.items[options.strategies.count++] = "mine";
    assert_false(plan_make(&plan, &catalogue, &options, &error));
    assert_non_null(strstr(error.text, "unknown strategy 'mine'"));
    options = (struct options){.seed_given = true};
    options.workloads.items[options.workloads.count++] = "file";
    assert_false(plan_make(&plan, &catalogue, &options, &error));
    assert_non_null(strstr(error.text, "needs input"));
    options = (struct options){.seed_given = true};
    options.workloads.items[options.workloads.count++] = "small_strings";
    options.parameters.items[options.parameters.count++] = "speed=9";
    assert_false(plan_make(&plan, &catalogue, &options, &error));
    assert_non_null(strstr(error.text, "no chosen workload has the parameter speed"));
    catalogue_free(&catalogue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(squares_are_balanced),
        cmocka_unit_test(seed_decides_order_and_input),
        cmocka_unit_test(all_cells_and_the_sentinel),
        cmocka_unit_test(a_workload_without_a_strategy),
        cmocka_unit_test(input_means_file),
        cmocka_unit_test(a_default_input_is_not_asked_for),
        cmocka_unit_test(a_given_default_chooses_its_takers),
        cmocka_unit_test(unknown_names),
    };
    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
