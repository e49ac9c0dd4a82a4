/* engine/settings.h: what people changed while the program runs: overrides path -> text on the
 * trader's configuration ("risk.daily_loss_cap" -> "150"), and who changed what when. Part of the
 * engine's state: changed only by commands inside apply() (tx_setting_set), journaled, kept over
 * restarts. A changed file does not undo an override, and /config shows both.
 *
 * What an override means is told by engine_settings_ops: `check` knows keys and values, `apply`
 * lays all of them over the configuration. Plugins see the result with the next decision; the rules
 * that apply() itself obeys enter by a row of their own (TIMER_RULES), so a replay needs neither
 * the file nor the table of keys. Engine thread; copies by engine_get_settings(). */
#ifndef TRIDENT_ENGINE_SETTINGS_H
#define TRIDENT_ENGINE_SETTINGS_H

#include "core/pack.h"
#include "model/user.h"

#define SETTINGS_MAX         256
#define SETTINGS_BASE_MAX    768 /* keys of the table */
#define SETTINGS_HISTORY_MAX 100
#define SETTING_PATH_CAP     72
#define SETTING_TEXT_CAP     144

struct engine_rules;
struct engine_options;

struct setting {
    char path[SETTING_PATH_CAP]; /* below the trader: "plugins.combined_v3.logic1.enabled" */
    char text[SETTING_TEXT_CAP];
    uint64_t seq; /* receipt of the change */
    int64_t changed_ms;
    char user_name[USER_NAME_CAP];
};

struct setting_change {
    struct setting to; /* text "" when is_reset */
    bool is_reset;     /* back to what the file says */
    bool had_override;
    char from[SETTING_TEXT_CAP]; /* the override before, when there was one */
};

struct setting_base {
    char path[SETTING_PATH_CAP];
    char text[SETTING_TEXT_CAP];
};

struct settings {
    uint64_t revision; /* grows with each change */
    /* Every key that may be overridden, as the file had it when the process came up; enters with
     * TIMER_START. */
    struct setting_base base[SETTINGS_BASE_MAX];
    size_t base_count;
    struct setting items[SETTINGS_MAX];
    size_t count;
    struct setting_change history[SETTINGS_HISTORY_MAX]; /* ring */
    size_t history_count, history_next;
};

#define SETTINGS_BASE_MAX_BYTES (48 * 1024) /* of the lines "path TAB text" */

enum settings_result { SETTINGS_OK = 0, SETTINGS_E_SAME = 1, SETTINGS_E_FULL = 2 };

/* The override of path; NULL when the configuration decides. */
const struct setting *settings_find(const struct settings *s, const char *path);
/* by: path, text and who. SAME: it says so already. */
TR_MUST_USE enum settings_result settings_set(struct settings *s, const struct setting *by);
/* Drops the override by->path. SAME: there is none. */
TR_MUST_USE enum settings_result settings_reset(struct settings *s, const struct setting *by);
/* What the file says; NULL: no such key. */
const char *settings_base(const struct settings *s, const char *path);
/* What is in force: the override, else what the file says; NULL: neither. */
const char *settings_text(const struct settings *s, const char *path);
/* An override that only says what the file says now, read while the program runs: by->user_name
 * begins so. The next start reads the file itself and drops it. */
#define SETTINGS_BY_FILE "file: "
bool settings_is_by_file(const struct setting *v);
/* lines: "path TAB text NEWLINE"; what does not fit is left out. */
void settings_set_base(struct settings *s, const char *lines);
/* The i-th newest change. */
const struct setting_change *settings_change_at(const struct settings *s, size_t i);

void settings_pack(const struct settings *s, struct buf *out);
void settings_unpack(struct settings *s, struct unpack *u);

struct engine_settings_ops {
    /* Is text acceptable for path? ret: the text in its one form. Pure and without locks: asked
     * again by replay. */
    bool (*check)(const char *path, const char *text, char ret[SETTING_TEXT_CAP]);
    /* Lays the overrides over the configuration: what plugin_confs point to changes in place; ret:
     * the rules in force. Engine thread, between two inputs. */
    void (*apply)(void *ctx, const struct settings *s, struct engine_rules *ret);
    /* Every key and its text in the file, as lines for settings_set_base(). */
    void (*base)(void *ctx, struct buf *out);
    void *ctx;
};

/* Makes opt->rules and what opt->plugin_confs point to as s wants them. Engine thread, or before
 * there is one. */
void settings_lay(struct engine_options *opt, const struct settings *s);

#endif
