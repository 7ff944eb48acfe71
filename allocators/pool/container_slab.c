/* A list holds the slabs that have room; full ones are found by their containers alone. */
#include "container_slab.h"

#include <stdint.h>
#include <stdlib.h>

#include "string_arena_annotate.h"

struct free_container {
    struct free_container *next;
};

struct container_slab {
    struct container_slab *previous, *next; /* of those with room */
    struct free_container *free;            /* came back */
    size_t fresh;                           /* offset of what was never handed out */
    size_t out;                             /* containers */
} __attribute__((aligned(64)));

/* Under a guard containers lie apart. */
static size_t stride_of(size_t bytes)
{
    return bytes + (APPORTION_GUARDED ? 64 : 0);
}

static bool has_room(const struct container_slab *slab, size_t bytes)
{
    return slab->free || slab->fresh + stride_of(bytes) <= CONTAINER_SLAB_BYTES;
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

static struct container_slab *new_slab(struct container_slab **list)
{
    void *memory;
    if (posix_memalign(&memory, CONTAINER_SLAB_ALIGNMENT, CONTAINER_SLAB_BYTES) != 0)
        return NULL;
    struct container_slab *slab = (struct container_slab *)memory;
    slab->free = NULL;
    slab->fresh = sizeof *slab;
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
    if (!slab && !(slab = new_slab(list)))
        return NULL;
    void *container = slab->free;
    if (container) {
        APPORTION_REVEAL(container, sizeof *slab->free);
        slab->free = slab->free->next;
        APPORTION_UNPOISON(container, bytes);
    } else {
        container = (char *)slab + slab->fresh;
        APPORTION_UNPOISON(container, bytes);
        slab->fresh += stride_of(bytes);
    }
    slab->out++;
    if (!has_room(slab, bytes))
        unlink_slab(list, slab);
    return container;
}

bool container_slab_give(struct container_slab **list, void *container, size_t bytes)
{
    struct container_slab *slab =
        (struct container_slab *)((uintptr_t)container &
                                  ~(uintptr_t)(CONTAINER_SLAB_ALIGNMENT - 1));
    struct free_container *free_ = (struct free_container *)container;
    if (!has_room(slab, bytes))
        link_slab(list, slab);
    free_->next = slab->free;
    slab->free = free_;
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
