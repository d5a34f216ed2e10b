/*
 * router.c - tables, routers and routing. See statekeep.h for the contract,
 * native/README.md for the layout of a table and the reasons behind the index
 * that is built from it.
 */
#include "statekeep.h"

#include <stdbool.h>
#include <string.h>

/* ---- the table --------------------------------------------------------- */

/* All numbers are little-endian; a table need not be aligned. */
#define HEADER_SIZE 32u /* magic format size tracks columns points probes 0 */
#define COLUMN_SIZE 8u  /* u32 track, u32 length */
#define POINT_SIZE 16u  /* u64 clock, u32 probes, u32 flags */
#define PROBE_SIZE 16u  /* u64 fingerprint, u32 column, u32 0 */

static const uint8_t MAGIC[4] = {'S', 'K', 'R', 'T'};

static uint32_t load_u32(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}

static uint64_t load_u64(const uint8_t *p) {
    return (uint64_t)load_u32(p) | (uint64_t)load_u32(p + 4) << 32;
}

struct column {
    uint32_t track;
    uint32_t length;
};

struct point {
    uint64_t clock;
    uint32_t probes;
    uint32_t flags;
};

struct probe {
    uint64_t fingerprint;
    uint32_t column;
    uint32_t zero;
};

/* A table whose header has been read: where each of its three lists begins. */
struct table {
    const uint8_t *columns;
    const uint8_t *points;
    const uint8_t *probes;
    uint32_t tracks_count;
    uint32_t columns_count;
    uint32_t points_count;
    uint32_t probes_count;
};

static struct column column_at(const struct table *t, uint32_t index) {
    const uint8_t *p = t->columns + (size_t)index * COLUMN_SIZE;
    return (struct column){load_u32(p), load_u32(p + 4)};
}

static struct point point_at(const struct table *t, uint32_t index) {
    const uint8_t *p = t->points + (size_t)index * POINT_SIZE;
    return (struct point){load_u64(p), load_u32(p + 8), load_u32(p + 12)};
}

static struct probe probe_at(const struct table *t, uint32_t index) {
    const uint8_t *p = t->probes + (size_t)index * PROBE_SIZE;
    return (struct probe){load_u64(p), load_u32(p + 8), load_u32(p + 12)};
}

/* A status and the byte of the table that it is about. */
struct fault {
    sk_status status;
    size_t at;
};

static const struct fault NO_FAULT = {SK_OK, 0};

static struct fault read_header(struct table *t, const uint8_t *bytes,
                                size_t size) {
    if (size < HEADER_SIZE) {
        return (struct fault){SK_BAD_SIZE, size};
    }
    if (memcmp(bytes, MAGIC, sizeof MAGIC) != 0) {
        return (struct fault){SK_BAD_MAGIC, 0};
    }
    if (load_u32(bytes + 4) != SK_TABLE_FORMAT) {
        return (struct fault){SK_BAD_FORMAT, 4};
    }
    t->tracks_count = load_u32(bytes + 12);
    t->columns_count = load_u32(bytes + 16);
    t->points_count = load_u32(bytes + 20);
    t->probes_count = load_u32(bytes + 24);
    if (t->tracks_count < 1 || t->tracks_count > SK_MAX_TRACKS) {
        return (struct fault){SK_TOO_LARGE, 12};
    }
    if (t->columns_count > SK_MAX_COLUMNS) {
        return (struct fault){SK_TOO_LARGE, 16};
    }
    if (t->points_count > SK_MAX_POINTS) {
        return (struct fault){SK_TOO_LARGE, 20};
    }
    if (t->probes_count > SK_MAX_PROBES) {
        return (struct fault){SK_TOO_LARGE, 24};
    }
    const size_t columns_size = (size_t)t->columns_count * COLUMN_SIZE;
    const size_t points_size = (size_t)t->points_count * POINT_SIZE;
    const size_t probes_size = (size_t)t->probes_count * PROBE_SIZE;
    const size_t whole = HEADER_SIZE + columns_size + points_size + probes_size;
    if (whole != size || load_u32(bytes + 8) != whole) {
        return (struct fault){SK_BAD_SIZE, 8};
    }
    if (load_u32(bytes + 28) != 0) {
        return (struct fault){SK_BAD_FORMAT, 28};
    }
    t->columns = bytes + HEADER_SIZE;
    t->points = t->columns + columns_size;
    t->probes = t->points + points_size;
    return NO_FAULT;
}

