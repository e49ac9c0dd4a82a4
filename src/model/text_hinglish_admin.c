/* Hinglish texts for who runs the program: upgrades, tokens. Sorted by key. */
#include "model/text_sections.h"

const struct text_entry text_hinglish_admin[] = {
    {"event.token_ended", "🔑 <b>TOKEN KHATAM</b>\n{text}\nNaya: trident token new"},
    {"event.token_ending", "🔑 Token jaldi khatam:\n{text}\nNaya: trident token rotate"},
    {"event.upgrade_failed",
     "⬆️ <b>UPGRADE NAHI HUA</b>\n{text}\nPurana chalu hai; kuch nahi khoya."},
    {"event.upgraded", "⬆️ Upgrade ho gaya {text}"},
};
const size_t text_hinglish_admin_count = TR_ARRAY_SIZE(text_hinglish_admin);
