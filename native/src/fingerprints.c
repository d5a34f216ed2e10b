/*
 * fingerprints.c - rolling FNV-1a 64 over histories. See statekeep.h for the
 * contract, native/README.md for the bytes that close types and paths.
 */
#include "statekeep.h"

#include <stdbool.h>

#define FNV_OFFSET UINT64_C(0xCBF29CE484222325)
#define FNV_PRIME UINT64_C(0x00000100000001B3)
#define CLOSES_TYPE 0xFFu /* UTF-8 contains neither of these two bytes */
#define CLOSES_PATH 0xFEu

static uint64_t roll(uint64_t fingerprint, uint8_t byte) {
    return (fingerprint ^ byte) * FNV_PRIME;
}

uint64_t sk_history_seed(void) { return FNV_OFFSET; }

uint64_t sk_fingerprint(uint64_t fingerprint, const uint8_t *types,
                        size_t size) {
    for (size_t i = 0; i < size; i++) {
        fingerprint = roll(fingerprint, types[i]);
    }
    return fingerprint;
}

uint64_t sk_region_seed(const uint8_t *path, size_t size) {
    return roll(sk_fingerprint(FNV_OFFSET, path, size), CLOSES_PATH);
}

/* Histories lie one after another, each empty or closed, all within bytes. */
static bool histories_fit(const sk_histories *h) {
    uint64_t begin = 0;
    for (size_t i = 0; i < h->count; i++) {
        const uint64_t end = h->ends[i];
        if (end < begin || end > h->size) {
            return false;
        }
        if (end > begin && h->bytes[end - 1] != CLOSES_TYPE) {
            return false;
        }
        begin = end;
    }
    return true;
}

static bool ascend_from_one(const uint32_t *lengths, size_t count) {
    uint32_t last = 0;
    for (size_t k = 0; k < count; k++) {
        if (lengths[k] <= last) {
            return false;
        }
        last = lengths[k];
    }
    return true;
}

/* The memory of one sk_digest call, as digest_one needs it. */
struct digest {
    const uint32_t *lengths;
    size_t lengths_count;
    size_t count;
    uint32_t *event_counts;
    uint64_t *fingerprints;
    uint64_t *prefixes;
};

static void digest_one(const struct digest *d, size_t i, uint64_t fingerprint,
                       const uint8_t *bytes, size_t size) {
    uint32_t events = 0;
    size_t k = 0;
    uint32_t next = d->lengths_count > 0 ? d->lengths[0] : UINT32_MAX;

    for (size_t b = 0; b < size; b++) {
        fingerprint = roll(fingerprint, bytes[b]);
        if (bytes[b] != CLOSES_TYPE) {
            continue;
        }
        events += events < UINT32_MAX;
        if (events == next && k < d->lengths_count) {
            d->prefixes[k * d->count + i] = fingerprint;
            k++;
            next = k < d->lengths_count ? d->lengths[k] : UINT32_MAX;
        }
    }
    for (; k < d->lengths_count; k++) {
        d->prefixes[k * d->count + i] = 0;
    }
    d->event_counts[i] = events;
    d->fingerprints[i] = fingerprint;
}

sk_status sk_digest(uint64_t seed, const sk_histories *histories,
                    const uint32_t *lengths, size_t lengths_count,
                    uint32_t *event_counts, uint64_t *fingerprints,
                    uint64_t *prefixes) {
    if (histories == NULL) {
        return SK_NULL_POINTER;
    }
    if (histories->count == 0) {
        return SK_OK;
    }
    if (histories->ends == NULL || event_counts == NULL ||
        fingerprints == NULL ||
        (histories->bytes == NULL && histories->size > 0) ||
        ((lengths == NULL || prefixes == NULL) && lengths_count > 0)) {
        return SK_NULL_POINTER;
    }
    if (!ascend_from_one(lengths, lengths_count)) {
        return SK_BAD_LENGTHS;
    }
    if (!histories_fit(histories)) {
        return SK_BAD_HISTORIES;
    }
    const struct digest d = {lengths,      lengths_count, histories->count,
                             event_counts, fingerprints,  prefixes};
    uint64_t begin = 0;
    for (size_t i = 0; i < histories->count; i++) {
        const uint64_t end = histories->ends[i];
        const size_t size = (size_t)(end - begin);
        const uint8_t *bytes = size > 0 ? histories->bytes + begin : NULL;
        digest_one(&d, i, seed, bytes, size);
        begin = end;
    }
    return SK_OK;
}
