/* What every unit test includes: cmocka with what it needs before it. */
#ifndef TESTS_UNIT_CHECK_H
#define TESTS_UNIT_CHECK_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after those */
#include <cmocka.h>

/* cmocka's own compares as float. */
#define assert_near(value, wanted, error) assert_true(fabs((value) - (wanted)) <= (error))

#endif
