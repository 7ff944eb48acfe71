/* Random numbers for making inputs; see random.h. */
#include "workloads/support/random.h"

#include <math.h>

#include "workloads/support/text.h"

static bool begin(struct text_random *random, uint64_t seed)
{
    if (gsl_rng_mt19937->size > sizeof random->state)
        return false;
    random->rng.type = gsl_rng_mt19937;
    random->rng.state = random->state;
    gsl_rng_set(&random->rng, (unsigned long)(seed ^ (seed >> 32)) & 0xffffffffu);
    return true;
}

bool random_begin(struct text_random *random, uint64_t seed, struct workload_error *error)
{
    return begin(random, seed) ||
           workload_fail(error, "this GSL's mt19937 has a larger state than expected");
}

unsigned random_between(struct text_random *random, unsigned low, unsigned high)
{
    return low + (unsigned)gsl_rng_uniform_int(&random->rng, high - low + 1);
}

unsigned random_log_uniform(struct text_random *random, unsigned low, unsigned high)
{
    double share = gsl_rng_uniform(&random->rng); /* below 1 */
    unsigned value = (unsigned)(low * pow((high + 1.0) / low, share));
    return value < low ? low : value > high ? high : value;
}

void random_letters(struct text_random *random, char *to, size_t length)
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    for (size_t i = 0; i < length; i++)
        to[i] = alphabet[random_between(random, 0, sizeof alphabet - 2)];
}

uint64_t random_below(uint64_t seed, uint64_t n)
{
    struct text_random random;
    if (n < 2 || !begin(&random, seed))
        return 0;
    uint64_t high = gsl_rng_get(&random.rng);
    return (high << 32 | gsl_rng_get(&random.rng)) % n;
}
