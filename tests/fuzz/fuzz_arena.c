/*
 * Any bytes, run as a program of arena and pool operations, keep the promises of their headers.
 *
 * A model knows every block that is out: each keeps its bytes (so none overlaps another) until its
 * release, lies where and as aligned as asked, and a failed call changes nothing. The source counts
 * and fails on demand; its counts and the arena's must agree after every step. What is not given
 * back at the end, the leak checker sees.
 */
#include "fuzz_check.h"

#include <errno.h>

#include "split_result_pool.h"
#include "string_arena.h"

#define BLOCKS_MAX 2048
#define REGIONS_MAX 4096
#define MARKS_MAX 16
#define HELD_MAX 64

struct region {
    char *at;
    size_t size;
};

struct source {
    struct region regions[REGIONS_MAX]; /* out */
    size_t bytes_out, blocks_out;
    uint64_t acquired, released;
    unsigned fail_next; /* calls to refuse */
};

struct block {
    unsigned char *at;
    size_t size;
    unsigned char fill;
};

struct held {
    unsigned char *container;
    size_t capacity, asked;
    unsigned char fill;
};

static struct source source;
static struct string_arena arena;
static struct block blocks[BLOCKS_MAX];
static size_t block_count;
static size_t live; /* bytes in them */
static struct {
    struct string_arena_mark mark;
    size_t block_count;
} marks[MARKS_MAX];
static size_t mark_count;
static struct split_result_pool *pool;
static struct held held[HELD_MAX];
static size_t held_count;
static uint64_t gets; /* that gave something */
static unsigned char next_fill;

static void *source_acquire(void *context, size_t size, size_t alignment)
{
    (void)context;
    CHECK(size % alignment == 0);
    if (source.fail_next) {
        source.fail_next--;
        return NULL;
    }
    char *memory = aligned_alloc(alignment, size);
    CHECK(memory && source.blocks_out < REGIONS_MAX);
    source.regions[source.blocks_out++] = (struct region){memory, size};
    source.bytes_out += size;
    source.acquired++;
    return memory;
}

static void source_release(void *context, void *memory, size_t size)
{
    (void)context;
    size_t i = 0;
    while (i < source.blocks_out && source.regions[i].at != memory)
        i++;
    CHECK(i < source.blocks_out && source.regions[i].size == size);
    source.regions[i] = source.regions[--source.blocks_out];
    source.bytes_out -= size;
    source.released++;
    free(memory);
}

/* Whole within what the source gave: the arena opens its blocks for the tools itself, so that they
 * would not see one that is not. */
static void check_place(const char *block, size_t size)
{
    size_t i = 0;
    while (i < source.blocks_out && (block < source.regions[i].at ||
                                     block + size > source.regions[i].at + source.regions[i].size))
        i++;
    CHECK(i < source.blocks_out);
}

static void check_filled(const unsigned char *bytes, size_t size, unsigned char fill)
{
    for (size_t i = 0; i < size; i++)
        CHECK(bytes[i] == fill);
}

/* The blocks from `from` on, whole; they then count as released. */
static void drop_blocks(size_t from)
{
    for (size_t i = from; i < block_count; i++) {
        check_filled(blocks[i].at, blocks[i].size, blocks[i].fill);
        live -= blocks[i].size;
    }
    block_count = from;
}

static void check_statistics(void)
{
    struct string_arena_statistics statistics = string_arena_statistics(&arena);
    CHECK(statistics.committed_bytes == source.bytes_out);
    CHECK(statistics.chunks_acquired == source.acquired);
    CHECK(statistics.chunks_released == source.released);
    CHECK(statistics.oversized_acquired <= source.acquired);
    CHECK(statistics.in_use_bytes >= live && statistics.in_use_bytes <= source.bytes_out);
    CHECK(arena.options.limit == 0 || source.bytes_out <= arena.options.limit);
}

/* Small ones mostly; up to 64 KiB, and a few that no memory can hold. */
static size_t any_size(struct fuzz_input *input)
{
    unsigned low = fuzz_byte(input);
    if (low < 224)
        return low % 64;
    size_t high = fuzz_byte(input) << 8 | fuzz_byte(input);
    return low == 255 ? SIZE_MAX - high : high;
}

static void take_block(struct fuzz_input *input, bool record)
{
    size_t size = any_size(input);
    size_t alignment = record ? (size_t)1 << fuzz_byte(input) % 7 : 1;
    struct string_arena before = arena;
    unsigned refusals = source.fail_next;
    if (block_count == BLOCKS_MAX)
        return;
    errno = 0;
    void *block = record ? string_arena_alloc(&arena, size, alignment)
                         : (void *)string_arena_bytes(&arena, size);
    if (!block) {
        CHECK(errno == ENOMEM);
        CHECK(refusals || arena.options.limit || size > PTRDIFF_MAX);
        CHECK(memcmp(&before, &arena, sizeof arena) == 0);
        return;
    }
    CHECK((uintptr_t)block % alignment == 0);
    check_place(block, size);
    memset(block, ++next_fill, size);
    live += size;
    blocks[block_count++] = (struct block){block, size, next_fill};
}