static struct fault check_columns(const struct table *t, const uint8_t *bytes) {
    struct column last = {0, 0};
    for (uint32_t i = 0; i < t->columns_count; i++) {
        const struct column c = column_at(t, i);
        const bool ascends = c.track > last.track ||
                             (c.track == last.track && c.length > last.length);
        if (!ascends || c.length == 0 || c.track >= t->tracks_count) {
            return (struct fault){SK_BAD_COLUMN, (size_t)(t->columns - bytes) +
                                                     (size_t)i * COLUMN_SIZE};
        }
        last = c;
    }
    return NO_FAULT;
}

/* The probes of one point: of known columns, by track, one for each track. */
static struct fault check_probes(const struct table *t, const uint8_t *bytes,
                                 uint32_t begin, uint32_t count) {
    uint32_t tracks_seen = 0; /* 1 + the track of the probe before */
    for (uint32_t i = begin; i < begin + count; i++) {
        const struct probe a = probe_at(t, i);
        if (a.column >= t->columns_count || a.zero != 0 ||
            column_at(t, a.column).track < tracks_seen) {
            return (struct fault){SK_BAD_PROBE, (size_t)(t->probes - bytes) +
                                                    (size_t)i * PROBE_SIZE};
        }
        tracks_seen = column_at(t, a.column).track + 1;
    }
    return NO_FAULT;
}

static struct fault check_points(const struct table *t, const uint8_t *bytes) {
    uint64_t last_clock = 0;
    uint32_t probes = 0;
    for (uint32_t i = 0; i < t->points_count; i++) {
        const struct point p = point_at(t, i);
        if (p.clock < last_clock || (p.flags & ~(uint32_t)SK_POINT_CLOSED) ||
            p.probes > t->probes_count - probes) {
            return (struct fault){SK_BAD_POINT, (size_t)(t->points - bytes) +
                                                    (size_t)i * POINT_SIZE};
        }
        const struct fault f = check_probes(t, bytes, probes, p.probes);
        if (f.status != SK_OK) {
            return f;
        }
        last_clock = p.clock;
        probes += p.probes;
    }
    if (probes != t->probes_count) {
        return (struct fault){SK_BAD_POINT, 24};
    }
    return NO_FAULT;
}

static struct fault read_table(struct table *t, const uint8_t *bytes,
                               size_t size) {
    struct fault f = read_header(t, bytes, size);
    if (f.status == SK_OK) {
        f = check_columns(t, bytes);
    }
    if (f.status == SK_OK) {
        f = check_points(t, bytes);
    }
    return f;
}

/* ---- the router -------------------------------------------------------- */

/*
 * Points are judged 64 at a time, a bit for each: a word. A class begins with
 * the bits of all open points that its position allows; every column that some
 * point of the word asks for takes away the points whose probe there does not
 * match; the lowest bit left is the pick. The cost of a class is that of its
 * columns, however many points there are in a word.
 */
#define WORD 64u

struct word {
    uint64_t clocks[WORD]; /* padded with UINT64_MAX */
    uint64_t open;         /* bits of the points that are not closed */
    uint32_t sieves_begin;
    uint32_t sieves_end;
};

/*
 * A column as the points of one word ask for it: a hash table of its own. A
 * slot is a fingerprint and the bits of the points that ask for it, or no bit
 * where the slot is free.
 */
struct sieve {
    uint64_t multiplier;
    uint64_t indifferent; /* bits of the points without a probe here */
    uint64_t *fingerprints;
    uint64_t *points;
    uint32_t slots;
    uint32_t shift;
    uint32_t reach; /* slots to look at; 1 where nothing collides */
    uint32_t column;
    uint32_t track;
    uint32_t length;
};

struct sk_router {
    uint32_t tracks;
    uint32_t columns;
    uint32_t points;
    uint32_t words_count;
    struct word *words;
    struct sieve *sieves;
};

/* The points of one word, and their probes, in a table. */
struct span {
    uint32_t points_begin;
    uint32_t points_end;
    uint32_t probes_begin;
    uint32_t probes_end;
};

static struct span first_span(void) { return (struct span){0, 0, 0, 0}; }

static bool next_span(const struct table *t, struct span *s) {
    const uint32_t left = t->points_count - s->points_end;
    s->points_begin = s->points_end;
    s->points_end += left < WORD ? left : WORD;
    s->probes_begin = s->probes_end;
    for (uint32_t i = s->points_begin; i < s->points_end; i++) {
        s->probes_end += point_at(t, i).probes;
    }
    return left > 0;
}

