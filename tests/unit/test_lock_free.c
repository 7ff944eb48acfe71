/* link: lib */
/*
 * The deque, the magazine stacks and delivery in turn, in every interleaving of small cases under
 * C11's weak memory (weak_memory.h). Each case is explored a second time with something it needs
 * taken away, and must then be found broken: the explorer can fail.
 */
#include "check.h"

#include "weak_memory.h"
/* after it: their atomic operations are the model's */
#include "in_turn.h"
#include "magazine_stack.h"
#define WORK_DEQUE_CAPACITY ((size_t)2)
#include "work_deque.h"

static void explore(const char *name, const struct model_program *program)
{
    struct model_outcome outcome = model_explore(program);
    print_message("# %s: %llu states, %llu ends\n", name, (unsigned long long)outcome.states,
                  (unsigned long long)outcome.ends);
    assert_true(outcome.ends > 0);
    if (outcome.violations)
        fail_msg("%s: %llu violations", name, (unsigned long long)outcome.violations);
}

static void must_break(const char *name, const struct model_program *program)
{
    struct model_outcome outcome = model_explore(program);
    if (outcome.violations == 0)
        fail_msg("%s: nothing was found", name);
}

/* ---- the deque: each item is had once, by whoever ---- */

static struct work_deque deque;
static unsigned items; /* put, from 101 on */

static void take_and_note(void)
{
    size_t item;
    if (work_deque_take(&deque, &item))
        model_note(item);
}

static void thief(void)
{
    size_t item;
    if (work_deque_steal(&deque, &item) == WORK_DEQUE_STOLEN)
        model_note(item);
}

static void thief_twice(void)
{
    thief();
    thief();
}

/* Puts two, takes two; then puts two again, which lie where the first two lay, and takes one. */
static void owner_reuses(void)
{
    work_deque_put(&deque, 101);
    work_deque_put(&deque, 102);
    take_and_note();
    take_and_note();
    if (work_deque_put(&deque, 103))
        take_and_note();
}

static void owner_takes_all(void)
{
    work_deque_put(&deque, 101);
    work_deque_put(&deque, 102);
    take_and_note();
    take_and_note();
}

/* What is refused stays the owner's. */
static void owner_overfills(void)
{
    work_deque_put(&deque, 101);
    work_deque_put(&deque, 102);
    if (!work_deque_put(&deque, 103))
        model_note(103);
    take_and_note();
}

/* Of the items put each was noted once, or is still there. */
static bool each_once(uint64_t notes[MODEL_THREADS][MODEL_NOTES],
                      const unsigned counts[MODEL_THREADS])
{
    unsigned seen[8] = {0};
    for (unsigned thread = 0; thread < MODEL_THREADS; thread++)
        for (unsigned i = 0; i < counts[thread]; i++) {
            if (notes[thread][i] <= 100 || notes[thread][i] > 100 + items)
                return false; /* never put */
            seen[notes[thread][i] - 101]++;
        }
    size_t item;
    while (work_deque_take(&deque, &item)) {
        if (item <= 100 || item > 100 + items)
            return false;
        seen[item - 101]++;
    }
    for (unsigned i = 0; i < items; i++)
        if (seen[i] != 1)
            return false;
    return true;
}

