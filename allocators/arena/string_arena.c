/*
 * string_arena: chunks, the slow paths, reset and trimming. The fast paths are in the header.
 *
 * When not to use it: where single strings must be given back, or where one survivor would pin a
 * batch's memory; docs/pool-guide.md says more.
 */
#include "string_arena.h"

#include <errno.h>
#include <stdlib.h>

/* Of a record; and of what the source gives, which is malloc's: glibc's aligned_alloc looks for
 * more than it was asked for, so it passes by the block that was just freed, and arenas that come
 * and go would walk through fresh memory. */
#define ALIGNMENT_MAX ((size_t)64)
#define SOURCE_ALIGNMENT _Alignof(max_align_t)

/* A further chunk is a thirty-second of what the arena holds, so not much more than 3 % is ever
 * held in vain, and the number of chunks still grows with the logarithm only. Doubling held up to
 * half in vain. */
#define GROWTH_SHARE 32
/* In two pages at least: each chunk costs header, slack and what is left at its end. */
#define GROWTH_LEAST ((size_t)8192)
#define PAGE ((size_t)4096)
/* A request has a chunk of at least so many times its size, or a block of its own. */
#define CHUNK_REQUESTS 8
/* Released oversized blocks: how many are looked at for a request, how many times larger than it
 * one may be, and for about how many resets a large use is remembered. */
#define SPARES_TRIED 6
#define SPARE_EXCESS 8
#define PEAK_RESETS 64

/* Stands at the start of its memory; the text begins behind it, the records end at the end. */
struct string_arena_chunk {
    struct string_arena_chunk *next;
    size_t size;
    size_t before; /* bytes in the chunks before it, set as it is entered */
};

/* A request too large for a chunk: one block from the source. */
struct string_arena_block {
    struct string_arena_block *next;
    size_t size;
};

static void *heap_acquire(void *context, size_t size, size_t alignment)
{
    (void)context;
    (void)alignment; /* SOURCE_ALIGNMENT */
    return malloc(size);
}

static void heap_release(void *context, void *memory, size_t size)
{
    (void)context;
    (void)size;
    free(memory);
}