static uint32_t probes_on(const struct table *t, const struct span *s,
                          uint32_t column) {
    uint32_t count = 0;
    for (uint32_t i = s->probes_begin; i < s->probes_end; i++) {
        count += probe_at(t, i).column == column;
    }
    return count;
}

/* Enough slots that one of a few multipliers spreads the probes perfectly. */
static uint32_t slot_bits(uint32_t probes) {
    uint32_t bits = 1;
    while ((UINT32_C(4) << bits) < probes * probes) {
        bits++;
    }
    return bits;
}

/* A point has one probe on a column at most: probes <= WORD. The overhang
   lets a search run on without wrapping. */
static uint32_t slot_count(uint32_t probes) {
    return (UINT32_C(1) << slot_bits(probes)) + probes;
}

struct sizes {
    size_t words;
    size_t sieves;
    size_t slots;
};

static struct sizes measure(const struct table *t) {
    struct sizes n = {0, 0, 0};
    struct span s = first_span();
    while (next_span(t, &s)) {
        n.words++;
        for (uint32_t c = 0; c < t->columns_count; c++) {
            const uint32_t probes = probes_on(t, &s, c);
            n.sieves += probes > 0;
            n.slots += probes > 0 ? slot_count(probes) : 0;
        }
    }
    return n;
}

/* The limits keep this far below 2^32. */
static size_t router_size(const struct sizes *n) {
    return sizeof(struct sk_router) + n->words * sizeof(struct word) +
           n->sieves * sizeof(struct sieve) + n->slots * 2 * sizeof(uint64_t);
}

sk_status sk_table_check(const uint8_t *table, size_t size, sk_shape *shape) {
    struct table t;
    if (table == NULL || shape == NULL) {
        return SK_NULL_POINTER;
    }
    memset(shape, 0, sizeof *shape);
    const struct fault f = read_table(&t, table, size);
    if (f.status != SK_OK) {
        shape->fault_at = f.at;
        return f.status;
    }
    const struct sizes n = measure(&t);
    shape->tracks = t.tracks_count;
    shape->columns = t.columns_count;
    shape->points = t.points_count;
    shape->probes = t.probes_count;
    shape->router_size = router_size(&n);
    return SK_OK;
}

#define TOP_BIT (UINT64_C(1) << (WORD - 1))

/* The index of the lowest bit of a word that has one. */
static uint32_t lowest(uint64_t bits) {
#if defined(__GNUC__)
    return (uint32_t)__builtin_ctzll(bits);
#else
    uint32_t index = 0;
    for (; (bits & 1) == 0; bits >>= 1) {
        index++;
    }
    return index;
#endif
}

/* An odd number, another for each attempt (the finaliser of splitmix64). */
static uint64_t multiplier(uint32_t attempt) {
    uint64_t x = (uint64_t)(attempt + 1) * UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (x ^ (x >> 31)) | 1;
}

static uint64_t home(const struct sieve *s, uint64_t fingerprint) {
    return (fingerprint * s->multiplier) >> s->shift;
}

/* Enters one probe; answers how many slots from its own it had to go. */
static uint32_t enter(const struct sieve *s, uint64_t fingerprint,
                      uint64_t point) {
    const uint64_t at = home(s, fingerprint);
    uint32_t away = 0;
    while (s->points[at + away] != 0 &&
           s->fingerprints[at + away] != fingerprint) {
        away++;
    }
    s->fingerprints[at + away] = fingerprint;
    s->points[at + away] |= point;
    return away;
}

static void fill(struct sieve *s, const struct table *t,
                 const struct span *span) {
    uint32_t i = span->probes_begin;
    memset(s->fingerprints, 0, s->slots * sizeof *s->fingerprints);
    memset(s->points, 0, s->slots * sizeof *s->points);
    s->indifferent = UINT64_MAX;
    s->reach = 1;
    for (uint32_t at = span->points_begin; at < span->points_end; at++) {
        const uint64_t bit = UINT64_C(1) << (at - span->points_begin);
        for (uint32_t end = i + point_at(t, at).probes; i < end; i++) {
            const struct probe p = probe_at(t, i);
            if (p.column == s->column) {
                const uint32_t away = enter(s, p.fingerprint, bit);
                s->reach = away + 1 > s->reach ? away + 1 : s->reach;
                s->indifferent &= ~bit;
            }
        }
    }
}

#ifndef ATTEMPTS /* tests build with 1, so that collisions remain */
#define ATTEMPTS 48u
#endif

