/* link: runner system */
/* mallinfo2: exact in use (8 bytes of header a block); committed up to the next program break. */
#include "heap_pattern.h"

int main(void)
{
    return run_heap_pattern((struct allowed){8, 0.001, 0.001, 140 << 10});
}
