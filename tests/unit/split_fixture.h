/* An arena and a pool for all tests of a group that split. */
#ifndef TESTS_UNIT_SPLIT_FIXTURE_H
#define TESTS_UNIT_SPLIT_FIXTURE_H

#include "split.h"

static struct string_arena arena;
static struct split_result_pool *pool;
static const char *about; /* what is being split, for messages */

static int make_arena(void **state)
{
    (void)state;
    pool = split_result_pool_create(NULL);
    return string_arena_init(&arena, NULL) && pool ? 0 : -1;
}

static int free_arena(void **state)
{
    (void)state;
    split_result_pool_destroy(pool);
    string_arena_destroy(&arena);
    return 0;
}

#endif
