/* /session_time [session] [start|end minutes]: begin and end of a trading session moved, by buttons
 * of 30 minutes (SY-4). A change is an override like any other: journaled, kept over restarts, in
 * force with the next input; "reset" goes back to the file. */
#include <stdio.h>
#include <string.h>

#include "bots/change.h"
#include "core/alloc.h"
#include "model/rules/sessions.h"

#define SESSION_WORDS "asian|london|overlap|ny_late|dead_zone"

enum edge { EDGE_START = 0, EDGE_END, EDGE_RESET };
static const char *const edges[] = {"start", "end", "reset"};

static void path_of(const char *session, int edge, char out[SETTING_PATH_CAP])
{
    TR_ASSERT(edge == EDGE_START || edge == EDGE_END);
    (void)snprintf(out, SETTING_PATH_CAP, "sessions.%s.%s", session, edges[edge]); /* fits */
}

/* What is in force once this input is over; NULL: no such key. */
static const char *text_of(const struct answer *a, const char *session, int edge)
{
    char path[SETTING_PATH_CAP];
    path_of(session, edge, path);
    return tx_setting_text(a->tx, path);
}

static void show(struct answer *a, const char *session)
{
    const char *from = text_of(a, session, EDGE_START), *to = text_of(a, session, EDGE_END);
    answer_line(a, "session_time.item",
                ANSWER_ARGS({"name", session}, {"from", from != NULL ? from : "-"},
                            {"to", to != NULL ? to : "-"}));
}

/* A button carries one word: the session and one of these. */
static const struct {
    const char *suffix, *args, *label;
} moves[] = {{"_start_less", " start -30", "button.start_earlier"},
             {"_start_more", " start 30", "button.start_later"},
             {"_end_less", " end -30", "button.end_earlier"},
             {"_end_more", " end 30", "button.end_later"},
             {"_reset", " reset", "button.setting_reset"}};

static void buttons(struct answer *a, const char *session)
{
    char arg[BUTTON_ARG_CAP];
    for (size_t i = 0; i < TR_ARRAY_SIZE(moves); i++) {
        (void)snprintf(arg, sizeof arg, "%s%s", session, moves[i].suffix); /* fits */
        answer_action(a, moves[i].label, "session_time", arg);
        if (i % 2 == 1)
            answer_next_row(a);
    }
}

/* "asian_start_less" -> "asian start -30"; anything else stays. */
static void expand(struct command *c)
{
    size_t len = strlen(c->args);
    for (size_t i = 0; i < TR_ARRAY_SIZE(moves); i++) {
        size_t n = strlen(moves[i].suffix);
        if (len <= n || !str_eq(c->args + len - n, moves[i].suffix))
            continue;
        (void)snprintf(c->args + len - n, sizeof c->args - (len - n), "%s", moves[i].args);
        return; /* cut: no argument the table knows */
    }
}

static enum reason move(struct answer *a, const char *session, int edge, int64_t by)
{
    char path[SETTING_PATH_CAP], time[SESSION_TIME_CAP];
    const char *now = text_of(a, session, edge);
    const char *other = text_of(a, session, edge == EDGE_START ? EDGE_END : EDGE_START);
    int minute;
    if (now == NULL || other == NULL || !sessions_parse_minute(now, &minute))
        return REASON_ARGUMENT_INVALID;
    if (by == 0)
        return REASON_ALREADY_DONE;
    int to = (int)((minute + by) % DAY_MINUTES);
    sessions_format_minute(to < 0 ? to + DAY_MINUTES : to, time);
    if (str_eq(time, other)) { /* it would not happen at all: the switch of that is the file */
        answer_line(a, "session_time.empty", NULL);
        return REASON_ARGUMENT_INVALID;
    }
    path_of(session, edge, path);
    return tx_setting_set(a->tx, a->c, path, time);
}

static enum reason reset(struct answer *a, const char *session)
{
    enum reason all = REASON_ALREADY_DONE;
    for (int edge = EDGE_START; edge <= EDGE_END; edge++) {
        char path[SETTING_PATH_CAP];
        path_of(session, edge, path);
        enum reason r = tx_setting_reset(a->tx, a->c, path);
        if (r != REASON_ALREADY_DONE)
            all = r;
    }
    return all;
}

static void change(struct answer *a, const struct args *v)
{
    const char *session = v->v[0].word;
    int edge = v->v[1].choice;
    enum reason r = edge == EDGE_RESET ? reset(a, session) : move(a, session, edge, v->v[2].number);
    if (r == REASON_ACCEPTED) {
        answer_line(a, "session_time.moved", NULL);
    } else if (r == REASON_ALREADY_DONE) {
        tx_receipt(a->tx, r, session);
        answer_line(a, "session_time.same", NULL);
    } else {
        answer_refuse(a, r, session);
    }
}

static void list(struct answer *a)
{
    static const char *const all[] = {"asian", "london", "overlap", "ny_late", "dead_zone"};
    for (size_t i = 0; i < TR_ARRAY_SIZE(all); i++)
        show(a, all[i]);
    for (size_t i = 0; i < TR_ARRAY_SIZE(all); i++) {
        struct button b = {.kind = BUTTON_MENU, .name = "session_time"};
        (void)str_copy(b.arg, sizeof b.arg, all[i]); /* fits */
        answer_button(a, "button.session_time", all[i], &b);
    }
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct args v;
    struct command meant = *c;
    expand(&meant);
    answer_init(&a, tx, &meant);
    if (args_read(&a, &v)) {
        if (v.v[1].is_given)
            change(&a, &v);
        if (v.v[0].is_given) {
            show(&a, v.v[0].word);
            buttons(&a, v.v[0].word);
        } else {
            list(&a);
        }
    }
    answer_menu(&a, "button.session", "session", "");
    answer_finish(&a, ret);
}

static const struct arg_spec fields[] = {
    {.name = "session", .type = ARG_CHOICE, .is_optional = true, .choices = SESSION_WORDS},
    {.name = "edge", .type = ARG_CHOICE, .is_optional = true, .choices = "start|end|reset"},
    {.name = "minutes", .type = ARG_INT, .is_optional = true, .min = -720, .max = 720},
    {.type = ARG_UNSET},
};

const struct bot_command session_time_command = {
    .ops = {.name = "session_time", .role = ROLE_TRADER, .max_age_ms = 60 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_CHANGE,
    .args = fields,
    .help_key = "help.session_time",
};
