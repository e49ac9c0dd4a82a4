#include "bots/muting.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"

bool muting_is_allowed(enum event_type t)
{
    if (t <= EVENT_UNSET || t >= EVENT_TYPE_COUNT)
        return false;
    /* Journal traffic between parts of the program, never a message. */
    if (t == EVENT_COMMAND_MIRROR || t == EVENT_SUBSCRIPTION || t == EVENT_TRADE_OPENED ||
        t == EVENT_TRADE_CLOSED || t == EVENT_DECISION || t == EVENT_STATE_CHANGED ||
        t == EVENT_CHAIN_STATE)
        return false;
    return event_info(t)->priority != PRIORITY_CRITICAL;
}

static void list(struct answer *a, const char *verb)
{
    char key[32];
    (void)snprintf(key, sizeof key, "%s.list", verb);
    answer_line(a, key, NULL);
    for (int i = EVENT_UNSET + 1; i < EVENT_TYPE_COUNT; i++)
        if (muting_is_allowed((enum event_type)i))
            answer_line(a, "mute.item",
                        ANSWER_ARGS({"name", event_info((enum event_type)i)->name}));
    answer_action(a, strcmp(verb, "mute") == 0 ? "button.mute_all" : "button.unmute_all", verb,
                  "all");
}

static void set(struct answer *a, const char *verb, const char *name)
{
    struct event e = EVENT_INIT;
    char key[32];
    e.type = EVENT_SUBSCRIPTION;
    e.chat_id = a->c->chat_id;
    (void)snprintf(e.text, sizeof e.text, "%s %s", verb, name);
    tx_event(a->tx, &e);
    (void)snprintf(key, sizeof key, "%s.done", verb);
    answer_line(a, key, ANSWER_ARGS({"name", name}));
    answer_toast(a, "mute.toast");
}

void muting_run(struct engine_tx *tx, const struct command *c, struct reply *ret, const char *verb)
{
    TR_ASSERT(strcmp(verb, "mute") == 0 || strcmp(verb, "unmute") == 0);
    struct answer a;
    enum event_type t = EVENT_UNSET;
    answer_init(&a, tx, c);
    if (!c->args[0])
        list(&a, verb);
    else if (str_ieq(c->args, "all"))
        set(&a, verb, "all");
    else if (!event_parse_name(c->args, &t)) {
        answer_refuse(&a, REASON_ARGUMENT_INVALID, c->args);
        list(&a, verb);
    } else if (!muting_is_allowed(t)) {
        tx_receipt(tx, REASON_ARGUMENT_INVALID, c->args);
        answer_line(&a, "mute.critical", ANSWER_ARGS({"name", c->args}));
    } else
        set(&a, verb, event_info(t)->name);
    answer_finish(&a, ret);
}
