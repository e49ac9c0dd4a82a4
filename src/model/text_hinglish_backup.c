/* Hinglish texts of backups. Sorted by key. */
#include "model/text_sections.h"

const struct text_entry text_hinglish_backup[] = {
    {"event.backup_failed", "💾 <b>BACKUP NAHI BANA</b>\n{text}\nHar das minute me phir try hoga."},
    {"event.backup_made", "💾 Backup ban gaya: {text}"},
    {"reason.BACKUP_NEEDED", "Pichhle din ka koi verified backup nahi hai."},
    {"safeguard.fresh", "💾 Sabse naya verified backup: {ago} pehle."},
    {"safeguard.make_one",
     "Sabse naya verified backup: {ago}. Pehle ek banao: <code>trident backup</code>"},
    {"safeguard.own_shadow", "⚠️ {plugin} apne shadow mode mein hai: woh trade nahi karega."},
    {"safeguard.stale",
     "⚠️ <b>Pichhle din ka koi verified backup nahi</b> (sabse naya: {ago}). "
     "Pehle ek banao: <code>trident backup</code>"},
};
const size_t text_hinglish_backup_count = TR_ARRAY_SIZE(text_hinglish_backup);
