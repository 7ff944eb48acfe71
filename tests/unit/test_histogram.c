/* link: runner null */
/* The histogram against sorted data: its error over the whole range, quantiles, sums. */
#include "check.h"

#include <stdlib.h>

#include "harness/runner/histogram.h"

static struct histogram *empty(void)
{
    struct histogram *histogram = calloc(1, sizeof *histogram);
    assert_non_null(histogram);
    return histogram;
}

/* A value alone comes back within 0.4 % (0.8 % is allowed), as itself below 256; 2^64 - 1 too. */
static void error_is_bounded(void **state)
{
    (void)state;
    struct histogram *histogram = empty();
    unsigned before = 0;
    for (unsigned bit = 0; bit < 64; bit++) {
        for (int away = -1; away <= 1; away++) {
            uint64_t value = ((uint64_t)1 << bit) + (uint64_t)away;
            unsigned index = histogram_index(value);
            assert_true(index < HISTOGRAM_BUCKETS);
            assert_true(index >= before || (value < 2 && away < 1));
            before = index;
            histogram->count = 1;
            histogram->max = UINT64_MAX;
            histogram->buckets[index] = 1;
            double error = fabs(histogram_quantile(histogram, 0.5) - (double)value);
            assert_true(error <= 0.004 * (double)value);
            assert_true(value >= 256 || error == 0);
            histogram->buckets[index] = 0;
        }
    }
    histogram_add(histogram, UINT64_MAX);
    assert_true(histogram->max == UINT64_MAX);
    free(histogram);
}

static void buckets_are_contiguous(void **state)
{
    (void)state;
    for (uint64_t value = 1; value < 1 << 18; value++) {
        unsigned step = histogram_index(value) - histogram_index(value - 1);
        assert_true(step == 0 || step == 1);
    }
}

static int by_value(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

/* Values over many powers of two. */
static uint64_t draw(uint64_t *random)
{
    *random = *random * 6364136223846793005u + 1442695040888963407u;
    return (*random >> 40) << (*random >> 12) % 20;
}

#define VALUES 20000

static void quantiles_are_those_of_sorted_values(void **state)
{
    (void)state;
    static uint64_t values[VALUES];
    struct histogram *histogram = empty();
    uint64_t random = 7;
    for (size_t i = 0; i < VALUES; i++) {
        values[i] = draw(&random);
        histogram_add(histogram, values[i]);
    }
    qsort(values, VALUES, sizeof *values, by_value);
    static const double shares[] = {0.0001, 0.01, 0.5, 0.9, 0.99, 0.999, 1};
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        double exact = (double)values[(size_t)ceil(shares[i] * VALUES) - 1];
        assert_near(histogram_quantile(histogram, shares[i]), exact, 0.008 * exact);
    }
    assert_true(histogram->count == VALUES);
    assert_true(histogram->max == values[VALUES - 1]);
    free(histogram);
}

static void merged_is_as_if_added(void **state)
{
    (void)state;
    struct histogram *whole = empty(), *left = empty(), *right = empty();
    uint64_t random = 9;
    for (size_t i = 0; i < 1000; i++) {
        uint64_t value = draw(&random);
        histogram_add(whole, value);
        histogram_add(i % 3 ? left : right, value);
    }
    histogram_merge(left, right);
    assert_memory_equal(left, whole, sizeof *whole);
    free(whole);
    free(left);
    free(right);
}

static void no_values_no_quantile(void **state)
{
    (void)state;
    struct histogram *histogram = empty();
    assert_true(isnan(histogram_quantile(histogram, 0.5)));
    free(histogram);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_is_bounded),
        cmocka_unit_test(buckets_are_contiguous),
        cmocka_unit_test(quantiles_are_those_of_sorted_values),
        cmocka_unit_test(merged_is_as_if_added),
        cmocka_unit_test(no_values_no_quantile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