/* Tries multipliers until none collides, else keeps the best: a table made to
   collide costs time, bounded by WORD slots a search, and nothing else. */
static void fill_best(struct sieve *s, const struct table *t,
                      const struct span *span) {
    uint32_t best = 0;
    uint32_t best_reach = UINT32_MAX;
    for (uint32_t attempt = 0; attempt < ATTEMPTS; attempt++) {
        s->multiplier = multiplier(attempt);
        fill(s, t, span);
        if (s->reach == 1) {
            return;
        }
        if (s->reach < best_reach) {
            best_reach = s->reach;
            best = attempt;
        }
    }
    s->multiplier = multiplier(best);
    fill(s, t, span);
}

/* Builds the sieve of a column in the memory at `slots`. */
static void build_sieve(struct sieve *s, uint64_t *slots, uint32_t column,
                        uint32_t probes, const struct table *t,
                        const struct span *span) {
    s->slots = slot_count(probes);
    s->fingerprints = slots;
    s->points = slots + s->slots;
    s->shift = WORD - slot_bits(probes);
    s->column = column;
    s->track = column_at(t, column).track;
    s->length = column_at(t, column).length;
    fill_best(s, t, span);
}

static void build_word(struct word *w, const struct table *t,
                       const struct span *s) {
    memset(w->clocks, 0xFF, sizeof w->clocks);
    w->open = 0;
    for (uint32_t i = s->points_begin; i < s->points_end; i++) {
        const struct point p = point_at(t, i);
        const uint64_t bit = UINT64_C(1) << (i - s->points_begin);
        w->clocks[i - s->points_begin] = p.clock;
        w->open |= (p.flags & SK_POINT_CLOSED) ? 0 : bit;
    }
}

static void build(struct sk_router *r, uint64_t *slots, const struct table *t) {
    struct word *w = r->words;
    uint32_t sieves = 0;
    struct span span = first_span();
    for (; next_span(t, &span); w++) {
        build_word(w, t, &span);
        w->sieves_begin = sieves;
        for (uint32_t c = 0; c < t->columns_count; c++) {
            const uint32_t probes = probes_on(t, &span, c);
            if (probes > 0) {
                struct sieve *s = &r->sieves[sieves++];
                build_sieve(s, slots, c, probes, t, &span);
                slots += 2 * (size_t)s->slots;
            }
        }
        w->sieves_end = sieves;
    }
}

sk_status sk_router_load(const uint8_t *table, size_t size, void *memory,
                         size_t memory_size, const sk_router **router) {
    struct table t;
    if (table == NULL || memory == NULL || router == NULL) {
        return SK_NULL_POINTER;
    }
    const struct fault f = read_table(&t, table, size);
    if (f.status != SK_OK) {
        return f.status;
    }
    const struct sizes n = measure(&t);
    if (memory_size < router_size(&n)) {
        return SK_SMALL_MEMORY;
    }
    if ((uintptr_t)memory % _Alignof(struct sk_router) != 0 ||
        (uintptr_t)memory % _Alignof(uint64_t) != 0) {
        return SK_MISALIGNED;
    }
    struct sk_router *r = memory;
    r->tracks = t.tracks_count;
    r->columns = t.columns_count;
    r->points = t.points_count;
    r->words_count = (uint32_t)n.words;
    r->words = (struct word *)(r + 1);
    r->sieves = (struct sieve *)(r->words + n.words);
    build(r, (uint64_t *)(r->sieves + n.sieves), &t);
    *router = r;
    return SK_OK;
}

uint32_t sk_next_clock(const sk_router *router, uint32_t index) {
    if (router == NULL) {
        return 0;
    }
    if (index >= router->points) {
        return router->points;
    }
    const uint64_t clock = router->words[index / WORD].clocks[index % WORD];
    do {
        index++;
    } while (index < router->points &&
             router->words[index / WORD].clocks[index % WORD] == clock);
    return index;
}

/* ---- routing ----------------------------------------------------------- */

#define BLOCK 256u /* classes whose bits fit comfortably on the stack */

/*
 * The value, or 0. Which class matches cannot be predicted, so this must not
 * become a jump: every compiler is told so in the way that it listens to.
 */
static uint64_t only_if(bool condition, uint64_t value) {
#if defined(__clang__)
    return __builtin_unpredictable(condition) ? value : 0;
#else
    return value & (0 - (uint64_t)condition);
#endif
}

/* The bits from `index` on; none for WORD and beyond. */
static uint64_t bits_from(uint32_t index) {
    return only_if(index < WORD, UINT64_MAX << (index % WORD));
}

