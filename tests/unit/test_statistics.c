/* link: driver */
/* The estimators against values computed by hand and published ones. */
#include "check.h"

#include <math.h>

#include "harness/driver/statistics.h"

/* Ranks of the sign interval: DESIGN's four, and n = 10 and 15 of Conover's table of quantiles. */
static void ranks(void **state)
{
    (void)state;
    assert_int_equal(sign_interval_rank(5), 0);
    assert_int_equal(sign_interval_rank(6), 1);
    assert_int_equal(sign_interval_rank(10), 2);
    assert_int_equal(sign_interval_rank(12), 3);
    assert_int_equal(sign_interval_rank(15), 4);
    assert_int_equal(sign_interval_rank(20), 6);
    assert_int_equal(sign_interval_rank(30), 10);
    assert_int_equal(sign_interval_rank(40), 14);
}

static void interval_of_twelve(void **state)
{
    (void)state;
    double values[] = {12, 1, 11, 2, 10, 3, 9, 4, 8, 5, 7, 6};
    struct interval interval = sign_interval(values, 12);
    assert_int_equal(interval.n, 12);
    assert_near(interval.estimate, 6.5, 1e-12);
    assert_near(interval.lo, 3, 0);
    assert_near(interval.hi, 10, 0);
    assert_false(interval.exact);
}

static void too_few_for_an_interval(void **state)
{
    (void)state;
    double values[] = {3, 1, 2, 5, 4};
    struct interval interval = sign_interval(values, 5);
    assert_near(interval.estimate, 3, 0);
    assert_true(isinf(interval.lo) && interval.lo < 0);
    assert_true(isinf(interval.hi) && interval.hi > 0);
}

static void nothing_is_no_estimate(void **state)
{
    (void)state;
    struct interval interval = sign_interval(NULL, 0);
    assert_int_equal(interval.n, 0);
    assert_true(isnan(interval.estimate));
}

static void identical_values_are_exact(void **state)
{
    (void)state;
    double values[] = {7, 7, 7, 7, 7, 7};
    struct interval interval = sign_interval(values, 6);
    assert_true(interval.exact);
    assert_near(interval.lo, 7, 0);
    assert_near(interval.hi, 7, 0);
}

/* ln ratios of 2 with one outlier each way: the median does not move, six pairs give min and max.
 */
static void ratio_of_pairs(void **state)
{
    (void)state;
    const double baseline[] = {2, 4, 6, 8, 10, 12};
    const double cell[] = {1, 2, 3, 4, 2.5, 12};
    struct interval ratio = ratio_interval(baseline, cell, 6);
    assert_int_equal(ratio.n, 6);
    assert_near(ratio.estimate, 2, 1e-12);
    assert_near(ratio.lo, 1, 1e-12);
    assert_near(ratio.hi, 4, 1e-12);
    assert_near(interval_half_width(&ratio), 0.75, 1e-12);
}

static void pairs_without_both_are_left_out(void **state)
{
    (void)state;
    const double baseline[] = {2, NAN, 2, 2, -1, 2, 2, 2, 2};
    const double cell[] = {1, 1, NAN, 1, 1, 1, 1, 1, -3};
    struct interval ratio = ratio_interval(baseline, cell, 9);
    assert_int_equal(ratio.n, 5);
    assert_near(ratio.estimate, 2, 1e-12);
    assert_false(interval_is_bounded(&ratio));
}

/* Nothing is a figure: leaving such pairs out would favour one side. */
static void zeros_are_infinite_ratios(void **state)
{
    (void)state;
    const double baseline[] = {4, 4, 4, 4, 4, 4, 0, 0};
    const double cell[] = {0, 0, 0, 0, 0, 0, 4, 0};
    double logs[8];
    assert_int_equal(log_ratios(baseline, cell, 8, logs), 8);
    assert_true(isinf(logs[0]) && logs[0] > 0);
    assert_true(isinf(logs[6]) && logs[6] < 0);
    assert_near(logs[7], 0, 0);
    struct interval ratio = ratio_interval(baseline, cell, 8);
    assert_int_equal(ratio.n, 8);
    assert_true(isinf(ratio.estimate) && isinf(ratio.hi));
    assert_near(ratio.lo, 0, 0); /* k = 1 of 8: the least of all */
    assert_false(ratio.exact);
    struct interval all = ratio_interval(baseline, cell, 6);
    assert_true(all.exact && isinf(all.lo));
    /* Between -inf and +inf the middle is no number but even. */
    double ends[] = {-INFINITY, INFINITY};
    assert_near(sign_interval(ends, 2).estimate, 0, 0);
}

