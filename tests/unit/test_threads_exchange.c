/* link: lib */
/*
 * Pools that share an exchange: results made on one thread and released on another, in both
 * directions at once, bounded, counted to the byte, and with nothing left; the deque under thieves.
 */
#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "split.h"
#include "split_result_exchange.h"
#include "stress.h"
#include "string_arena_annotate.h"
#include "work_deque.h"

#define MAGAZINE ((size_t)32)

static struct split_result_exchange *exchange_of(size_t limit, unsigned magazines)
{
    struct split_result_exchange_options options = {limit, magazines};
    struct split_result_exchange *exchange = split_result_exchange_create(&options);
    assert_non_null(exchange);
    return exchange;
}

static struct split_result_pool *pool_of(struct split_result_exchange *exchange)
{
    struct split_result_pool_options options = {.exchange = exchange, .pressure_file = "/nothing"};
    struct split_result_pool *pool = split_result_pool_create(&options);
    assert_non_null(pool);
    return pool;
}

/* ---- on one thread: what moves, and when ---- */

static void magazines_move(void **state)
{
    (void)state;
    struct split_result_exchange *exchange = exchange_of(0, 0);
    struct split_result_pool *maker = pool_of(exchange), *releaser = pool_of(exchange);
    void *held[1000];
    size_t capacity;
    for (unsigned round = 0; round < 50; round++) {
        for (unsigned i = 0; i < 1000; i++) {
            held[i] = split_result_pool_get(maker, 100, &capacity);
            memset(held[i], (int)i, capacity);
        }
        for (unsigned i = 0; i < 1000; i++)
            split_result_pool_return(releaser, held[i], capacity);
    }
    struct split_result_pool_statistics made = split_result_pool_statistics(maker),
                                        released = split_result_pool_statistics(releaser);
    struct split_result_exchange_statistics between = split_result_exchange_statistics(exchange);
    /* After the first round (and what the releaser keeps) nothing comes from the heap. */
    assert_in_range(made.misses, 1000, 1000 + 3 * MAGAZINE);
    assert_int_equal(made.hits + made.misses, 50000);
    assert_int_equal(released.heap_frees, 0);
    assert_int_equal(made.refills, between.takes);
    assert_int_equal(released.spills, between.puts);
    assert_in_range(between.takes, 49000 / MAGAZINE - 100, 50000 / MAGAZINE);
    assert_int_equal(between.refused, 0);
    assert_true(released.idle_bytes <= 3 * MAGAZINE * SPLIT_RESULT_POOL_SMALL);
    size_t committed = made.committed_bytes + released.committed_bytes + between.committed_bytes;
    /* Slabs hold 127, or fewer where a guard keeps containers apart. */
    const size_t in_slab = 16256 / (SPLIT_RESULT_POOL_SMALL + (APPORTION_GUARDED ? 64 : 0));
    assert_int_equal(made.heap_allocations, (made.misses + in_slab - 1) / in_slab);
    assert_int_equal(between.uncut_bytes, made.heap_allocations * (size_t)(16384 - 64) -
                                              made.misses * SPLIT_RESULT_POOL_SMALL);
    assert_int_equal(committed, made.misses * SPLIT_RESULT_POOL_SMALL + between.uncut_bytes);
    assert_int_equal(committed, made.idle_bytes + released.idle_bytes + between.idle_bytes +
                                    between.uncut_bytes);
    split_result_pool_destroy(maker);
    split_result_pool_destroy(releaser);
    between = split_result_exchange_statistics(exchange);
    assert_int_equal(between.idle_bytes + between.uncut_bytes, committed);
    assert_int_equal(between.committed_bytes, committed);
    /* A later pool begins with what the others left. */
    struct split_result_pool *later = pool_of(exchange);
    held[0] = split_result_pool_get(later, 100, &capacity);
    assert_int_equal(split_result_pool_statistics(later).misses, 0);
    split_result_pool_return(later, held[0], capacity);
    split_result_pool_destroy(later);
    split_result_exchange_trim(exchange);
    between = split_result_exchange_statistics(exchange);
    assert_int_equal(between.idle_bytes + between.committed_bytes, 0);
    split_result_exchange_destroy(exchange);
    split_result_exchange_destroy(NULL);
}

