/* link: runner pool */
/* Every workload on the backend pool. */
#include "workload_check.h"

int main(void)
{
    return run_workload_checks();
}
