/* engine/transition_tx.c: see transition_tx.h. What people are told of it goes out as events:
 * SUBSCRIPTION "side <old|new>" moves a chat's notifications, LEGACY_RETIRED and LEGACY_RESTORED
 * are messages, and notify sends nothing under the old bot's name between the two. */
#include "engine/transition_tx.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "engine/apply.h"

const struct transition *transition_tx(const struct engine_tx *tx)
{
    return &tx->s->transition;
}

enum reason transition_tx_choose(struct engine_tx *tx, const struct command *c,
                                 enum transition_side side)
{
    struct transition *t = &tx->s->transition;
    if (c->user_id <= 0)
        return REASON_NOT_AUTHORISED;
    if (t->is_retired && side == TRANSITION_OLD)
        return REASON_LEGACY_RETIRED;
    const struct transition_person *p = transition_find(t, c->user_id);
    bool is_same = p != NULL && p->side == side;
    if (!is_same && !transition_choose(t, c->user_id, c->user_name, side, tx->now_ms))
        return REASON_USERS_FULL;
    struct event e = apply_event(tx, EVENT_SUBSCRIPTION); /* repeated: maybe for another chat */
    e.chat_id = c->chat_id;
    (void)snprintf(e.text, sizeof(e.text), "side %s", transition_side_name(side));
    outputs_add_event(tx->out, &e);
    return is_same ? REASON_ALREADY_DONE : REASON_ACCEPTED;
}

bool transition_tx_was_told(struct engine_tx *tx, int64_t whom, const char *what)
{
    return transition_was_told(&tx->s->transition, whom, what);
}

bool transition_tx_old_trades(const struct engine_tx *tx)
{
    const struct shadow *sh = &tx->s->shadow;
    if (tx->s->rules.shadow.source != SHADOW_SOURCE_OUTSIDE)
        return false;
    bool trades = shadow_mode_legacy_trades(shadow_mode_of(tx->s, "", ""));
    for (size_t i = 0; i < sh->scope_count; i++)
        trades = trades || shadow_mode_legacy_trades(sh->scopes[i].mode);
    return trades;
}

static void tell(struct engine_tx *tx, enum event_type type, const struct command *c)
{
    struct event e = apply_event(tx, type);
    (void)str_copy(e.text, sizeof(e.text), c->user_name);
    outputs_add_event(tx->out, &e);
}

enum reason transition_tx_retire(struct engine_tx *tx, const struct command *c)
{
    struct transition *t = &tx->s->transition;
    if (t->is_retired)
        return REASON_ALREADY_DONE;
    if (transition_tx_old_trades(tx))
        return REASON_LEGACY_OWNS;
    t->is_retired = true;
    t->retired_ms = tx->now_ms;
    (void)str_copy(t->retired_by, sizeof(t->retired_by), c->user_name); /* same cap */
    tell(tx, EVENT_LEGACY_RETIRED, c);
    return REASON_ACCEPTED;
}

enum reason transition_tx_restore(struct engine_tx *tx, const struct command *c)
{
    struct transition *t = &tx->s->transition;
    if (!t->is_retired)
        return REASON_ALREADY_DONE;
    t->is_retired = false;
    t->retired_ms = 0;
    t->retired_by[0] = '\0';
    tell(tx, EVENT_LEGACY_RESTORED, c);
    return REASON_ACCEPTED;
}
