/* bots/shadowing.c: see shadowing.h. A move is asked about, done, mirrored to the old side, and
 * told with the gates that keep it closed when it is refused. */
#include "bots/shadowing.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bots/format.h"
#include "bots/safeguard.h"
#include "core/alloc.h"

#define ROUTE_ALL "all"

struct shadowing_scope shadowing_scope(const struct args *args, size_t at)
{
    const struct arg *plugin = &args->v[at], *route = &args->v[at + 1];
    struct shadowing_scope s = {"", ""};
    if (plugin->is_given && !str_eq(plugin->word, "both"))
        s.plugin = plugin->word;
    if (route->is_given && !str_eq(route->word, ROUTE_ALL))
        s.route = route->word;
    if (s.plugin[0] == '\0' && s.route[0] != '\0')
        s.plugin = "combined_v3"; /* LOGIC3 alone says whose it is */
    return s;
}

void shadowing_scope_text(enum lang lang, const char *plugin, const char *route, struct buf *out)
{
    if (plugin[0] == '\0') {
        buf_puts(out, text_get(lang, "shadow.everything"));
        return;
    }
    buf_puts(out, plugin);
    if (route[0] != '\0')
        buf_printf(out, " %s", route);
}

static void scope_name(const struct answer *a, const char *plugin, const char *route, char *out,
                       size_t cap)
{
    struct buf b TR_CLEANUP(buf_deinit) = {0};
    buf_init(&b, 256);
    shadowing_scope_text(a->c->lang, plugin, route, &b);
    (void)str_copy(out, cap, b.data); /* cut is fine: it is shown */
}

void shadowing_card(struct answer *a, const struct shadow_scope *s)
{
    char name[64], age[FORMAT_CAP], compared[FORMAT_CAP], matches[FORMAT_CAP], rate[FORMAT_CAP];
    char trades[FORMAT_CAP], profit[FORMAT_CAP];
    scope_name(a, s->plugin, s->route, name, sizeof(name));
    answer_line(a, "shadow.scope",
                ANSWER_ARGS({"scope", name}, {"mode", shadow_mode_name(s->mode)},
                            {"age", format_duration(tx_now_ms(a->tx) - s->since_ms, age)}));
    if (s->stats.compared > 0)
        answer_line(a, "shadow.compared",
                    ANSWER_ARGS({"compared", format_u64(s->stats.compared, compared)},
                                {"matches", format_u64(s->stats.matches, matches)},
                                {"rate", format_percent((int64_t)s->stats.matches,
                                                        (int64_t)s->stats.compared, rate)}));
    for (int v = SHADOW_ACTION_MISMATCH; v < SHADOW_VERDICT_COUNT; v++)
        if (s->stats.by_diff[v] > 0)
            answer_line(a, "shadow.by_type",
                        ANSWER_ARGS({"type", shadow_verdict_name((enum shadow_verdict)v)},
                                    {"count", format_u64(s->stats.by_diff[v], compared)}));
    if (s->stats.virtual_trades > 0)
        answer_line(a, "shadow.virtual",
                    ANSWER_ARGS({"count", format_u64(s->stats.virtual_trades, trades)},
                                {"profit", format_profit(s->stats.virtual_profit_e8, profit)}));
}

static const char *gate_key(const struct shadow_gate *g)
{
    if (str_eq(g->name, "hours"))
        return "shadow.gate_hours";
    return str_eq(g->name, "signals") ? "shadow.gate_signals" : "shadow.gate_mismatches";
}

void shadowing_gates(struct answer *a, const struct shadow_scope *s)
{
    struct shadow_gate gates[SHADOW_GATES];
    (void)tx_shadow_gates(a->tx, s, gates);
    for (int i = 0; i < SHADOW_GATES; i++) {
        char have[DEC_TEXT_CAP], need[DEC_TEXT_CAP];
        if (gates[i].is_open)
            continue;
        int digits = i == 0 ? 1 : 0;
        answer_line(a, gate_key(&gates[i]),
                    ANSWER_ARGS({"have", dec_format_fixed(gates[i].have_e8, digits, have)},
                                {"need", dec_format_fixed(gates[i].need_e8, digits, need)}));
    }
}

static void refuse(struct answer *a, const struct shadowing_scope *s, enum reason r,
                   const struct shadow_scope *closed)
{
    char name[64];
    if (r == REASON_ALREADY_DONE) {
        scope_name(a, s->plugin, s->route, name, sizeof(name));
        answer_line(
            a, "shadow.already",
            ANSWER_ARGS({"scope", name},
                        {"mode", shadow_mode_name(tx_shadow_mode(a->tx, s->plugin, s->route))}));
        tx_receipt(a->tx, r, "");
        return;
    }
    answer_refuse(a, r, s->plugin);
    if (r != REASON_GATE_CLOSED)
        return;
    if (closed == NULL) {
        answer_line(a, "shadow.gate_unseen", NULL);
        return;
    }
    scope_name(a, closed->plugin, closed->route, name, sizeof(name));
    answer_line(a, "shadow.gate_of", ANSWER_ARGS({"scope", name}));
    shadowing_gates(a, closed);
}

/* Whatever the command was called. */
static void mirror(struct answer *a, const struct shadowing_scope *s, enum shadow_mode mode)
{
    struct command meant = *a->c;
    TR_ASSERT(str_copy(meant.name, sizeof meant.name, "shadow_mode"));
    (void)snprintf(meant.args, sizeof meant.args, "%s%s%s%s%s", shadow_mode_name(mode),
                   s->plugin[0] != '\0' ? " " : "", s->plugin, s->route[0] != '\0' ? " " : "",
                   s->route);
    tx_mirror(a->tx, &meant);
}

void shadowing_move(struct answer *a, const struct shadowing_scope *s, enum shadow_mode mode)
{
    const struct shadow_scope *closed;
    char name[64];
    enum reason r = tx_shadow_check(a->tx, s->plugin, s->route, mode, &closed);
    scope_name(a, s->plugin, s->route, name, sizeof(name));
    if (r != REASON_ACCEPTED) {
        refuse(a, s, r, closed);
        return;
    }
    bool takes_over = mode == SHADOW_PLUGIN_SHADOW || mode == SHADOW_PLUGIN_ONLY;
    if (takes_over && !safeguard_backup(a))
        return;
    if (!a->c->confirmed) {
        char open[FORMAT_CAP];
        if (takes_over)
            safeguard_shadow(a, s->plugin);
        answer_line(a, "shadow.ask",
                    ANSWER_ARGS({"scope", name}, {"mode", shadow_mode_name(mode)}));
        answer_line(a, shadow_mode_plugin_trades(mode) ? "shadow.ask_plugin" : "shadow.ask_legacy",
                    NULL);
        answer_line(a, "shadow.ask_open",
                    ANSWER_ARGS({"count", format_u64(tx_position_count(a->tx), open)}));
        answer_ask(a, "button.yes_shadow");
        return;
    }
    r = tx_shadow_move(a->tx, s->plugin, s->route, mode);
    TR_ASSERT(r == REASON_ACCEPTED);
    mirror(a, s, mode);
    answer_line(a, "shadow.moved", ANSWER_ARGS({"scope", name}, {"mode", shadow_mode_name(mode)}));
    answer_menu(a, "button.shadow", "shadow", "");
}
