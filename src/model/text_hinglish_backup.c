/* Hinglish texts of backups. Sorted by key. */
#include "model/text_sections.h"

const struct text_entry text_hinglish_backup[] = {
    {"event.backup_failed", "💾 <b>BACKUP NAHI BANA</b>\n{text}\nHar das minute me phir try hoga."},
    {"event.backup_made", "💾 Backup ban gaya: {text}"},
};
const size_t text_hinglish_backup_count = TR_ARRAY_SIZE(text_hinglish_backup);
