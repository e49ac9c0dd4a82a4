/* /invite [role] [hours]: a link that lets one person in, once. The code is made in prepare(),
 * where randomness is; the journal keeps its hash, and the message its sealed form until it is
 * sent. An invitation to trade asks back first. */
#include <stdio.h>
#include <string.h>

#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/format.h"
#include "bots/person_arg.h"
#include "core/alloc.h"

#define CODE_BYTES    16
#define HOURS_MAX     168
#define MS_PER_HOUR   INT64_C(3600000)
#define ROLE_WORD_CAP 16

struct wish {
    enum role role; /* ROLE_NONE: notifications only */
    int hours;      /* 0: as configured */
};

static bool read_wish(const char *args, struct wish *ret)
{
    char rest[COMMAND_ARGS_CAP];
    char word[ROLE_WORD_CAP];
    int64_t hours = 0;
    *ret = (struct wish){0};
    TR_ASSERT(str_copy(rest, sizeof rest, args));
    if (!person_arg_cut_last(rest, word, sizeof word))
        return false;
    if (str_to_i64(word, &hours)) {
        if (hours < 1 || hours > HOURS_MAX || !person_arg_cut_last(rest, word, sizeof word))
            return false;
        ret->hours = (int)hours;
    }
    if (rest[0])
        return false;
    return str_eq(word, "notify") || (role_parse(word, &ret->role) && ret->role != ROLE_NONE);
}

/* "https://t.me/<bot>?<how>=<code>", sealed; the bot's own name, or the one that stands in. */
static void add_link(struct buf *out, const struct bot_prepare *p, enum bot_id bot, const char *how,
                     const char *code)
{
    const char *name = p->bots[bot].link;
    if (!name[0])
        name = p->bots[BOT_CONTROLLER].link;
    char *link TR_CLEANUP(mem_freep) =
        xasprintf("https://t.me/%s?%s=%s", name[0] ? name + 1 : "", how, code);
    char *sealed TR_CLEANUP(mem_freep) = seal_text(link);
    hash_wipe(link, strlen(link));
    buf_printf(out, "%s\n", sealed);
}

/* body: hours, the hash of the code, and the links for a person who acts, one who only hears, and a
 * group, a line each. */
static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    uint8_t random[CODE_BYTES], hash[HASH_SHA256_BYTES];
    char code[USERS_CODE_CHARS + 1], hex[HASH_HEX_CAP];
    struct wish wish;
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    if (!c->confirmed && c->args[0] && !read_wish(c->args, &wish))
        return REASON_ARGUMENT_INVALID;
    if (!c->confirmed && (!c->args[0] || wish.role >= ROLE_TRADER))
        return REASON_ACCEPTED; /* it asks first */
    hash_random(random, sizeof random);
    hash_base64url(random, sizeof random, code, sizeof code);
    hash_sha256(code, USERS_CODE_CHARS, hash);
    hash_hex(hash, sizeof hash, hex, sizeof hex);
    buf_init(&out, COMMAND_BODY_MAX_BYTES - 1);
    buf_printf(&out, "%d\n%s\n", p->options->conf->security.invite_hours, hex);
    add_link(&out, p, BOT_CONTROLLER, "start", code);
    add_link(&out, p, BOT_NOTIFICATION, "start", code);
    add_link(&out, p, BOT_NOTIFICATION, "startgroup", code);
    hash_wipe(code, sizeof code);
    hash_wipe(random, sizeof random);
    c->body = buf_take(&out);
    return REASON_ACCEPTED;
}

/* The n-th line of the body; heap. */
static char *body_line(const struct command *c, int n)
{
    const char *p = answer_body(c);
    for (; n > 0; n--) {
        p += strcspn(p, "\n");
        p += *p == '\n';
    }
    return xstrndup(p, strcspn(p, "\n"));
}

static void make(struct answer *a, const struct wish *wish)
{
    const struct command *c = a->c;
    char *hours_text TR_CLEANUP(mem_freep) = body_line(c, 0);
    char *hex TR_CLEANUP(mem_freep) = body_line(c, 1);
    char *link TR_CLEANUP(mem_freep) = body_line(c, wish->role == ROLE_NONE ? 3 : 2);
    char *group TR_CLEANUP(mem_freep) = body_line(c, 4);
    char hours[FORMAT_CAP];
    int64_t hold = wish->hours;
    struct users_invite inv = {.role = wish->role, .lang = c->lang};
    if ((hold == 0 && !str_to_i64(hours_text, &hold)) || !users_hash_read(hex, inv.hash)) {
        answer_refuse(a, REASON_PRIVATE_ONLY, ""); /* over HTTP nothing was prepared */
        return;
    }
    inv.expires_ms = tx_now_ms(a->tx) + hold * MS_PER_HOUR;
    (void)str_copy(inv.by, sizeof inv.by, c->user_name); /* same cap */
    enum reason r = users_tx_invite(a->tx, &inv);
    if (r != REASON_ACCEPTED) {
        answer_refuse(a, r, role_name(wish->role));
        return;
    }
    answer_line(a, wish->role == ROLE_NONE ? "invite.done_notify" : "invite.done",
                ANSWER_ARGS({"role", role_name(wish->role)}, {"link", link}, {"group", group},
                            {"hours", format_u64((uint64_t)hold, hours)}));
    tx_receipt(a->tx, r, role_name(wish->role));
    a->is_new_message = true;
}

static void ask(struct answer *a)
{
    answer_line(a, "invite.ask", NULL);
    answer_action(a, "button.invite_notify", "invite", "notify");
    answer_action(a, "button.invite_viewer", "invite", "viewer");
    answer_next_row(a);
    answer_action(a, "button.invite_trader", "invite", "trader");
    answer_action(a, "button.invite_admin", "invite", "admin");
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct wish wish;
    char args[COMMAND_ARGS_CAP] = "";
    answer_init(&a, tx, c);
    if (c->confirmed) {
        if (answer_take(&a, args) == REASON_ACCEPTED && read_wish(args, &wish))
            make(&a, &wish);
    } else if (c->chat_id != c->user_id)
        answer_refuse(&a, REASON_PRIVATE_ONLY, ""); /* a link in a group is everybody's */
    else if (!c->args[0])
        ask(&a);
    else if (!read_wish(c->args, &wish))
        answer_refuse(&a, REASON_ARGUMENT_INVALID, c->args);
    else if (wish.role >= ROLE_TRADER) {
        answer_line(&a, "invite.sure", ANSWER_ARGS({"role", role_name(wish.role)}));
        answer_ask(&a, "button.yes_invite");
    } else
        make(&a, &wish);
    answer_finish(&a, ret);
}

const struct bot_command invite_command = {
    .ops = {.name = "invite", .role = ROLE_ADMIN, .max_age_ms = 60 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_DANGER,
    .args_usage = "[viewer | trader | admin | notify] [hours]",
    .help_key = "help.invite",
    .is_personal = true,
    .is_barrier = true,
    .prepare = prepare,
};
