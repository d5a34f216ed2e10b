/*
 * statekeep.h - fingerprints of histories, and which change-point picks whom.
 *
 * The library holds what must be fast and nothing else: rolling FNV-1a 64 over
 * event types, and a batch router over the compiled registry of ONE source
 * version. native/README.md explains the table and the order of the law.
 *
 * Contract of every function here:
 *   - No allocation, no globals, no I/O, no locks. The caller owns all memory
 *     and says how much there is; nothing is read or written beyond that.
 *   - Total: whatever the arguments hold, the answer is a status, never a trap.
 *     A pointer may be NULL only where its comment says so, or where the number
 *     of elements behind it is zero.
 *   - Thread-safe as long as no other thread writes the memory passed in. A
 *     loaded router is read-only: any number of threads may route with it.
 *   - On a status other than SK_OK the outputs have no meaning.
 *
 * A fingerprint only preselects. FNV-1a is not collision-resistant: the caller
 * confirms every pick on the event types before anyone moves.
 */
#ifndef STATEKEEP_H
#define STATEKEEP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The cffi binding reads the declarations between the two cdef marks. */
/* cdef: begin */

#define SK_TABLE_FORMAT 1 /* what byte 4 of a table says */
#define SK_MAX_TRACKS 4096
#define SK_MAX_COLUMNS 4096
#define SK_MAX_POINTS 16384
#define SK_MAX_PROBES 65536

#define SK_POINT_CLOSED 1 /* flag: picks nobody */

#define SK_NONE 0xFFFFFFFF /* in place of an index: no change-point picks */

typedef enum sk_status {
    SK_OK = 0,
    SK_NULL_POINTER,  /* a pointer is NULL that must not be */
    SK_BAD_MAGIC,     /* the table does not begin with "SKRT" */
    SK_BAD_FORMAT,    /* a table format that this library does not know */
    SK_BAD_SIZE,      /* the table is shorter or longer than its counts say */
    SK_TOO_LARGE,     /* a count of the table exceeds its limit */
    SK_BAD_COLUMN,    /* columns not ascending, of length 0, or of no track */
    SK_BAD_POINT,     /* clocks descend, an unknown flag, or probes amiss */
    SK_BAD_PROBE,     /* of no column, or two of one track at one point */
    SK_SMALL_MEMORY,  /* the memory is smaller than router_size */
    SK_MISALIGNED,    /* the memory is not aligned for uint64_t */
    SK_BAD_BATCH,     /* the batch's columns do not fit the router */
    SK_BAD_HISTORIES, /* ends descend or leave the bytes, or a type is open */
    SK_BAD_LENGTHS    /* the lengths asked for are not ascending from 1 */
} sk_status;

/* A constant English sentence; never NULL, also for a value out of range. */
const char *sk_status_message(sk_status status);

/* ---- fingerprints ------------------------------------------------------ */

/* The fingerprint of the empty history: the FNV-1a 64 offset basis. */
uint64_t sk_history_seed(void);

/*
 * The fingerprint of the empty history of a region: FNV-1a over the region's
 * path (UTF-8), closed by 0xFE, so that equal histories of two regions differ.
 * `path` may be NULL if `size` is 0.
 */
uint64_t sk_region_seed(const uint8_t *path, size_t size);

/*
 * Rolls a fingerprint over `size` bytes: event types as UTF-8, each closed by
 * 0xFF. sk_fingerprint(sk_fingerprint(s, a), b) equals the one over a then b.
 * `types` may be NULL if `size` is 0.
 */
uint64_t sk_fingerprint(uint64_t fingerprint, const uint8_t *types,
                        size_t size);

/* A batch of histories, one after another in one buffer. */
typedef struct sk_histories {
    size_t count;         /* histories */
    const uint8_t *bytes; /* event types as UTF-8, each closed by 0xFF */
    size_t size;          /* bytes in `bytes` */
    const uint64_t *ends; /* count offsets: history i ends before ends[i] */
} sk_histories;

/*
 * Digests a batch: for history i its number of events, its fingerprint, and the
 * fingerprint of its prefix of lengths[k] events at prefixes[k * count + i], or
 * 0 where the history is shorter (its length says so, 0 is no sentinel).
 *
 * `seed` is the fingerprint of the empty history. `lengths` are strictly
 * ascending and positive; with `lengths_count` 0 `lengths` and `prefixes` may
 * be NULL. `event_counts` and `fingerprints` hold `count` elements each,
 * `prefixes` holds lengths_count * count.
 */
sk_status sk_digest(uint64_t seed, const sk_histories *histories,
                    const uint32_t *lengths, size_t lengths_count,
                    uint32_t *event_counts, uint64_t *fingerprints,
                    uint64_t *prefixes);

/* ---- the router -------------------------------------------------------- */

/*
 * A track is a sequence of events that anchors look at: track 0 is the history,
 * the others are histories of regions. A probe is what an anchor asks of one
 * track: that its first events have a certain fingerprint. A column is a track
 * and a length for which some probe asks.
 */

/* What a table holds, and how much memory its router takes. */
typedef struct sk_shape {
    uint32_t tracks;    /* 1 + number of regions that some probe asks for */
    uint32_t columns;   /* (track, length) pairs that are asked for */
    uint32_t points;    /* change-points, in the order of the law */
    uint32_t probes;    /* probes of all change-points together */
    size_t router_size; /* bytes that sk_router_load needs */
    size_t fault_at;    /* not SK_OK: the byte at which the table is wrong */
} sk_shape;

/*
 * Checks a table of unknown origin completely and describes it in `shape`
 * (required). A table that passes can be loaded.
 */
sk_status sk_table_check(const uint8_t *table, size_t size, sk_shape *shape);

/*
 * A loaded table. It lives in the caller's memory, as long as that does; it
 * must not be moved or written. The table's own bytes are not kept.
 */
typedef struct sk_router sk_router;

/*
 * Checks a table and builds its router in `memory`: at least router_size bytes,
 * aligned for uint64_t. `*router` (required) then points into `memory`.
 */
sk_status sk_router_load(const uint8_t *table, size_t size, void *memory,
                         size_t memory_size, const sk_router **router);

/*
 * Classes as columns. Element i of every column belongs to class i; the columns
 * of a matrix stand one after another.
 */
typedef struct sk_batch {
    size_t classes;
    const uint64_t *positions; /* T: points of a lower clock do not count */
    const uint32_t *firsts;    /* points before this index do not count */
    const uint32_t *lengths;   /* tracks * classes: events in each history */
    size_t lengths_count;      /* elements in `lengths` */
    const uint64_t *prefixes;  /* columns * classes: prefix fingerprints */
    size_t prefixes_count;     /* elements in `prefixes` */
} sk_batch;

/*
 * Writes for each class the lowest index of a point that is open, not before
 * firsts[i], of a clock not below positions[i], and all of whose probes match;
 * SK_NONE if there is none. A probe matches where the class has at least that
 * many events on the track and its column holds the probe's fingerprint; what
 * the column holds for a shorter history is not looked at.
 *
 * `firsts` may be NULL: all zero. To resume after a pick p give p + 1 (a match
 * that the event types did not confirm) or sk_next_clock(p) (a pick that found
 * no landing). `picked` holds `classes` elements and overlaps no input.
 */
sk_status sk_route(const sk_router *router, const sk_batch *batch,
                   uint32_t *picked);

/*
 * The first index whose clock is above that of point `index`, or the number of
 * points. The same for an `index` out of range, and 0 for a NULL router.
 */
uint32_t sk_next_clock(const sk_router *router, uint32_t index);

/* cdef: end */

#ifdef __cplusplus
}
#endif

#endif
