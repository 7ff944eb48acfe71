/* link: lib */
/*
 * The arena: every block keeps its bytes until its release and none overlaps another (against a
 * model, on random sequences), bounds and alignment, reset, rollback, limits, and a source that
 * fails at every n-th call.
 */
#include "check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "death.h"
#include "string_arena.h"

/* ---- a source that counts what is out and fails on demand ---- */

struct source {
    size_t bytes_out;
    size_t blocks_out;
    unsigned calls;
    unsigned fail_at; /* this call fails, and all after it; 0: none */
    unsigned refuse;  /* so many calls fail now */
};

static void *source_acquire(void *context, size_t size, size_t alignment)
{
    struct source *source = context;
    assert_int_equal(size % alignment, 0);
    assert_true(alignment <= _Alignof(max_align_t)); /* what malloc gives */
    source->calls++;
    if (source->refuse) {
        source->refuse--;
        return NULL;
    }
    if (source->fail_at && source->calls >= source->fail_at)
        return NULL;
    source->bytes_out += size;
    source->blocks_out++;
    /* Aligned as asked and, as malloc's blocks, no better: what is freed stands before it. */
    char *block = aligned_alloc(64, size + 64);
    char *memory = block + alignment * (1 + source->calls % (64 / alignment - 1));
    memcpy(memory - sizeof block, &block, sizeof block);
    return memory;
}

static void source_release(void *context, void *memory, size_t size)
{
    struct source *source = context;
    source->bytes_out -= size;
    source->blocks_out--;
    char *block;
    memcpy(&block, (char *)memory - sizeof block, sizeof block);
    free(block);
}

static void init_on(struct string_arena *arena, struct source *source, size_t chunk, size_t limit)
{
    struct string_arena_options options = {.chunk_size = chunk,
                                           .chunk_size_max = 4 * chunk,
                                           .limit = limit,
                                           .source = {source_acquire, source_release, source}};
    memset(source, 0, sizeof *source);
    assert_true(string_arena_init(arena, &options));
}

/* ---- the model: blocks that must hold what was written ---- */

#define BLOCKS_MAX 4000

struct model {
    struct {
        unsigned char *at;
        size_t size;
        unsigned char fill;
    } blocks[BLOCKS_MAX];
    size_t count;
    unsigned seed;
};

static void model_add(struct model *model, void *block, size_t size, unsigned char fill)
{
    assert_true(model->count < BLOCKS_MAX);
    memset(block, fill, size);
    model->blocks[model->count].at = block;
    model->blocks[model->count].size = size;
    model->blocks[model->count++].fill = fill;
}

static void model_check(const struct model *model)
{
    for (size_t i = 0; i < model->count; i++)
        for (size_t k = 0; k < model->blocks[i].size; k++)
            if (model->blocks[i].at[k] != model->blocks[i].fill)
                fail_msg("seed %u: block %zu of %zu bytes was overwritten at %zu", model->seed, i,
                         model->blocks[i].size, k);
}

/* A size that is mostly small, sometimes near a chunk's, sometimes beyond it. */
static size_t random_size(void)
{
    switch (rand() % 8) {
    case 0:
        return (size_t)rand() % 3000;
    case 1:
        return (size_t)rand() % 200;
    default:
        return (size_t)rand() % 24;
    }
}

