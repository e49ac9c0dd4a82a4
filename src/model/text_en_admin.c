/* English texts for who runs the program: upgrades, tokens. Sorted by key. */
#include "model/text_sections.h"

const struct text_entry text_en_admin[] = {
    {"event.token_ended", "🔑 <b>TOKEN HAS ENDED</b>\n{text}\nNew one: trident token new"},
    {"event.token_ending", "🔑 A token ends soon:\n{text}\nNew one: trident token rotate"},
    {"event.upgrade_failed",
     "⬆️ <b>NOT UPGRADED</b>\n{text}\nThe old process goes on; nothing was lost."},
    {"event.upgraded", "⬆️ Upgraded {text}"},
};
const size_t text_en_admin_count = TR_ARRAY_SIZE(text_en_admin);
