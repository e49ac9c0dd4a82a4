/* /users [page | who]: everybody who may use the bots: the people of the configuration (put into
 * the body by prepare(), the engine does not know them) and who joined, a page at a time; or one
 * person with the buttons that change what they may do. */
#include <stdio.h>
#include <string.h>

#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/format.h"
#include "bots/person_arg.h"
#include "core/alloc.h"

#define PAGE_ROWS  10
#define PAGES_MAX  ((USERS_MAX + PAGE_ROWS - 1) / PAGE_ROWS)
#define GRANT_WORD "_trader_4"

static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    const struct conf *conf = p->options->conf;
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    buf_init(&out, COMMAND_BODY_MAX_BYTES - 1);
    for (int i = 0; i < conf->user_count; i++) {
        char number[FORMAT_CAP];
        const struct user *u = &conf->users[i];
        text_render(&out, c->lang, "users.configured",
                    ANSWER_ARGS({"who", u->name[0] ? u->name : "?"}, {"role", role_name(u->role)},
                                {"id", format_u64((uint64_t)u->user_id, number)}));
        buf_putc(&out, '\n');
    }
    if (buf_failed(&out))
        return REASON_INTERNAL;
    c->body = buf_take(&out);
    return REASON_ACCEPTED;
}

static const char *role_shown(const struct users_person *p, int64_t now_ms)
{
    enum role role = users_role(p, now_ms);
    return role == ROLE_NONE ? "notify" : role_name(role);
}

static void list(struct answer *a, size_t page)
{
    size_t total = users_tx_count(a->tx);
    size_t pages = total > 0 ? (total + PAGE_ROWS - 1) / PAGE_ROWS : 1;
    char count[FORMAT_CAP], arg[FORMAT_CAP];
    if (page > pages)
        page = pages;
    answer_line(a, "users.title", ANSWER_ARGS({"count", format_u64(total, count)}));
    if (page == 1)
        answer_html(a, answer_body(a->c));
    for (size_t i = (page - 1) * PAGE_ROWS; i < page * PAGE_ROWS && i < total; i++) {
        const struct users_person *p = users_tx_at(a->tx, i);
        char label[USER_NAME_CAP + 32], id[FORMAT_CAP];
        (void)snprintf(label, sizeof label, "%s · %s", p->name, role_shown(p, tx_now_ms(a->tx)));
        person_arg_button(p->id, id, sizeof id);
        struct button b = {.kind = BUTTON_MENU};
        TR_ASSERT(str_copy(b.name, sizeof b.name, "users"));
        (void)snprintf(b.arg, sizeof b.arg, "who %s", id);
        answer_button(a, "button.person", label, &b);
        answer_next_row(a);
    }
    if (page > 1)
        answer_menu(a, "button.page_back", "users", format_u64(page - 1, arg));
    if (page < pages)
        answer_menu(a, "button.page_next", "users", format_u64(page + 1, arg));
    answer_next_row(a);
    answer_action(a, "button.invite", "invite", "");
}

static void change_button(struct answer *a, const char *label, const char *name, const char *id,
                          const char *tail)
{
    char arg[COMMAND_ARGS_CAP];
    (void)snprintf(arg, sizeof arg, "%s%s", id, tail);
    answer_action(a, label, name, arg);
}

static void card(struct answer *a, const struct users_person *p)
{
    char id[FORMAT_CAP], number[FORMAT_CAP], since[FORMAT_CAP], until[FORMAT_CAP];
    (void)snprintf(number, sizeof number, "%lld", (long long)p->id);
    answer_line(a, "users.card",
                ANSWER_ARGS({"who", p->name}, {"id", number},
                            {"role", role_shown(p, tx_now_ms(a->tx))},
                            {"since", format_minute(p->since_ms, 0, since)}));
    if (p->granted_until_ms > tx_now_ms(a->tx))
        answer_line(a, "users.grant",
                    ANSWER_ARGS({"role", p->role == ROLE_NONE ? "notify" : role_name(p->role)},
                                {"until", format_minute(p->granted_until_ms, 0, until)}));
    person_arg_button(p->id, id, sizeof id);
    if (p->id > 0) {
        change_button(a, "button.role_viewer", "role", id, "_viewer");
        change_button(a, "button.role_trader", "role", id, "_trader");
        answer_next_row(a);
        change_button(a, "button.role_admin", "role", id, "_admin");
        change_button(a, "button.role_notify", "role", id, "_notify");
        answer_next_row(a);
        if (p->role < ROLE_TRADER)
            change_button(a, "button.grant_trader", "grant", id, GRANT_WORD);
        change_button(a, "button.totp_reset", "totp", "reset_", id);
        answer_next_row(a);
    }
    change_button(a, "button.revoke", "revoke", id, "");
    answer_menu(a, "button.users", "users", "");
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    int64_t page = 1;
    answer_init(&a, tx, c);
    bool is_who = str_starts(c->args, "who ");
    bool is_page = !is_who && str_to_i64(c->args, &page) && page >= 1 && page <= PAGES_MAX;
    const struct users_person *p =
        c->args[0] ? person_arg_find(tx, c->args + (is_who ? strlen("who ") : 0)) : NULL;
    if (!c->args[0] || (is_page && !p))
        list(&a, (size_t)page);
    else if (p)
        card(&a, p);
    else {
        answer_refuse(&a, REASON_USER_UNKNOWN, c->args);
        answer_menu(&a, "button.users", "users", "");
    }
    answer_finish(&a, ret);
}

const struct bot_command users_command = {
    .ops = {.name = "users", .role = ROLE_ADMIN, .max_age_ms = 10 * 60 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args_usage = "[page | who]",
    .help_key = "help.users",
    .is_personal = true,
    .prepare = prepare,
};
