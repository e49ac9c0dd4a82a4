/* bots/intake.c: see intake.h.
 *
 *   update -- message --> command_line -> table -> authorise -> staleness -> here or redirect ->
 * prepare --> input
 *      |----- press ----> button_verify -> table -> authorise --------------------------------->
 * prepare --> input
 *      |----- service --> notify (chat alive, chat moved)
 *
 * Refusals are inputs too (hidden commands: stranger, refused, unknown, redirect, stale, hint): the
 * journal has a row for each, and their texts come from the same catalogue. A stranger gets one
 * answer in a process run and cannot make the journal grow beyond that. */
#include "bots/intake.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bots/answer.h"
#include "bots/authorise.h"
#include "bots/button.h"
#include "bots/command_line.h"
#include "bots/names.h"
#include "bots/confirming.h"
#include "bots/table.h"
#include "core/alloc.h"
#include "core/log.h"

/* One update on its way through. */
struct passage {
    struct intake *in;
    const struct update *u;
    const struct intake_moment *now;
    int64_t chat_id; /* as configured */
    int64_t age_ms;
    const struct user *user; /* NULL: stranger; else &person */
    struct user person;
    const struct confirming *confirming; /* a press of Yes or No: where it leads */
    const struct name *renamed;          /* the legacy name that was typed; NULL: today's */
    struct intake_item *ret;
};

void intake_init(struct intake *in, struct shared *shared, enum bot_id bot, unsigned roles)
{
    TR_ASSERT(in && shared);
    TR_ASSERT(bot > BOT_UNSET && bot < BOT_COUNT);
    TR_ASSERT(roles != 0);
    *in = (struct intake){.shared = shared, .bot = bot, .roles = roles};
    wizards_init(&in->wizards);
}

/* ---- who is it ---- */

static enum authorise_result identify(struct passage *p, enum role needed)
{
    const struct bots_options *opt = p->in->shared->opt;
    struct authorise_people people = {
        .conf = opt->conf, .joined = opt->users, .now_ms = p->now->wall_ms};
    enum authorise_result r = authorise(&people, p->u, p->chat_id, needed, &p->person);
    p->user = r == AUTHORISE_IGNORE || r == AUTHORISE_STRANGER ? NULL : &p->person;
    p->in->outcomes[r]++;
    return r;
}

/* ---- making inputs ---- */

/* The configuration's name, else Telegram's, else the number: nobody acts without one. */
static void set_user_name(struct command *c, const struct user *user, const struct update *u)
{
    const char *name = user->name[0] ? user->name : u->first_name;
    bool fits = name[0] && strlen(name) < sizeof c->user_name;
    (void)snprintf(c->user_name, sizeof c->user_name, "%s", fits ? name : "");
    if (!fits)
        (void)snprintf(c->user_name, sizeof c->user_name, "%" PRId64, u->from_id);
}

static struct command *new_command(struct passage *p, const char *name, const char *args)
{
    const struct update *u = p->u;
    bool is_press = u->kind == UPDATE_CALLBACK;
    struct input *input = input_new(INPUT_COMMAND);
    struct command *c = &input->command;
    input->received_mono_us = p->now->received_us;
    TR_ASSERT(str_copy(c->name, sizeof c->name, name));
    log_redact(args, c->args, sizeof c->args); /* whoever pastes a token does not find it kept */
    c->origin = ORIGIN_BOT;
    c->bot = p->in->bot;
    c->update_id = u->update_id;
    c->user_id = u->from_id;
    c->chat_id = u->chat_id;
    c->thread_id = u->thread_id;
    c->message_id = is_press && !u->message_accessible ? 0 : u->message_id;
    c->sent_ms = p->now->wall_ms - p->age_ms; /* its age as measured here, whatever the clocks do */
    c->role = p->user ? p->user->role : ROLE_NONE;
    c->lang = p->user ? shared_lang(p->in->shared, p->user) : LANG_EN;
    set_user_name(c, p->user ? p->user : &(struct user){.user_id = u->from_id}, u);
    if (is_press)
        (void)str_copy(c->callback_id, sizeof c->callback_id,
                       u->callback_id); /* cut: not answered */
    (void)snprintf(input->key, sizeof input->key, "tg:%d:%" PRId64, (int)p->in->bot, u->update_id);
    TR_ASSERT(p->ret->input == NULL);
    p->ret->input = input;
    p->ret->trader = 0;
    const struct bot_command *known = table_get(name); /* NULL: one too old to be told apart */
    p->ret->is_barrier = known != NULL && known->is_barrier;
    return c;
}

