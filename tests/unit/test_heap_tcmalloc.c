/* link: runner tcmalloc */
/* MallocExtension: whole spans, and what it took at its start. */
#include "heap_pattern.h"

int main(void)
{
    return run_heap_pattern((struct allowed){0, 0.01, 0.02, 4 << 20});
}
