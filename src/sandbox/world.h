/* sandbox/world.h: what exists on the pretended Telegram: bots, people, chats, messages, uploaded
 * files, callback queries, settings. Pure state under the sandbox's one lock; bounded everywhere:
 * 1,000 messages a chat, 64 MiB of files, 10,000 people, 4,096 callback queries. */
#ifndef TRIDENT_SANDBOX_WORLD_H
#define TRIDENT_SANDBOX_WORLD_H

#include "core/map.h"
#include "sandbox/backlog.h"
#include "sandbox/sandbox.h"

#define SANDBOX_CHAT_MESSAGES_MAX 1000
#define SANDBOX_PEOPLE_MAX        10000
#define SANDBOX_CHATS_MAX         100000
#define SANDBOX_FILES_MAX         512
#define SANDBOX_FILES_MAX_BYTES   ((size_t)64 * 1024 * 1024)
#define SANDBOX_CALLBACKS_MAX     4096
#define SANDBOX_CALLBACK_TTL_MS   30000
#define SANDBOX_SETTINGS_MAX      256
#define SANDBOX_CHAT_KEY_CAP      72

struct http_exchange;

struct sandbox_person {
    int64_t id;
    char name[64];
    char username[64]; /* "" = none */
};

struct sandbox_setting { /* "commands:default:en", "description:", "menu_button:42" ... */
    char key[96];
    char *value;
};

struct sandbox_bucket { /* tokens in millionths */
    int64_t micro, refilled_us;
};

struct sandbox_bot {
    int index;
    int64_t id;
    char token[128];
    char name[32], username[64], title[64];
    struct sandbox_backlog backlog;
    uint32_t allowed;           /* bit per enum sandbox_update_kind */
    struct http_exchange *poll; /* parked getUpdates */
    int64_t poll_deadline_us, poll_offset;
    int poll_limit;
    int64_t last_offset, last_poll_us; /* strict_polls */
    char webhook_url[256];
    bool logged_out;
    int64_t next_message_id;
    struct sandbox_setting settings[SANDBOX_SETTINGS_MAX];
    size_t setting_count;
    struct sandbox_bucket bucket;
    uint64_t calls, polls, sent, edited, failed, conflicts;
};

enum sandbox_media {
    SANDBOX_MEDIA_UNSET = 0,
    SANDBOX_MEDIA_TEXT,
    SANDBOX_MEDIA_PHOTO,
    SANDBOX_MEDIA_DOCUMENT,
    SANDBOX_MEDIA_VOICE,
    SANDBOX_MEDIA_SERVICE, /* pinned, migrated, members: text is what the page shows */
    SANDBOX_MEDIA_COUNT
};

struct sandbox_message {
    int64_t id, seq;
    int64_t date_s, edit_date_s; /* 0 = never edited */
    int64_t from_id;
    int bot; /* index of the sending bot, -1: a person */
    int64_t thread_id, reply_to, forward_from;
    enum sandbox_media media;
    char *text;     /* text or caption, never NULL */
    char *entities; /* JSON array or NULL */
    char *html;     /* as sent with parse_mode HTML, or NULL */
    char *keyboard; /* JSON of reply_markup or NULL */
    char *service;  /* "member:JSON" of a service message, or NULL */
    uint64_t file;  /* serial of the file, 0 = none */
    bool pinned, deleted;
};

enum sandbox_chat_kind {
    SANDBOX_CHAT_UNSET = 0,
    SANDBOX_CHAT_PRIVATE,
    SANDBOX_CHAT_GROUP,
    SANDBOX_CHAT_SUPERGROUP,
    SANDBOX_CHAT_COUNT
};
enum sandbox_access {
    SANDBOX_ACCESS_OPEN = 0,
    SANDBOX_ACCESS_BLOCKED,
    SANDBOX_ACCESS_DEACTIVATED,
    SANDBOX_ACCESS_KICKED,
    SANDBOX_ACCESS_COUNT
};

struct sandbox_chat {
    enum sandbox_chat_kind kind;
    int64_t id;                    /* as bots see it */
    int bot;                       /* private: the bot's index; groups: -1 */
    struct sandbox_person *person; /* private */
    char title[64];
    enum sandbox_access access; /* private: of the one bot; groups: unused */
    uint32_t kicked;            /* groups: bit per bot */
    int64_t migrated_to;        /* groups: 0 = alive */
    int last_bot;               /* group: index of the bot that spoke last, -1 */
    int64_t next_message_id;    /* groups; private chats count per bot */
    int64_t seq;                /* of the last change */
    struct sandbox_message **ring;
    size_t head, count, cap;
    struct sandbox_bucket bucket;
};

struct sandbox_file {
    uint64_t serial; /* 0 = free slot */
    enum sandbox_media kind;
    char name[128], mime[64];
    unsigned char *data;
    size_t len;
    int width, height;
};

