/*
 * standalone.c - a main function for the fuzz target where there is no
 * libFuzzer: noise and spoiled sound tables, blindly.
 *
 *     fuzz-standalone RUNS [SEED]
 */
#include <stdio.h>
#include <stdlib.h>

#include "worlds.h"

#define LARGEST 600u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* splitmix64 */
static uint64_t next(void *state, uint64_t limit) {
    uint64_t x = *(uint64_t *)state += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (x ^ (x >> 31)) % limit;
}

static size_t noise(uint8_t *input, uint64_t *seed) {
    const size_t size = next(seed, LARGEST) + 1;
    for (size_t i = 0; i < size; i++) {
        input[i] = (uint8_t)next(seed, 256);
    }
    return size;
}

/* A sound table, with up to 7 bytes changed, and sometimes cut short. */
static size_t spoiled_table(uint8_t *input, uint64_t *seed) {
    static struct world w;
    do {
        world_make(&w, next, seed);
    } while (w.size >= LARGEST);
    input[0] = 0;
    memcpy(input + 1, w.table, w.size);
    for (uint64_t left = next(seed, 8); left > 0; left--) {
        const uint8_t wild = (uint8_t)next(seed, 256);
        input[1 + next(seed, w.size)] = next(seed, 2) ? wild : wild % 4;
    }
    return next(seed, 16) > 0 ? w.size + 1 : 1 + next(seed, w.size);
}

int main(int count, char **arguments) {
    static uint8_t input[LARGEST + 1];
    if (count < 2) {
        fprintf(stderr, "usage: %s RUNS [SEED]\n", arguments[0]);
        return 2;
    }
    const unsigned long long runs = strtoull(arguments[1], NULL, 10);
    uint64_t seed = count > 2 ? strtoull(arguments[2], NULL, 10) : 1;
    for (unsigned long long run = 1; run <= runs; run++) {
        const size_t size =
            next(&seed, 2) ? noise(input, &seed) : spoiled_table(input, &seed);
        LLVMFuzzerTestOneInput(input, size);
        if (run % 1000000 == 0 || run == runs) {
            printf("%llu executions clean\n", run);
            fflush(stdout);
        }
    }
    return 0;
}
