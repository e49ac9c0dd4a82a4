/* English texts of backups. Sorted by key. */
#include "model/text_sections.h"

const struct text_entry text_en_backup[] = {
    {"event.backup_failed", "💾 <b>NO BACKUP</b>\n{text}\nIt is tried again every ten minutes."},
    {"event.backup_made", "💾 Backup made: {text}"},
};
const size_t text_en_backup_count = TR_ARRAY_SIZE(text_en_backup);
