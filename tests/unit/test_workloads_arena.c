/* link: runner arena */
/* Every workload on the backend arena. */
#include "workload_check.h"

int main(void)
{
    return run_workload_checks();
}
