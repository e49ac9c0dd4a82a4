/* Hinglish texts of runtime settings and of the commands that change them. Sorted by key. */
#include "model/text_sections.h"

/* clang-format off */
const struct text_entry text_hinglish_settings[] = {
    {"event.setting_changed", "⚙️ <b>SETTING BADLI</b>\n{text}"},
    {"reason.SETTINGS_FULL",
     "Saari 256 runtime settings bhari hain; ek ko /config reset se wapas karein."},
};
/* clang-format on */
const size_t text_hinglish_settings_count = TR_ARRAY_SIZE(text_hinglish_settings);
