/* bots/bots.h: the bots of Telegram: each token has its own thread (bot-controller,
 * bot-notification, bot-analytics, bot-legacy) with its own long poll, connection, offset and
 * back-off. Update in, input to the engine out; the offset moves on only when everything of the
 * batch is committed. What a bot says goes through the journal and notify, never directly from
 * here. */
#ifndef TRIDENT_BOTS_BOTS_H
#define TRIDENT_BOTS_BOTS_H

#include "conf/conf.h"
#include "engine/engine.h"
#include "engine/vitals.h"
#include "engine/view.h"
#include "notify/notify.h"

struct bots;

struct bots_trader {
    struct engine *engine; /* borrowed; may be NULL in tests of the intake */
    const char *id;
    const char *ledger_path;  /* zepix_combined_v3.db */
    const char *journal_path; /* journal.db */
    struct view_board *view;  /* for live cards and attachments; NULL in tests of the intake */
    struct broker *broker;    /* its quotes */
    int utc_offset_min;
    int daily_reset_minute;
};

/* A question to the program as a whole, from a chat. */
struct bots_question {
    size_t trader;
    const char *text;
    enum lang lang;
};
/* Bot's thread; blocks for milliseconds. HTML into out. False: see who is asked. */
typedef bool (*bots_ask_fn)(void *ctx, const struct bots_question *q, struct buf *out);

struct bots_options {
    const struct conf *conf; /* borrowed: tokens, users, data_dir, poll time-out */
    struct clock *clock;
    struct bots_trader traders[CONF_TRADERS_MAX];
    size_t trader_count;   /* at least 1; the first is every chat's default and hears bot notices */
    struct notify *notify; /* may be NULL in tests */
    struct vitals *vitals; /* what the watch sees; NULL: nobody watches */
    struct users_board *users; /* who joined at run time; NULL: only the configuration */
    bool is_supervised;        /* a service manager starts the process again when it ends */
    bots_ask_fn whatif;        /* text: an alert; false: it cannot be read, out says why */
    bots_ask_fn drill;         /* text: a fault or "all"; false: not on this trader's broker */
    bots_ask_fn reload;        /* what the file says now, see bots/reloading.h */
    bots_ask_fn backup;        /* the newest backup, see bots/safeguard.h */
    void *ask_ctx;             /* of all of them; NULL functions in tests of the intake */
    int recheck_ms;            /* a rejected token is tried again after that; 0 = 30 s, doubling */
};

#define BOT_STATUS_TEXT_CAP 120
#define BOT_OUTCOMES_MAX    8

struct bot_status {
    bool present; /* its token is polled, alone or by the bot that carries it */
    bool up;
    int64_t last_ok_ms;              /* wall time of the last good answer; 0 = never */
    char error[BOT_STATUS_TEXT_CAP]; /* plain text, "" = fine */
    char link[68];                   /* "@name"; "" until getMe answered */
    uint64_t updates, commands, skipped;
    uint64_t outcomes[BOT_OUTCOMES_MAX]; /* updates by what authorise() said of their sender */
};
const char *bots_outcome_name(int outcome); /* "ok" "stranger" ...; NULL past the last; 0 unused */

/* Copies opt. Loads or creates <data_dir>/button.key first (before any thread). No token at all is
 * fine: no thread is started. Negative: nothing was started. */
TR_MUST_USE int bots_start(const struct bots_options *opt, struct bots **ret_bots);
/* Aborts the polls, waits for what is posted (at most 2 s) and joins. Engines must still run. */
void bots_stop(struct bots *b);
struct bots *bots_free(struct bots *b); /* after bots_stop; accepts NULL, returns NULL */
void bots_get_status(struct bots *b, struct bot_status ret[BOT_COUNT]); /* any thread, short lock */

/* notify_options.draw: the live cards; ctx: a struct bots_options that outlives notify. */
bool bots_draw_card(void *ctx, const struct live_want *want, struct buf *html,
                    struct buf *keyboard);

/* For engine_options: sorted by name, immortal. Call button_load_key() before engine_open():
 * replies hold signed buttons. bots_prepare_keys() does that for main. */
const struct command_ops *const *bots_command_ops(size_t *ret_count);
TR_MUST_USE int bots_prepare_keys(const char *data_dir);
/* The commands array for setMyCommands of one bot; legacy: all of them. */
void bots_botfather_json(enum bot_id bot, struct buf *out);

#endif
