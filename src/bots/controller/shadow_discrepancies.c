/* /shadow_discrepancies: the newest alerts about which legacy handler and plugin did not agree. */
#include <stdio.h>

#include "bots/bot_command.h"
#include "bots/format.h"
#include "bots/shadowing.h"

#define SHOWN_USUALLY 5
#define SHOWN_MAX     20

static const struct arg_spec fields[] = {
    {.name = "n", .type = ARG_INT, .is_optional = true, .min = 1, .max = SHOWN_MAX},
    {.type = ARG_UNSET},
};

static const char *side_text(const struct shadow_view *v, char out[FORMAT_CAP])
{
    char lots[FORMAT_CAP];
    if (v->what.has_params)
        (void)snprintf(out, FORMAT_CAP, "%s %s", side_name(v->what.side),
                       format_lots(v->what.lots_e8, lots));
    else
        (void)snprintf(out, FORMAT_CAP, "%s%s%s", shadow_action_name(v->what.action),
                       v->reason != REASON_UNSET ? " " : "", reason_code(v->reason));
    return out;
}

static void show(struct answer *a, const struct shadow_record *r)
{
    char seq[FORMAT_CAP], legacy[FORMAT_CAP], plugin[FORMAT_CAP];
    answer_line(a, "shadow.record",
                ANSWER_ARGS({"seq", format_u64(r->seq, seq)}, {"symbol", r->symbol},
                            {"kind", signal_kind_name(r->kind)}, {"route", r->route},
                            {"type", shadow_verdict_name(r->diff)}));
    answer_line(a, "shadow.record_sides",
                ANSWER_ARGS({"legacy", side_text(&r->legacy, legacy)},
                            {"plugin", side_text(&r->plugins, plugin)}));
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    struct args args;
    const struct shadow *sh = tx_shadow(tx);
    answer_init(&a, tx, c);
    if (args_read(&a, &args)) {
        size_t n = args.v[0].is_given ? (size_t)args.v[0].number : SHOWN_USUALLY;
        if (sh->record_count == 0)
            answer_line(&a, "shadow.no_records", NULL);
        for (size_t i = 1; i <= n && i <= sh->record_count; i++)
            show(&a, &sh->records[(sh->record_next + SHADOW_RECORDS_MAX - i) % SHADOW_RECORDS_MAX]);
    }
    answer_menu(&a, "button.shadow", "shadow", "");
    answer_finish(&a, ret);
}

const struct bot_command shadow_discrepancies_command = {
    .ops = {.name = "shadow_discrepancies",
            .role = ROLE_VIEWER,
            .max_age_ms = 10 * 60 * 1000,
            .run = run},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args = fields,
    .help_key = "help.shadow_discrepancies",
};
