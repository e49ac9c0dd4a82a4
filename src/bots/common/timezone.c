/* /timezone [zone]: in which zone this chat reads times: reports, history, live cards, quiet hours
 * and digests. A statement of notify/rules.h, so it is journaled and kept over restarts. */
#include <stdio.h>

#include "bots/hearing.h"
#include "core/alloc.h"

#define ACCEPTED "+05:30, -3, UTC+2, IST, CET, JST"

static void offer(struct answer *a)
{
    static const struct {
        const char *arg, *label;
    } zones[] = {{"utc", "UTC"}, {"cet", "CET"}, {"msk", "MSK"}, {"ist", "IST"},
                 {"sgt", "SGT"}, {"jst", "JST"}, {"est", "EST"}, {"pst", "PST"}};
    for (size_t i = 0; i < TR_ARRAY_SIZE(zones); i++) {
        struct button b = {.kind = BUTTON_ACTION,
                           .name = "timezone",
                           .expires_ms = tx_now_ms(a->tx) + BUTTON_ACTION_TTL_MS};
        (void)str_copy(b.arg, sizeof b.arg, zones[i].arg); /* short */
        if (i % 4 == 0)
            answer_next_row(a);
        answer_button(a, "button.value", zones[i].label, &b);
    }
    answer_next_row(a);
}

static void choose(struct answer *a, struct rules *r, int zone)
{
    char name[8];
    char statement[EVENT_TEXT_CAP];
    bool is_same = r->utc_offset_min == zone;
    (void)snprintf(statement, sizeof statement, "zone %d", zone);
    bool is_said = hearing_say(a, r, statement); /* also when repeated: then it is the chat's own */
    TR_ASSERT(is_said);
    answer_line(a, is_same ? "timezone.already" : "timezone.done",
                ANSWER_ARGS({"zone", hearing_zone(zone, name)}));
    if (is_same)
        tx_receipt(a->tx, REASON_ALREADY_DONE, name);
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct rules r;
    int zone = 0;
    char name[8], near[RULES_PATTERN_CAP];
    answer_init(&a, tx, c);
    hearing_rules(&a, &r);
    if (c->args[0] == '\0')
        answer_line(&a, "timezone.now",
                    ANSWER_ARGS({"zone", hearing_zone(r.utc_offset_min, name)}));
    else if (hearing_read_zone(c->args, &zone, near))
        choose(&a, &r, zone);
    else {
        hearing_refuse(&a, c->args, ACCEPTED);
        if (near[0] != '\0')
            answer_line(&a, "args.near", ANSWER_ARGS({"near", near}));
    }
    offer(&a);
    answer_finish(&a, ret);
}

const struct bot_command timezone_command = {
    .ops = {.name = "timezone", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .aliases = {"zone", "tz"},
    .bots = ROLES_THREE,
    .klass = COMMAND_CHANGE,
    .args_usage = "[+05:30 | IST | UTC]",
    .help_key = "help.timezone",
    .is_personal = true,
    .prepare = hearing_prepare,
};