/* A thread whose use swings through the exchange comes to keep more itself, though the heap is
 * never asked. */
static void adapts(void **state)
{
    (void)state;
    struct split_result_exchange *exchange = exchange_of(0, 0);
    struct split_result_pool *pool = pool_of(exchange);
    void *held[640];
    size_t capacity;
    uint64_t early = 0;
    for (unsigned i = 0; i < 640; i++)
        held[i] = split_result_pool_get(pool, 100, &capacity);
    for (unsigned i = 0; i < 640; i++)
        split_result_pool_return(pool, held[i], capacity);
    split_result_pool_destroy(pool);
    pool = pool_of(exchange);
    for (unsigned round = 0; round < 100; round++) {
        for (unsigned i = 0; i < 600; i++)
            held[i] = split_result_pool_get(pool, 100, &capacity);
        for (unsigned i = 0; i < 600; i++)
            split_result_pool_return(pool, held[i], capacity);
        if (round == 19)
            early = split_result_pool_statistics(pool).refills;
    }
    assert_int_equal(split_result_pool_statistics(pool).refills, early);
    assert_int_equal(split_result_pool_statistics(pool).misses, 0);
    split_result_pool_destroy(pool);
    split_result_exchange_destroy(exchange);
}

static void bounded(void **state)
{
    (void)state;
    static void *held[2000];
    size_t capacity = 0, limits[] = {10000, (size_t)1 << 20, 1};
    unsigned magazines[] = {0, 3, 0};
    for (unsigned i = 0; i < 3; i++) {
        struct split_result_exchange *exchange = exchange_of(limits[i], magazines[i]);
        struct split_result_pool *maker = pool_of(exchange), *releaser = pool_of(exchange);
        for (unsigned k = 0; k < 2000; k++)
            held[k] = split_result_pool_get(maker, 100, &capacity);
        for (unsigned k = 0; k < 2000; k++)
            split_result_pool_return(releaser, held[k], capacity);
        struct split_result_exchange_statistics statistics =
            split_result_exchange_statistics(exchange);
        size_t most = magazines[i] ? magazines[i] * MAGAZINE * capacity : limits[i];
        assert_true(statistics.idle_bytes <= most);
        assert_true(statistics.idle_bytes + MAGAZINE * capacity > most); /* and is used */
        assert_true(statistics.refused > 0);
        assert_true(split_result_pool_statistics(releaser).heap_frees > 1000 / 127); /* slabs */
        split_result_pool_destroy(maker);
        split_result_pool_destroy(releaser);
        statistics = split_result_exchange_statistics(exchange);
        assert_true(statistics.idle_bytes <= most);
        assert_int_equal(statistics.idle_bytes + statistics.uncut_bytes,
                         statistics.committed_bytes);
        split_result_exchange_destroy(exchange);
    }
    struct split_result_exchange_options too_many = {0, UINT32_MAX};
    assert_null(split_result_exchange_create(&too_many));
    assert_int_equal(errno, EINVAL);
}

/* A pool whose limit a magazine would pass is served by the heap. */
static void small_pools(void **state)
{
    (void)state;
    struct split_result_exchange *exchange = exchange_of(0, 0);
    struct split_result_pool_options options = {.exchange = exchange, .limit = 300};
    struct split_result_pool *pool = split_result_pool_create(&options);
    void *held[100];
    size_t capacity = 0;
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 100; i++)
            held[i] = split_result_pool_get(pool, i % 2 ? 100 : 400, &capacity);
        for (unsigned i = 0; i < 100; i++)
            split_result_pool_return(pool, held[i], i % 2 ? 100 : 400);
        assert_true(split_result_pool_statistics(pool).idle_bytes <= 300);
    }
    assert_int_equal(split_result_pool_statistics(pool).refills, 0);
    split_result_pool_destroy(pool);
    split_result_exchange_destroy(exchange);
}