static void deque_cases(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        unsigned items;
        struct model_program program;
    } cases[] = {
        {"deque reused, a thief", 3, {2, {owner_reuses, thief}, NULL, each_once, 0, 0, 0}},
        {"deque reused, a thief twice",
         3,
         {2, {owner_reuses, thief_twice}, NULL, each_once, 0, 0, 0}},
        {"deque, two thieves", 2, {3, {owner_takes_all, thief, thief}, NULL, each_once, 0, 0, 0}},
        {"deque overfilled, two thieves",
         3,
         {3, {owner_overfills, thief, thief}, NULL, each_once, 0, 0, 0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        items = cases[i].items;
        explore(cases[i].name, &cases[i].program);
    }
    items = 3;
    struct model_program broken = cases[1].program;
    broken.without_fences = true;
    must_break("deque without fences", &broken);
    broken = cases[0].program;
    broken.without_release = true;
    must_break("deque without release", &broken);
}

/* ---- the exchange's stacks: a chain is had once, whole, and no slot is lost ---- */

static struct magazine slots[3];
static struct magazine_stack spare, full;
static char chains[4][1]; /* addresses; chain i has i + 10 containers */

/* False: no slot is spare. */
static bool put(unsigned chain)
{
    uint32_t place = magazine_pop(slots, &spare);
    if (place == 0)
        return false;
    magazine_put(slots, &full, place, chains[chain], chain + 10);
    return true;
}

static void takes(void)
{
    uint32_t count;
    char *taken = magazine_take(slots, &full, &spare, &count);
    if (!taken)
        return;
    unsigned chain = (unsigned)(taken - chains[0]);
    model_note(count == chain + 10 ? chain : 99);
}

static void stacks_of_two(void)
{
    magazine_push(slots, &spare, 3);
    magazine_push(slots, &spare, 2);
    magazine_push(slots, &spare, 1);
    put(0);
    put(1);
}

/* Full: 1 over 0, one slot to spare. */
static void puts_one(void)
{
    if (!put(2))
        model_note(2);
}

static void puts_and_takes(void)
{
    puts_one();
    takes();
}

/* The first of two goes back: the stack's top is then as it was, what lies below it is not. */
static void pops_two_pushes_one(void)
{
    uint32_t first = magazine_pop(slots, &full);
    uint32_t second = first ? magazine_pop(slots, &full) : 0;
    if (second)
        model_note(second);
    if (first)
        magazine_push(slots, &full, first);
}

static void pops_one(void)
{
    uint32_t number = magazine_pop(slots, &full);
    if (number)
        model_note(number);
}

static bool chains_once(uint64_t notes[MODEL_THREADS][MODEL_NOTES],
                        const unsigned counts[MODEL_THREADS])
{
    unsigned seen[3] = {0}, slots_seen = 0;
    for (unsigned thread = 0; thread < MODEL_THREADS; thread++)
        for (unsigned i = 0; i < counts[thread]; i++) {
            if (notes[thread][i] > 2)
                return false;
            seen[notes[thread][i]]++;
        }
    for (uint32_t count; slots_seen < 9; slots_seen++) {
        char *chain = magazine_take(slots, &full, &spare, &count);
        if (!chain)
            break;
        if (count != (unsigned)(chain - chains[0]) + 10)
            return false;
        seen[chain - chains[0]]++;
    }
    for (slots_seen = 0; slots_seen < 9 && magazine_pop(slots, &spare); slots_seen++) {
    }
    return seen[0] == 1 && seen[1] == 1 && seen[2] == 1 && slots_seen == 3;
}

/* Slots 1 and 2, which setup has filled. */
static bool two_slots_once(uint64_t notes[MODEL_THREADS][MODEL_NOTES],
                           const unsigned counts[MODEL_THREADS])
{
    unsigned seen[4] = {0}, popped;
    for (unsigned thread = 0; thread < MODEL_THREADS; thread++)
        for (unsigned i = 0; i < counts[thread]; i++) {
            if (notes[thread][i] < 1 || notes[thread][i] > 3)
                return false;
            seen[notes[thread][i]]++;
        }
    for (unsigned i = 0; i < 9 && (popped = magazine_pop(slots, &full)) != 0; i++)
        seen[popped]++;
    return seen[1] == 1 && seen[2] == 1 && seen[3] == 0;
}

static void exchange_cases(void **state)
{
    (void)state;
    static const struct model_program cases[] = {
        {2, {puts_and_takes, takes}, stacks_of_two, chains_once, 0, 0, 0},
        {3, {puts_one, takes, takes}, stacks_of_two, chains_once, 0, 0, 0},
        {2, {pops_two_pushes_one, pops_one}, stacks_of_two, two_slots_once, 0, 0, 0},
    };
    explore("exchange, a put and two takes", &cases[0]);
    explore("exchange, three threads", &cases[1]);
    explore("exchange, a head that comes back", &cases[2]);
    struct model_program broken = cases[0];
    broken.without_release = true;
    must_break("exchange without release", &broken);
    broken = cases[2];
    broken.value_mask = 0xffffffff;
    must_break("exchange without the count of changes", &broken);
}

/* ---- what is counted: a step that failed because another thread's succeeded, and no other ---- */

static unsigned most_lost, fewest_lost; /* of all ends */

static bool lost_at_most_one(unsigned lost)
{
    most_lost = lost > most_lost ? lost : most_lost;
    fewest_lost = lost < fewest_lost ? lost : fewest_lost;
    return lost <= 1;
}

/* A counter is no atomic of the model's: what a thread's run adds to it are the failures of that
 * run. */
static void pushes_a_spare(void)
{
    uint64_t before = full.contended;
    magazine_push(slots, &full, magazine_pop(slots, &spare));
    model_note(full.contended - before);
}

static void pushes_third(void)
{
    uint64_t before = full.contended;
    magazine_push(slots, &full, 3);
    model_note(full.contended - before);
}

static void pops_and_counts(void)
{
    uint64_t before = full.contended;
    if (magazine_pop(slots, &full) == 0)
        model_note(9);
    model_note(full.contended - before);
}

static void stacks_of_two_full(void)
{
    magazine_push(slots, &full, 2);
    magazine_push(slots, &full, 1);
}

static void stacks_of_one_and_one(void)
{
    magazine_push(slots, &spare, 2);
    magazine_push(slots, &full, 1);
}

/* Of two changes to one head the later one may have failed once, the earlier one not at all. */
static bool stack_lost(uint64_t notes[MODEL_THREADS][MODEL_NOTES],
                       const unsigned counts[MODEL_THREADS])
{
    return counts[0] == 1 && counts[1] == 1 &&
           lost_at_most_one((unsigned)(notes[0][0] + notes[1][0]));
}

static void owner_takes_one(void)
{
    size_t item, before = deque.lost_takes;
    work_deque_put(&deque, 101);
    if (work_deque_take(&deque, &item))
        model_note(item);
    model_note(deque.lost_takes - before);
}

/* A lost take is one that the thief has. */
static bool deque_lost(uint64_t notes[MODEL_THREADS][MODEL_NOTES],
                       const unsigned counts[MODEL_THREADS])
{
    unsigned lost = (unsigned)notes[0][counts[0] - 1];
    return lost_at_most_one(lost) && counts[0] - 1 + counts[1] == 1 && lost <= counts[1];
}

static void contention_is_counted(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct model_program program;
    } cases[] = {
        {"count, two pushes",
         {2, {pushes_a_spare, pushes_third}, stacks_of_one_and_one, stack_lost, 0, 0, 0}},
        {"count, a push and a pop",
         {2, {pushes_third, pops_and_counts}, stacks_of_one_and_one, stack_lost, 0, 0, 0}},
        {"count, two pops",
         {2, {pops_and_counts, pops_and_counts}, stacks_of_two_full, stack_lost, 0, 0, 0}},
        {"count, a last item", {2, {owner_takes_one, thief}, NULL, deque_lost, 0, 0, 0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        most_lost = 0;
        fewest_lost = 9;
        explore(cases[i].name, &cases[i].program);
        assert_int_equal(fewest_lost, 0);
        assert_int_equal(most_lost, 1);
    }
}

/* ---- delivery in turn: each number once, in order, and none left lying ---- */

static struct in_turn turn;
static _Atomic uint32_t made_ready[3];
static _Atomic uint32_t last; /* what was acted on, by whoever */
static size_t numbers;

static bool number_ready(void *context, size_t number)
{
    (void)context;
    return number < numbers && atomic_load_explicit(&made_ready[number], memory_order_acquire) != 0;
}

static bool number_act(void *context, size_t number)
{
    (void)context;
    /* A plain variable's place: a stale value here would be a race. */
    uint32_t before = atomic_load_explicit(&last, memory_order_relaxed);
    atomic_store_explicit(&last, (uint32_t)number + 1, memory_order_relaxed);
    model_note(before == number ? number : 99);
    return true;
}

static void finish(size_t number)
{
    atomic_store_explicit(&made_ready[number], 1, memory_order_release);
    in_turn_run(&turn, number_ready, number_act, NULL);
}

static void finishes_first(void)
{
    finish(0);
}

static void finishes_second(void)
{
    finish(1);
}

static void finishes_third(void)
{
    finish(2);
}

static void finishes_first_and_third(void)
{
    finish(0);
    finish(2);
}

static bool all_in_turn(uint64_t notes[MODEL_THREADS][MODEL_NOTES],
                        const unsigned counts[MODEL_THREADS])
{
    unsigned seen[3] = {0}, all = 0;
    for (unsigned thread = 0; thread < MODEL_THREADS; thread++)
        for (unsigned i = 0; i < counts[thread]; i++, all++) {
            if (notes[thread][i] >= numbers)
                return false;
            seen[notes[thread][i]]++;
        }
    size_t done = atomic_load_explicit(&turn.done, memory_order_relaxed);
    return all == numbers && seen[0] == 1 && seen[1] == 1 && done == numbers;
}

static void turn_cases(void **state)
{
    (void)state;
    static const struct model_program cases[] = {
        {2, {finishes_first, finishes_second}, NULL, all_in_turn, 0, 0, 0},
        {2, {finishes_first_and_third, finishes_second}, NULL, all_in_turn, 0, 0, 0},
        {3, {finishes_first, finishes_second, finishes_third}, NULL, all_in_turn, 0, 0, 0},
    };
    numbers = 2;
    explore("in turn, two numbers", &cases[0]);
    struct model_program broken = cases[0];
    broken.without_fences = true;
    must_break("in turn without fences", &broken);
    broken = cases[0];
    broken.without_release = true;
    must_break("in turn without release", &broken);
    numbers = 3;
    explore("in turn, three numbers", &cases[1]);
    if (getenv("STRESS_SECONDS")) /* 16 million states: minutes */
        explore("in turn, three threads", &cases[2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deque_cases),
        cmocka_unit_test(exchange_cases),
        cmocka_unit_test(contention_is_counted),
        cmocka_unit_test(turn_cases),
    };
    return cmocka_run_group_tests_name("lock-free", tests, NULL, NULL);
}