static void refuse(struct passage *p, enum reason why, const char *detail)
{
    char args[COMMAND_ARGS_CAP];
    (void)snprintf(args, sizeof args, "%s %s", reason_code(why), detail);
    (void)new_command(p, "refused", args);
}

static void stranger(struct passage *p)
{
    struct intake *in = p->in;
    bool is_press = p->u->kind == UPDATE_CALLBACK;
    uint32_t before = seen_note(&in->strangers, p->u->from_id, is_press ? 1 : 0);
    if (before >= (is_press ? INTAKE_PRESSES_ANSWERED : 1)) {
        in->skipped++;
        return;
    }
    log_info("bots", "stranger_refused bot=%s user=%" PRId64 " chat=%" PRId64, bot_name(in->bot),
             p->u->from_id, p->u->chat_id);
    if (is_press)
        refuse(p, REASON_NOT_AUTHORISED, "");
    else
        (void)new_command(p, "stranger", "");
}

static void unknown(struct passage *p, const char *typed)
{
    const struct bot_command *near = typed[0] ? table_suggest(typed, p->user->role) : NULL;
    char args[COMMAND_ARGS_CAP];
    (void)snprintf(args, sizeof args, "%s%s%s", typed, near ? " " : "", near ? near->ops.name : "");
    (void)new_command(p, "unknown", args);
}

/* The legacy bot's first answer in a chat about a bot's commands says where that bot is; whether it
 * is the first the engine knows (answer_init). */
static void add_legacy_notice(struct passage *p, const struct bot_command *cmd,
                              const struct bot_status *bots, struct command *c)
{
    enum bot_id home = table_home(cmd);
    if (p->in->bot != BOT_LEGACY || !bots[home].present ||
        p->in->shared->plan.carrier[home] == BOT_LEGACY)
        return;
    char *body =
        xasprintf("%c%s%c%s", ANSWER_MARK, bots[home].link[0] ? bots[home].link : bot_name(home),
                  ANSWER_MARK, c->body ? c->body : "");
    mem_free(c->body);
    c->body = body;
}

/* A legacy name was carried out: what it is called now, which the engine says once a person. */
static void add_renamed_notice(struct passage *p, struct command *c)
{
    const struct name *n = p->renamed;
    if (!n)
        return;
    char *body =
        xasprintf("%c%s /%s%s%s%c%s", ANSWER_RENAMED, n->name, n->successor,
                  n->preset[0] ? " " : "", n->preset, ANSWER_RENAMED, c->body ? c->body : "");
    mem_free(c->body);
    c->body = body;
}

static enum reason prepare(struct passage *p, const struct bot_command *cmd,
                           const struct bot_status *bots, struct command *c)
{
    if (!cmd->prepare)
        return REASON_ACCEPTED;
    const struct bots_options *opt = p->in->shared->opt;
    size_t trader = p->ret->trader;
    const struct bots_trader *t = &opt->traders[trader];
    struct bot_prepare prep = {
        .ledger_path = t->ledger_path,
        .journal_path = t->journal_path,
        .data_dir = opt->conf->data_dir,
        .now_ms = p->now->wall_ms,
        .utc_offset_min = t->utc_offset_min,
        .daily_reset_minute = t->daily_reset_minute,
        .roles = p->in->roles,
        .options = opt,
        .bots = bots,
        .trader = trader,
        .shared = p->in->shared,
        .text = p->u->kind == UPDATE_MESSAGE && p->u->text[0] == '/' ? command_line_rest(p->u->text)
                                                                     : "",
    };
    return cmd->prepare(&prep, c);
}

