/* link: runner mimalloc */
/* mi_heap_visit_blocks: its pages, of 64 KiB. */
#include "heap_pattern.h"

int main(void)
{
    return run_heap_pattern((struct allowed){0, 0.01, 0.02, 128 << 10});
}
