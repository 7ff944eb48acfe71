/* link: runner pool */
/* The arena's counters and the pool's. */
#include "heap_pattern.h"

int main(void)
{
    return run_heap_pattern((struct allowed){APPORTION_ASAN ? 12 : 0, 0.03, 0.04, 64 << 10});
}
