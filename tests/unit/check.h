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

/* AddressSanitizer keeps a byte for each eight, which kernels of late count as resident too. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define RESIDENT_SHARE 0.15
#endif
#endif
#ifndef RESIDENT_SHARE
#define RESIDENT_SHARE 0.01
#endif

#endif
