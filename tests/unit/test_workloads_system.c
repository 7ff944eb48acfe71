/* link: runner system */
/* Every workload on the backend system. */
#include "workload_check.h"

int main(void)
{
    return run_workload_checks();
}
