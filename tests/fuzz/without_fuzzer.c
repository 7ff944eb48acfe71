/*
 * A fuzz target without libFuzzer, for machines and compilers that lack it: runs the files named,
 * then `ROUNDS` random inputs over a small alphabet, so that delimiters, quotes and blanks meet.
 */
#include "fuzz_check.h"

#define INPUT_MAX ((size_t)1 << 16)

static uint8_t input[INPUT_MAX];

static void run_file(const char *name)
{
    FILE *file = fopen(name, "rb");
    if (!file) {
        perror(name);
        exit(1);
    }
    size_t size = fread(input, 1, sizeof input, file);
    fclose(file);
    LLVMFuzzerTestOneInput(input, size);
}

int main(int count, char **arguments)
{
    static const char alphabet[] = "ab,;:\"\" \t\n,";
    if (count < 2) {
        fprintf(stderr, "usage: %s ROUNDS [FILE...]\n", arguments[0]);
        return 2;
    }
    unsigned rounds = (unsigned)strtoul(arguments[1], NULL, 10);
    for (int i = 2; i < count; i++)
        run_file(arguments[i]);
    for (unsigned seed = 1; seed <= rounds; seed++) {
        srand(seed);
        size_t size = (size_t)(rand() % (seed % 8 ? 160 : 700));
        int density = rand() % 9;
        for (size_t i = 0; i < size; i++)
            input[i] = rand() % 8 < density ? (uint8_t)alphabet[rand() % (int)sizeof alphabet]
                                            : (uint8_t)rand();
        LLVMFuzzerTestOneInput(input, size);
    }
    printf("%d files, seeds 1 to %u\n", count - 2, rounds);
    return 0;
}
