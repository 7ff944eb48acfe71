/* link: runner arena */
/* Own counters: chunk headers, slacks and tails are in use, and the last chunk is not full. */
#include "heap_pattern.h"

int main(void)
{
    return run_heap_pattern((struct allowed){APPORTION_ASAN ? 12 : 0, 0.03, 0.04, 64 << 10});
}
