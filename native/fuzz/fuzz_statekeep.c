/*
 * fuzz_statekeep.c - one input, three questions: does a table of these very
 * bytes do harm, does a sound table made out of them route as the model does,
 * and do histories made of them digest as one roll over their bytes does.
 *
 * Every buffer is allocated at its exact size, for the sanitizers to see its
 * end. libFuzzer brings the main function, or else standalone.c.
 */
#include <stdlib.h>

#include "model.h"
#include "statekeep.h"
#include "worlds.h"

#define REQUIRE(condition)                                                     \
    do {                                                                       \
        if (!(condition)) {                                                    \
            abort();                                                           \
        }                                                                      \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    const uint8_t *data;
    size_t left;
};

/* The bytes of the input, then zeros. */
static uint64_t next(void *state, uint64_t limit) {
    struct input *in = state;
    const uint64_t byte = in->left > 0 ? *in->data : 0;
    if (in->left > 0) {
        in->data++;
        in->left--;
    }
    return byte % limit;
}

static void *copy_of(const void *bytes, size_t size) {
    void *copy = malloc(size > 0 ? size : 1);
    REQUIRE(copy != NULL);
    if (size > 0) {
        memcpy(copy, bytes, size);
    }
    return copy;
}

/* The table must be sound; `batch` must fit it. */
static void route_as_the_model(const uint8_t *table, size_t size,
                               const sk_batch *batch) {
    sk_shape shape;
    const sk_router *router;
    REQUIRE(sk_table_check(table, size, &shape) == SK_OK);
    void *memory = malloc(shape.router_size);
    uint32_t *picked = malloc(batch->classes * sizeof *picked + 1);
    REQUIRE(memory != NULL && picked != NULL);
    REQUIRE(sk_router_load(table, size, memory, shape.router_size, &router) ==
            SK_OK);
    REQUIRE(sk_route(router, batch, picked) == SK_OK);
    for (size_t i = 0; i < batch->classes; i++) {
        REQUIRE(picked[i] == model_pick(table, batch, i));
        REQUIRE(picked[i] == SK_NONE || picked[i] < shape.points);
        REQUIRE(sk_next_clock(router, picked[i]) <= shape.points);
    }
    free(picked);
    free(memory);
}

/* Classes that hold what the table itself asks for, so that they match. */
static void fuzz_bytes(const uint8_t *data, size_t size) {
    enum { CLASSES = 3 };
    const uint64_t positions[CLASSES] = {0, 2, UINT64_MAX};
    sk_shape shape;
    uint8_t *table = copy_of(data, size);
    if (sk_table_check(table, size, &shape) == SK_OK) {
        const size_t lengths_count = (size_t)shape.tracks * CLASSES;
        const size_t prefixes_count = (size_t)shape.columns * CLASSES;
        uint32_t *lengths = calloc(lengths_count, sizeof *lengths);
        uint64_t *prefixes = calloc(prefixes_count + 1, sizeof *prefixes);
        REQUIRE(lengths != NULL && prefixes != NULL);
        memset(lengths, 0xFF, lengths_count * sizeof *lengths);
        for (uint32_t k = 0; k < shape.probes; k++) {
            const uint8_t *probe =
                table + size - (size_t)16 * (shape.probes - k);
            prefixes[(size_t)model_u32(probe + 8) * CLASSES + k % CLASSES] =
                model_number(probe, 8);
        }
        const sk_batch batch = {CLASSES,       positions,     NULL,
                                lengths,       lengths_count, prefixes,
                                prefixes_count};
        route_as_the_model(table, size, &batch);
        free(prefixes);
        free(lengths);
    } else {
        REQUIRE(shape.fault_at <= size);
    }
    free(table);
}

static void fuzz_world(const uint8_t *data, size_t size) {
    static struct world w;
    struct input in = {data, size};
    world_make(&w, next, &in);
    uint8_t *table = copy_of(w.table, w.size);
    sk_batch batch = w.batch;
    uint32_t *lengths =
        copy_of(w.lengths, batch.lengths_count * sizeof *lengths);
    uint64_t *prefixes =
        copy_of(w.prefixes, batch.prefixes_count * sizeof *prefixes);
    batch.lengths = lengths;
    batch.prefixes = prefixes;
    route_as_the_model(table, w.size, &batch);
    free(prefixes);
    free(lengths);
    free(table);
}

static void fuzz_digest(const uint8_t *data, size_t size) {
    enum { HISTORIES = 4 };
    const uint32_t lengths[2] = {1, 3};
    uint64_t ends[HISTORIES] = {0};
    uint64_t prefixes[2 * HISTORIES];
    uint64_t whole[HISTORIES];
    uint32_t events[HISTORIES];
    struct input in = {data, size};
    for (size_t i = 0; i < HISTORIES; i++) {
        ends[i] = next(&in, 256);
    }
    uint8_t *bytes = copy_of(in.data, in.left);
    const sk_histories histories = {HISTORIES, bytes, in.left, ends};
    if (sk_digest(7, &histories, lengths, 2, events, whole, prefixes) ==
        SK_OK) {
        for (size_t i = 0; i < HISTORIES; i++) {
            const uint64_t begin = i > 0 ? ends[i - 1] : 0;
            REQUIRE(whole[i] == sk_fingerprint(7, bytes + begin,
                                               (size_t)(ends[i] - begin)));
            REQUIRE(events[i] != 1 || prefixes[i] == whole[i]);
            REQUIRE(events[i] != 3 || prefixes[HISTORIES + i] == whole[i]);
        }
    }
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) {
        return 0;
    }
    switch (data[0] % 3) {
    case 0:
        fuzz_bytes(data + 1, size - 1);
        break;
    case 1:
        fuzz_world(data + 1, size - 1);
        break;
    default:
        fuzz_digest(data + 1, size - 1);
        break;
    }
    return 0;
}