static bool is_power_of_two(size_t value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

static size_t round_up(size_t value, size_t multiple)
{
    return (value + multiple - 1) & ~(multiple - 1);
}

bool string_arena_init(struct string_arena *arena, const struct string_arena_options *options)
{
    struct string_arena_options chosen;
    memset(&chosen, 0, sizeof chosen);
    if (options)
        chosen = *options;
    if (chosen.chunk_size == 0)
        chosen.chunk_size = STRING_ARENA_CHUNK_SIZE;
    if (chosen.chunk_size_max == 0)
        chosen.chunk_size_max = chosen.chunk_size > STRING_ARENA_CHUNK_SIZE_MAX
                                    ? chosen.chunk_size
                                    : STRING_ARENA_CHUNK_SIZE_MAX;
    if (!chosen.source.acquire && !chosen.source.release) {
        chosen.source.acquire = heap_acquire;
        chosen.source.release = heap_release;
    }
    /* 1 KiB: below it header and slack would be most of a chunk. */
    if (!is_power_of_two(chosen.chunk_size) || !is_power_of_two(chosen.chunk_size_max) ||
        chosen.chunk_size < 1024 || chosen.chunk_size > chosen.chunk_size_max ||
        !chosen.source.acquire || !chosen.source.release) {
        errno = EINVAL;
        return false;
    }
    memset(arena, 0, sizeof *arena);
    arena->options = chosen;
    return true;
}

static char *chunk_data(struct string_arena_chunk *chunk)
{
    return (char *)chunk + sizeof *chunk;
}

/* hi of a chunk without records. */
static char *chunk_top(struct string_arena_chunk *chunk)
{
    return (char *)chunk + chunk->size - STRING_ARENA_SLACK;
}

/* Bytes of the chunks up to and with the current one: what this use needs. */
static size_t bytes_used(const struct string_arena *arena)
{
    return arena->current ? arena->current->before + arena->current->size : 0;
}

static void *source_acquire(struct string_arena *arena, size_t size)
{
    if (arena->options.limit != 0 &&
        (size > arena->options.limit || arena->committed_bytes > arena->options.limit - size)) {
        errno = ENOMEM;
        return NULL;
    }
    void *memory =
        arena->options.source.acquire(arena->options.source.context, size, SOURCE_ALIGNMENT);
    if (!memory) {
        errno = ENOMEM;
        return NULL;
    }
    arena->restart_lo = NULL;
    arena->committed_bytes += size;
    arena->chunks_acquired++;
    return memory;
}

static void source_release(struct string_arena *arena, void *memory, size_t size)
{
    APPORTION_UNPOISON(memory, size);
    arena->restart_lo = NULL;
    arena->committed_bytes -= size;
    arena->chunks_released++;
    arena->options.source.release(arena->options.source.context, memory, size);
}

static void release_blocks(struct string_arena *arena, struct string_arena_block **link)
{
    while (*link) {
        struct string_arena_block *block = *link;
        *link = block->next;
        source_release(arena, block, block->size);
    }
}

/* Makes the oversized blocks down to `until` spare, and keeps twice what use of late had at most:
 * lines of many sizes would else take and give back a block each. */
static void retire_oversized(struct string_arena *arena, const struct string_arena_block *until)
{
    if (arena->oversized_bytes > arena->oversized_peak)
        arena->oversized_peak = arena->oversized_bytes;
    while (arena->oversized != until) {
        struct string_arena_block *block = arena->oversized;
        arena->oversized = block->next;
        arena->oversized_bytes -= block->size;
        block->next = arena->spare;
        arena->spare = block;
        APPORTION_POISON(block + 1, block->size - sizeof *block);
    }
    size_t kept = 0;
    struct string_arena_block **link = &arena->spare;
    while (*link && kept + (*link)->size <= 2 * arena->oversized_peak) {
        kept += (*link)->size;
        link = &(*link)->next;
    }
    release_blocks(arena, link);
    /* Rounded up, so that it ends at nothing. */
    arena->oversized_peak -= (arena->oversized_peak + PEAK_RESETS - 1) / PEAK_RESETS;
}

/* A spare block of at least `total` bytes and not much more, or NULL. */
static struct string_arena_block *take_spare(struct string_arena *arena, size_t total)
{
    struct string_arena_block **link = &arena->spare;
    for (unsigned tried = 0; *link && tried < SPARES_TRIED; tried++, link = &(*link)->next) {
        struct string_arena_block *block = *link;
        if (block->size < total || block->size / SPARE_EXCESS > total)
            continue;
        *link = block->next;
        return block;
    }
    return NULL;
}

static void release_chunks(struct string_arena *arena, struct string_arena_chunk **link)
{
    while (*link) {
        struct string_arena_chunk *chunk = *link;
        *link = chunk->next;
        source_release(arena, chunk, chunk->size);
    }
}

void string_arena_destroy(struct string_arena *arena)
{
    release_blocks(arena, &arena->oversized);
    release_blocks(arena, &arena->spare);
    release_chunks(arena, &arena->first);
    arena->oversized_bytes = 0;
    arena->current = NULL;
    arena->lo = arena->hi = NULL;
}

/* Makes chunk the current one, empty. */
static void enter_chunk(struct string_arena *arena, struct string_arena_chunk *chunk)
{
    arena->current = chunk;
    arena->lo = chunk ? chunk_data(chunk) : NULL;
    arena->hi = chunk ? chunk_top(chunk) : NULL;
    if (chunk)
        APPORTION_POISON(arena->lo, (size_t)((char *)chunk + chunk->size - arena->lo));
}

/* A new chunk behind the current one, of at least `need` bytes in all; on ENOMEM smaller ones are
 * tried, down to the need. Sizes are multiples of SOURCE_ALIGNMENT, as aligned_alloc asks. */
static struct string_arena_chunk *add_chunk(struct string_arena *arena, size_t wanted, size_t need)
{
    for (size_t size = wanted;;) {
        struct string_arena_chunk *chunk = (struct string_arena_chunk *)source_acquire(arena, size);
        if (chunk) {
            struct string_arena_chunk **link =
                arena->current ? &arena->current->next : &arena->first;
            chunk->size = size;
            chunk->next = *link;
            *link = chunk;
            return chunk;
        }
        if (size / 2 < need) {
            if (size == need)
                return NULL;
            size = need;
        } else {
            size = size / 2 & ~(ALIGNMENT_MAX - 1);
        }
    }
}

static void *oversized_alloc(struct string_arena *arena, size_t size, size_t alignment)
{
    size_t total = round_up(
        sizeof(struct string_arena_block) + alignment + size + STRING_ARENA_SLACK, ALIGNMENT_MAX);
    struct string_arena_block *block = take_spare(arena, total);
    if (!block) {
        block = (struct string_arena_block *)source_acquire(arena, total);
        if (!block)
            return NULL;
        block->size = total;
        arena->oversized_acquired++;
    }
    arena->restart_lo = NULL;
    arena->oversized_bytes += block->size;
    block->next = arena->oversized;
    arena->oversized = block;
    size_t offset = sizeof *block + (-((uintptr_t)block + sizeof *block) & (alignment - 1));
    APPORTION_UNPOISON((char *)block + offset, size);
    APPORTION_POISON((char *)block + offset + size, block->size - offset - size);
    return (char *)block + offset;
}

/* Of a chunk behind the current one, as far as the need for memory decides. */
static size_t further_chunk_size(const struct string_arena *arena)
{
    if (!arena->current)
        return arena->options.chunk_size;
    size_t size = arena->committed_bytes / GROWTH_SHARE & ~(PAGE - 1);
    if (size < GROWTH_LEAST)
        size = GROWTH_LEAST;
    return size > arena->options.chunk_size_max ? arena->options.chunk_size_max : size;
}

/* What a request takes of an empty chunk beside its own bytes, at most. */
static size_t chunk_overhead(size_t alignment)
{
    return sizeof(struct string_arena_chunk) + STRING_ARENA_SLACK + alignment + 16;
}

static struct string_arena_chunk *chunk_held(const struct string_arena *arena)
{
    return arena->current ? arena->current->next : arena->first;
}

static void leave_for(struct string_arena *arena, struct string_arena_chunk *next)
{
    next->before = bytes_used(arena);
    if (arena->current)
        arena->tail_waste_bytes += (uint64_t)(arena->hi - arena->lo);
    enter_chunk(arena, next);
}

/* A chunk is left behind only for a request of at most an eighth of the next one, so no more than
 * that is ever wasted at its end. */
static bool suits(size_t size, size_t chunk_size)
{
    return size <= chunk_size / CHUNK_REQUESTS;
}

/* Enters the next chunk where one is held that takes the request: by itself, since this is what a
 * call costs at worst that takes nothing from the source (tests/unit/test_bound.c counts it). */
static inline bool enter_held(struct string_arena *arena, size_t size, size_t alignment)
{
    struct string_arena_chunk *next = chunk_held(arena);
    if (!next || !suits(size, next->size) || size + chunk_overhead(alignment) > next->size)
        return false;
    leave_for(arena, next);
    return true;
}

/* Takes from the source: a further chunk, which is then the current one, or a block for the request
 * alone, *own; else that is NULL. */
static bool take_more(struct string_arena *arena, size_t size, size_t alignment, void **own)
{
    size_t overhead = chunk_overhead(alignment);
    *own = NULL;
    if (size > PTRDIFF_MAX - 2 * overhead - ALIGNMENT_MAX) {
        errno = ENOMEM;
        return false;
    }
    size_t next_size = further_chunk_size(arena);
    size_t basis = next_size > arena->options.chunk_size ? next_size : arena->options.chunk_size;
    if (!suits(size, basis)) {
        *own = oversized_alloc(arena, size, alignment);
        return *own != NULL;
    }
    if (next_size < size * CHUNK_REQUESTS)
        next_size = round_up(size * CHUNK_REQUESTS, PAGE);
    if (next_size > basis)
        next_size = basis;
    struct string_arena_chunk *added =
        add_chunk(arena, next_size, round_up(size + overhead, ALIGNMENT_MAX));
    if (added)
        leave_for(arena, added);
    return added != NULL;
}

static __attribute__((noinline)) char *bytes_of_source(struct string_arena *arena, size_t size)
{
    void *own;
    if (!take_more(arena, size, 1, &own))
        return NULL;
    return own ? (char *)own : string_arena_take_bytes(arena, size);
}

static __attribute__((noinline)) void *record_of_source(struct string_arena *arena, size_t size,
                                                        size_t alignment)
{
    void *own;
    if (!take_more(arena, size, alignment, &own))
        return NULL;
    return own ? own : string_arena_take_record(arena, size, alignment);
}

__attribute__((noinline, cold)) char *string_arena_bytes_slow(struct string_arena *arena,
                                                              size_t size)
{
    return enter_held(arena, size, 1) ? string_arena_take_bytes(arena, size)
                                      : bytes_of_source(arena, size);
}

__attribute__((noinline, cold)) void *string_arena_alloc_slow(struct string_arena *arena,
                                                              size_t size, size_t alignment)
{
    if (!is_power_of_two(alignment) || alignment > ALIGNMENT_MAX) {
        errno = EINVAL;
        return NULL;
    }
    return enter_held(arena, size, alignment) ? string_arena_take_record(arena, size, alignment)
                                              : record_of_source(arena, size, alignment);
}

char *string_arena_copy(struct string_arena *arena, const char *bytes, size_t length)
{
    char *copy = string_arena_bytes(arena, length);
    if (copy && length)
        memcpy(copy, bytes, length);
    return copy;
}

char *string_arena_copy_cstring(struct string_arena *arena, const char *string)
{
    return string_arena_copy(arena, string, strlen(string) + 1);
}

/* Keeps twice the average use, so that a use that swings does not give back and take again. */
static void trim_idle(struct string_arena *arena)
{
    size_t kept = 0;
    struct string_arena_chunk **link = &arena->first;
    while (*link && kept < 2 * arena->use_average) {
        kept += (*link)->size;
        link = &(*link)->next;
    }
    release_chunks(arena, link);
}

__attribute__((noinline, cold)) void string_arena_reset_slow(struct string_arena *arena)
{
    if (arena->oversized || arena->spare)
        retire_oversized(arena, NULL);
    /* With a single chunk there is nothing to trim. */
    if (arena->first && arena->first->next) {
        size_t used = bytes_used(arena);
        arena->use_average =
            arena->use_average == 0 ? used : arena->use_average - arena->use_average / 8 + used / 8;
        if (arena->committed_bytes > 4 * arena->use_average)
            trim_idle(arena);
    }
    enter_chunk(arena, arena->first);
    if (arena->first && !arena->first->next && !arena->spare) {
        arena->restart_lo = arena->lo;
        arena->restart_hi = arena->hi;
    }
}

/* Whether no chunk holds anything. */
static bool is_empty(const struct string_arena *arena)
{
    return !arena->current ||
           (arena->current == arena->first && arena->lo == chunk_data(arena->first) &&
            arena->hi == chunk_top(arena->first));
}

void string_arena_trim(struct string_arena *arena)
{
    /* The first chunk of an arena that holds nothing is in no use either. */
    if (is_empty(arena))
        enter_chunk(arena, NULL);
    release_blocks(arena, &arena->spare);
    release_chunks(arena, arena->current ? &arena->current->next : &arena->first);
}

struct string_arena_mark string_arena_mark(const struct string_arena *arena)
{
    /* That of an empty arena names no chunk: a trim may give the first one back. */
    struct string_arena_mark mark = {is_empty(arena) ? NULL : arena->current, arena->lo, arena->hi,
                                     arena->oversized};
    return mark;
}

void string_arena_rollback(struct string_arena *arena, struct string_arena_mark mark)
{
    if (arena->oversized != mark.oversized || arena->spare)
        retire_oversized(arena, mark.oversized);
    if (!mark.current) {
        enter_chunk(arena, arena->first);
        return;
    }
    arena->current = mark.current;
    arena->lo = mark.lo;
    arena->hi = mark.hi;
    APPORTION_POISON(arena->lo, (size_t)(arena->hi + STRING_ARENA_SLACK - arena->lo));
}

struct string_arena_statistics string_arena_statistics(const struct string_arena *arena)
{
    struct string_arena_statistics statistics;
    memset(&statistics, 0, sizeof statistics);
    statistics.committed_bytes = arena->committed_bytes;
    statistics.chunks_acquired = arena->chunks_acquired;
    statistics.chunks_released = arena->chunks_released;
    statistics.oversized_acquired = arena->oversized_acquired;
    statistics.tail_waste_bytes = arena->tail_waste_bytes;
    for (const struct string_arena_block *block = arena->oversized; block; block = block->next)
        statistics.in_use_bytes += block->size;
    if (arena->current)
        statistics.in_use_bytes += bytes_used(arena) - (size_t)(arena->hi - arena->lo) -
                                   sizeof *arena->current - STRING_ARENA_SLACK;
    return statistics;
}
