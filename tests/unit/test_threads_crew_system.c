/* link: runner system */
/* Trials with several threads on the backend system. */
#include "crew_check.h"

int main(void)
{
    return run_crew_checks();
}
