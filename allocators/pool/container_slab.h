/*
 * container_slab: small containers cut from slabs, below the pool. Internal.
 *
 * malloc serves a 64-byte aligned container of 128 bytes from 192; a slab serves 127 of them from
 * 16 KiB. A slab lies at a multiple of its size, so that a container finds it by its address; it
 * goes back to the heap when all of its containers have come back, but for one a list.
 */
#ifndef ALLOCATORS_POOL_CONTAINER_SLAB_H
#define ALLOCATORS_POOL_CONTAINER_SLAB_H

#include <stdbool.h>
#include <stddef.h>

/* Less a malloc header and a free block, so that slabs lie one behind the other. */
#define CONTAINER_SLAB_ALIGNMENT ((size_t)16384)
#define CONTAINER_SLAB_BYTES (CONTAINER_SLAB_ALIGNMENT - 64)

struct container_slab;

/* A container of `bytes`, a multiple of 64 that is the same for all of the list. *taken: a slab was
 * taken from the heap for it. NULL: no memory. */
void *container_slab_take(struct container_slab **list, size_t bytes, bool *taken);
/* True: a slab was given back. */
bool container_slab_give(struct container_slab **list, void *container, size_t bytes);
/* Gives back the slab without containers that a list may keep. True: there was one. */
bool container_slab_trim(struct container_slab **list);

#endif
