/* model/text_en_phase.c: the phases of the take-over from the old bot. Sorted by key. */
#include "model/text_sections.h"

const struct text_entry text_en_phase[] = {
    {"button.phase", "🧭 Phase"},
    {"button.phase_back", "◀️ Back: {value}"},
    {"button.phase_next", "▶️ Next: {value}"},
    {"button.yes_legacy", "✅ Yes, old logic"},
    {"button.yes_phase", "✅ Yes, go on"},
    {"event.phase_changed", "🧭 <b>PHASE {plugin} → {text} {route}</b>"},
    {"event.phase_ready",
     "🟢 <b>PHASE {text} {route} IS DONE</b>\nAll its gates are open. Go on: /phase"},
    {"help.enable_legacy", "the old logic owns all orders again"},
    {"help.phase", "how far the take-over from the old bot is"},
    {"legacy_on.already", "☑️ The old logic owns the orders already."},
    {"legacy_on.ask",
     "⚠️ <b>Give all orders back to the old logic?</b>\nIt is switched on if it "
     "is off; plugins open nothing from then on. Open now: {count}."},
    {"legacy_on.done", "↩️ <b>The old logic owns the orders again.</b>"},
    {"menu.do.enable_legacy", "↩️ Old logic on"},
    {"menu.do.phase", "🧭 Phase"},
    {"phase.ask_next", "⚠️ <b>From {from} to {to}?</b>"},
    {"phase.ask_off",
     "⚠️ <b>End the transition?</b> The modes stay as they are; no phase holds "
     "them back from then on."},
    {"phase.at_first", "☑️ There is no phase before this one."},
    {"phase.at_last", "☑️ This is the last phase."},
    {"phase.does_cutover",
     "The plugin opens V3 trades; the old logic goes on deciding beside it. A "
     "mismatch goes back by itself. Make a backup first."},
    {"phase.does_new_logic", "V6 trades too."},
    {"phase.does_none", "The modes decide alone."},
    {"phase.does_parallel",
     "The new bots stand beside the old one: people hear both. The old bot alone trades."},
    {"phase.does_retired", "The old logic decides no more."},
    {"phase.does_shadow", "The plugin decides beside the old logic and trades nothing: LOGIC3 "
                          "first, then LOGIC2, LOGIC1, then all together."},
    {"phase.does_silent",
     "Nothing is traded here and nobody is told anything but the people who run it."},
    {"phase.does_transparent", "The old logic decides; its orders go through this engine."},
    {"phase.error", "  last error {age} ago: the hours count from it"},
    {"phase.gate", "  {icon} {name}: {have} of {need}"},
    {"phase.gate_most", "  {icon} {name}: {have}, at most {need}"},
    {"phase.moved", "✅ Phase <b>{phase}</b>."},
    {"phase.since", "  since {age}, by {who}"},
    {"phase.title", "🧭 <b>Phase {phase}</b>"},
    {"reason.PHASE_CLOSED", "The phase of the take-over does not allow this mode yet. See /phase."},
    {"reason.PHASE_MOVED", "It follows the phase of the take-over."},
    {"reason.PHASE_NO_ENTRIES", "In this phase the old bot alone trades: nothing is opened here."},
};
const size_t text_en_phase_count = TR_ARRAY_SIZE(text_en_phase);