/* How many clocks of the word are below the position: a search in quarters. */
static uint32_t clocks_below(const uint64_t *clocks, uint64_t position) {
    uint32_t at = 0;
    for (uint32_t quarter = WORD / 4; quarter > 0; quarter /= 4) {
        const uint64_t *ends = clocks + at + quarter - 1;
        uint32_t below = 0;
        below += (uint32_t)(ends[0] < position);
        below += (uint32_t)(ends[quarter] < position);
        below += (uint32_t)(ends[(size_t)2 * quarter] < position);
        at += below * quarter;
    }
    return at + (uint32_t)(clocks[at] < position);
}

/* The part of a batch that one pass of the loops below works on. */
struct block {
    size_t begin;
    size_t count;
    uint64_t bits[BLOCK]; /* for each class the points still possible */
};

static void allow(struct block *b, const struct word *w, uint32_t word_begin,
                  const sk_batch *batch) {
    const uint64_t *positions = batch->positions + b->begin;
    for (size_t i = 0; i < b->count; i++) {
        b->bits[i] = w->open & bits_from(clocks_below(w->clocks, positions[i]));
    }
    if (batch->firsts == NULL) {
        return;
    }
    const uint32_t *firsts = batch->firsts + b->begin;
    for (size_t i = 0; i < b->count; i++) {
        const uint32_t first = firsts[i];
        b->bits[i] &= bits_from(first > word_begin ? first - word_begin : 0);
    }
}

/* The sieves of one track, by length, from `s` on: how many there are. */
static uint32_t run_of_track(const struct sieve *s, const struct sieve *end) {
    const uint32_t track = s->track;
    uint32_t count = 0;
    while (s + count < end && s[count].track == track) {
        count++;
    }
    return count;
}

/* Takes away the points that ask for more events than a history has. */
static void drop_longer(struct block *b, const struct sieve *run,
                        uint32_t run_count, const sk_batch *batch) {
    const uint32_t *lengths =
        batch->lengths + (size_t)run->track * batch->classes + b->begin;
    uint64_t possible[WORD + 1]; /* by how many lengths of the run are there */
    uint32_t reached[BLOCK];

    possible[run_count] = UINT64_MAX;
    for (uint32_t k = run_count; k > 0; k--) {
        possible[k - 1] = possible[k] & run[k - 1].indifferent;
    }
    memset(reached, 0, b->count * sizeof reached[0]);
    for (uint32_t k = 0; k < run_count; k++) {
        for (size_t i = 0; i < b->count; i++) {
            reached[i] += (uint32_t)(lengths[i] >= run[k].length);
        }
    }
    for (size_t i = 0; i < b->count; i++) {
        b->bits[i] &= possible[reached[i]];
    }
}

/* The points that ask for the fingerprint, as far as one slot can say. */
static uint64_t asking(const struct sieve *s, uint64_t slot,
                       uint64_t fingerprint) {
    return only_if(s->fingerprints[slot] == fingerprint, s->points[slot]);
}

static const uint64_t *prefixes_of(const struct block *b, const struct sieve *s,
                                   const sk_batch *batch) {
    return batch->prefixes + (size_t)s->column * batch->classes + b->begin;
}

/*
 * Takes away the points that ask for another fingerprint, by two sieves of
 * reach 1 (or one twice). The sieves are copied: a store to the block could
 * change the originals for all that a compiler knows.
 */
static void drop_others(struct block *b, const struct sieve *one,
                        const struct sieve *two, const sk_batch *batch) {
    const uint64_t *ones = prefixes_of(b, one, batch);
    const uint64_t *twos = prefixes_of(b, two, batch);
    const struct sieve s = *one;
    const struct sieve t = *two;

    for (size_t i = 0; i < b->count; i++) {
        const uint64_t left = asking(&s, home(&s, ones[i]), ones[i]);
        const uint64_t right = asking(&t, home(&t, twos[i]), twos[i]);
        b->bits[i] &= (s.indifferent | left) & (t.indifferent | right);
    }
}

/* The same by one sieve of any reach. */
static void drop_others_slowly(struct block *b, const struct sieve *s,
                               const sk_batch *batch) {
    const uint64_t *prefixes = prefixes_of(b, s, batch);

    for (size_t i = 0; i < b->count; i++) {
        const uint64_t at = home(s, prefixes[i]);
        uint64_t points = 0;
        for (uint32_t away = 0; away < s->reach; away++) {
            points |= asking(s, at + away, prefixes[i]);
        }
        b->bits[i] &= s->indifferent | points;
    }
}

