/*
 * worlds.h - tables and batches out of a stream of numbers: random ones for the
 * tests, an input's bytes for the fuzzer. Every table made here is sound.
 */
#ifndef STATEKEEP_WORLDS_H
#define STATEKEEP_WORLDS_H

#include <stdint.h>
#include <string.h>

#include "statekeep.h"

#define WORLD_POINTS 200u
#define WORLD_COLUMNS 12u
#define WORLD_TRACKS 3u
#define WORLD_CLASSES 24u
#define WORLD_TABLE                                                            \
    (32 + 8 * WORLD_COLUMNS + 16 * WORLD_POINTS * (1 + WORLD_TRACKS))

/* A number below `limit` (above 0), from wherever the world takes them. */
typedef uint64_t (*world_source)(void *state, uint64_t limit);

struct world {
    uint8_t table[WORLD_TABLE];
    size_t size;
    uint64_t positions[WORLD_CLASSES];
    uint32_t firsts[WORLD_CLASSES];
    uint32_t lengths[WORLD_CLASSES * WORLD_TRACKS];
    uint64_t prefixes[WORLD_CLASSES * WORLD_COLUMNS];
    sk_batch batch;
};

static inline uint8_t *world_put(uint8_t *at, uint64_t number, size_t width) {
    for (; width > 0; width--, number >>= 8) {
        *at++ = (uint8_t)number;
    }
    return at;
}

/* One of `variety` fingerprints: few, so that matches are frequent. */
static inline uint64_t world_fingerprint(world_source next, void *state,
                                         uint64_t variety) {
    return next(state, variety) * UINT64_C(0xD6E8FEB86659FD93);
}

static inline void world_batch(struct world *w, world_source next, void *state,
                               uint32_t tracks, uint32_t columns,
                               uint64_t variety) {
    const size_t classes = next(state, WORLD_CLASSES + 1);
    for (size_t i = 0; i < classes; i++) {
        w->positions[i] = next(state, 40);
        w->firsts[i] = (uint32_t)next(state, WORLD_POINTS);
    }
    for (size_t i = 0; i < classes * tracks; i++) {
        w->lengths[i] = (uint32_t)next(state, 2 * WORLD_COLUMNS);
    }
    for (size_t i = 0; i < classes * columns; i++) {
        w->prefixes[i] = world_fingerprint(next, state, variety);
    }
    w->batch = (sk_batch){.classes = classes,
                          .positions = w->positions,
                          .firsts = next(state, 2) ? w->firsts : NULL,
                          .lengths = w->lengths,
                          .lengths_count = classes * tracks,
                          .prefixes = w->prefixes,
                          .prefixes_count = classes * columns};
}

static inline void world_header(struct world *w, uint32_t tracks,
                                uint32_t columns, uint32_t points,
                                uint32_t probes) {
    uint8_t *at = w->table + 4;
    memcpy(w->table, "SKRT", 4);
    at = world_put(at, SK_TABLE_FORMAT, 4);
    at = world_put(at, w->size, 4);
    at = world_put(at, tracks, 4);
    at = world_put(at, columns, 4);
    at = world_put(at, points, 4);
    at = world_put(at, probes, 4);
    world_put(at, 0, 4);
}

/* Every track has the lengths 1, 2, 3, ... as columns. */
static inline void world_make(struct world *w, world_source next, void *state) {
    const uint32_t tracks = 1 + (uint32_t)next(state, WORLD_TRACKS);
    const uint32_t lengths = (uint32_t)next(state, WORLD_COLUMNS / tracks + 1);
    const uint32_t columns = tracks * lengths;
    const uint32_t points = (uint32_t)next(state, WORLD_POINTS + 1);
    const uint64_t variety = 1 + next(state, 90);
    uint8_t *at = w->table + 32;
    uint8_t *probe = at + (size_t)8 * columns + (size_t)16 * points;
    uint32_t probes = 0;
    uint64_t clock = 0;

    for (uint32_t c = 0; c < columns; c++) {
        at = world_put(at, c / lengths, 4);
        at = world_put(at, c % lengths + 1, 4);
    }
    for (uint32_t p = 0; p < points; p++) {
        uint32_t asked = 0;
        for (uint32_t t = 0; lengths > 0 && t < tracks; t++) {
            if (next(state, 3) > t) {
                const uint64_t column = t * lengths + next(state, lengths);
                const uint64_t fingerprint =
                    world_fingerprint(next, state, variety);
                probe = world_put(world_put(probe, fingerprint, 8), column, 8);
                asked++;
            }
        }
        clock += next(state, 4) / 3;
        at = world_put(at, clock, 8);
        at = world_put(at, asked, 4);
        at = world_put(at, next(state, 8) == 0, 4);
        probes += asked;
    }
    w->size = (size_t)(probe - w->table);
    world_header(w, tracks, columns, points, probes);
    world_batch(w, next, state, tracks, columns, variety);
}

#endif
