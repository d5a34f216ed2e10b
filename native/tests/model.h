/*
 * model.h - the router as slow and as plain as it can be said, in C: what
 * native/tests and native/fuzz compare sk_route with. It reads sound tables
 * only, shares no code with the library, and has no index.
 */
#ifndef STATEKEEP_MODEL_H
#define STATEKEEP_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "statekeep.h"

static inline uint64_t model_number(const uint8_t *bytes, size_t width) {
    uint64_t number = 0;
    while (width > 0) {
        number = number << 8 | bytes[--width];
    }
    return number;
}

static inline uint32_t model_u32(const uint8_t *bytes) {
    return (uint32_t)model_number(bytes, 4);
}

static inline bool model_shows(const uint8_t *columns, const uint8_t *probe,
                               const sk_batch *batch, size_t i) {
    const size_t column = model_u32(probe + 8);
    const size_t track = model_u32(columns + 8 * column);
    const uint32_t length = model_u32(columns + 8 * column + 4);
    return batch->lengths[track * batch->classes + i] >= length &&
           batch->prefixes[column * batch->classes + i] ==
               model_number(probe, 8);
}

static inline uint32_t model_pick(const uint8_t *table, const sk_batch *batch,
                                  size_t i) {
    const uint8_t *columns = table + 32;
    const uint8_t *point = columns + (size_t)8 * model_u32(table + 16);
    const uint32_t points = model_u32(table + 20);
    const uint8_t *probe = point + (size_t)16 * points;

    for (uint32_t at = 0; at < points; at++, point += 16) {
        bool takes = model_u32(point + 12) == 0 &&
                     model_number(point, 8) >= batch->positions[i] &&
                     (batch->firsts == NULL || at >= batch->firsts[i]);
        for (uint32_t k = model_u32(point + 8); k > 0; k--, probe += 16) {
            takes = takes && model_shows(columns, probe, batch, i);
        }
        if (takes) {
            return at;
        }
    }
    return SK_NONE;
}

#endif
