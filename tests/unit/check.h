/* What every unit test includes: cmocka with what it needs before it. */
#ifndef TESTS_UNIT_CHECK_H
#define TESTS_UNIT_CHECK_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
/* after those */
#include <cmocka.h>

/* cmocka's own compares as float. */
#define assert_near(value, wanted, error) assert_true(fabs((value) - (wanted)) <= (error))

/* Writes to each page, so that just these become resident: AddressSanitizer would look each address
 * up in memory of its own, an eighth as much, which becomes resident with it. */
static inline __attribute__((no_sanitize("address"))) void touch_pages(char *memory, size_t size)
{
    for (size_t i = 0; i < size; i += 4096)
        ((volatile char *)memory)[i] = 1;
}

/* How many of a test's `rounds` to run: TEST_EFFORT percent of them (default 100), so that the same
 * test bears a tool that makes it 50 times slower. Said where it is less. */
static inline unsigned test_rounds(unsigned rounds)
{
    const char *effort = getenv("TEST_EFFORT");
    if (!effort)
        return rounds;
    unsigned reduced = (unsigned)(rounds * strtod(effort, NULL) / 100 + 1);
    print_message("# TEST_EFFORT=%s: %u of %u rounds\n", effort, reduced, rounds);
    return reduced;
}

#endif
