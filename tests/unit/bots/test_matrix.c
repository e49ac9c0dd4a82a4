/* Covers: who never acts. Every command of the table, hidden ones too, times every kind of sender
 * (a stranger, one who only hears, viewer, trader, admin; of the configuration and joined) times
 * every way in (typed, alias, signed button, unsigned button, Yes, No, somebody else's button,
 * forwarded, by an inline bot, edited, from a bot, as a channel, as an anonymous admin, in another
 * chat, a false private chat, a channel post). What must happen is computed here from the command's
 * role and class alone; every cell is compared. */
#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

#include "unit/bots/stage.h"

#include "bots/table.h"
#include "engine/users_board.h"

enum sender {
    SENDER_STRANGER,
    SENDER_HEARS_ONLY,
    SENDER_VIEWER,
    SENDER_TRADER,
    SENDER_ADMIN,
    SENDER_JOINED_VIEWER,
    SENDER_JOINED_TRADER,
    SENDER_JOINED_ADMIN,
    SENDER_COUNT
};

enum way {
    WAY_TYPED,
    WAY_ALIAS,
    WAY_BUTTON,
    WAY_MENU,
    WAY_YES,
    WAY_NO,
    WAY_OTHERS_BUTTON,
    WAY_FORWARDED,
    WAY_VIA_BOT,
    WAY_EDITED,
    WAY_FROM_BOT,
    WAY_AS_CHANNEL,
    WAY_ANONYMOUS_ADMIN,
    WAY_OTHER_CHAT,
    WAY_FALSE_PRIVATE,
    WAY_CHANNEL_POST,
    WAY_COUNT
};

enum effect {
    EFFECT_NOTHING,  /* no answer, no row */
    EFFECT_STRANGER, /* one polite refusal */
    EFFECT_TRAPPED,  /* refused: NOT_AUTHORISED */
    EFFECT_ROLE,     /* refused: ROLE_TOO_LOW */
    EFFECT_FOREIGN,  /* refused: CONFIRM_FOREIGN */
    EFFECT_UNKNOWN,
    EFFECT_IN /* got past: it runs, or is refused for its arguments */
};

static const char *const way_names[WAY_COUNT] = {
    "typed",     "alias",      "button",        "menu",        "yes",      "no",
    "others",    "forwarded",  "via_bot",       "edited",      "from_bot", "as_channel",
    "anonymous", "other_chat", "false_private", "channel_post"};

static enum role role_of(enum sender s)
{
    static const enum role roles[SENDER_COUNT] = {ROLE_NONE,  ROLE_NONE,   ROLE_VIEWER, ROLE_TRADER,
                                                  ROLE_ADMIN, ROLE_VIEWER, ROLE_TRADER, ROLE_ADMIN};
    return roles[s];
}

static int64_t id_of(enum sender s)
{
    static const int64_t ids[SENDER_COUNT] = {STRANGER_ID, 5000, VIEWER_ID, TRADER_ID,
                                              ADMIN_ID,    5001, 5002,      5003};
    return ids[s];
}

/* The rule, from role and class alone. */
static enum effect expected(const struct bot_command *cmd, enum sender s, enum way way)
{
    enum role role = role_of(s);
    bool is_known = role != ROLE_NONE;
    bool can_type = cmd->bots != 0;
    enum effect in = role >= cmd->ops.role ? EFFECT_IN : EFFECT_ROLE;
    switch (way) {
    case WAY_TYPED:
    case WAY_ALIAS:
        if (!is_known)
            return EFFECT_STRANGER;
        return can_type ? in : EFFECT_UNKNOWN;
    case WAY_BUTTON:
    case WAY_YES:
    case WAY_NO:
        if (!is_known)
            return EFFECT_TRAPPED;
        return can_type ? in : EFFECT_FOREIGN;
    case WAY_MENU:
        if (!is_known)
            return EFFECT_TRAPPED;
        return can_type && cmd->klass == COMMAND_READ ? in : EFFECT_FOREIGN;
    case WAY_OTHERS_BUTTON:
        return is_known ? EFFECT_FOREIGN : EFFECT_TRAPPED;
    case WAY_FORWARDED:
    case WAY_VIA_BOT:
        if (!is_known)
            return EFFECT_STRANGER;
        return can_type ? EFFECT_TRAPPED : EFFECT_NOTHING;
    case WAY_EDITED:
        return is_known && can_type ? EFFECT_TRAPPED : EFFECT_NOTHING;
    case WAY_OTHER_CHAT:
        return can_type ? EFFECT_STRANGER : EFFECT_NOTHING;
    case WAY_FROM_BOT:
    case WAY_AS_CHANNEL:
    case WAY_ANONYMOUS_ADMIN:
    case WAY_FALSE_PRIVATE:
    case WAY_CHANNEL_POST:
    case WAY_COUNT:
        break;
    }
    return EFFECT_NOTHING;
}

