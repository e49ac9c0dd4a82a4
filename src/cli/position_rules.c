#include "cli/position_rules.h"

#include "core/alloc.h"

#define V6_JSON_MAX_HOLD_1M_MIN 15

_Static_assert((int)CHAIN_PLUGINS <= ENGINE_PLUGINS_MAX, "rules of each plugin");

static void exits_of(const struct conf_trader *t, struct engine_rules *ret)
{
    static const char *const ids[CHAIN_PLUGINS] = {
        [CHAIN_COMBINED_V3] = "combined_v3",
        [CHAIN_PRICE_ACTION_V6] = "price_action_v6",
        [CHAIN_LEGACY_V2] = "legacy_v2",
    };
    for (int i = 0; i < CHAIN_PLUGINS; i++) {
        ret->exits[i] = t->exits[i];
        (void)str_copy(ret->exits[i].plugin, sizeof(ret->exits[i].plugin), ids[i]); /* fits */
    }
    struct exit_rules *v6 = &ret->exits[CHAIN_PRICE_ACTION_V6];
    if (v6->max_hold_1m_min == 0 && t->price_action_v6.profile == V6_JSON)
        v6->max_hold_1m_min = V6_JSON_MAX_HOLD_1M_MIN;
}

void position_rules(const struct conf_trader *t, struct engine_rules *ret)
{
    struct sessions *s = &ret->sessions;
    exits_of(t, ret);
    sessions_defaults(s); /* names and their order */
    TR_ASSERT(s->count == CONF_SESSIONS);
    s->is_on = t->sessions_enabled;
    s->notice_min = t->session_notice_min;
    for (int i = 0; i < CONF_SESSIONS; i++) {
        const struct conf_session *from = &t->sessions[i];
        struct session *to = &s->items[i];
        to->force_close = from->force_close;
        bool is_read = sessions_parse_minute(from->start, &to->start_minute) &&
                       sessions_parse_minute(from->end, &to->end_minute) &&
                       sessions_parse_symbols(from->symbols, &to->symbols);
        TR_ASSERT(is_read); /* the table of keys accepts nothing else */
    }
}