static void redirect(struct passage *p, const struct bot_command *cmd,
                     const struct bot_status *bots)
{
    enum bot_id home = table_home(cmd);
    char args[COMMAND_ARGS_CAP];
    (void)snprintf(args, sizeof args, "%s %s", bot_name(home), cmd->ops.name);
    struct command *c = new_command(p, "redirect", args);
    c->body = xstrdup(bots[home].link);
}

static struct wizard_press wizard_press(const struct passage *p)
{
    return (struct wizard_press){.chat_id = p->u->chat_id,
                                 .user_id = p->u->from_id,
                                 .update_id = p->u->update_id,
                                 .now_ms = p->now->wall_ms};
}

/* What the retired old bot still does: the safe direction, and the way on or back. */
static bool is_done_when_retired(const struct bot_command *cmd)
{
    static const char *const names[] = {"pause",     "panic",     "start",     "help",
                                        "start_new", "start_old", "transition"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(names); i++)
        if (strcmp(cmd->ops.name, names[i]) == 0)
            return true;
    return false;
}

/* To the bot whose command it is: it does not live here, or this is the retired old bot. */
static bool belongs_elsewhere(struct passage *p, const struct bot_command *cmd,
                              const struct bot_status *bots)
{
    bool is_press = p->u->kind == UPDATE_CALLBACK;
    if (!bots[table_home(cmd)].up) /* a command whose own bot is down is served here */
        return false;
    if (p->in->bot == BOT_LEGACY && p->in->shared->plan.carrier[table_home(cmd)] != BOT_LEGACY &&
        !is_done_when_retired(cmd) && view_board_is_retired(p->in->shared->opt->traders[0].view))
        return true;
    return !is_press && !table_is_on(cmd, p->in->roles); /* buttons work where they are shown */
}

/* Authorised, fresh, known: to the chat's trader. */
static void accept(struct passage *p, const struct bot_command *cmd, const char *args,
                   bool is_confirmed)
{
    struct bot_status bots[BOT_COUNT];
    shared_get_status(p->in->shared, bots);
    if (belongs_elsewhere(p, cmd, bots)) {
        redirect(p, cmd, bots);
        return;
    }
    struct wizard_press press = wizard_press(p);
    char left[COMMAND_NAME_CAP];
    if (cmd == table_get("cancel")) {
        wizards_cancel(&p->in->wizards, &press, left);
        args = left;
    }
    wizards_note_command(&p->in->wizards, &press, cmd->ops.name);
    struct command *c = new_command(p, cmd->ops.name, args);
    c->confirmed = is_confirmed;
    p->ret->trader = p->confirming      ? p->confirming->trader /* the one that asked */
                     : cmd->is_personal ? 0
                                        : shared_trader(p->in->shared, p->u->chat_id);
    enum reason r = prepare(p, cmd, bots, c);
    if (r != REASON_ACCEPTED) {
        p->ret->input = input_free(p->ret->input);
        refuse(p, r, cmd->ops.name);
        return;
    }
    add_renamed_notice(p, c);
    add_legacy_notice(p, cmd, bots, c);
    p->in->commands++;
}

/* ---- messages ---- */

/* Known user, but the command is not to be run. True when dealt with. */
static bool is_trapped(struct passage *p, enum authorise_result auth, const struct bot_command *cmd)
{
    switch (auth) {
    case AUTHORISE_OK:
        return false;
    case AUTHORISE_EDITED:
    case AUTHORISE_FORWARD:
    case AUTHORISE_VIA_BOT:
        /* Only what looks like a command deserves an answer, and no backlog of them. */
        if (cmd && !staleness_is_stale(p->age_ms, STALENESS_READ_MS))
            refuse(p, REASON_NOT_AUTHORISED, authorise_name(auth));
        else
            p->in->skipped++;
        return true;
    case AUTHORISE_ROLE:
        refuse(p, REASON_ROLE_TOO_LOW, cmd->ops.name);
        return true;
    case AUTHORISE_STRANGER:
        stranger(p);
        return true;
    case AUTHORISE_UNSET:
    case AUTHORISE_IGNORE:
    case AUTHORISE_RESULT_COUNT:
        p->in->skipped++;
        return true;
    }
    return true;
}

