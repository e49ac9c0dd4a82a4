/* The rules that need more than one key. Every rule runs, each adds its own problem; conf_load.c
 * has checked single values before and calls this even if some were bad, so that a person sees all
 * of it. */
#include <stdio.h>
#include <string.h>
#include "conf/conf_table.h"
#include "core/alloc.h"

void conf_problem_add(struct conf_problems *p, const char *path, const char *value,
                      const char *accepted)
{
    TR_ASSERT(path != NULL);
    TR_ASSERT(p->count <= CONF_PROBLEMS_MAX);
    if (p->count == CONF_PROBLEMS_MAX) {
        p->dropped++;
        return;
    }
    struct conf_problem *item = &p->items[p->count++];
    (void)str_copy(item->path, sizeof item->path, path); /* cut is fine: they are shown */
    (void)str_copy(item->value, sizeof item->value, value);
    (void)str_copy(item->accepted, sizeof item->accepted, accepted);
}

static bool has_problem(const struct conf_problems *p, const char *path)
{
    for (int i = 0; i < p->count; i++) {
        if (str_eq(p->items[i].path, path))
            return true;
    }
    return false;
}

static void bot_path(enum bot_id b, char *out, size_t cap)
{
    if (b == BOT_LEGACY)
        (void)str_copy(out, cap, "legacy.token");
    else
        (void)snprintf(out, cap, "telegram.%s.token", bot_name(b)); /* fits: fixed names */
}

/* TG-1: one token is enough, the bots share it, also when it is given for several of them. The
 * legacy bot is another one. */
static void check_tokens(const struct conf *c, struct conf_problems *p)
{
    char path[96], other[96], text[160];
    bool any = false, reported = false;
    for (enum bot_id b = BOT_CONTROLLER; b < BOT_COUNT; b++) {
        const char *token = c->telegram.bots[b].token;
        bot_path(b, path, sizeof path);
        any = any || (b != BOT_LEGACY && token[0] != '\0');
        reported = reported || has_problem(p, path);
        if (token[0] == '\0')
            continue;
        for (enum bot_id o = BOT_CONTROLLER; o < b; o++) {
            if (b != BOT_LEGACY || !str_eq(token, c->telegram.bots[o].token))
                continue;
            bot_path(o, other, sizeof other);
            (void)snprintf(text, sizeof text, "another token than %s, or none", other);
            conf_problem_add(p, path, "[redacted]", text);
        }
    }
    if (!any && !reported)
        conf_problem_add(p, "telegram.controller.token", "",
                         "a bot token from @BotFather here, or for one of the other bots");
}

static void check_webhook(const struct conf *c, struct conf_problems *p)
{
    bool loopback = conf_is_loopback(c->http.listen);
    if (c->http.allow_open && !loopback)
        conf_problem_add(p, "http.allow_open", "true",
                         "false, or http.listen on loopback (127.0.0.1 or ::1)");
    if (c->http.webhook_secret[0] == '\0' && !c->http.allow_open &&
        !has_problem(p, "http.webhook_secret"))
        conf_problem_add(
            p, "http.webhook_secret", "",
            "at least 16 characters of A-Z a-z 0-9 _ -, or http.allow_open on loopback");
}

/* The names of a certificate are believed from a trusted proxy only. */
static void check_certificates(const struct conf *c, struct conf_problems *p)
{
    const char *const paths[] = {"http.admin_client_cn", "http.webhook_client_cn"};
    const char *const names[] = {c->http.admin_client_cn, c->http.webhook_client_cn};
    for (size_t i = 0; i < TR_ARRAY_SIZE(paths); i++)
        if (names[i][0] != '\0' && c->http.trusted_proxy_count == 0)
            conf_problem_add(p, paths[i], names[i],
                             "nothing, or a proxy in http.trusted_proxies that tells it");
}