static void set_data(char data[BUTTON_DATA_CAP], const struct bot_command *cmd, enum way way,
                     int64_t signed_for)
{
    struct button b = {.kind = BUTTON_ACTION, .expires_ms = T0_MS + 60000};
    struct confirm_token t = {.id = 77};
    (void)str_copy(b.name, sizeof b.name, cmd->ops.name);
    if (way == WAY_MENU)
        b.kind = BUTTON_MENU;
    if (way == WAY_YES || way == WAY_NO || way == WAY_OTHERS_BUTTON) {
        b.kind = way == WAY_NO ? BUTTON_NO : BUTTON_YES;
        confirm_token_trader("main", t.trader);
        confirm_token_write(&t, b.arg);
    }
    button_sign(&b, signed_for, signed_for, data);
}

/* False: there is no such cell (a command without alias). */
static bool make(const struct bot_command *cmd, enum sender s, enum way way, struct update *ret)
{
    static char text[64], data[BUTTON_DATA_CAP];
    int64_t id = id_of(s);
    if (way == WAY_ALIAS && !cmd->aliases[0])
        return false;
    (void)snprintf(text, sizeof text, "/%s", way == WAY_ALIAS ? cmd->aliases[0] : cmd->ops.name);
    *ret = stage_message(1, id, text);
    if (way == WAY_BUTTON || way == WAY_MENU || way == WAY_YES || way == WAY_NO ||
        way == WAY_OTHERS_BUTTON) {
        set_data(data, cmd, way, way == WAY_OTHERS_BUTTON ? INT64_C(424242) : id);
        ret->kind = UPDATE_CALLBACK;
        ret->text = "";
        ret->callback_id = "cb";
        ret->callback_data = data;
        ret->message_accessible = true;
    }
    ret->is_forward = way == WAY_FORWARDED;
    ret->is_via_bot = way == WAY_VIA_BOT;
    ret->from_is_bot = way == WAY_FROM_BOT;
    ret->sender_chat_id = way == WAY_AS_CHANNEL ? -55 : 0;
    if (way == WAY_EDITED)
        ret->kind = UPDATE_EDITED_MESSAGE;
    if (way == WAY_CHANNEL_POST)
        ret->kind = UPDATE_OTHER;
    if (way == WAY_ANONYMOUS_ADMIN) {
        ret->from_id = 1087968824;
        ret->chat_id = GROUP_ID;
        ret->is_private = false;
    }
    if (way == WAY_OTHER_CHAT) {
        ret->chat_id = -4242;
        ret->is_private = false;
    }
    if (way == WAY_FALSE_PRIVATE)
        ret->chat_id = GROUP_ID;
    return true;
}

static enum effect effect_of(const struct input *in)
{
    if (in == NULL)
        return EFFECT_NOTHING;
    const struct command *c = &in->command;
    if (strcmp(c->name, "stranger") == 0)
        return EFFECT_STRANGER;
    if (strcmp(c->name, "unknown") == 0)
        return EFFECT_UNKNOWN;
    if (strcmp(c->name, "refused") != 0)
        return EFFECT_IN;
    if (str_starts(c->args, "NOT_AUTHORISED"))
        return EFFECT_TRAPPED;
    if (str_starts(c->args, "ROLE_TOO_LOW"))
        return EFFECT_ROLE;
    return str_starts(c->args, "CONFIRM_FOREIGN") ? EFFECT_FOREIGN : EFFECT_IN;
}

/* Commands that look things up before they are posted find an engine and an empty journal. */
static int no_submit(struct broker *b, const struct broker_request *r)
{
    (void)b, (void)r;
    return BROKER_ACCEPTED;
}

static bool no_quote(struct broker *b, const char *symbol, struct quote *ret)
{
    (void)b, (void)symbol, (void)ret;
    return false;
}

static const struct broker_ops no_broker_ops = {
    .name = "none", .submit = no_submit, .quote = no_quote};
static struct broker no_broker = {.ops = &no_broker_ops};

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