static void random_sequence(unsigned seed)
{
    static struct model model;
    struct string_arena arena;
    struct source source;
    struct string_arena_mark mark = {0};
    size_t mark_count = 0;
    bool marked = false;
    srand(seed);
    model.seed = seed;
    init_on(&arena, &source, (size_t)1024 << rand() % 4, 0);
    model.count = 0;
    for (unsigned step = 0; step < 3000; step++) {
        unsigned what = (unsigned)rand() % 100;
        size_t size = random_size();
        if (what < 60) {
            char *block = string_arena_bytes(&arena, size);
            assert_non_null(block);
            model_add(&model, block, size, (unsigned char)step);
        } else if (what < 90) {
            size_t alignment = (size_t)1 << rand() % 7;
            void *block = string_arena_alloc(&arena, size, alignment);
            assert_non_null(block);
            assert_int_equal((uintptr_t)block % alignment, 0);
            model_add(&model, block, size, (unsigned char)step);
        } else if (what < 94) {
            mark = string_arena_mark(&arena);
            mark_count = model.count;
            marked = true;
        } else if (what < 98 && marked) {
            model_check(&model);
            string_arena_rollback(&arena, mark);
            model.count = mark_count;
        } else if (what == 99) {
            model_check(&model);
            string_arena_reset(&arena);
            model.count = 0;
            marked = false;
        }
        if (step % 100 == 0)
            model_check(&model);
    }
    model_check(&model);
    assert_int_equal(string_arena_statistics(&arena).committed_bytes, source.bytes_out);
    string_arena_destroy(&arena);
    assert_int_equal(source.blocks_out, 0);
}

static void against_the_model(void **state)
{
    (void)state;
    unsigned seeds = test_rounds(60);
    for (unsigned seed = 1; seed <= seeds; seed++)
        random_sequence(seed);
}

static void copies(void **state)
{
    (void)state;
    struct string_arena arena;
    assert_true(string_arena_init(&arena, NULL));
    char *bytes = string_arena_copy(&arena, "a\0b", 3);
    char *string = string_arena_copy_cstring(&arena, "hello");
    assert_memory_equal(bytes, "a\0b", 3);
    assert_string_equal(string, "hello");
    assert_non_null(string_arena_copy(&arena, NULL, 0));
    if (!APPORTION_GUARDED)
        assert_ptr_equal(string, bytes + 3); /* alignment 1: no gap */
    string_arena_destroy(&arena);
}

/* reset keeps all chunks and uses all of them again: a steady use takes nothing more. */
static void reset_keeps_chunks(void **state)
{
    (void)state;
    struct string_arena arena;
    struct source source;
    init_on(&arena, &source, 4096, 0);
    unsigned calls = 0;
    for (unsigned use = 0; use < 10; use++) {
        for (unsigned i = 0; i < 1000; i++)
            assert_non_null(string_arena_bytes(&arena, 30));
        if (use == 0)
            calls = source.calls;
        assert_int_equal(source.calls, calls);
        string_arena_reset(&arena);
    }
    assert_true(calls > 1);
    string_arena_destroy(&arena);
}

/* One large use, then small ones: what lies idle is given back after a while. */
static void idle_chunks_are_trimmed(void **state)
{
    (void)state;
    struct string_arena arena;
    struct source source;
    init_on(&arena, &source, 4096, 0);
    for (unsigned i = 0; i < 20000; i++)
        assert_non_null(string_arena_bytes(&arena, 100));
    size_t large = source.bytes_out;
    for (unsigned use = 0; use < 100; use++) {
        string_arena_reset(&arena);
        assert_non_null(string_arena_bytes(&arena, 100));
    }
    assert_true(source.bytes_out < large / 4);
    string_arena_destroy(&arena);
    assert_int_equal(source.blocks_out, 0);
}

static void oversized_leaves_the_chunk(void **state)
{
    (void)state;
    struct string_arena arena;
    struct source source;
    init_on(&arena, &source, 4096, 0);
    char *before = string_arena_bytes(&arena, 10);
    char *large = string_arena_bytes(&arena, 1000000);
    char *after = string_arena_bytes(&arena, 10);
    assert_non_null(large);
    memset(large, 1, 1000000);
    if (!APPORTION_GUARDED)
        assert_ptr_equal(after, before + 10);
    assert_int_equal(string_arena_statistics(&arena).oversized_acquired, 1);
    void *aligned = string_arena_alloc(&arena, 500000, 64);
    assert_int_equal((uintptr_t)aligned % 64, 0);
    string_arena_reset(&arena);
    assert_int_equal(string_arena_statistics(&arena).in_use_bytes, 0);
    string_arena_trim(&arena);
    assert_int_equal(source.blocks_out, 0);
    string_arena_destroy(&arena);
}

