/* link: runner pool */
/* Trials with several threads on the backend pool. */
#include "crew_check.h"

int main(void)
{
    return run_crew_checks();
}
