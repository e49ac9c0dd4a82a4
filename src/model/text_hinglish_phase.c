/* model/text_hinglish_phase.c: the twin of text_en_phase.c. */
#include "model/text_sections.h"

const struct text_entry text_hinglish_phase[] = {
    {"button.phase", "🧭 Phase"},
    {"button.phase_back", "◀️ Peeche: {value}"},
    {"button.phase_next", "▶️ Aage: {value}"},
    {"button.yes_legacy", "✅ Haan, purana logic"},
    {"button.yes_phase", "✅ Haan, aage badho"},
    {"event.phase_changed", "🧭 <b>PHASE {plugin} → {text} {route}</b>"},
    {"event.phase_ready",
     "🟢 <b>PHASE {text} {route} POORA HUA</b>\nSaare gate khule. Aage: /phase"},
    {"help.enable_legacy", "saare order phir se purane logic ke"},
    {"help.phase", "purane bot se kaam lena kahan tak pahuncha"},
    {"legacy_on.already", "☑️ Order pehle se purane logic ke hain."},
    {"legacy_on.ask",
     "⚠️ <b>Saare order purane logic ko wapas dein?</b>\nBand ho to chalu hoga; "
     "plugin phir kuch nahi kholenge. Abhi open: {count}."},
    {"legacy_on.done", "↩️ <b>Order phir se purane logic ke hain.</b>"},
    {"menu.do.enable_legacy", "↩️ Purana logic chalu"},
    {"menu.do.phase", "🧭 Phase"},
    {"phase.ask_next", "⚠️ <b>{from} se {to} par jayein?</b>"},
    {"phase.ask_off",
     "⚠️ <b>Transition khatam karein?</b> Mode jaise hain waise rahenge; phir koi "
     "phase unhe nahi rokega."},
    {"phase.at_first", "☑️ Isse pehle koi phase nahi hai."},
    {"phase.at_last", "☑️ Yeh aakhri phase hai."},
    {"phase.does_cutover", "Plugin V3 trade kholta hai; purana logic saath mein faisla karta rehta "
                           "hai. Mismatch par apne aap wapas. Pehle backup lein."},
    {"phase.does_new_logic", "V6 bhi trade karta hai."},
    {"phase.does_none", "Sirf mode faisla karte hain."},
    {"phase.does_parallel",
     "Naye bot purane ke saath khade hain: log dono sunte hain. Trade sirf purana bot karta hai."},
    {"phase.does_retired", "Purana logic ab faisla nahi karta."},
    {"phase.does_shadow",
     "Plugin purane logic ke saath faisla karta hai, trade nahi: pehle LOGIC3, "
     "phir LOGIC2, LOGIC1, phir sab saath."},
    {"phase.does_silent", "Yahan kuch trade nahi hota aur chalane walon ke siwa kisi ko kuch nahi "
                          "bataya jata."},
    {"phase.does_transparent", "Purana logic faisla karta hai; uske order is engine se jate hain."},
    {"phase.error", "  aakhri galti {age} pehle: ghante usi se gine jate hain"},
    {"phase.gate", "  {icon} {name}: {have} / {need}"},
    {"phase.gate_most", "  {icon} {name}: {have}, zyada se zyada {need}"},
    {"phase.moved", "✅ Phase <b>{phase}</b>."},
    {"phase.since", "  {age} se, {who} ne"},
    {"phase.title", "🧭 <b>Phase {phase}</b>"},
    {"reason.PHASE_CLOSED", "Is phase mein yeh mode abhi nahi chalega. Dekho /phase."},
    {"reason.PHASE_MOVED", "Yeh phase ke saath badla."},
    {"reason.PHASE_NO_ENTRIES", "Is phase mein sirf purana bot trade karta hai: yahan kuch nahi "
                                "khulta."},
};
const size_t text_hinglish_phase_count = TR_ARRAY_SIZE(text_hinglish_phase);
