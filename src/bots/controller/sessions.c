/* /session: which trading session it is, what follows, and which symbols each allows. The gate
 * itself is switched by /session_gate, the times are moved by /session_time. */
#include <stdio.h>
#include <string.h>

#include "bots/change.h"
#include "bots/format.h"
#include "core/alloc.h"
#include "model/rules/sessions.h"

static void symbols_of(uint32_t bits, struct buf *out)
{
    for (size_t i = 0; i < symbol_count() && i < 32; i++)
        if ((bits >> i & 1) != 0)
            buf_printf(out, "%s%s", out->len > 0 ? " " : "", symbol_at(i)->name);
}

static void item(struct answer *a, const struct session *s, bool is_now)
{
    char from[SESSION_TIME_CAP], to[SESSION_TIME_CAP];
    struct buf names TR_CLEANUP(buf_deinit) = {0};
    buf_init(&names, 512);
    symbols_of(s->symbols, &names);
    sessions_format_minute(s->start_minute, from);
    sessions_format_minute(s->end_minute, to);
    answer_line(a, "session.item",
                ANSWER_ARGS({"mark", is_now ? "▶️" : "▫️"}, {"name", s->name},
                            {"from", from}, {"to", to}, {"symbols", names.data}));
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct tx_sessions s;
    char time[SESSION_TIME_CAP], left[FORMAT_CAP];
    answer_init(&a, tx, c);
    tx_sessions(tx, &s);
    sessions_format_minute(s.minute, time);
    answer_line(&a, "session.title", ANSWER_ARGS({"time", time}));
    if (!s.table->is_on)
        answer_line(&a, "session.off", NULL);
    else if (s.changes_ms > 0)
        answer_line(&a, s.current >= 0 ? "session.now" : "session.none_now",
                    ANSWER_ARGS({"name", s.current >= 0 ? s.table->items[s.current].name : ""},
                                {"left", format_duration(s.changes_ms - tx_now_ms(tx), left)}));
    for (int i = 0; i < s.table->count; i++)
        item(&a, &s.table->items[i], s.table->is_on && i == s.current);
    answer_menu(&a, "button.refresh", "session", "");
    if (c->role >= ROLE_TRADER)
        answer_menu(&a, "button.session_times", "session_time", "");
    answer_finish(&a, ret);
}

const struct bot_command session_command = {
    .ops = {.name = "session", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .aliases = {"sessions", "session_status"},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args_usage = "",
    .takes_any_words = true,
    .help_key = "help.session",
};

CHANGE_COMMAND(session_gate, CHANGE_FIELDS(CHANGE_STATE), .kind = CHANGE_SWITCH,
               .paths = {"sessions.enabled"});