/* Byte blocks only, and only while no mark is newer: then the model knows what it releases. */
static void undo(void)
{
    if (block_count == 0 || (mark_count && marks[mark_count - 1].block_count == block_count))
        return;
    struct block newest = blocks[block_count - 1];
    drop_blocks(block_count - 1);
    string_arena_undo_bytes(&arena, (char *)newest.at, newest.size);
}

static void rollback(struct fuzz_input *input)
{
    if (mark_count == 0)
        return;
    size_t to = fuzz_byte(input) % mark_count;
    drop_blocks(marks[to].block_count);
    string_arena_rollback(&arena, marks[to].mark);
    mark_count = to + 1;
}

static void pool_get(struct fuzz_input *input)
{
    size_t asked = any_size(input) + 1;
    size_t capacity = 0;
    if (held_count == HELD_MAX)
        return;
    unsigned char *container = split_result_pool_get(pool, asked, &capacity);
    if (!container) {
        CHECK(errno == ENOMEM && asked > PTRDIFF_MAX);
        return;
    }
    CHECK(capacity >= asked && (uintptr_t)container % 64 == 0);
    gets++;
    memset(container, ++next_fill, capacity);
    held[held_count++] = (struct held){container, capacity, asked, next_fill};
}

static void pool_return(struct fuzz_input *input)
{
    if (held_count == 0)
        return;
    unsigned which = fuzz_byte(input);
    struct held *one = &held[which / 2 % held_count];
    check_filled(one->container, one->capacity, one->fill);
    split_result_pool_return(pool, one->container, which % 2 ? one->asked : one->capacity);
    *one = held[--held_count];
}

static void pool_grow(struct fuzz_input *input)
{
    if (held_count == 0)
        return;
    struct held *one = &held[fuzz_byte(input) % held_count];
    size_t used = one->capacity, size = used + any_size(input) % 70000;
    void *larger = split_result_pool_grow(pool, one->container, &one->capacity, used, size);
    CHECK(larger && one->capacity >= size);
    gets++;
    check_filled(larger, used, one->fill);
    memset(larger, one->fill, one->capacity);
    one->container = larger;
    one->asked = size;
}

static void check_pool(void)
{
    struct split_result_pool_statistics statistics = split_result_pool_statistics(pool);
    size_t out = 0;
    for (size_t i = 0; i < held_count; i++)
        out += held[i].capacity;
    CHECK(statistics.container_bytes == statistics.idle_bytes + out);
    CHECK(statistics.committed_bytes >= statistics.container_bytes);
    CHECK(statistics.hits + statistics.misses == gets);
    CHECK(statistics.misses >= statistics.heap_frees);
}

/* Many gets and returns: the pool's windows pass and it adapts. */
static void pool_wave(struct fuzz_input *input)
{
    unsigned rounds = fuzz_byte(input) * 16;
    for (unsigned i = 0; i < rounds; i++) {
        size_t capacity;
        void *container = split_result_pool_get(pool, 1 + i % 600, &capacity);
        CHECK(container);
        gets++;
        split_result_pool_return(pool, container, capacity);
    }
}

static void step(struct fuzz_input *input)
{
    unsigned what = fuzz_byte(input) % 32;
    if (what < 10) {
        take_block(input, false);
    } else if (what < 16) {
        take_block(input, true);
    } else if (what < 18) {
        undo();
    } else if (what < 20 && mark_count < MARKS_MAX) {
        marks[mark_count].mark = string_arena_mark(&arena);
        marks[mark_count++].block_count = block_count;
    } else if (what < 22) {
        rollback(input);
    } else if (what == 22) {
        drop_blocks(0);
        mark_count = 0;
        string_arena_reset(&arena);
    } else if (what == 23) {
        string_arena_trim(&arena);
    } else if (what == 24) {
        source.fail_next = fuzz_byte(input) % 16;
    } else if (what < 27) {
        pool_get(input);
    } else if (what < 29) {
        pool_return(input);
    } else if (what == 29) {
        pool_grow(input);
    } else if (what == 30) {
        split_result_pool_trim(pool);
        CHECK(split_result_pool_statistics(pool).idle_bytes == 0);
    } else {
        pool_wave(input);
    }
    check_statistics();
    check_pool();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    unsigned shape = fuzz_byte(&input);
    unsigned bounds = fuzz_byte(&input);
    struct string_arena_options options = {.chunk_size = (size_t)1024 << shape % 8,
                                           .limit = bounds % 4 ? 0 : (size_t)bounds << 10,
                                           .source = {source_acquire, source_release, NULL}};
    struct split_result_pool_options pool_options = {
        .limit = (size_t)(bounds >> 4) << 10, .idle_max = shape >> 5, .pressure_file = "/dev/null"};
    options.chunk_size_max = options.chunk_size << (shape >> 3) % 4;
    source.bytes_out = source.blocks_out = source.fail_next = 0;
    source.acquired = source.released = 0;
    block_count = mark_count = held_count = live = 0;
    gets = 0;
    CHECK(string_arena_init(&arena, &options));
    CHECK((pool = split_result_pool_create(&pool_options)));

    while (input.left)
        step(&input);

    drop_blocks(0);
    string_arena_destroy(&arena);
    CHECK(source.blocks_out == 0 && source.bytes_out == 0);
    while (held_count)
        pool_return(&input);
    split_result_pool_destroy(pool);
    return 0;
}