struct sandbox_callback {
    uint64_t serial;
    int bot;
    int64_t chat_id, message_id, from_id;
    int64_t created_ms;
    bool answered, alert;
    char *text; /* NULL = none */
};

struct sandbox_world {
    struct sandbox_bot bots[SANDBOX_BOTS_MAX];
    size_t bot_count;
    struct sandbox_person *people[SANDBOX_PEOPLE_MAX];
    size_t person_count;
    struct map *people_by_id;
    struct map *chat_by_key;
    struct sandbox_chat **chats;
    size_t chat_count, chat_cap;
    struct sandbox_file files[SANDBOX_FILES_MAX];
    uint64_t last_file;
    size_t file_bytes;
    struct sandbox_callback *callbacks; /* ring of SANDBOX_CALLBACKS_MAX by serial */
    uint64_t last_callback;
    uint64_t callback_base; /* callback ids look random to clients */
    int64_t seq;            /* one counter over all changes people can see */
};

/* -EINVAL: a token without digits, a doubled id or name. */
TR_MUST_USE int sandbox_world_init(struct sandbox_world *w, const struct sandbox_options *opt);
void sandbox_world_deinit(struct sandbox_world *w);
/* Forgets messages, updates, files, callbacks, settings; bots and people stay. Polls must be
 * answered. */
void sandbox_world_reset(struct sandbox_world *w);

struct sandbox_bot *sandbox_world_bot_by_token(struct sandbox_world *w, const char *token,
                                               size_t len);
struct sandbox_bot *sandbox_world_bot_by_name(struct sandbox_world *w, const char *name);
struct sandbox_person *sandbox_world_person(const struct sandbox_world *w, int64_t id);
struct sandbox_person *sandbox_world_person_by_name(const struct sandbox_world *w,
                                                    const char *name);
/* NULL when the world is full. */
struct sandbox_person *sandbox_world_add_person(struct sandbox_world *w, int64_t id,
                                                const char *name, const char *username);
struct sandbox_chat *sandbox_world_private(struct sandbox_world *w, const struct sandbox_bot *bot,
                                           int64_t person_id);
struct sandbox_chat *sandbox_world_group(const struct sandbox_world *w, int64_t id);
struct sandbox_chat *sandbox_world_add_group(struct sandbox_world *w, int64_t id,
                                             const char *title);
/* What a bot means by chat_id; NULL: chat not found. */
struct sandbox_chat *sandbox_world_chat_of(struct sandbox_world *w, const struct sandbox_bot *bot,
                                           int64_t chat_id);
/* "controller:1001" or "-100123": how the page and scripts name a chat. */
void sandbox_chat_key(const struct sandbox_world *w, const struct sandbox_chat *c,
                      char out[SANDBOX_CHAT_KEY_CAP]);
struct sandbox_chat *sandbox_world_chat_by_name(struct sandbox_world *w, const char *key);

/* m->text must be set, strings are taken over. Assigns id (unless m->id > 0) and seq, drops the
 * oldest beyond the limit, returns the stored message. */
struct sandbox_message *sandbox_chat_append(struct sandbox_world *w, struct sandbox_chat *c,
                                            const struct sandbox_message *m);
/* NULL when unknown or deleted. */
struct sandbox_message *sandbox_chat_message(const struct sandbox_chat *c, int64_t id);
struct sandbox_message *sandbox_chat_at(const struct sandbox_chat *c, size_t i); /* 0 = oldest */
void sandbox_chat_touch(struct sandbox_world *w, struct sandbox_chat *c, struct sandbox_message *m);

const char *sandbox_setting_get(const struct sandbox_bot *b, const char *key);
/* value NULL removes. False: too many. */
bool sandbox_setting_set(struct sandbox_bot *b, const char *key, const char *value);

struct sandbox_upload {
    enum sandbox_media kind;
    const char *name, *mime;
    const void *data;
    size_t len;
};
/* 0: too big. Old files make room. */
uint64_t sandbox_file_add(struct sandbox_world *w, const struct sandbox_upload *u);
struct sandbox_file *sandbox_file_get(struct sandbox_world *w, uint64_t serial);
uint64_t sandbox_file_serial(const char *file_id); /* 0 = not one of ours */
void sandbox_file_id(const struct sandbox_file *f, char out[48]);
/* Reads the size of a PNG, JPEG, GIF or WEBP; false: not an image. */
bool sandbox_image_size(const unsigned char *p, size_t len, int *ret_width, int *ret_height);

struct sandbox_callback *sandbox_callback_add(struct sandbox_world *w);
struct sandbox_callback *sandbox_callback_get(struct sandbox_world *w, const char *id);
void sandbox_callback_id(const struct sandbox_world *w, const struct sandbox_callback *cb,
                         char out[24]);

#endif
