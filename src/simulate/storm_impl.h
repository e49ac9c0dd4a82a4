/* simulate/storm_impl.h: what the files of the storm share: storm.c (a life: time, venue, links),
 * storm_turn.c (the engine's turn, crashes), storm_world.c (what happens outside). */
#ifndef TRIDENT_SIMULATE_STORM_IMPL_H
#define TRIDENT_SIMULATE_STORM_IMPL_H

#include "brokers/paper_sync.h"
#include "core/rng.h"
#include "engine/candles.h"
#include "simulate/storm.h"
#include "simulate/storm_disk.h"
#include "simulate/storm_model.h"

#define STORM_SYMBOLS    4
#define STORM_POSTS_MAX  64
#define STORM_ACKED_MAX  256
#define STORM_RETOLD_MAX 64
#define STORM_BODY_CAP   640
#define STORM_NEVER      INT64_MAX

/* Something a webhook or a chat wants from the trader until it is told "stored". */
enum post_state { POST_FREE = 0, POST_WAITING, POST_POSTED };
struct storm_post {
    enum post_state state;
    enum input_kind kind; /* SIGNAL or COMMAND */
    char key[INPUT_KEY_CAP];
    char body[STORM_BODY_CAP]; /* of an alert */
    struct command command;
    int64_t try_ms;
};

struct storm_inputs { /* a queue's lane */
    struct input **items;
    size_t at, count, cap;
};

struct storm_price {
    size_t symbol;
    int64_t mid_e8, step_e8, spread_e8;
};

struct storm {
    const struct storm_options *o;
    struct storm_result *ret;
    struct engine_options opt;
    struct engine_rules rules; /* of a process that starts */
    struct rng rng;
    struct storm_model *model;
    struct storm_disk *disk;

    /* time: of the world; the clocks of engine and venue differ from it and move with it */
    int64_t start_ms, now_ms;
    struct clock *clock, *venue_clock;
    int64_t skew_ms, venue_skew_ms;

    /* the venue and the link to it */
    struct paper_sync *venue;
    bool is_net_down;
    int64_t net_up_ms;                          /* while it is down */
    struct broker_event told[STORM_RETOLD_MAX]; /* ring of fills, to be told again */
    size_t told_count;

    /* the process */
    bool is_alive;
    int64_t restart_ms; /* while it is not alive */
    struct engine_state *state;
    struct decision *decision;
    struct outputs out;
    struct buf in_blob, packed, packed_again;
    struct candle_maker candles;
    struct storm_inputs urgent, normal, held; /* held: facts that could not be stored yet */
    bool is_failing, has_new_prices;
    int64_t retry_ms;   /* is_failing: the next try */
    int64_t timer_ms;   /* engine's time of the newest TIMER_DUE: the next is later */
    int64_t turn_us;    /* monotonic, of the newest batch */
    int64_t well_ms;    /* since when nothing is between engine and venue */
    int64_t disk_ok_ms; /* until then every write fails */

    struct storm_price prices[STORM_SYMBOLS];
    struct storm_post posts[STORM_POSTS_MAX];
    struct storm_post acked[STORM_ACKED_MAX]; /* ring */
    size_t acked_count;
    uint64_t acked_seq; /* the highest row somebody was told of */
    uint64_t post_count;
};

/* ---- storm.c ---- */
bool storm_is_linked(const struct storm *s); /* engine and venue hear each other */
void storm_net(struct storm *s, bool is_up);
void storm_post_input(struct storm *s, struct input *in); /* takes it over */
int64_t storm_engine_ms(const struct storm *s);           /* the engine's idea of now */
void storm_set_skew(struct storm *s, int64_t skew_ms, int64_t venue_skew_ms);

/* ---- storm_turn.c ---- */
void storm_lane_push(struct storm_inputs *l, struct input *in);
void storm_lane_clear(struct storm_inputs *l);
bool storm_has_work(const struct storm *s);
void storm_turn(struct storm *s);
/* Its first row, or it does not come up. */
void storm_start_process(struct storm *s);
int64_t storm_engine_due_ms(const struct storm *s); /* the world's time */
/* The rows replayed give these bytes. */
void storm_compare(struct storm *s);

/* ---- storm_world.c ---- */
void storm_world_init(struct storm *s);
/* Prices of a minute, and what is planned for it. */
void storm_world_minute(struct storm *s);
void storm_world_post(struct storm *s, struct storm_post *p); /* it is time */
void storm_world_answer(struct storm *s, const struct input *in, const struct outcome *o);
/* The process died: nobody was answered, everybody asks again. */
void storm_world_unanswered(struct storm *s);
extern const struct command_ops *const storm_commands[];
extern const size_t storm_command_count;

#endif
