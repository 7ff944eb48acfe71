/* The bumped pointer. */
#include "harness/runner/dry_heap.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

/* Every block begins at a multiple of this, so so much more is needed a block. */
#define ALIGNMENT ((size_t)16)

bool dry_heap_open(struct dry_heap *heap, const struct workload_input *input)
{
    heap->scopes = input->scopes_max ? input->scopes_max : 1;
    heap->scope_size = ALIGNMENT * (input->scope_bytes_max / ALIGNMENT + 1) * 4;
    heap->size = heap->scopes * heap->scope_size;
    heap->begun = 0;
    heap->buffer = mmap(NULL, heap->size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    heap->next = heap->buffer;
    return heap->buffer != MAP_FAILED;
}

void dry_heap_close(struct dry_heap *heap)
{
    munmap(heap->buffer, heap->size);
}

void *dry_heap_allocate(struct dry_heap *heap, size_t size)
{
    size_t taken = ALIGNMENT * (size / ALIGNMENT + 1);
    size_t used = (size_t)(heap->next - heap->buffer) % heap->scope_size;
    if (taken > heap->scope_size - used) {
        errno = ENOMEM;
        return NULL;
    }
    char *block = heap->next;
    heap->next += taken;
    return block;
}

void dry_heap_scope_begin(struct dry_heap *heap)
{
    heap->next = heap->buffer + heap->begun++ % heap->scopes * heap->scope_size;
}