/* Blocks of their own serve again, for as long as such requests come, and within twice the largest
 * use; then they go, and a reset is the short one again. */
static void oversized_blocks_serve_again(void **state)
{
    (void)state;
    struct string_arena arena;
    struct source source;
    init_on(&arena, &source, 4096, 0);
    srand(1);
    for (unsigned i = 0; i < 400; i++) {
        for (unsigned k = 0; k < 3; k++) {
            size_t size = (size_t)(2000 + rand() % 30000);
            char *block = string_arena_bytes(&arena, size);
            assert_non_null(block);
            memset(block, (int)k, size); /* ASan: all of it is ours, whoever had it before */
        }
        string_arena_reset(&arena);
        assert_true(source.bytes_out <= 4096 + (size_t)32500 * 2 * 3);
    }
    assert_true(source.calls < 60); /* of 1200 requests */
    struct string_arena_mark mark = string_arena_mark(&arena);
    unsigned calls = source.calls;
    for (unsigned i = 0; i < 100; i++) {
        assert_non_null(string_arena_bytes(&arena, 20000));
        string_arena_rollback(&arena, mark);
    }
    assert_true(source.calls <= calls + 1);
    for (unsigned i = 0; i < 2000; i++) {
        assert_non_null(string_arena_bytes(&arena, 10));
        string_arena_reset(&arena);
    }
    assert_int_equal(source.bytes_out, 4096);
    assert_non_null(arena.restart_lo);
    string_arena_destroy(&arena);
    assert_int_equal(source.blocks_out, 0);
}

static void bad_options(void **state)
{
    (void)state;
    struct string_arena arena;
    const struct string_arena_options wrong[] = {
        {.chunk_size = 1000},
        {.chunk_size = 512},
        {.chunk_size = 8192, .chunk_size_max = 4096},
        {.source = {.acquire = source_acquire}},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        errno = 0;
        assert_false(string_arena_init(&arena, &wrong[i]));
        assert_int_equal(errno, EINVAL);
    }
}

static void impossible_sizes(void **state)
{
    (void)state;
    struct string_arena arena;
    struct source source;
    init_on(&arena, &source, 4096, 0);
    char *first = string_arena_copy(&arena, "x", 1);
    const size_t sizes[] = {SIZE_MAX,     SIZE_MAX - 1, SIZE_MAX - 63,    SIZE_MAX - 64,
                            SIZE_MAX / 2, PTRDIFF_MAX,  PTRDIFF_MAX - 100};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        errno = 0;
        assert_null(string_arena_bytes(&arena, sizes[i]));
        assert_int_equal(errno, ENOMEM);
        assert_null(string_arena_alloc(&arena, sizes[i], 64));
    }
    errno = 0;
    assert_null(string_arena_alloc_slow(&arena, 8, 3));
    assert_int_equal(errno, EINVAL);
    assert_null(string_arena_alloc_slow(&arena, 8, 128));
    assert_int_equal(*first, 'x');
    string_arena_destroy(&arena);
    assert_int_equal(source.blocks_out, 0);
}

/* At the limit: NULL, everything before intact, and use goes on after a reset. */
static void limit_is_kept(void **state)
{
    (void)state;
    struct string_arena arena;
    struct source source;
    init_on(&arena, &source, 4096, 20000);
    unsigned taken = 0;
    while (string_arena_bytes(&arena, 100))
        taken++;
    assert_int_equal(errno, ENOMEM);
    assert_true(source.bytes_out <= 20000);
    /* Smaller chunks were tried down to the need: little of the limit is left unused. */
    assert_true(taken > 150);
    assert_null(string_arena_bytes(&arena, 30000));
    string_arena_reset(&arena);
    assert_non_null(string_arena_bytes(&arena, 100));
    string_arena_destroy(&arena);
}