/* Swapping the sides inverts estimate and interval. */
static void ratio_is_symmetric(void **state)
{
    (void)state;
    const double a[] = {1.0, 1.3, 0.9, 1.1, 1.7, 1.2, 1.4, 0.8};
    const double b[] = {2.0, 2.1, 2.3, 1.9, 2.2, 2.5, 1.8, 2.4};
    struct interval there = ratio_interval(a, b, 8);
    struct interval back = ratio_interval(b, a, 8);
    assert_near(there.estimate * back.estimate, 1, 1e-12);
    assert_near(there.lo * back.hi, 1, 1e-12);
    assert_near(there.hi * back.lo, 1, 1e-12);
}

/* Hollander & Wolfe, Nonparametric Statistical Methods, table 3.1 (Hamilton depression scale,
 * differences y - x of nine patients): the estimate given there is -0.46. */
static void hodges_lehmann_published(void **state)
{
    (void)state;
    const double differences[] = {-0.952, 0.147,  -1.022, -0.430, -0.620,
                                  -0.590, -0.490, 0.080,  -0.010};
    assert_near(hodges_lehmann(differences, 9), -0.46, 0.005);
}

static void hodges_lehmann_by_hand(void **state)
{
    (void)state;
    /* Walsh averages of 1, 2, 6: 1, 1.5, 3.5, 2, 4, 6: their median is 2.75. */
    const double values[] = {1, 2, 6};
    assert_near(hodges_lehmann(values, 3), 2.75, 1e-12);
    assert_true(isnan(hodges_lehmann(values, 0)));
}

/* Many values, where the pairwise means are not made: against the definition. */
static void hodges_lehmann_by_definition(void **state)
{
    (void)state;
    enum { N = 41 };
    double values[N];
    static double means[N * (N + 1) / 2];
    size_t count = 0;
    for (unsigned i = 0; i < N; i++)
        values[i] = (i * 7919u % 101u) / 10.0 - 3; /* with ties */
    for (unsigned i = 0; i < N; i++)
        for (unsigned k = i; k < N; k++)
            means[count++] = (values[i] + values[k]) / 2;
    struct interval median = sign_interval(means, count);
    assert_near(hodges_lehmann(values, N), median.estimate, 1e-12);
    const double infinite[] = {1, INFINITY, 2};
    assert_true(isnan(hodges_lehmann(infinite, 3)));
}

/* Tails of Binomial(10, 1/2): (1 + 10) / 1024, 1 / 1024. */
static void sign_tests(void **state)
{
    (void)state;
    assert_near(sign_test(9, 10), 11.0 / 1024, 1e-12);
    assert_near(sign_test(10, 10), 1.0 / 1024, 1e-12);
    assert_near(sign_test(0, 10), 1, 0);
    assert_near(sign_test(5, 10), 638.0 / 1024, 1e-12);
    assert_near(sign_test(6, 6), 1.0 / 64, 1e-12);
}

/* The usual example: of 0.01, 0.04, 0.03, 0.005 the least is taken 4 times, the next 3 times, the
 * next twice (0.06), and the last may not fall below that. */
static void holm(void **state)
{
    (void)state;
    double p[] = {0.01, 0.04, 0.03, 0.005};
    const double adjusted[] = {0.03, 0.06, 0.06, 0.02};
    assert_true(holm_adjust(p, 4));
    for (size_t i = 0; i < 4; i++)
        assert_near(p[i], adjusted[i], 1e-12);
    double high[] = {0.9, 0.8};
    assert_true(holm_adjust(high, 2));
    assert_near(high[0], 1, 0);
    assert_near(high[1], 1, 0);
    assert_true(holm_adjust(NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranks),
        cmocka_unit_test(interval_of_twelve),
        cmocka_unit_test(too_few_for_an_interval),
        cmocka_unit_test(nothing_is_no_estimate),
        cmocka_unit_test(identical_values_are_exact),
        cmocka_unit_test(ratio_of_pairs),
        cmocka_unit_test(pairs_without_both_are_left_out),
        cmocka_unit_test(zeros_are_infinite_ratios),
        cmocka_unit_test(ratio_is_symmetric),
        cmocka_unit_test(hodges_lehmann_published),
        cmocka_unit_test(hodges_lehmann_by_hand),
        cmocka_unit_test(hodges_lehmann_by_definition),
        cmocka_unit_test(sign_tests),
        cmocka_unit_test(holm),
    };
    return cmocka_run_group_tests_name("statistics", tests, NULL, NULL);
}