static void note_stale(struct passage *p, const char *name)
{
    struct command *c = new_command(p, name, "");
    if (!stale_table_add(&p->in->stale, c, p->age_ms))
        p->in->skipped++;
    p->ret->input = input_free(p->ret->input);
}

static void chat_is_alive(struct passage *p)
{
    struct intake *in = p->in;
    if (!in->shared->opt->notify || in->alive_chat_id == p->u->chat_id)
        return;
    in->alive_chat_id = p->u->chat_id;
    notify_chat_alive(in->shared->opt->notify, in->bot, p->u->chat_id);
}

/* ---- wizards ---- */

/* page 0: it has expired; w may be NULL then. */
static void show_wizard(struct passage *p, const struct wizard *w, unsigned page)
{
    char args[COMMAND_ARGS_CAP];
    if (page > 0)
        (void)snprintf(args, sizeof args, "%" PRIu32 " %u %s%s%s", w->id, page, w->command,
                       w->words[0] ? " " : "", w->words);
    else
        (void)snprintf(args, sizeof args, "0 0%s%s", w ? " " : "", w ? w->command : "");
    (void)new_command(p, "wizard", args);
    p->ret->trader = shared_trader(p->in->shared, p->u->chat_id);
    p->in->commands++;
}

/* Goes on with what the person has chosen: shows the next question, or runs the command. */
static void go_on(struct passage *p, enum wizard_result r, struct wizard *w, unsigned page)
{
    if (r == WIZARD_GONE) {
        show_wizard(p, w, 0);
        return;
    }
    const struct bot_command *cmd = table_get(w->command);
    TR_ASSERT(cmd);
    enum authorise_result auth = identify(p, cmd->ops.role);
    if (is_trapped(p, auth, cmd))
        return;
    if (r == WIZARD_SHOW)
        show_wizard(p, w, page);
    else
        accept(p, cmd, w->words, false);
}

static void on_wizard_button(struct passage *p, const struct button *b)
{
    enum authorise_result auth = identify(p, ROLE_NONE);
    if (is_trapped(p, auth, NULL))
        return;
    chat_is_alive(p);
    if (!p->u->message_accessible) { /* what was chosen there can no longer be seen */
        show_wizard(p, NULL, 0);
        return;
    }
    struct wizard_press press = wizard_press(p);
    struct wizard *w = NULL;
    unsigned page = 1;
    enum wizard_result r = wizards_on_button(&p->in->wizards, &press, b, &w, &page);
    go_on(p, r, w, page);
}

/* True: it was the value a wizard waits for. */
static bool is_for_wizard(struct passage *p)
{
    struct wizard_press press = wizard_press(p);
    struct wizard *w = NULL;
    enum wizard_result r = wizards_on_text(&p->in->wizards, &press, p->u->text, &w);
    if (r == WIZARD_GONE)
        return false;
    go_on(p, r, w, 1);
    return true;
}

/* Six digits while a question waits for a one-time code: as if /code stood before them. */
static bool is_code(struct passage *p)
{
    struct shared_wait w;
    if (!totp_is_code(p->u->text) ||
        !shared_waits_for_code(p->in->shared, p->u->from_id, p->u->chat_id, p->now->wall_ms, &w))
        return false;
    accept(p, table_get("code"), p->u->text, false);
    return true;
}

static void on_plain_text(struct passage *p)
{
    enum authorise_result auth = identify(p, ROLE_NONE);
    /* In groups people talk to each other. */
    if (!p->u->is_private || (auth != AUTHORISE_OK && auth != AUTHORISE_STRANGER)) {
        p->in->skipped++;
        return;
    }
    if (auth == AUTHORISE_STRANGER) {
        stranger(p);
        return;
    }
    chat_is_alive(p);
    if (staleness_is_stale(p->age_ms, STALENESS_READ_MS))
        p->in->skipped++;
    else if (!is_code(p) && !is_for_wizard(p))
        (void)new_command(p, "hint", "");
}

/* ---- joining ---- */

