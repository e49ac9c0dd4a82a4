/* bots/bot_link.h: the state of one bot's connection to the Bot API: what to do next, how long to
 * wait, and when people are to be told. Pure over (event, monotonic time); the loop owns it.
 *
 *   CHECKING --getMe ok--> POLLING --network, 5xx, flood--> TROUBLED --ok--> POLLING
 *      |  \                   |  \--409--> CONFLICT --ok--> POLLING
 *      |   '--network--> (stays CHECKING, backs off)
 *      |--401, 404--> REJECTED --getMe ok--> POLLING   (also from POLLING, TROUBLED, CONFLICT;
 *      |               asked again after 30 s, then twice as long, every 4 min in the end)
 *      '--other bot's id--> MISFIT (final: the configuration is wrong)
 *
 * Told: REJECTED and MISFIT at once; CONFLICT after a minute; network trouble after 15 s, so that
 * one lost poll is no news. Up is told only if down was. */
#ifndef TRIDENT_BOTS_BOT_LINK_H
#define TRIDENT_BOTS_BOT_LINK_H

#include "net/backoff.h"
#include "telegram/client.h"

#define BOT_LINK_TELL_CONFLICT_US INT64_C(60000000)
#define BOT_LINK_TELL_TROUBLE_US  INT64_C(15000000)
#define BOT_LINK_CONFLICT_MIN_MS  3000
#define BOT_LINK_CONFLICT_MAX_MS  60000
#define BOT_LINK_RECHECK_MIN_MS   30000
#define BOT_LINK_RECHECK_DOUBLED  3 /* times: up to 4 minutes */
#define BOT_LINK_WHY_CAP          120

enum bot_link_state {
    BOT_LINK_UNSET = 0,
    BOT_LINK_CHECKING,
    BOT_LINK_POLLING,
    BOT_LINK_TROUBLED,
    BOT_LINK_CONFLICT,
    BOT_LINK_REJECTED,
    BOT_LINK_MISFIT,
    BOT_LINK_STATE_COUNT
};

enum bot_link_news { BOT_LINK_NO_NEWS = 0, BOT_LINK_WENT_DOWN, BOT_LINK_CAME_UP };

struct bot_link {
    enum bot_link_state state;
    int64_t bad_since_us;           /* 0 = fine */
    bool is_told;                   /* people heard that it is down */
    int wait_ms;                    /* before the next request */
    int recheck_min_ms, recheck_ms; /* of a rejected token; recheck_ms 0 = it is not */
    int conflict_ms;
    struct backoff backoff;
    char why[BOT_LINK_WHY_CAP]; /* plain text; "" = fine */
};

void bot_link_init(struct bot_link *l, uint64_t seed,
                   int recheck_min_ms); /* 0 = BOT_LINK_RECHECK_MIN_MS */
/* A request succeeded (getMe in CHECKING, getUpdates else). True when the state changed (log it).
 */
bool bot_link_on_ok(struct bot_link *l);
/* A request failed; sets wait_ms. True when the state changed. */
bool bot_link_on_error(struct bot_link *l, const struct telegram_reply *status, int64_t now_us);
/* getMe gave another bot than the token's number. */
void bot_link_on_misfit(struct bot_link *l, int64_t now_us);
/* What people should be told now; each piece of news is given once. */
enum bot_link_news bot_link_news(struct bot_link *l, int64_t now_us);
bool bot_link_may_follow(enum bot_link_state from, enum bot_link_state to);
const char *bot_link_state_name(enum bot_link_state s);

#endif
