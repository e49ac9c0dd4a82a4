/* Hinglish texts for who runs the program: upgrades, tokens. Sorted by key. */
#include "model/text_sections.h"

const struct text_entry text_hinglish_admin[] = {
    {"event.upgrade_failed",
     "⬆️ <b>UPGRADE NAHI HUA</b>\n{text}\nPurana chalu hai; kuch nahi khoya."},
    {"event.upgraded", "⬆️ Upgrade ho gaya {text}"},
};
const size_t text_hinglish_admin_count = TR_ARRAY_SIZE(text_hinglish_admin);
