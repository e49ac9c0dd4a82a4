#include "bots/phasing.h"

#include <stdio.h>

#include "bots/format.h"

const char *phasing_name(enum phase p, int step, char out[PHASING_NAME_CAP])
{
    if (p == PHASE_SHADOW)
        (void)snprintf(out, PHASING_NAME_CAP, "%s %d/%d %s", phase_name(p), step + 1,
                       PHASE_SHADOW_STEPS, phase_step_route(step));
    else
        (void)snprintf(out, PHASING_NAME_CAP, "%s", phase_name(p));
    return out;
}

static void show_gates(struct answer *a)
{
    struct phase_gate gates[PHASE_GATES_MAX];
    bool is_open;
    int n = phase_tx_gates(a->tx, gates, &is_open);
    for (int i = 0; i < n; i++) {
        char have[DEC_TEXT_CAP], need[DEC_TEXT_CAP];
        int64_t have_e8 = dec_to_step(gates[i].have_e8, DEC_ONE / 10, DEC_DOWN);
        answer_line(a, gates[i].is_most ? "phase.gate_most" : "phase.gate",
                    ANSWER_ARGS({"icon", gates[i].is_open ? "🟢" : "⏳"}, {"name", gates[i].name},
                                {"have", dec_format(have_e8, have)},
                                {"need", dec_format(gates[i].need_e8, need)}));
    }
}

void phasing_line(struct answer *a)
{
    const struct phase_state *p = phase_tx(a->tx);
    char name[PHASING_NAME_CAP];
    if (p->now != PHASE_UNSET)
        answer_line(a, "phase.title", ANSWER_ARGS({"phase", phasing_name(p->now, p->step, name)}));
}

void phasing_card(struct answer *a)
{
    const struct phase_state *p = phase_tx(a->tx);
    char name[PHASING_NAME_CAP], age[FORMAT_CAP], key[48];
    answer_line(a, "phase.title", ANSWER_ARGS({"phase", phasing_name(p->now, p->step, name)}));
    if (p->is_chosen)
        answer_line(a, "phase.since",
                    ANSWER_ARGS({"age", format_duration(tx_now_ms(a->tx) - p->since_ms, age)},
                                {"who", p->by}));
    (void)snprintf(key, sizeof(key), "phase.does_%s", phase_name(p->now));
    answer_line(a, key, NULL);
    show_gates(a);
    if (p->seen.last_error_ms > 0)
        answer_line(
            a, "phase.error",
            ANSWER_ARGS({"age", format_duration(tx_now_ms(a->tx) - p->seen.last_error_ms, age)}));
}