/* The source fails at its n-th call, for every n: NULL, all blocks intact, nothing leaked. */
static void source_fails_at_every_call(void **state)
{
    (void)state;
    static struct model model;
    unsigned calls = test_rounds(40);
    for (unsigned fail_at = 1; fail_at < calls; fail_at++) {
        struct string_arena arena;
        struct source source;
        unsigned failures = 0;
        init_on(&arena, &source, 1024, 0);
        source.fail_at = fail_at;
        model.count = 0;
        srand(fail_at);
        for (unsigned i = 0; i < 3900; i++) {
            size_t size = random_size();
            struct string_arena before = arena;
            void *block = i % 3 ? (void *)string_arena_bytes(&arena, size)
                                : string_arena_alloc(&arena, size, 16);
            if (block) {
                model_add(&model, block, size, (unsigned char)i);
            } else {
                failures++;
                assert_int_equal(errno, ENOMEM);
                assert_memory_equal(&before, &arena, sizeof arena);
            }
        }
        assert_true(failures > 0);
        model_check(&model);
        source.fail_at = 0;
        assert_non_null(string_arena_bytes(&arena, 5000));
        string_arena_destroy(&arena);
        assert_int_equal(source.blocks_out, 0);
    }
}

/* Halved down to what the source gives, a chunk's size stays a multiple of its alignment (which the
 * source asserts), whatever size it began with. */
static void smaller_chunks_are_aligned(void **state)
{
    (void)state;
    struct string_arena arena;
    struct source source;
    struct string_arena_options options = {
        .chunk_size = 8192,
        .chunk_size_max = (size_t)1 << 20,
        .source = {source_acquire, source_release, &source},
    };
    memset(&source, 0, sizeof source);
    assert_true(string_arena_init(&arena, &options));
    for (unsigned i = 0; source.bytes_out < 2000000; i++) {
        source.refuse = source.blocks_out % 2 ? 6 + i % 4 : 0;
        if (!string_arena_bytes(&arena, 30)) {
            source.refuse = 0;
            assert_non_null(string_arena_bytes(&arena, 30));
        }
    }
    string_arena_destroy(&arena);
    assert_int_equal(source.blocks_out, 0);
}

/* The mark of an empty arena holds, whatever a trim gives back. */
static void mark_outlives_trim(void **state)
{
    (void)state;
    struct string_arena arena;
    struct source source;
    init_on(&arena, &source, 1024, 0);
    assert_non_null(string_arena_bytes(&arena, 10));
    string_arena_reset(&arena);
    struct string_arena_mark mark = string_arena_mark(&arena);
    string_arena_trim(&arena);
    assert_int_equal(source.blocks_out, 0);
    string_arena_rollback(&arena, mark);
    assert_non_null(string_arena_bytes(&arena, 10));
    string_arena_rollback(&arena, mark);
    assert_int_equal(string_arena_statistics(&arena).in_use_bytes, 0);
    string_arena_destroy(&arena);
    assert_int_equal(source.blocks_out, 0);
}

static void undo_gives_the_newest_back(void **state)
{
    (void)state;
    struct string_arena arena;
    assert_true(string_arena_init(&arena, NULL));
    char *first = string_arena_bytes(&arena, 10);
    string_arena_undo_bytes(&arena, first, 10);
    assert_ptr_equal(string_arena_bytes(&arena, 20), first);
    string_arena_undo_bytes(&arena, first, 10); /* not the newest as it stands: nothing */
    assert_ptr_not_equal(string_arena_bytes(&arena, 20), first);
    string_arena_destroy(&arena);
}

/* ---- what AddressSanitizer and memcheck must stop ---- */

