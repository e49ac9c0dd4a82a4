/* model/text_en_plugins.c: strategies that are programs of their own. Sorted by key. */
#include "model/text_sections.h"

const struct text_entry text_en_plugins[] = {
    {"help.reload", "Read one strategy's settings and program again"},
    {"plugins.none", "No program is configured in the place <b>{plugin}</b>."},
    {"plugins.shadow", "👥 {plugin}: in shadow mode, decides and trades nothing"},
    {"reason.PLUGIN_ANSWER", "The strategy's answer cannot be carried out."},
    {"reason.PLUGIN_BUSY", "The strategy was still busy with earlier alerts."},
    {"reason.PLUGIN_DIED", "The strategy's program ended."},
    {"reason.PLUGIN_NOT_ASKED", "The strategy is a program of its own; it is only asked live."},
    {"reason.PLUGIN_NOT_STARTED", "The strategy's program could not be started."},
    {"reason.PLUGIN_PROTOCOL", "The strategy's program said something that is no answer."},
    {"reason.PLUGIN_SKIPPED", "The strategy chose not to trade this alert."},
    {"reason.PLUGIN_TIMEOUT", "The strategy's program did not answer in time."},
    {"reason.PLUGIN_VERSION", "The strategy's program speaks another version."},
    {"reload.program", "🔌 <b>{plugin}</b>: {program} has taken over from {before}."},
    {"reload.program_first", "🔌 <b>{plugin}</b>: {program} has taken over."},
    {"reload.program_refused",
     "❌ <b>{plugin}</b>: the program was not exchanged, nothing has changed.\n{reason}: {why}"},
};
const size_t text_en_plugins_count = TR_ARRAY_SIZE(text_en_plugins);