static void check_legacy(const struct conf *c, struct conf_problems *p)
{
    bool has_token = c->telegram.bots[BOT_LEGACY].token[0] != '\0';
    bool is_external = c->legacy.mode == LEGACY_EXTERNAL;
    if (c->legacy.mode == LEGACY_ADOPTED && !has_token && !has_problem(p, "legacy.token"))
        conf_problem_add(p, "legacy.token", "", "the legacy bot's token: legacy.mode is adopted");
    if (is_external && c->legacy.mirror_url[0] == '\0' && !has_problem(p, "legacy.mirror_url"))
        conf_problem_add(p, "legacy.mirror_url", "",
                         "where commands are posted, e.g. http://127.0.0.1:8000/{command}: "
                         "legacy.mode is external");
    if (is_external && c->legacy.copy_notifications && !has_token &&
        !has_problem(p, "legacy.token"))
        conf_problem_add(p, "legacy.token", "",
                         "the legacy bot's token, or legacy.copy_notifications false");
}

static void check_users(const struct conf *c, struct conf_problems *p)
{
    char path[96], value[64], text[160];
    for (int i = 0; i < c->user_count; i++) {
        for (int j = 0; j < i; j++) {
            if (c->users[i].user_id == 0 || c->users[i].user_id != c->users[j].user_id)
                continue;
            (void)snprintf(path, sizeof path, "users[%d].user_id", i);
            (void)snprintf(value, sizeof value, "%lld", (long long)c->users[i].user_id);
            (void)snprintf(text, sizeof text, "an id not given before: users[%d] has it", j);
            conf_problem_add(p, path, value, text);
            break;
        }
    }
}

static void check_traders(const struct conf *c, struct conf_problems *p)
{
    char path[96], text[160];
    for (int i = 0; i < c->trader_count; i++) {
        const struct conf_trader *t = &c->traders[i];
        for (int j = 0; j < i; j++) {
            if (!str_eq(t->id, c->traders[j].id))
                continue;
            (void)snprintf(path, sizeof path, "traders[%d].id", i);
            (void)snprintf(text, sizeof text, "a name not given before: traders[%d] has it", j);
            conf_problem_add(p, path, t->id, text);
            break;
        }
        if (t->paper.feed != PAPER_FEED_CSV)
            continue;
        const char *files[] = {t->paper.csv_bid, t->paper.csv_ask};
        const char *names[] = {"csv_bid", "csv_ask"};
        for (int k = 0; k < 2; k++) {
            (void)snprintf(path, sizeof path, "traders[%d].broker.%s", i, names[k]);
            if (files[k][0] == '\0' && !has_problem(p, path))
                conf_problem_add(p, path, "", "a file of bars: broker.feed is csv");
        }
        (void)snprintf(path, sizeof path, "traders[%d].broker.csv_symbol", i);
        if (t->paper.csv_symbol[0] == '\0' && !has_problem(p, path))
            conf_problem_add(p, path, "", "the symbol of the bars: broker.feed is csv");
    }
}

static void check_outside(const struct conf *c, struct conf_problems *p)
{
    char path[96];
    for (int i = 0; i < c->trader_count * OUTSIDE_PLUGINS; i++) {
        const struct outside_conf *o =
            &c->traders[i / OUTSIDE_PLUGINS].outside[i % OUTSIDE_PLUGINS];
        (void)snprintf(path, sizeof path, "traders[%d].plugins.outside_%d.path",
                       i / OUTSIDE_PLUGINS, i % OUTSIDE_PLUGINS + 1);
        if (o->enabled && o->path[0] == '\0' && !has_problem(p, path))
            conf_problem_add(p, path, "", "a program: this strategy is enabled");
    }
}

/* Fields that follow from others. */
static void complete(struct conf *c)
{
    for (int i = 0; i < c->user_count; i++) {
        if (c->users[i].chat_id == 0)
            c->users[i].chat_id = c->users[i].user_id;
    }
    for (int i = 0; i < c->trader_count; i++)
        c->traders[i].start_balance_e8 = c->traders[i].paper.balance_e8;
}

void conf_check(struct conf *c, struct conf_problems *p)
{
    TR_ASSERT(c->trader_count >= 1);
    check_tokens(c, p);
    check_webhook(c, p);
    check_certificates(c, p);
    check_legacy(c, p);
    check_users(c, p);
    check_traders(c, p);
    check_outside(c, p);
    complete(c);
}
