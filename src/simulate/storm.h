/* simulate/storm.h: a trader's life under everything that may happen to it, on virtual time and
 * from one seed: alerts, commands and their repeats, prices with gaps, a venue that times out,
 * refuses late, fills late, twice or in parts, links that break with an order under way, clocks
 * that differ, a disk that fails and comes back, and crashes at every place of the engine's turn.
 * apply(), recovery, plugins and the paper venue are those of the daemon; queue, journal and turn
 * are copies in memory of engine/engine.c, so that nothing waits and nothing depends on threads.
 *
 * After every batch the checks of simulate/storm_model.h are made; the first that fails ends the
 * run. The same options give the same rows, byte for byte: `digest` is the end of their chain.
 *
 * A run is a row of lives of STORM_LIFE_DAYS days each, the n-th (from 0) with the seed `seed + n`:
 * what went wrong in the n-th is found again by that seed alone. Blocks for as long as it takes. */
#ifndef TRIDENT_SIMULATE_STORM_H
#define TRIDENT_SIMULATE_STORM_H

#include "core/hash.h"
#include "engine/engine.h"

#define STORM_LIFE_DAYS 20

/* For tests of the checks: the engine's turn made wrong in one way. */
enum storm_sabotage {
    STORM_SABOTAGE_UNSET = 0,
    STORM_BOOKS_TWICE,   /* a fill told again is booked again */
    STORM_SENDS_EARLY,   /* orders leave before their row is durable */
    STORM_SENDS_AGAIN,   /* after a restart, what may have been sent is sent */
    STORM_ANSWERS_EARLY, /* posters hear "stored" before it is */
    STORM_FORGETS,       /* recovery passes over the last row */
    STORM_SABOTAGE_COUNT
};

struct storm_options {
    struct engine_options engine; /* plugins and rules; the rest is the storm's own */
    struct paper_conf paper;      /* leverage, commission ...; its faults are the storm's own */
    uint64_t seed;
    int days;
    enum storm_sabotage sabotage;
};

#define STORM_TEXT_CAP 256

struct storm_result {
    int days, lives;
    uint64_t batches, rows, alerts, accepted, commands, orders, fills;
    /* Broker faults, and of them those that are not drawn by the venue for a request. */
    uint64_t broker_faults, links_broken, gaps, skews, retold;
    uint64_t crashes, disk_faults;
    uint64_t replayed;    /* rows applied again ... */
    uint64_t comparisons; /* ... after which the bytes of the state were compared */
    uint64_t agreements;  /* times engine and venue were compared in full */
    uint64_t unknowns;    /* orders whose outcome had to be asked for */
    uint8_t digest[HASH_SHA256_BYTES];
    bool is_violated;
    uint64_t seed; /* violated: of the life in which it was */
    uint64_t seq;  /* ... the newest row, ... */
    int64_t time_ms;
    char text[STORM_TEXT_CAP]; /* ... and what does not hold */
};

/* False: something does not hold, see *ret. */
TR_MUST_USE bool storm_run(const struct storm_options *o, struct storm_result *ret);

#endif