struct world {
    char dir[64], journal[96];
    struct engine *engine;
    struct conf *conf;
    struct bots_options opt;
    struct shared *shared;
    struct users *users;
    struct intake *in;
};

static void world_init(struct world *w)
{
    stage_key();
    (void)str_copy(w->dir, sizeof w->dir, "/tmp/trident-matrix-XXXXXX");
    cr_assert_not_null(mkdtemp(w->dir));
    (void)snprintf(w->journal, sizeof w->journal, "%s/journal.db", w->dir);
    struct engine_options eo = {
        .trader_id = "main", .dir = w->dir, .clock = clock_real(), .broker = &no_broker};
    eo.commands = bots_command_ops(&eo.command_count);
    cr_assert_eq(engine_open(&eo, &w->engine), 0);
    w->conf = stage_conf();
    (void)str_copy(w->conf->data_dir, sizeof w->conf->data_dir, w->dir);
    (void)str_copy(w->conf->telegram.bots[BOT_CONTROLLER].token, CONF_TOKEN_CAP, "1:c");
    w->users = xalloc(sizeof *w->users);
    users_init(w->users);
    for (int i = 0; i < 4; i++)
        cr_assert(users_put(w->users, &(struct users_person){.id = 5000 + i,
                                                             .role = (enum role)i,
                                                             .lang = LANG_EN,
                                                             .name = "joined"}));
    w->opt = (struct bots_options){.conf = w->conf, .clock = clock_real(), .trader_count = 1};
    w->opt.users = users_board_new();
    users_board_show(w->opt.users, w->users);
    w->opt.traders[0] = (struct bots_trader){.engine = w->engine,
                                             .id = "main",
                                             .ledger_path = "/nonexistent/ledger.db",
                                             .journal_path = w->journal};
    w->shared = xalloc(sizeof *w->shared);
    shared_init(w->shared, &w->opt);
    w->in = xalloc(sizeof *w->in);
}

