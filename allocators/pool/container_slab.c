/* A list holds the slabs that have room; full ones are found by their containers alone. */
#include "container_slab.h"

#include <stdint.h>
#include <stdlib.h>

#include "string_arena_annotate.h"

struct container_slab {
    struct container_slab *previous, *next; /* of those with room */
    uint64_t free[2];                       /* a bit a container: one that comes back is marked
                                               here, itself it is not touched */
    uint32_t out;                           /* containers */
} __attribute__((aligned(64)));

/* Under a guard containers lie apart. */
static uint32_t stride_of(size_t bytes)
{
    return (uint32_t)bytes + (APPORTION_GUARDED ? 64 : 0);
}

static bool has_room(const struct container_slab *slab)
{
    return (slab->free[0] | slab->free[1]) != 0;
}

static uint64_t lowest_bits(uint32_t count)
{
    return count >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << count) - 1;
}

static void link_slab(struct container_slab **list, struct container_slab *slab)
{
    slab->previous = NULL;
    slab->next = *list;
    if (*list)
        (*list)->previous = slab;
    *list = slab;
}

static void unlink_slab(struct container_slab **list, struct container_slab *slab)
{
    if (slab->previous)
        slab->previous->next = slab->next;
    else
        *list = slab->next;
    if (slab->next)
        slab->next->previous = slab->previous;
}

static struct container_slab *new_slab(struct container_slab **list, size_t bytes)
{
    void *memory;
    if (posix_memalign(&memory, CONTAINER_SLAB_ALIGNMENT, CONTAINER_SLAB_BYTES) != 0)
        return NULL;
    struct container_slab *slab = (struct container_slab *)memory;
    uint32_t count = (uint32_t)(CONTAINER_SLAB_BYTES - sizeof *slab) / stride_of(bytes);
    slab->free[0] = lowest_bits(count);
    slab->free[1] = count > 64 ? lowest_bits(count - 64) : 0;
    slab->out = 0;
    APPORTION_POISON((char *)memory + sizeof *slab, CONTAINER_SLAB_BYTES - sizeof *slab);
    link_slab(list, slab);
    return slab;
}

static void free_slab(struct container_slab **list, struct container_slab *slab)
{
    unlink_slab(list, slab);
    APPORTION_UNPOISON(slab, CONTAINER_SLAB_BYTES);
    free(slab);
}

void *container_slab_take(struct container_slab **list, size_t bytes, bool *taken)
{
    struct container_slab *slab = *list;
    *taken = !slab;
    if (!slab && !(slab = new_slab(list, bytes)))
        return NULL;
    unsigned word = slab->free[0] == 0;
    uint32_t index = word * 64 + (uint32_t)__builtin_ctzll(slab->free[word]);
    slab->free[word] &= slab->free[word] - 1;
    slab->out++;
    if (!has_room(slab))
        unlink_slab(list, slab);
    void *container = (char *)(slab + 1) + (size_t)index * stride_of(bytes);
    APPORTION_UNPOISON(container, bytes);
    return container;
}

bool container_slab_give(struct container_slab **list, void *container, size_t bytes)
{
    struct container_slab *slab =
        (struct container_slab *)((uintptr_t)container &
                                  ~(uintptr_t)(CONTAINER_SLAB_ALIGNMENT - 1));
    uint32_t index = (uint32_t)((char *)container - (char *)(slab + 1)) / stride_of(bytes);
    if (!has_room(slab))
        link_slab(list, slab);
    slab->free[index / 64] |= (uint64_t)1 << index % 64;
    APPORTION_POISON(container, bytes);
    /* One without containers is kept where it is the only one with room. */
    if (--slab->out > 0 || (*list == slab && !slab->next))
        return false;
    free_slab(list, slab);
    return true;
}

bool container_slab_trim(struct container_slab **list)
{
    struct container_slab *slab = *list;
    while (slab && slab->out > 0)
        slab = slab->next;
    if (!slab)
        return false;
    free_slab(list, slab);
    return true;
}