static void pressure_empties_it(void **state)
{
    (void)state;
    char path[] = "/tmp/apportion-pressure-XXXXXX";
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    FILE *file = fdopen(descriptor, "w");
    fputs("some avg10=50.00 avg60=1.00\n", file);
    fclose(file);
    struct split_result_exchange *exchange = exchange_of(0, 0);
    struct split_result_pool *giver = pool_of(exchange);
    struct split_result_pool_options options = {.exchange = exchange, .pressure_file = path};
    struct split_result_pool *pool = split_result_pool_create(&options);
    size_t capacity;
    void *held[500];
    for (unsigned i = 0; i < 500; i++)
        held[i] = split_result_pool_get(giver, 100, &capacity);
    for (unsigned i = 0; i < 500; i++)
        split_result_pool_return(giver, held[i], capacity);
    split_result_pool_destroy(giver);
    assert_true(split_result_exchange_statistics(exchange).idle_bytes > 0);
    for (unsigned i = 0; i < 2 * SPLIT_RESULT_POOL_WINDOW; i++)
        split_result_pool_return(pool, split_result_pool_get(pool, 400, &capacity), capacity);
    assert_int_equal(split_result_exchange_statistics(exchange).idle_bytes, 0);
    split_result_pool_destroy(pool);
    split_result_exchange_destroy(exchange);
    remove(path);
}

/* ---- on threads: each makes results, passes them on, and releases what it is passed ---- */

#define THREADS 4
#define BATCH 50
/* Of each thread, however slow it is. */
#define PARCELS_LEAST 100
/* Magazines that are to change hands. On a busy machine, which lets a thread run for long, that
 * takes more parcels; not more than so many, or the exchange is at fault. */
#define TAKES_LEAST 10
#define PARCELS_MOST 10000

struct parcel {
    struct string_arena arena; /* handed over with the results */
    struct split_result results[BATCH];
    unsigned seed;
};

/* A box a thread, which the one before it fills. */
#define BOX 64
static _Atomic(struct parcel *) boxes[THREADS][BOX];
static _Atomic unsigned making;

struct player {
    struct split_result_exchange *exchange;
    uint64_t parcels;
    uint64_t heap; /* requests for containers */
    unsigned index;
    bool wrong;
};

static size_t line_of(char *line, unsigned seed)
{
    size_t length = 0;
    unsigned tokens = 1 + seed % (seed % 7 == 0 ? 200 : 15);
    for (unsigned i = 0; i < tokens; i++)
        length += (size_t)sprintf(line + length, "%s%u", i ? "," : "", seed + i);
    return length;
}

static struct parcel *make_parcel(unsigned seed, struct split_result_pool *pool)
{
    char line[4000];
    struct split_options options = split_options_default();
    struct parcel *parcel = malloc(sizeof *parcel);
    struct string_arena arena;
    if (!parcel || !string_arena_init(&arena, NULL))
        abort();
    parcel->seed = seed;
    for (unsigned i = 0; i < BATCH; i++)
        if (!split_pooled(&parcel->results[i], line, line_of(line, seed + i), &options, &arena,
                          pool))
            abort();
    parcel->arena = arena; /* by value: it holds no pointer to itself */
    return parcel;
}

static bool open_parcel(struct parcel *parcel, struct split_result_pool *pool)
{
    char line[4000];
    bool good = true;
    for (unsigned i = 0; i < BATCH; i++) {
        size_t length = line_of(line, parcel->seed + i), at = 0;
        struct split_result *result = &parcel->results[i];
        for (size_t k = 0; k < result->count; k++) {
            struct split_token token = split_result_token(result, k);
            good = good && at + token.length <= length &&
                   memcmp(line + at, token.data, token.length) == 0;
            at += token.length + 1;
        }
        good = good && at == length + 1;
        split_result_release_to(result, pool);
        good = good && !result->pool && result->count == 0;
    }
    string_arena_destroy(&parcel->arena);
    free(parcel);
    return good;
}

/* False: the box is full. */
static bool post(unsigned to, struct parcel *parcel)
{
    for (unsigned i = 0; i < BOX; i++) {
        struct parcel *none = NULL;
        if (atomic_compare_exchange_strong_explicit(&boxes[to][i], &none, parcel,
                                                    memory_order_release, memory_order_relaxed))
            return true;
    }
    return false;
}