/* The bots a new person has to open, as "@name @name". */
static char *bot_links(struct passage *p)
{
    struct bot_status bots[BOT_COUNT];
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    buf_init(&out, sizeof bots[0].link * BOT_COUNT);
    shared_get_status(p->in->shared, bots);
    for (int i = BOT_CONTROLLER; i <= BOT_ANALYTICS; i++) {
        bool is_new = i != (int)p->in->bot && bots[i].present && bots[i].link[0] != '\0';
        for (int k = BOT_CONTROLLER; k < i && is_new; k++)
            is_new = strcmp(bots[k].link, bots[i].link) != 0;
        if (is_new && strcmp(bots[i].link + 1, p->in->username) != 0)
            buf_printf(&out, "%s%s", out.len > 0 ? " " : "", bots[i].link);
    }
    return buf_take(&out);
}

/* "/start <code>" with the code of an open invitation, by a person, whoever they are so far; only
 * its hash goes on. A wrong code is treated like none. True: taken. */
static bool is_joining(struct passage *p, const struct bot_command *cmd,
                       const struct command_line *line, enum authorise_result auth)
{
    const struct bots_options *opt = p->in->shared->opt;
    struct users_invite inv;
    uint8_t hash[HASH_SHA256_BYTES];
    char args[HASH_HEX_CAP];
    if (!cmd || !opt->users || strcmp(cmd->ops.name, "start") != 0 ||
        strlen(line->args) != USERS_CODE_CHARS)
        return false;
    if ((auth != AUTHORISE_OK && auth != AUTHORISE_STRANGER && auth != AUTHORISE_ROLE) ||
        p->u->is_forward || p->u->is_via_bot || conf_user(opt->conf, p->u->from_id, p->chat_id))
        return false;
    hash_sha256(line->args, USERS_CODE_CHARS, hash);
    if (!users_board_invite(opt->users, hash, p->now->wall_ms, &inv))
        return false;
    hash_hex(hash, sizeof hash, args, sizeof args);
    struct command *c = new_command(p, "pair", args);
    if (!p->user)
        c->lang = inv.lang;
    c->body = bot_links(p);
    p->in->commands++;
    return true;
}

/* "/pnl yesterday", "/resume 18:00": an answer to something else than asked would mislead. */
static bool has_words_too_many(const struct bot_command *cmd, const char *args)
{
    return args[0] && cmd->args_usage && !cmd->args_usage[0] && !cmd->takes_any_words;
}

/* A name of the legacy bot: the command that does it today, with its first arguments put before
 * those that were typed. NULL: is not carried out. */
static const struct bot_command *find_renamed(struct passage *p, struct command_line *line)
{
    char args[COMMAND_ARGS_CAP];
    const struct name *n = line->name[0] ? names_find(line->name) : NULL;
    p->renamed = n;
    if (!n || n->why)
        return NULL;
    int len = snprintf(args, sizeof args, "%s%s%s", n->preset,
                       n->preset[0] && line->args[0] ? " " : "", line->args);
    if (len < 0 || (size_t)len >= sizeof args)
        return NULL;
    (void)str_copy(line->args, sizeof line->args, args); /* same cap */
    return table_get(n->successor);
}

static void on_message(struct passage *p)
{
    struct intake *in = p->in;
    struct command_line line;
    enum command_line_result parsed = command_line_parse(p->u->text, in->username, &line);
    if (parsed == COMMAND_LINE_E_PLAIN) {
        on_plain_text(p);
        return;
    }
    bool is_for_us = p->u->is_private || line.is_addressed;
    const struct bot_command *cmd = line.name[0] ? table_find(line.name) : NULL;
    if (!cmd)
        cmd = find_renamed(p, &line);
    if (parsed == COMMAND_LINE_E_OTHER_BOT || (!cmd && !is_for_us)) {
        in->skipped++;
        return;
    }
    enum role needed = cmd ? cmd->ops.role : ROLE_NONE;
    enum authorise_result auth = identify(p, needed);
    if (is_joining(p, cmd, &line, auth) || is_trapped(p, auth, cmd))
        return;
    TR_ASSERT(auth == AUTHORISE_OK && p->user);
    chat_is_alive(p);
    if (staleness_is_stale(p->age_ms, cmd ? cmd->ops.max_age_ms : STALENESS_READ_MS))
        note_stale(p, cmd ? cmd->ops.name : line.name[0] ? line.name : "unknown");
    else if (!cmd && p->renamed && p->renamed->why)
        (void)new_command(p, "absent", line.name);
    else if (!cmd)
        unknown(p, line.name);
    else if ((parsed != COMMAND_LINE_OK && !cmd->takes_long_text) ||
             has_words_too_many(cmd, line.args))
        refuse(p, REASON_ARGUMENT_INVALID, cmd->ops.name);
    else
        accept(p, cmd, line.args, false);
}

