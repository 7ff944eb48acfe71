/*
 * When each live block was allocated, and for how many bytes: open addressing in memory that is
 * mapped and touched before the heap is measured. Exact up to half of BIRTHS_ROOM live blocks;
 * beyond that only addresses whose hash falls into every 2nd, 4th, … class are kept, which says
 * nothing of their lifetimes and so leaves quantiles fair.
 */
#ifndef HARNESS_RUNNER_BIRTH_TABLE_H
#define HARNESS_RUNNER_BIRTH_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BIRTHS_ROOM ((size_t)1 << 18)

struct birth {
    uintptr_t address; /* 0: empty */
    uint64_t time;
    uint64_t size;
};

struct birth_table {
    size_t count;
    unsigned thinned; /* one address in 2^thinned is kept */
    struct birth births[BIRTHS_ROOM];
    struct birth spare[BIRTHS_ROOM];
};

/* A block that is there already begins anew. */
void birth_table_put(struct birth_table *table, const void *block, uint64_t time, uint64_t size);
/* False: the block is not (or no longer) in the table. */
bool birth_table_take(struct birth_table *table, const void *block, struct birth *birth);

#endif