/* Opens all that lies in this thread's box. */
static void empty_box(struct player *player, struct split_result_pool *pool)
{
    for (unsigned i = 0; i < BOX; i++) {
        struct parcel *parcel =
            atomic_exchange_explicit(&boxes[player->index][i], NULL, memory_order_acquire);
        if (!parcel)
            continue;
        player->wrong = !open_parcel(parcel, pool) || player->wrong;
        player->parcels++;
    }
}

static bool plays_on(const struct player *player, unsigned parcels, const struct stress *stress)
{
    return parcels < PARCELS_LEAST || stress_goes_on(stress) ||
           (parcels < PARCELS_MOST &&
            split_result_exchange_statistics(player->exchange).takes <= TAKES_LEAST);
}

static void *play(void *argument)
{
    struct player *player = argument;
    struct split_result_pool *pool = pool_of(player->exchange);
    struct stress stress = stress_begin();
    unsigned seed = player->index, parcels = 0;
    do {
        struct parcel *parcel = make_parcel(seed += THREADS, pool);
        while (!post((player->index + 1) % THREADS, parcel)) {
            empty_box(player, pool); /* or all might wait for each other */
            sched_yield();
        }
        if (seed % 8 == 0)
            empty_box(player, pool);
    } while (plays_on(player, ++parcels, &stress));
    atomic_fetch_sub(&making, 1);
    while (atomic_load(&making) > 0) {
        empty_box(player, pool);
        sched_yield();
    }
    empty_box(player, pool);
    player->heap = split_result_pool_statistics(pool).misses;
    split_result_pool_destroy(pool);
    return NULL;
}