/* The lowest bit picks, unless a word before has picked: its index is lower,
   and SK_NONE is above every index. */
static void settle(const struct block *b, uint32_t word_begin,
                   uint32_t *picked) {
    picked += b->begin;
    for (size_t i = 0; i < b->count; i++) {
        const uint64_t bits = b->bits[i];
        const uint32_t nobody = (uint32_t)only_if(bits == 0, SK_NONE);
        const uint32_t index = (word_begin + lowest(bits | TOP_BIT)) | nobody;
        picked[i] = index < picked[i] ? index : picked[i];
    }
}

static void drop(struct block *b, const struct sieve *begin,
                 const struct sieve *end, const sk_batch *batch) {
    for (const struct sieve *s = begin; s < end;) {
        const uint32_t run = run_of_track(s, end);
        drop_longer(b, s, run, batch);
        s += run;
    }
    for (const struct sieve *s = begin; s < end; s += s + 1 < end ? 2 : 1) {
        const struct sieve *next = s + 1 < end ? s + 1 : s;
        if (s->reach == 1 && next->reach == 1) {
            drop_others(b, s, next, batch);
        } else {
            drop_others_slowly(b, s, batch);
            drop_others_slowly(b, next, batch);
        }
    }
}

static void route_block(const sk_router *r, const sk_batch *batch,
                        struct block *b, uint32_t *picked) {
    for (size_t i = 0; i < b->count; i++) {
        picked[b->begin + i] = SK_NONE;
    }
    for (uint32_t w = 0; w < r->words_count; w++) {
        const struct word *word = &r->words[w];
        allow(b, word, w * WORD, batch);
        drop(b, r->sieves + word->sieves_begin, r->sieves + word->sieves_end,
             batch);
        settle(b, w * WORD, picked);
    }
}

/* count == rows * classes, where that product might not fit. */
static bool is_matrix(size_t count, uint32_t rows, size_t classes) {
    return rows == 0 ? count == 0
                     : count / rows == classes && count % rows == 0;
}

sk_status sk_route(const sk_router *router, const sk_batch *batch,
                   uint32_t *picked) {
    if (router == NULL || batch == NULL) {
        return SK_NULL_POINTER;
    }
    if (!is_matrix(batch->lengths_count, router->tracks, batch->classes) ||
        !is_matrix(batch->prefixes_count, router->columns, batch->classes)) {
        return SK_BAD_BATCH;
    }
    if (batch->classes == 0) {
        return SK_OK;
    }
    if (batch->positions == NULL || batch->lengths == NULL || picked == NULL ||
        (batch->prefixes == NULL && batch->prefixes_count > 0)) {
        return SK_NULL_POINTER;
    }
    struct block b;
    for (b.begin = 0; b.begin < batch->classes; b.begin += b.count) {
        const size_t left = batch->classes - b.begin;
        b.count = left < BLOCK ? left : BLOCK;
        route_block(router, batch, &b, picked);
    }
    return SK_OK;
}

/* ---- words ------------------------------------------------------------- */

const char *sk_status_message(sk_status status) {
    switch (status) {
    case SK_OK:
        return "no error";
    case SK_NULL_POINTER:
        return "a pointer is NULL that must not be";
    case SK_BAD_MAGIC:
        return "the table does not begin with SKRT";
    case SK_BAD_FORMAT:
        return "the table has a format that this library does not know";
    case SK_BAD_SIZE:
        return "the table is shorter or longer than its counts say";
    case SK_TOO_LARGE:
        return "a count of the table is out of its range";
    case SK_BAD_COLUMN:
        return "a column is out of order, of length 0 or of an unknown track";
    case SK_BAD_POINT:
        return "a change-point's clock descends, or its flags or its number of "
               "probes is wrong";
    case SK_BAD_PROBE:
        return "a probe names an unknown column, or a track twice at one "
               "change-point";
    case SK_SMALL_MEMORY:
        return "the memory is smaller than the router";
    case SK_MISALIGNED:
        return "the memory is not aligned for 64-bit numbers";
    case SK_BAD_BATCH:
        return "the columns of the batch do not fit the router";
    case SK_BAD_HISTORIES:
        return "the histories do not lie one after another in their bytes, or "
               "an event type is not closed";
    case SK_BAD_LENGTHS:
        return "the prefix lengths are not strictly ascending from 1";
    }
    return "unknown status";
}
