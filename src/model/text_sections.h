/* model/text_sections.h: the parts of the catalogues, one file each, sorted by key. Private to
 * text.c and to those files. */
#ifndef TRIDENT_MODEL_TEXT_SECTIONS_H
#define TRIDENT_MODEL_TEXT_SECTIONS_H

#include "model/text.h"

extern const struct text_entry text_en_reasons[]; /* "reason.*", "word.*" */
extern const size_t text_en_reasons_count;
extern const struct text_entry text_en_events[]; /* "event.*" */
extern const size_t text_en_events_count;
extern const struct text_entry text_en_commands[]; /* commands, menus, help */
extern const size_t text_en_commands_count;
extern const struct text_entry text_en_menus[]; /* menus, wizards, live cards, topics */
extern const size_t text_en_menus_count;
extern const struct text_entry text_en_settings[]; /* settings and what changes them */
extern const size_t text_en_settings_count;
extern const struct text_entry text_en_control[]; /* looking, trading, reporting */
extern const size_t text_en_control_count;
extern const struct text_entry text_en_v6[]; /* price action: pulse, trends, refusals */
extern const size_t text_en_v6_count;
extern const struct text_entry text_en_chains[]; /* re-entry and profit-booking chains */
extern const size_t text_en_chains_count;
extern const struct text_entry text_en_users[]; /* people, roles, second factors */
extern const size_t text_en_users_count;

extern const struct text_entry text_en_exits[]; /* stops that move, partial closes, sessions */
extern const size_t text_en_exits_count;
extern const struct text_entry text_hinglish_exits[];
extern const size_t text_hinglish_exits_count;

extern const struct text_entry text_hinglish_reasons[];
extern const size_t text_hinglish_reasons_count;
extern const struct text_entry text_hinglish_events[];
extern const size_t text_hinglish_events_count;
extern const struct text_entry text_hinglish_commands[];
extern const size_t text_hinglish_commands_count;
extern const struct text_entry text_hinglish_menus[];
extern const size_t text_hinglish_menus_count;
extern const struct text_entry text_hinglish_settings[];
extern const size_t text_hinglish_settings_count;
extern const struct text_entry text_hinglish_control[];
extern const size_t text_hinglish_control_count;
extern const struct text_entry text_hinglish_v6[];
extern const size_t text_hinglish_v6_count;
extern const struct text_entry text_hinglish_chains[];
extern const size_t text_hinglish_chains_count;
extern const struct text_entry text_hinglish_users[];
extern const size_t text_hinglish_users_count;

extern const struct text_entry text_en_notify[]; /* notifications: types, rules, digest, voice */
extern const size_t text_en_notify_count;
extern const struct text_entry text_hinglish_notify[];
extern const size_t text_hinglish_notify_count;

extern const struct text_entry text_en_shadow[]; /* the shadow machine */
extern const size_t text_en_shadow_count;
extern const struct text_entry text_hinglish_shadow[];
extern const size_t text_hinglish_shadow_count;

extern const struct text_entry text_en_risk[]; /* risk gate, the old bot's exits */
extern const size_t text_en_risk_count;
extern const struct text_entry text_hinglish_risk[];
extern const size_t text_hinglish_risk_count;

extern const struct text_entry text_en_plugins[]; /* strategies that are programs */
extern const size_t text_en_plugins_count;
extern const struct text_entry text_hinglish_plugins[];
extern const size_t text_hinglish_plugins_count;

extern const struct text_entry text_en_transition[]; /* old bot and new ones; the process' end */
extern const size_t text_en_transition_count;
extern const struct text_entry text_hinglish_transition[];
extern const size_t text_hinglish_transition_count;

extern const struct text_entry text_en_backup[]; /* backups */
extern const size_t text_en_backup_count;
extern const struct text_entry text_hinglish_backup[];
extern const size_t text_hinglish_backup_count;

extern const struct text_entry text_en_phone[]; /* what-if, drills, tiers, time zones */
extern const size_t text_en_phone_count;
extern const struct text_entry text_hinglish_phone[];
extern const size_t text_hinglish_phone_count;
extern const struct text_entry text_en_watch[]; /* health, log, latency */
extern const size_t text_en_watch_count;
extern const struct text_entry text_hinglish_watch[];
extern const size_t text_hinglish_watch_count;

extern const struct text_entry text_en_admin[]; /* upgrades, tokens */
extern const size_t text_en_admin_count;
extern const struct text_entry text_hinglish_admin[];
extern const size_t text_hinglish_admin_count;

extern const struct text_entry text_en_trader[]; /* traders' states */
extern const size_t text_en_trader_count;
extern const struct text_entry text_hinglish_trader[];
extern const size_t text_hinglish_trader_count;

extern const struct text_entry text_en_phase[]; /* phases of the take-over */
extern const size_t text_en_phase_count;
extern const struct text_entry text_hinglish_phase[];
extern const size_t text_hinglish_phase_count;

#endif
