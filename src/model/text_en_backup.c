/* English texts of backups. Sorted by key. */
#include "model/text_sections.h"

const struct text_entry text_en_backup[] = {
    {"event.backup_failed", "💾 <b>NO BACKUP</b>\n{text}\nIt is tried again every ten minutes."},
    {"event.backup_made", "💾 Backup made: {text}"},
    {"reason.BACKUP_NEEDED", "There is no verified backup of the last day."},
    {"safeguard.fresh", "💾 Newest verified backup: {ago} ago."},
    {"safeguard.make_one",
     "Newest verified backup: {ago}. Make one first: <code>trident backup</code>"},
    {"safeguard.own_shadow", "⚠️ {plugin} is in its own shadow mode: it would not trade."},
    {"safeguard.stale",
     "⚠️ <b>No verified backup of the last day</b> (newest: {ago}). Make one "
     "first: <code>trident backup</code>"},
};
const size_t text_en_backup_count = TR_ARRAY_SIZE(text_en_backup);
