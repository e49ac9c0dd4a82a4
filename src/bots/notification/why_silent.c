/* /why_silent [number]: the newest messages that were held back from this chat, or what became of
 * one, each with the rule that decided. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bots/hearing.h"
#include "bots/format.h"
#include "core/alloc.h"
#include "notify/unsent.h"

#define SHOWN_MAX 10

struct listing {
    struct buf *out;
    enum lang lang;
    int utc_offset_min;
    int count;
};

static void write_reason(struct buf *out, enum lang lang, const struct unsent *u)
{
    static const char *const keys[VERDICT_COUNT] = {
        [VERDICT_RULE] = "why_silent.rule",
        [VERDICT_LATER] = "why_silent.later",
        [VERDICT_QUIET] = "why_silent.quiet",
        [VERDICT_UNSUBSCRIBED] = "why_silent.unsubscribed",
        [VERDICT_THROTTLED] = "why_silent.throttled",
    };
    bool is_default = u->verdict == VERDICT_RULE && u->rule[0] == '\0';
    const char *key = is_default ? "why_silent.default" : keys[u->verdict];
    if (key != NULL)
        text_render(out, lang, key,
                    ANSWER_ARGS({"rule", u->rule}, {"name", event_info(u->type)->name}));
}

static void on_unsent(void *ctx, const struct unsent *u)
{
    struct listing *l = ctx;
    struct buf why TR_CLEANUP(buf_deinit) = {0};
    char time[FORMAT_CAP];
    char number[FORMAT_CAP];
    buf_init(&why, 512);
    write_reason(&why, l->lang, u);
    text_render(
        l->out, l->lang, "why_silent.item",
        ANSWER_ARGS({"time", format_minute(u->time_ms, l->utc_offset_min, time)},
                    {"name", event_info(u->type)->name}, {"symbol", u->symbol},
                    {"number", format_u64(u->cause_seq != 0 ? u->cause_seq : u->seq, number)},
                    {"why_html", why.len > 0 ? why.data : ""}));
    buf_putc(l->out, '\n');
    l->count++;
}

/* 0: none was given. */
static bool read_number(const char *args, uint64_t *ret)
{
    args += *args == '#';
    size_t len = strlen(args);
    uint64_t v = 0;
    if (strspn(args, "0123456789") != len || len > 18)
        return false;
    for (size_t i = 0; i < len; i++)
        v = v * 10 + (uint64_t)(args[i] - '0');
    *ret = v;
    return true;
}

static enum reason prepare(const struct bot_prepare *p, struct command *c)
{
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    struct listing l = {&out, c->lang, hearing_zone_of(p, c->chat_id), 0};
    uint64_t number = 0;
    if (!read_number(c->args, &number))
        return REASON_ARGUMENT_INVALID;
    buf_init(&out, REPLY_TEXT_MAX_BYTES / 2);
    if (p->options->notify != NULL && unsent_read(notify_db_path(p->options->notify), c->chat_id,
                                                  number, SHOWN_MAX, on_unsent, &l) < 0)
        return REASON_INTERNAL;
    c->body = xstrdup(out.len > 0 && !buf_failed(&out) ? out.data : "");
    return REASON_ACCEPTED;
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    const char *number = c->args + (c->args[0] == '#');
    answer_init(&a, tx, c);
    answer_line(&a, "why_silent.title", NULL);
    if (answer_body(c)[0] != '\0')
        answer_html(&a, answer_body(c));
    else if (number[0] != '\0')
        answer_line(&a, "why_silent.none_number", ANSWER_ARGS({"number", number}));
    else
        answer_line(&a, "why_silent.none", NULL);
    answer_menu(&a, "button.notifications", "notifications", "");
    answer_finish(&a, ret);
}

const struct bot_command why_silent_command = {
    .ops = {.name = "why_silent", .role = ROLE_VIEWER, .max_age_ms = 60 * 1000, .run = run},
    .bots = ROLES_THREE,
    .klass = COMMAND_READ,
    .args_usage = "[number]",
    .help_key = "help.why_silent",
    .is_personal = true,
    .prepare = prepare,
};