/* ---- presses ---- */

static void on_confirm(struct passage *p, const struct bot_command *cmd, const struct button *b)
{
    struct confirming to;
    struct command who = {.user_id = p->u->from_id, .chat_id = p->u->chat_id};
    enum reason r = confirming_press(p->in->shared, cmd, &who, b, p->now->wall_ms, &to);
    if (r != REASON_ACCEPTED) {
        refuse(p, r, cmd->ops.name);
        return;
    }
    p->confirming = &to;
    if (to.is_confirmed) {
        accept(p, cmd, to.args, true);
        return;
    }
    struct command *c = new_command(p, to.command, to.args);
    c->body = to.body;
    p->ret->trader = to.trader;
    p->in->commands++;
}

static void on_press(struct passage *p)
{
    struct intake *in = p->in;
    struct button b;
    enum button_result r =
        button_verify(p->u->callback_data, p->u->from_id, p->u->chat_id, p->now->wall_ms, &b);
    if (r == BUTTON_OK && strcmp(b.name, "wizard") == 0 &&
        (b.kind == BUTTON_MENU || b.kind == BUTTON_ACTION)) {
        on_wizard_button(p, &b);
        return;
    }
    const struct bot_command *cmd = r == BUTTON_E_INVALID ? NULL : table_find(b.name);
    if (cmd && b.kind == BUTTON_MENU && cmd->klass != COMMAND_READ)
        cmd = NULL; /* unsigned buttons only read */
    enum role needed = cmd ? cmd->ops.role : ROLE_NONE;
    enum authorise_result auth = identify(p, needed);
    if (auth != AUTHORISE_OK && auth != AUTHORISE_ROLE && auth != AUTHORISE_STRANGER) {
        in->skipped++;
        return;
    }
    if (is_trapped(p, auth, cmd))
        return;
    chat_is_alive(p);
    if (!cmd) {
        refuse(p, REASON_CONFIRM_FOREIGN, "");
        return;
    }
    /* A deleted or inaccessible message shows nobody what its button would change. */
    bool is_unseen = !p->u->message_accessible && b.kind != BUTTON_NO && cmd->klass != COMMAND_READ;
    if (r == BUTTON_E_EXPIRED || is_unseen) {
        refuse(p, REASON_CONFIRM_EXPIRED, cmd->ops.name);
        return;
    }
    if (b.kind == BUTTON_YES || b.kind == BUTTON_NO)
        on_confirm(p, cmd, &b);
    else
        accept(p, cmd, b.arg, false);
}

/* ---- service ---- */

static bool is_known_chat(const struct bots_options *opt, int64_t chat_id)
{
    const struct conf *conf = opt->conf;
    struct users_person joined;
    for (int i = 0; i < conf->user_count; i++)
        if (conf->users[i].chat_id == chat_id)
            return true;
    for (int i = 0; i < conf->notify_chat_count; i++)
        if (conf->notify_chats[i].chat_id == chat_id)
            return true;
    return opt->users && users_board_person(opt->users, chat_id, &joined);
}

static void on_migration(struct passage *p, int64_t from, int64_t to)
{
    const struct bots_options *opt = p->in->shared->opt;
    if (!is_known_chat(opt, from))
        return;
    log_warn("bots",
             "chat_migrated from=%" PRId64 " to=%" PRId64
             " advice=put_the_new_id_into_the_configuration",
             from, to);
    shared_migrated(p->in->shared, from, to);
    if (opt->notify)
        notify_chat_migrated(opt->notify, from, to);
}

