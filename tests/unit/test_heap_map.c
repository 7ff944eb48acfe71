/* link: runner system */
/*
 * The heap's map against pages of known content: which are live, pinned, free and left out is
 * counted exactly, across the halving of the strip as well; and a wrong release is told.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "harness/runner/heap_map.h"
#include "harness/runner/report.h"

static char *map_pages(size_t count)
{
    char *pages = mmap(NULL, count * HEAP_MAP_PAGE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(pages != MAP_FAILED);
    madvise(pages, count * HEAP_MAP_PAGE, MADV_NOHUGEPAGE);
    return pages;
}

static char *page(char *pages, size_t number)
{
    return pages + number * HEAP_MAP_PAGE;
}

static struct heap_map *opened(void)
{
    struct heap_map *map = heap_map_open();
    assert_non_null(map);
    return map;
}

static void note(struct heap_map *map, const char *block, size_t size)
{
    heap_map_allocated(map, block, size, size);
}

static struct heap_map_pages sum_of(const struct heap_map *map)
{
    const struct heap_map_pages *cells;
    struct heap_map_pages sum = {0, 0, 0};
    uint32_t each;
    size_t count = heap_map_strip(map, &cells, &each);
    for (size_t i = 0; i < count; i++) {
        sum.live += cells[i].live;
        sum.pinned += cells[i].pinned;
        sum.free += cells[i].free;
    }
    return sum;
}

static void expect_cell(const struct heap_map *map, size_t at, uint32_t live, uint32_t pinned,
                        uint32_t free)
{
    const struct heap_map_pages *cells;
    uint32_t each;
    assert_true(at < heap_map_strip(map, &cells, &each));
    assert_int_equal(cells[at].live, live);
    assert_int_equal(cells[at].pinned, pinned);
    assert_int_equal(cells[at].free, free);
}

static void test_known_pages(void **state)
{
    (void)state;
    struct heap_map *map = opened();
    char *pages = map_pages(10);
    /* All but page 3 are touched. */
    for (size_t i = 0; i < 10; i++)
        if (i != 3)
            *page(pages, i) = 1;
    note(map, page(pages, 0), HEAP_MAP_PAGE);             /* whole */
    note(map, page(pages, 1) + 8, HEAP_MAP_PAGE / 2);     /* half */
    note(map, page(pages, 2) + 8, HEAP_MAP_PAGE / 2 - 1); /* a byte less */
    note(map, page(pages, 4) + 4000, 96 + 4096 + 10);     /* the ends of two, and one whole */
    note(map, page(pages, 7) + 16, 0);                    /* no byte, and yet a block */
    heap_map_allocated(map, page(pages, 8), 10, 3000);    /* usable bytes count */
    note(map, page(pages, 9), 4000);
    heap_map_freed(map, page(pages, 9), 4000, 4000);
    heap_map_look(map, (uintptr_t)pages, (uintptr_t)page(pages, 10));
    expect_cell(map, 0, 1, 0, 0);
    expect_cell(map, 1, 1, 0, 0);
    expect_cell(map, 2, 0, 1, 0);
    expect_cell(map, 3, 0, 1, 0); /* page 4: 3 was left out */
    expect_cell(map, 4, 1, 0, 0);
    expect_cell(map, 5, 0, 1, 0);
    expect_cell(map, 6, 0, 1, 0);
    expect_cell(map, 7, 1, 0, 0);
    expect_cell(map, 8, 0, 0, 1);
    const struct heap_map_pages *cells;
    uint32_t each;
    assert_int_equal(heap_map_strip(map, &cells, &each), 9);
    assert_int_equal(each, 1);
}

/* Resident before: only where a block came to lie. */
static void test_pages_of_others(void **state)
{
    (void)state;
    struct heap_map *map = opened();
    char *pages = map_pages(6);
    for (size_t i = 0; i < 4; i++)
        *page(pages, i) = 1;
    heap_map_before(map);
    *page(pages, 4) = *page(pages, 5) = 1;
    note(map, page(pages, 1), 3000);
    note(map, page(pages, 5), 10);
    heap_map_look(map, (uintptr_t)pages, (uintptr_t)page(pages, 6));
    struct heap_map_pages sum = sum_of(map);
    assert_int_equal(sum.live, 1);
    assert_int_equal(sum.pinned, 1);
    assert_int_equal(sum.free, 1);
}

static void test_strip_is_halved(void **state)
{
    (void)state;
    struct heap_map *map = opened();
    size_t count = 2 * HEAP_MAP_CELLS + 5; /* more than two pages a cell, so four */
    char *pages = map_pages(count);
    for (size_t i = 0; i < count; i++) {
        *page(pages, i) = 1;
        if (i % 4 != 3)
            note(map, page(pages, i), i % 4 == 0 ? 4096 : 20);
    }
    heap_map_look(map, (uintptr_t)pages, (uintptr_t)page(pages, count));
    const struct heap_map_pages *cells;
    uint32_t each;
    size_t cell_count = heap_map_strip(map, &cells, &each);
    assert_int_equal(each, 4);
    assert_int_equal(cell_count, (count + 3) / 4);
    for (size_t i = 0; i + 1 < cell_count; i++)
        expect_cell(map, i, 1, 2, 1);
    expect_cell(map, cell_count - 1, 1, 0, 0);
}

/* Drawn once, at the peak; its own memory and what was there before is not in it. */
static void test_drawn_at_the_peak(void **state)
{
    (void)state;
    struct heap_map *map = opened();
    heap_map_before(map);
    char *pages = map_pages(64);
    for (size_t i = 0; i < 64; i++)
        *page(pages, i) = 1;
    heap_map_begin(map, (uint64_t)40 * 4096);
    for (size_t i = 0; i < 40; i++) {
        assert_int_equal(sum_of(map).live, 0);
        note(map, page(pages, i), 4096);
    }
    struct heap_map_pages sum = sum_of(map);
    assert_int_equal(sum.live, 40);
    assert_int_equal(sum.pinned, 0);
    /* The 24 others; the process may have touched a few more of its own. */
    assert_in_range(sum.free, 24, 24 + 64);
    note(map, page(pages, 40), 4096);
    assert_int_equal(sum_of(map).live, 40);
    assert_non_null(heap_map_fault(map));
    for (size_t i = 0; i <= 40; i++)
        heap_map_freed(map, page(pages, i), 4096, 4096);
    assert_null(heap_map_fault(map));
}

static void test_faults_are_told(void **state)
{
    (void)state;
    struct report *report = calloc(1, sizeof *report);
    assert_non_null(report);
    char *pages = map_pages(1);
    struct heap_map *never = opened(), *odd = opened();
    heap_map_begin(never, 100);
    note(never, pages, 99);
    heap_map_freed(never, pages, 99, 99);
    assert_string_equal(heap_map_fault(never), "as much as at the peak was never live again");
    *pages = 1;
    heap_map_begin(odd, 100);
    note(odd, pages, 100);
    heap_map_freed(odd, pages, 100, 90);
    assert_string_equal(heap_map_fault(odd), "blocks were freed with other sizes than made");
    heap_map_report(odd, report);
    assert_int_equal(report->length, 0);
    note(odd, pages, 0); /* what was left over goes */
    heap_map_freed(odd, pages, 0, 10);
    assert_null(heap_map_fault(odd));
    heap_map_report(odd, report);
    assert_non_null(strstr(report->text, "series\theap_map_pinned\t"));
    free(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_pages),     cmocka_unit_test(test_pages_of_others),
        cmocka_unit_test(test_strip_is_halved), cmocka_unit_test(test_drawn_at_the_peak),
        cmocka_unit_test(test_faults_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