static void world_deinit(struct world *w)
{
    mem_free(w->in);
    shared_deinit(w->shared);
    mem_free(w->shared);
    users_board_free(w->opt.users);
    mem_free(w->users);
    mem_free(w->conf);
    engine_free(w->engine);
    (void)nftw(w->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static void check(struct world *w, const struct bot_command *cmd, enum sender s, enum way way)
{
    struct update u;
    struct intake_item item = {0};
    struct intake_moment now = {.wall_ms = T0_MS, .idle_bound_ms = -1};
    if (!make(cmd, s, way, &u))
        return;
    intake_init(w->in, w->shared, BOT_CONTROLLER, ROLES_THREE);
    (void)str_copy(w->in->username, sizeof w->in->username, "TridentBot");
    intake_update(w->in, &u, &now, &item);
    enum effect got = effect_of(item.input);
    enum effect want = expected(cmd, s, way);
    cr_assert_eq(got, want, "/%s sender %d %s: %d instead of %d (%s %s)", cmd->ops.name, (int)s,
                 way_names[way], (int)got, (int)want, item.input ? item.input->command.name : "",
                 item.input ? item.input->command.args : "");
    if (item.input) {
        const struct command *c = &item.input->command;
        bool is_itself = strcmp(c->name, cmd->ops.name) == 0 || strcmp(c->name, "refused") == 0;
        cr_assert(got != EFFECT_IN || is_itself, "/%s became %s", cmd->ops.name, c->name);
        cr_assert_eq(c->role, got == EFFECT_STRANGER ? ROLE_NONE : role_of(s));
        cr_assert_eq(c->confirmed, got == EFFECT_IN && strcmp(c->name, "refused") != 0 &&
                                       (way == WAY_YES || way == WAY_NO));
    }
    input_free(item.input);
}

/* The pages of a wizard are its buttons': the person who chooses is asked for again at the end. */
static bool is_page(const struct bot_command *cmd, enum way way)
{
    return strcmp(cmd->ops.name, "wizard") == 0 && (way == WAY_BUTTON || way == WAY_MENU);
}

static void check_all(enum way first, enum way behind)
{
    struct world w;
    size_t n = 0, cells = 0;
    const struct bot_command *const *all = table_all(&n);
    world_init(&w);
    for (size_t i = 0; i < n; i++)
        for (int s = 0; s < SENDER_COUNT; s++)
            for (int way = (int)first; way < (int)behind; way++) {
                if (is_page(all[i], (enum way)way))
                    continue;
                check(&w, all[i], (enum sender)s, (enum way)way);
                cells++;
            }
    cr_assert_geq(cells, n * SENDER_COUNT * (size_t)(behind - first) - 2 * SENDER_COUNT);
    world_deinit(&w);
}

Test(matrix, typed_commands_by_everybody)
{
    check_all(WAY_TYPED, WAY_BUTTON);
}

Test(matrix, presses_by_everybody)
{
    check_all(WAY_BUTTON, WAY_FORWARDED);
}

Test(matrix, what_never_acts)
{
    check_all(WAY_FORWARDED, WAY_COUNT);
}

Test(matrix, outcomes_are_counted)
{
    struct world w;
    struct update u;
    struct intake_item item = {0};
    struct intake_moment now = {.wall_ms = T0_MS, .idle_bound_ms = -1};
    const struct bot_command *pause = table_get("pause");
    world_init(&w);
    intake_init(w.in, w.shared, BOT_CONTROLLER, ROLES_THREE);
    for (int s = 0; s < SENDER_COUNT; s++)
        for (int way = 0; way < WAY_COUNT; way++) {
            if (!make(pause, (enum sender)s, (enum way)way, &u) || way == WAY_MENU ||
                way == WAY_OTHERS_BUTTON)
                continue;
            intake_update(w.in, &u, &now, &item);
            item.input = input_free(item.input);
        }
    bool has_alias = pause->aliases[0] != NULL;
    uint64_t ways_in = has_alias ? 5 : 4; /* typed, alias, button, yes, no */
    cr_assert_eq(w.in->outcomes[AUTHORISE_OK], 4 * ways_in);
    cr_assert_eq(w.in->outcomes[AUTHORISE_ROLE], 2 * ways_in, "two viewers");
    cr_assert_eq(w.in->outcomes[AUTHORISE_FORWARD], 6);
    cr_assert_eq(w.in->outcomes[AUTHORISE_VIA_BOT], 6);
    cr_assert_eq(w.in->outcomes[AUTHORISE_EDITED], 6);
    /* strangers: all their ways in, forwarded and via a bot; and everybody in another chat */
    cr_assert_eq(w.in->outcomes[AUTHORISE_STRANGER], 2 * (ways_in + 2) + SENDER_COUNT);
    /* from a bot, as a channel, anonymous, false private; the stranger's edits. A channel post is
     * no message and not looked at. */
    cr_assert_eq(w.in->outcomes[AUTHORISE_IGNORE], 4 * SENDER_COUNT + 2);
    world_deinit(&w);
}

/* What has an effect beyond the answer itself. */
struct trace {
    uint64_t settings, users;
    size_t sends;
    bool paused, panicked;
};

static struct trace trace_of(const struct stage *st)
{
    return (struct trace){st->s->settings.revision, st->s->users.revision, st->s->send_count,
                          st->s->paused, st->s->panicked};
}

Test(matrix, no_dangerous_command_acts_before_a_yes)
{
    static const char *const args[] = {"",    "all",  "release", "reset", "100000",   "on",
                                       "off", "main", "trader",  "admin", "1 100000", "XAUUSD"};
    size_t n = 0, asked = 0;
    const struct bot_command *const *all = table_all(&n);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < TR_ARRAY_SIZE(args) && all[i]->klass == COMMAND_DANGER; k++) {
            if (strcmp(all[i]->ops.name, "panic") == 0 && strcmp(args[k], "release") != 0)
                continue; /* an emergency stop does not ask */
            struct stage *st = stage_new();
            stage_position(st, "XAUUSD", 88, 0);
            st->s->panicked = strcmp(all[i]->ops.name, "panic") == 0;
            struct trace before = trace_of(st);
            struct command c = stage_command(st, all[i]->ops.name, args[k]);
            c.user_id = c.chat_id = ADMIN_ID;
            c.role = ROLE_ADMIN;
            stage_apply(st, &c);
            struct trace after = trace_of(st);
            cr_assert_eq(before.settings, after.settings, "/%s %s", c.name, args[k]);
            cr_assert_eq(before.users, after.users, "/%s %s", c.name, args[k]);
            cr_assert_eq(after.sends, 0, "/%s %s", c.name, args[k]);
            cr_assert_eq(before.paused, after.paused, "/%s %s", c.name, args[k]);
            cr_assert_eq(before.panicked, after.panicked, "/%s %s", c.name, args[k]);
            asked += strstr(st->reply.keyboard_json, "a1:") != NULL;
            stage_free(st);
        }
    cr_assert_geq(asked, 4, "and most of them ask");
}
