/* English texts of runtime settings and of the commands that change them. Sorted by key. */
#include "model/text_sections.h"

/* clang-format off */
const struct text_entry text_en_settings[] = {
    {"event.setting_changed", "⚙️ <b>SETTING CHANGED</b>\n{text}"},
    {"reason.SETTINGS_FULL",
     "All 256 runtime settings are in use; put one back with /config reset."},
};
/* clang-format on */
const size_t text_en_settings_count = TR_ARRAY_SIZE(text_en_settings);
