#include "bots/bot_link.h"

#include <stdio.h>

#include "core/alloc.h"

static const char *const state_names[BOT_LINK_STATE_COUNT] = {
    "", "checking", "polling", "troubled", "conflict", "rejected", "misfit"};

#define BIT(state) (1u << BOT_LINK_##state)

static const unsigned followers[BOT_LINK_STATE_COUNT] = {
    [BOT_LINK_UNSET] = BIT(CHECKING),
    [BOT_LINK_CHECKING] = BIT(POLLING) | BIT(REJECTED) | BIT(MISFIT),
    [BOT_LINK_POLLING] = BIT(TROUBLED) | BIT(CONFLICT) | BIT(REJECTED),
    [BOT_LINK_TROUBLED] = BIT(POLLING) | BIT(CONFLICT) | BIT(REJECTED),
    [BOT_LINK_CONFLICT] = BIT(POLLING) | BIT(TROUBLED) | BIT(REJECTED),
    [BOT_LINK_REJECTED] = BIT(POLLING) | BIT(MISFIT),
    [BOT_LINK_MISFIT] = 0,
};

const char *bot_link_state_name(enum bot_link_state s)
{
    TR_ASSERT((int)s >= 0 && s < BOT_LINK_STATE_COUNT);
    return state_names[s];
}

bool bot_link_may_follow(enum bot_link_state from, enum bot_link_state to)
{
    TR_ASSERT((int)from >= 0 && from < BOT_LINK_STATE_COUNT);
    TR_ASSERT((int)to > 0 && to < BOT_LINK_STATE_COUNT);
    return (followers[from] & (1u << (unsigned)to)) != 0;
}

/* The only writer of state. */
static bool set_state(struct bot_link *l, enum bot_link_state to)
{
    if (l->state == to)
        return false;
    TR_ASSERT(bot_link_may_follow(l->state, to));
    l->state = to;
    return true;
}

void bot_link_init(struct bot_link *l, uint64_t seed, int recheck_min_ms)
{
    TR_ASSERT(l && recheck_min_ms >= 0);
    *l = (struct bot_link){.recheck_min_ms =
                               recheck_min_ms > 0 ? recheck_min_ms : BOT_LINK_RECHECK_MIN_MS};
    backoff_init(&l->backoff, 1000, 60000, seed);
    (void)set_state(l, BOT_LINK_CHECKING);
}

bool bot_link_on_ok(struct bot_link *l)
{
    TR_ASSERT(l->state != BOT_LINK_UNSET && l->state != BOT_LINK_MISFIT);
    l->bad_since_us = 0;
    l->wait_ms = 0;
    l->conflict_ms = 0;
    l->recheck_ms = 0;
    l->why[0] = '\0';
    backoff_reset(&l->backoff);
    return set_state(l, BOT_LINK_POLLING);
}

static bool rejected(struct bot_link *l)
{
    int max_ms = l->recheck_min_ms << BOT_LINK_RECHECK_DOUBLED;
    l->recheck_ms = l->recheck_ms == 0 ? l->recheck_min_ms : l->recheck_ms * 2;
    if (l->recheck_ms > max_ms)
        l->recheck_ms = max_ms;
    l->wait_ms = l->recheck_ms;
    return set_state(l, BOT_LINK_REJECTED);
}

static bool conflict(struct bot_link *l)
{
    l->conflict_ms = l->conflict_ms == 0 ? BOT_LINK_CONFLICT_MIN_MS : l->conflict_ms * 2;
    if (l->conflict_ms > BOT_LINK_CONFLICT_MAX_MS)
        l->conflict_ms = BOT_LINK_CONFLICT_MAX_MS;
    l->wait_ms = l->conflict_ms;
    return set_state(l, BOT_LINK_CONFLICT);
}

bool bot_link_on_error(struct bot_link *l, const struct telegram_reply *status, int64_t now_us)
{
    TR_ASSERT(l && status);
    TR_ASSERT(status->error != TELEGRAM_OK);
    TR_ASSERT(l->state != BOT_LINK_UNSET && l->state != BOT_LINK_MISFIT);
    if (l->bad_since_us == 0)
        l->bad_since_us = now_us > 0 ? now_us : 1;
    (void)snprintf(l->why, sizeof l->why, "%s%s%.80s", telegram_error_name(status->error),
                   status->description[0] ? ": " : "", status->description);
    bool is_unasked = l->state == BOT_LINK_CHECKING || l->state == BOT_LINK_REJECTED;
    if (status->error == TELEGRAM_E_UNAUTHORISED || status->error == TELEGRAM_E_METHOD_UNKNOWN)
        return rejected(l);
    if (status->error == TELEGRAM_E_FLOOD)
        l->wait_ms = (status->retry_after_s > 0 ? status->retry_after_s : 1) * 1000;
    else
        l->wait_ms = backoff_next_ms(&l->backoff);
    if (is_unasked) {
        if (l->state == BOT_LINK_REJECTED)
            l->wait_ms = l->recheck_ms;
        return false;
    }
    if (status->error == TELEGRAM_E_CONFLICT_POLL || status->error == TELEGRAM_E_CONFLICT_WEBHOOK)
        return conflict(l);
    return set_state(l, BOT_LINK_TROUBLED);
}

void bot_link_on_misfit(struct bot_link *l, int64_t now_us)
{
    TR_ASSERT(l);
    l->bad_since_us = now_us > 0 ? now_us : 1;
    (void)str_copy(l->why, sizeof l->why, "the token belongs to another bot");
    (void)set_state(l, BOT_LINK_MISFIT);
}

enum bot_link_news bot_link_news(struct bot_link *l, int64_t now_us)
{
    TR_ASSERT(l);
    int64_t bad_us = l->bad_since_us == 0 ? -1 : now_us - l->bad_since_us;
    bool is_due = false;
    switch (l->state) {
    case BOT_LINK_POLLING:
        if (!l->is_told)
            return BOT_LINK_NO_NEWS;
        l->is_told = false;
        return BOT_LINK_CAME_UP;
    case BOT_LINK_REJECTED:
    case BOT_LINK_MISFIT:
        is_due = true;
        break;
    case BOT_LINK_CONFLICT:
        is_due = bad_us >= BOT_LINK_TELL_CONFLICT_US;
        break;
    case BOT_LINK_CHECKING:
    case BOT_LINK_TROUBLED:
        is_due = bad_us >= BOT_LINK_TELL_TROUBLE_US;
        break;
    case BOT_LINK_UNSET:
    case BOT_LINK_STATE_COUNT:
        break;
    }
    if (!is_due || l->is_told)
        return BOT_LINK_NO_NEWS;
    l->is_told = true;
    return BOT_LINK_WENT_DOWN;
}