static void released_elsewhere(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    struct player players[THREADS];
    struct split_result_exchange *exchange = exchange_of(0, 0);
    uint64_t parcels = 0, heap = 0;
    making = THREADS;
    for (unsigned i = 0; i < THREADS; i++) {
        players[i] = (struct player){exchange, 0, 0, i, false};
        assert_int_equal(pthread_create(&threads[i], NULL, play, &players[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_false(players[i].wrong);
        parcels += players[i].parcels;
        heap += players[i].heap;
    }
    struct split_result_exchange_statistics statistics = split_result_exchange_statistics(exchange);
    print_message("# %llu parcels passed on, %llu containers from the heap, %llu magazines\n",
                  (unsigned long long)parcels, (unsigned long long)heap,
                  (unsigned long long)statistics.takes);
    assert_true(parcels >= (uint64_t)THREADS * PARCELS_LEAST);
    assert_true(statistics.takes > TAKES_LEAST);
    /* All came back. */
    assert_int_equal(statistics.idle_bytes + statistics.uncut_bytes, statistics.committed_bytes);
    split_result_exchange_destroy(exchange);
}

/* Many short lives: pools begin with what others left, and the heap is asked no more. */
static void *short_life(void *argument)
{
    struct split_result_pool *pool = pool_of(argument);
    void *held[40];
    size_t capacity;
    for (unsigned i = 0; i < 40; i++)
        held[i] = split_result_pool_get(pool, 100, &capacity);
    for (unsigned i = 0; i < 40; i++)
        split_result_pool_return(pool, held[i], capacity);
    uintptr_t misses = split_result_pool_statistics(pool).misses;
    split_result_pool_destroy(pool);
    return (void *)misses;
}

static void short_threads(void **state)
{
    (void)state;
    struct split_result_exchange *exchange = exchange_of(0, 0);
    uint64_t misses = 0;
    for (unsigned i = 0; i < 1000; i += 2) {
        pthread_t threads[2];
        for (unsigned k = 0; k < 2; k++)
            assert_int_equal(pthread_create(&threads[k], NULL, short_life, exchange), 0);
        for (unsigned k = 0; k < 2; k++) {
            void *result;
            pthread_join(threads[k], &result);
            misses += (uintptr_t)result;
        }
    }
    assert_in_range(misses, 40, 200);
    split_result_exchange_destroy(exchange);
}

#if !APPORTION_VALGRIND /* which runs one thread at a time, hardly ever leaving one in mid-step */
/* Threads that do nothing but move magazines get in each other's way, sooner or later; each failed
 * step is due to another's that succeeded. (On one core too: a thread may lose it in mid-step.) */
static _Atomic bool contended;

static void *moves_magazines(void *argument)
{
    struct split_result_exchange *exchange = argument;
    void *held[3 * MAGAZINE];
    size_t capacity;
    for (unsigned round = 0; round < 1000000 && !contended; round++) {
        struct split_result_pool *pool = pool_of(exchange);
        for (unsigned i = 0; i < 3 * MAGAZINE; i++)
            held[i] = split_result_pool_get(pool, 100, &capacity);
        for (unsigned i = 0; i < 3 * MAGAZINE; i++)
            split_result_pool_return(pool, held[i], capacity);
        split_result_pool_destroy(pool);
        if (split_result_exchange_statistics(exchange).contended > 0)
            contended = true;
    }
    return NULL;
}

static void contention_is_counted(void **state)
{
    (void)state;
    struct split_result_exchange *exchange = exchange_of(0, 0);
    pthread_t threads[THREADS];
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, moves_magazines, exchange), 0);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    struct split_result_exchange_statistics seen = split_result_exchange_statistics(exchange);
    print_message("# %llu retries of %llu puts and %llu takes\n",
                  (unsigned long long)seen.contended, (unsigned long long)seen.puts,
                  (unsigned long long)seen.takes);
    assert_true(seen.contended > 0);
    /* Two changes of a head a move; each makes at most every other thread fail once. */
    assert_true(seen.contended <= (seen.puts + seen.takes) * 2 * (THREADS - 1));
    split_result_exchange_destroy(exchange);
}
#endif

/* ---- the deque under thieves: each number is had once ---- */

#define NUMBERS 100000

static struct work_deque deque;
static _Atomic unsigned char had[NUMBERS];
static _Atomic bool owner_done;

static void *steal(void *argument)
{
    size_t *stolen = argument, item;
    for (;;) {
        bool last = atomic_load(&owner_done);
        enum work_deque_steal got = work_deque_steal(&deque, &item);
        if (got == WORK_DEQUE_STOLEN) {
            atomic_fetch_add(&had[item], 1);
            ++*stolen;
        } else if (got == WORK_DEQUE_EMPTY && last) {
            return NULL;
        }
    }
}

static void deque_under_thieves(void **state)
{
    (void)state;
    struct stress stress = stress_begin();
    size_t stolen[2] = {0, 0}, rounds = 0, item;
    srand(1);
    do {
        pthread_t thieves[2];
        memset(&deque, 0, sizeof deque);
        for (size_t i = 0; i < NUMBERS; i++)
            had[i] = 0;
        owner_done = false;
        for (unsigned i = 0; i < 2; i++)
            assert_int_equal(pthread_create(&thieves[i], NULL, steal, &stolen[i]), 0);
        for (size_t next = 0; next < NUMBERS;) {
            for (int puts = rand() % 20; puts > 0 && next < NUMBERS; puts--)
                if (!work_deque_put(&deque, next))
                    break;
                else
                    next++;
            for (int takes = rand() % 20; takes > 0 && work_deque_take(&deque, &item); takes--)
                had[item]++;
        }
        while (work_deque_take(&deque, &item))
            had[item]++;
        owner_done = true;
        for (unsigned i = 0; i < 2; i++)
            pthread_join(thieves[i], NULL);
        for (size_t i = 0; i < NUMBERS; i++)
            if (had[i] != 1)
                fail_msg("number %zu was had %u times", i, had[i]);
        rounds++;
    } while (stress_goes_on(&stress));
    print_message("# %zu rounds, %zu of %zu stolen\n", rounds, stolen[0] + stolen[1],
                  rounds * NUMBERS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(magazines_move),
        cmocka_unit_test(adapts),
        cmocka_unit_test(bounded),
        cmocka_unit_test(small_pools),
        cmocka_unit_test(pressure_empties_it),
        cmocka_unit_test(released_elsewhere),
        cmocka_unit_test(short_threads),
#if !APPORTION_VALGRIND
        cmocka_unit_test(contention_is_counted),
#endif
        cmocka_unit_test(deque_under_thieves),
    };
    return cmocka_run_group_tests_name("threads: exchange", tests, NULL, NULL);
}
