/* Linear probing; a removal moves later entries back, so there are no tombstones. */
#include "harness/runner/birth_table.h"

#include <string.h>

static uint64_t hash_of(uintptr_t address)
{
    uint64_t hash = (uint64_t)address * 0x9e3779b97f4a7c15u;
    hash = (hash ^ (hash >> 32)) * 0xd6e8feb86659fd93u;
    return hash ^ (hash >> 32);
}

/* The lowest bits choose the slot, the highest whether the address is kept at all. */
static size_t slot_of(uintptr_t address)
{
    return (size_t)hash_of(address) & (BIRTHS_ROOM - 1);
}

static bool is_kept(const struct birth_table *table, uintptr_t address)
{
    return table->thinned == 0 || hash_of(address) >> (64 - table->thinned) == 0;
}

static struct birth *find(struct birth *births, uintptr_t address)
{
    size_t slot = slot_of(address);
    while (births[slot].address != 0 && births[slot].address != address)
        slot = (slot + 1) & (BIRTHS_ROOM - 1);
    return &births[slot];
}

/* Keeps every second one of what is there. */
static void thin(struct birth_table *table)
{
    table->thinned++;
    table->count = 0;
    memcpy(table->spare, table->births, sizeof table->births);
    memset(table->births, 0, sizeof table->births);
    for (size_t i = 0; i < BIRTHS_ROOM; i++) {
        if (table->spare[i].address == 0 || !is_kept(table, table->spare[i].address))
            continue;
        *find(table->births, table->spare[i].address) = table->spare[i];
        table->count++;
    }
}

void birth_table_put(struct birth_table *table, const void *block, uint64_t time, uint64_t size)
{
    uintptr_t address = (uintptr_t)block;
    if (address == 0 || !is_kept(table, address))
        return;
    struct birth *birth = find(table->births, address);
    if (birth->address == 0)
        table->count++;
    birth->address = address;
    birth->time = time;
    birth->size = size;
    if (table->count > BIRTHS_ROOM / 2)
        thin(table);
}

bool birth_table_take(struct birth_table *table, const void *block, struct birth *birth)
{
    uintptr_t address = (uintptr_t)block;
    if (address == 0 || !is_kept(table, address))
        return false;
    struct birth *births = table->births;
    struct birth *found = find(births, address);
    if (found->address == 0)
        return false;
    *birth = *found;
    table->count--;
    size_t hole = (size_t)(found - births);
    for (size_t at = (hole + 1) & (BIRTHS_ROOM - 1); births[at].address != 0;
         at = (at + 1) & (BIRTHS_ROOM - 1)) {
        /* An entry may move into the hole unless its own slot lies behind it. */
        size_t distance = (at - slot_of(births[at].address)) & (BIRTHS_ROOM - 1);
        if (distance >= ((at - hole) & (BIRTHS_ROOM - 1))) {
            births[hole] = births[at];
            hole = at;
        }
    }
    births[hole].address = 0;
    return true;
}
