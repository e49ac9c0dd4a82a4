/* /trader [name]: which trader this chat talks about, chosen by a button when there are several.
 * The choice is the chat's: a statement of notify/rules.h in the first trader's journal, so it is
 * there again after a restart. */
#include <stdio.h>
#include <string.h>

#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/shared.h"
#include "core/alloc.h"

/* By number as listed, or by name. */
static bool find(const struct bots_options *o, const char *typed, size_t *ret)
{
    int64_t number = 0;
    for (size_t i = 0; i < o->trader_count; i++)
        if (str_ieq(typed, o->traders[i].id)) {
            *ret = i;
            return true;
        }
    if (!str_to_i64(typed, &number) || number < 1 || (size_t)number > o->trader_count)
        return false;
    *ret = (size_t)number - 1;
    return true;
}

/* args: "" or the trader's own name from here on; body: a line each, "*" before the chosen one. */
static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    const struct bots_options *o = p->options;
    size_t chosen = shared_trader(p->shared, c->chat_id);
    if (c->args[0]) {
        if (!find(o, c->args, &chosen))
            return REASON_ARGUMENT_INVALID;
        shared_select_trader(p->shared, c->chat_id, chosen);
        TR_ASSERT(str_copy(c->args, sizeof c->args, o->traders[chosen].id));
    }
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    buf_init(&out, 1024);
    for (size_t i = 0; i < o->trader_count; i++)
        buf_printf(&out, "%s%s\n", i == chosen ? "*" : "", o->traders[i].id);
    c->body = buf_take(&out);
    return REASON_ACCEPTED;
}

static void remember(struct answer *a, const char *id)
{
    struct event e = EVENT_INIT;
    e.type = EVENT_SUBSCRIPTION;
    e.chat_id = a->c->chat_id;
    (void)snprintf(e.text, sizeof e.text, "trader %s", id); /* of the configuration: fits */
    tx_event(a->tx, &e);
}

static void item(struct answer *a, const char *id, bool is_chosen)
{
    struct button b = {.kind = BUTTON_MENU, .name = "trader"};
    answer_line(a, is_chosen ? "trader.chosen" : "trader.other", ANSWER_ARGS({"name", id}));
    if (!str_copy(b.arg, sizeof b.arg, id))
        return; /* too long a name for a button: it can be typed */
    if (a->row_len == 3)
        answer_next_row(a);
    answer_button(a, is_chosen ? "trader.button_chosen" : "button.value", id, &b);
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    char id[COMMAND_ARGS_CAP];
    answer_init(&a, tx, c);
    if (c->args[0])
        remember(&a, c->args);
    answer_line(&a, "trader.title", NULL);
    for (const char *p = answer_body(c); *p != '\0';) {
        size_t len = strcspn(p, "\n");
        bool is_chosen = *p == '*';
        (void)snprintf(id, sizeof id, "%.*s", (int)(len - is_chosen), p + is_chosen);
        item(&a, id, is_chosen);
        p += len + (p[len] == '\n');
    }
    answer_next_row(&a);
    answer_menu(&a, "button.status", "status", "");
    answer_finish(&a, ret);
}

const struct bot_command trader_command = {
    .ops = {.name = "trader", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .aliases = {"traders"},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args_usage = "[name]",
    .help_key = "help.trader",
    .is_personal = true,
    .prepare = prepare,
};