#if APPORTION_GUARDED
static struct string_arena death_arena;

static void use_after_reset(void)
{
    string_arena_init(&death_arena, NULL);
    volatile char *block = string_arena_copy(&death_arena, "abc", 3);
    string_arena_reset(&death_arena);
    (void)block[0];
}

static void use_after_rollback(void)
{
    string_arena_init(&death_arena, NULL);
    string_arena_bytes(&death_arena, 8);
    struct string_arena_mark mark = string_arena_mark(&death_arena);
    volatile char *block = string_arena_alloc(&death_arena, 32, 16);
    string_arena_rollback(&death_arena, mark);
    (void)block[0];
}

static void use_after_undo(void)
{
    string_arena_init(&death_arena, NULL);
    volatile char *block = string_arena_bytes(&death_arena, 8);
    string_arena_undo_bytes(&death_arena, (char *)(uintptr_t)block, 8);
    block[0] = 1;
}

static void use_after_destroy(void)
{
    string_arena_init(&death_arena, NULL);
    volatile char *block = string_arena_copy(&death_arena, "abc", 3);
    string_arena_destroy(&death_arena);
    (void)block[0];
}

static void bytes_overflow_by_one(void)
{
    string_arena_init(&death_arena, NULL);
    volatile char *block = string_arena_bytes(&death_arena, 5);
    string_arena_bytes(&death_arena, 5);
    block[5] = 1;
}

static void record_overflows_by_one(void)
{
    string_arena_init(&death_arena, NULL);
    string_arena_alloc(&death_arena, 24, 8);
    volatile char *record = string_arena_alloc(&death_arena, 24, 8);
    record[24] = 1;
}

static void first_record_overflows_by_one(void)
{
    string_arena_init(&death_arena, NULL);
    volatile char *record = string_arena_alloc(&death_arena, 24, 8);
    record[24] = 1;
}

static void oversized_overflows_by_one(void)
{
    string_arena_init(&death_arena, NULL);
    volatile char *block = string_arena_bytes(&death_arena, 100001);
    block[100001] = 1;
}

static void in_bounds(void)
{
    string_arena_init(&death_arena, NULL);
    volatile char *block = string_arena_bytes(&death_arena, 5);
    volatile char *record = string_arena_alloc(&death_arena, 24, 8);
    volatile char *large = string_arena_bytes(&death_arena, 100001);
    block[4] = record[23] = large[100000] = 1;
    block[0] = record[0] = large[0] = 1;
}

static void misuse_traps(void **state)
{
    (void)state;
    if (!MEMORY_IS_WATCHED)
        return;
    assert_true(dies(use_after_reset));
    assert_true(dies(use_after_rollback));
    assert_true(dies(use_after_undo));
    assert_true(dies(use_after_destroy));
    assert_true(dies(bytes_overflow_by_one));
    assert_true(dies(record_overflows_by_one));
    assert_true(dies(first_record_overflows_by_one));
    assert_true(dies(oversized_overflows_by_one));
    assert_false(dies(in_bounds));
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_the_model),
        cmocka_unit_test(copies),
        cmocka_unit_test(reset_keeps_chunks),
        cmocka_unit_test(idle_chunks_are_trimmed),
        cmocka_unit_test(oversized_leaves_the_chunk),
        cmocka_unit_test(oversized_blocks_serve_again),
        cmocka_unit_test(bad_options),
        cmocka_unit_test(impossible_sizes),
        cmocka_unit_test(limit_is_kept),
        cmocka_unit_test(source_fails_at_every_call),
        cmocka_unit_test(smaller_chunks_are_aligned),
        cmocka_unit_test(mark_outlives_trim),
        cmocka_unit_test(undo_gives_the_newest_back),
#if APPORTION_GUARDED
        cmocka_unit_test(misuse_traps),
#endif
    };
    return cmocka_run_group_tests_name("string arena", tests, NULL, NULL);
}
