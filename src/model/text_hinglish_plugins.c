/* model/text_hinglish_plugins.c: strategies that are programs of their own. Sorted by key. */
#include "model/text_sections.h"

const struct text_entry text_hinglish_plugins[] = {
    {"help.reload", "Ek strategy ki settings aur program phir se padho"},
    {"plugins.none", "<b>{plugin}</b> ki jagah koi program configure nahi hai."},
    {"plugins.shadow", "👥 {plugin}: shadow mode, decide karta hai, trade nahi"},
    {"reason.PLUGIN_ANSWER", "Strategy ka jawab laagu nahi ho sakta."},
    {"reason.PLUGIN_BUSY", "Strategy pehle ke alerts mein busy thi."},
    {"reason.PLUGIN_DIED", "Strategy ka program band ho gaya."},
    {"reason.PLUGIN_NOT_ASKED", "Yeh strategy alag program hai; sirf live mein poochi jaati hai."},
    {"reason.PLUGIN_NOT_STARTED", "Strategy ka program start nahi ho saka."},
    {"reason.PLUGIN_PROTOCOL", "Strategy ke program ne jo kaha woh jawab nahi hai."},
    {"reason.PLUGIN_SKIPPED", "Strategy ne is alert par trade nahi chuna."},
    {"reason.PLUGIN_TIMEOUT", "Strategy ke program ne samay par jawab nahi diya."},
    {"reason.PLUGIN_VERSION", "Strategy ka program doosra version bolta hai."},
    {"reload.program", "🔌 <b>{plugin}</b>: {before} ki jagah ab {program}."},
    {"reload.program_first", "🔌 <b>{plugin}</b>: ab {program} chal raha hai."},
    {"reload.program_refused",
     "❌ <b>{plugin}</b>: program nahi badla, kuch nahi badla.\n{reason}: {why}"},
};
const size_t text_hinglish_plugins_count = TR_ARRAY_SIZE(text_hinglish_plugins);
