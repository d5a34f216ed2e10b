/*
 * test_statekeep.c - vectors (made by the Python reference), single rules, and
 * random tables against the model. Prints what failed and where; exit code 1.
 */
#include <stdio.h>
#include <stdlib.h>

#include "model.h"
#include "statekeep.h"
#include "vectors.h"
#include "worlds.h"

static int failures;

#define CHECK(condition)                                                       \
    do {                                                                       \
        if (!(condition)) {                                                    \
            failures++;                                                        \
            fprintf(stderr, "%s:%d: %s: not %s\n", __FILE__, __LINE__,         \
                    __func__, #condition);                                     \
        }                                                                      \
    } while (0)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* splitmix64 */
static uint64_t next(void *state, uint64_t limit) {
    uint64_t x = *(uint64_t *)state += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (x ^ (x >> 31)) % limit;
}

/* Exactly that much memory, for the sanitizers to see its end. */
static void *exactly(size_t size) {
    void *memory = malloc(size > 0 ? size : 1);
    if (memory == NULL) {
        exit(2);
    }
    return memory;
}

/* A router in memory of its own; the caller frees the memory. */
static const sk_router *load(const uint8_t *table, size_t size, void **memory) {
    sk_shape shape;
    const sk_router *router = NULL;
    CHECK(sk_table_check(table, size, &shape) == SK_OK);
    *memory = exactly(shape.router_size);
    CHECK(sk_router_load(table, size, *memory, shape.router_size, &router) ==
          SK_OK);
    return router;
}

static void check_world(const struct world *w) {
    void *memory;
    uint8_t *table = exactly(w->size);
    uint32_t *picked = exactly(w->batch.classes * sizeof *picked);
    memcpy(table, w->table, w->size);
    const sk_router *router = load(table, w->size, &memory);
    CHECK(sk_route(router, &w->batch, picked) == SK_OK);
    for (size_t i = 0; i < w->batch.classes; i++) {
        CHECK(picked[i] == model_pick(table, &w->batch, i));
    }
    free(memory);
    free(picked);
    free(table);
}

static void digests_are_as_the_vectors_say(void) {
    for (size_t i = 0; i < COUNT(DIGESTS); i++) {
        const struct digest_vector *v = &DIGESTS[i];
        const uint8_t *region = (const uint8_t *)v->region;
        const uint64_t seed = region == NULL
                                  ? sk_history_seed()
                                  : sk_region_seed(region, v->region_size);
        const uint64_t end = v->size;
        const sk_histories one = {1, (const uint8_t *)v->types, v->size, &end};
        const uint32_t lengths[2] = {1, 2};
        uint32_t events;
        uint64_t whole;
        uint64_t prefixes[2];
        CHECK(sk_digest(seed, &one, lengths, 2, &events, &whole, prefixes) ==
              SK_OK);
        CHECK(events == v->events);
        CHECK(whole == v->fingerprint);
        CHECK(prefixes[0] == v->first);
        CHECK(prefixes[1] == v->second);
    }
}

static const sk_batch ROUTED = {COUNT(ROUTED_POSITIONS), ROUTED_POSITIONS,
                                ROUTED_FIRSTS,           ROUTED_LENGTHS,
                                COUNT(ROUTED_LENGTHS),   ROUTED_PREFIXES,
                                COUNT(ROUTED_PREFIXES)};

static void routes_are_as_the_vectors_say(void) {
    void *memory;
    uint32_t picked[COUNT(ROUTED_POSITIONS)];
    const sk_router *router = load(ROUTED_TABLE, sizeof ROUTED_TABLE, &memory);
    CHECK(sk_route(router, &ROUTED, picked) == SK_OK);
    for (size_t i = 0; i < COUNT(picked); i++) {
        CHECK(picked[i] == ROUTED_PICKS[i]);
    }
    free(memory);
}

static void random_tables_route_as_the_model_does(void) {
    static struct world w;
    uint64_t seed = 1;
    for (int i = 0; i < 5000; i++) {
        world_make(&w, next, &seed);
        check_world(&w);
    }
}

static void resuming_behind_each_pick_finds_every_match(void) {
    static struct world w;
    uint64_t seed = 2;
    for (int i = 0; i < 200; i++) {
        void *memory;
        uint32_t picked[WORLD_CLASSES];
        world_make(&w, next, &seed);
        const sk_router *router = load(w.table, w.size, &memory);
        memset(w.firsts, 0, sizeof w.firsts);
        w.batch.firsts = w.firsts;
        for (size_t left = w.batch.classes; left > 0;) {
            CHECK(sk_route(router, &w.batch, picked) == SK_OK);
            left = 0;
            for (size_t c = 0; c < w.batch.classes; c++) {
                CHECK(picked[c] == model_pick(w.table, &w.batch, c));
                CHECK(picked[c] >= w.firsts[c]);
                w.firsts[c] = picked[c] == SK_NONE ? SK_NONE : picked[c] + 1;
                left += picked[c] != SK_NONE;
            }
        }
        free(memory);
    }
}

static void every_cut_of_a_table_is_refused(void) {
    for (size_t size = 0; size < sizeof ROUTED_TABLE; size++) {
        sk_shape shape;
        uint8_t *table = exactly(size);
        memcpy(table, ROUTED_TABLE, size);
        CHECK(sk_table_check(table, size, &shape) == SK_BAD_SIZE);
        CHECK(shape.fault_at <= size);
        free(table);
    }
}

/* Whatever the byte says: refused, or sound and routing as the model does the
   classes that matched before. */
static void every_changed_byte_is_refused_or_routes(void) {
    static struct world w;
    sk_shape was;
    CHECK(sk_table_check(ROUTED_TABLE, sizeof ROUTED_TABLE, &was) == SK_OK);
    w.size = sizeof ROUTED_TABLE;
    w.batch = ROUTED;
    for (size_t at = 0; at < w.size; at++) {
        for (unsigned value = 0; value < 256; value++) {
            sk_shape shape;
            memcpy(w.table, ROUTED_TABLE, w.size);
            w.table[at] = (uint8_t)value;
            if (sk_table_check(w.table, w.size, &shape) != SK_OK) {
                CHECK(shape.fault_at < w.size);
            } else if (shape.tracks == was.tracks) {
                check_world(&w);
            }
        }
    }
}

/* A lie in the table of the vectors, and what it is called. */
static void lie(size_t at, uint32_t value, sk_status status) {
    uint8_t table[sizeof ROUTED_TABLE];
    sk_shape shape;
    memcpy(table, ROUTED_TABLE, sizeof table);
    world_put(table + at, value, 4);
    CHECK(sk_table_check(table, sizeof table, &shape) == status);
}

static void lies_are_called_by_their_names(void) {
    const size_t points = 32 + 8 * 4;
    const size_t probes = points + 16 * 7;
    lie(32 + 8 * 3, 3, SK_BAD_COLUMN);     /* of a track that is not there */
    lie(32 + 8 * 1 + 4, 1, SK_BAD_COLUMN); /* equal to the one before */
    lie(points + 8, 9, SK_BAD_POINT);      /* more probes than there are */
    lie(points + 16 * 2 + 8, 5, SK_BAD_POINT); /* more than are left */
    lie(points + 16 * 5 + 12, 2, SK_BAD_POINT);
    lie(probes + 8, 4, SK_BAD_PROBE);      /* of a column that is not there */
    lie(probes + 16 + 8, 1, SK_BAD_PROBE); /* of the track of the one before */
    lie(probes + 16 + 12, 1, SK_BAD_PROBE);
}

static void histories_lie_in_their_bytes(void) {
    const uint8_t bytes[4] = {'A', 0xFF, 'B', 0xFF};
    const uint64_t ends[][2] = {{2, 5}, {4, 2}, {3, 4}, {2, 3}, {1, 4}};
    uint32_t events[2];
    uint64_t whole[2];
    for (size_t i = 0; i < COUNT(ends); i++) {
        const sk_histories h = {2, bytes, 4, ends[i]};
        CHECK(sk_digest(0, &h, NULL, 0, events, whole, NULL) ==
              SK_BAD_HISTORIES);
    }
    const uint32_t lengths[3] = {1, 1, 0};
    uint64_t prefixes[4];
    const uint64_t fine[2] = {2, 4};
    const sk_histories h = {2, bytes, 4, fine};
    CHECK(sk_digest(0, &h, lengths, 2, events, whole, prefixes) ==
          SK_BAD_LENGTHS);
    CHECK(sk_digest(0, &h, lengths + 2, 1, events, whole, prefixes) ==
          SK_BAD_LENGTHS);
    CHECK(sk_digest(0, &h, lengths, 1, events, whole, prefixes) == SK_OK);
}

static void the_next_clock_is_the_first_above(void) {
    static struct world w;
    uint64_t seed = 4;
    for (int i = 0; i < 200; i++) {
        void *memory;
        world_make(&w, next, &seed);
        const sk_router *router = load(w.table, w.size, &memory);
        const uint8_t *point = w.table + 32 + 8 * model_u32(w.table + 16);
        const uint32_t points = model_u32(w.table + 20);
        for (uint32_t at = 0; at < points; at++) {
            uint32_t later = at;
            while (later < points && model_number(point + 16 * later, 8) ==
                                         model_number(point + 16 * at, 8)) {
                later++;
            }
            CHECK(sk_next_clock(router, at) == later);
        }
        CHECK(sk_next_clock(router, points) == points);
        CHECK(sk_next_clock(router, SK_NONE) == points);
        free(memory);
    }
}

static void memory_is_checked_before_it_is_used(void) {
    sk_shape shape;
    const sk_router *router;
    const size_t size = sizeof ROUTED_TABLE;
    CHECK(sk_table_check(ROUTED_TABLE, size, &shape) == SK_OK);
    uint8_t *memory = exactly(shape.router_size + 8);
    CHECK(sk_router_load(ROUTED_TABLE, size, memory, shape.router_size - 1,
                         &router) == SK_SMALL_MEMORY);
    CHECK(sk_router_load(ROUTED_TABLE, size, memory, 0, &router) ==
          SK_SMALL_MEMORY);
    CHECK(sk_router_load(ROUTED_TABLE, size, memory + 1, shape.router_size,
                         &router) == SK_MISALIGNED);
    free(memory);
}

static void a_batch_that_does_not_fit_is_refused(void) {
    void *memory;
    uint32_t picked[COUNT(ROUTED_POSITIONS)];
    const sk_router *router = load(ROUTED_TABLE, sizeof ROUTED_TABLE, &memory);
    sk_batch batch = ROUTED;
    batch.lengths_count++;
    CHECK(sk_route(router, &batch, picked) == SK_BAD_BATCH);
    batch = ROUTED;
    batch.prefixes_count -= batch.classes;
    CHECK(sk_route(router, &batch, picked) == SK_BAD_BATCH);
    batch = ROUTED;
    batch.classes--;
    CHECK(sk_route(router, &batch, picked) == SK_BAD_BATCH);
    batch.classes = SIZE_MAX;
    batch.lengths_count = SIZE_MAX;
    batch.prefixes_count = SIZE_MAX;
    CHECK(sk_route(router, &batch, picked) == SK_BAD_BATCH);
    batch = (sk_batch){0};
    CHECK(sk_route(router, &batch, NULL) == SK_OK);
    free(memory);
}

static void null_is_a_status(void) {
    sk_shape shape;
    const sk_router *router;
    const sk_batch batch = {0};
    const sk_histories none = {0};
    const sk_histories lost = {1, NULL, 3, NULL};
    const size_t size = sizeof ROUTED_TABLE;
    CHECK(sk_table_check(NULL, 9, &shape) == SK_NULL_POINTER);
    CHECK(sk_table_check(ROUTED_TABLE, size, NULL) == SK_NULL_POINTER);
    CHECK(sk_router_load(ROUTED_TABLE, size, NULL, 9, &router) ==
          SK_NULL_POINTER);
    CHECK(sk_route(NULL, &batch, NULL) == SK_NULL_POINTER);
    CHECK(sk_digest(0, NULL, NULL, 0, NULL, NULL, NULL) == SK_NULL_POINTER);
    CHECK(sk_digest(0, &lost, NULL, 0, NULL, NULL, NULL) == SK_NULL_POINTER);
    CHECK(sk_digest(0, &none, NULL, 0, NULL, NULL, NULL) == SK_OK);
    CHECK(sk_next_clock(NULL, 0) == 0);
}

static void every_status_has_a_message(void) {
    for (int i = SK_OK; i <= SK_BAD_LENGTHS + 1; i++) {
        CHECK(strlen(sk_status_message((sk_status)i)) > 0);
    }
}

int main(void) {
    digests_are_as_the_vectors_say();
    routes_are_as_the_vectors_say();
    random_tables_route_as_the_model_does();
    resuming_behind_each_pick_finds_every_match();
    every_cut_of_a_table_is_refused();
    every_changed_byte_is_refused_or_routes();
    lies_are_called_by_their_names();
    histories_lie_in_their_bytes();
    the_next_clock_is_the_first_above();
    memory_is_checked_before_it_is_used();
    a_batch_that_does_not_fit_is_refused();
    null_is_a_status();
    every_status_has_a_message();
    printf("native: %d checks failed\n", failures);
    return failures == 0 ? 0 : 1;
}
