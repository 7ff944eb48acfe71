/* link: runner null */
/* Every workload on the backend null. */
#include "workload_check.h"

int main(void)
{
    return run_workload_checks();
}