static bool is_service(struct passage *p)
{
    const struct update *u = p->u;
    if (u->kind == UPDATE_MY_CHAT_MEMBER) {
        bool is_in =
            str_eq(u->member_status, "member") || str_eq(u->member_status, "administrator");
        if (is_in && p->in->shared->opt->notify)
            notify_chat_alive(p->in->shared->opt->notify, p->in->bot, u->chat_id);
        return true;
    }
    if (u->kind == UPDATE_MESSAGE && u->migrate_to_chat_id != 0) {
        on_migration(p, u->chat_id, u->migrate_to_chat_id);
        return true;
    }
    if (u->kind == UPDATE_MESSAGE && u->migrate_from_chat_id != 0) {
        on_migration(p, u->migrate_from_chat_id, u->chat_id);
        return true;
    }
    return false;
}

void intake_begin(struct intake *in)
{
    TR_ASSERT(in);
    in->alive_chat_id = 0;
    for (size_t i = 0; i < in->stale.count; i++)
        in->stale.chats[i].in_batch = false;
}

void intake_update(struct intake *in, const struct update *u, const struct intake_moment *now,
                   struct intake_item *ret)
{
    TR_ASSERT(in && u && now && ret);
    *ret = (struct intake_item){0};
    struct passage p = {.in = in, .u = u, .now = now, .ret = ret};
    if (is_service(&p))
        return;
    p.chat_id = shared_configured_chat(in->shared, u->chat_id);
    /* A press has no date of its own; Telegram forgets it after 150 s, the token has its expiry. */
    if (u->kind == UPDATE_MESSAGE || u->kind == UPDATE_EDITED_MESSAGE)
        p.age_ms = staleness_age_ms(now->wall_ms, u->date_s * 1000, now->idle_bound_ms);
    if (u->kind == UPDATE_MESSAGE || u->kind == UPDATE_EDITED_MESSAGE)
        on_message(&p);
    else if (u->kind == UPDATE_CALLBACK)
        on_press(&p);
    else
        in->skipped++;
    TR_ASSERT(ret->trader < in->shared->opt->trader_count);
}

/* ---- stale summaries ---- */

static void stale_item(struct intake *in, const struct stale_chat *chat, bool is_quiet,
                       int64_t max_update_id, struct intake_item *ret)
{
    struct input *input = input_new(INPUT_COMMAND);
    struct command *c = &input->command;
    *c = chat->last;
    TR_ASSERT(c->body == NULL);
    TR_ASSERT(str_copy(c->name, sizeof c->name, "stale"));
    if (max_update_id > c->update_id)
        c->update_id =
            max_update_id; /* the last of its batch: the stored offset does not go back */
    if (is_quiet)
        TR_ASSERT(str_copy(c->args, sizeof c->args, "quiet"));
    else {
        struct buf list TR_CLEANUP(buf_deinit) = {0};
        buf_init(&list, REPLY_TEXT_MAX_BYTES / 8);
        stale_chat_list(chat, &list);
        c->body = buf_take(&list);
        (void)snprintf(c->args, sizeof c->args, "%u", chat->total);
    }
    (void)snprintf(input->key, sizeof input->key, "tg:%d:stale:%" PRId64 ":%" PRId64, (int)in->bot,
                   max_update_id, c->chat_id);
    *ret = (struct intake_item){.input = input, .trader = shared_trader(in->shared, c->chat_id)};
}

size_t intake_stale(struct intake *in, bool is_more, int64_t max_update_id,
                    struct intake_item *ret_items, size_t cap)
{
    TR_ASSERT(in && ret_items);
    size_t n = 0;
    size_t i = 0;
    while (i < in->stale.count && n < cap) {
        struct stale_chat *chat = &in->stale.chats[i];
        if (is_more && !chat->in_batch) {
            i++;
            continue;
        }
        stale_item(in, chat, is_more, max_update_id, &ret_items[n++]);
        if (is_more) {
            chat->in_batch = false;
            i++;
        } else
            stale_table_remove(&in->stale, i);
    }
    return n;
}
