/* sandbox/fault.h: the armed faults (spec telegram 2). A fault names a bot, a method, a kind and
 * how often it strikes; each stage of a call asks for the fault that strikes there. Kinds of the
 * stage NOW are not armed: they put strange updates into a queue at once. Pure state under the
 * sandbox's lock. */
#ifndef TRIDENT_SANDBOX_FAULT_H
#define TRIDENT_SANDBOX_FAULT_H

#include "sandbox/params.h"
#include "sandbox/world.h"

#define SANDBOX_FAULTS_MAX 64

enum sandbox_fault_kind {
    SANDBOX_FAULT_UNSET = 0,
    /* instead of executing */
    SANDBOX_FAULT_FLOOD,            /* 429: retry_after; variant missing | string | header */
    SANDBOX_FAULT_STATUS,           /* status; body html | empty | json | markup */
    SANDBOX_FAULT_HANG,             /* accepted, never answered */
    SANDBOX_FAULT_DROP_BEFORE,      /* connection closed, not executed */
    SANDBOX_FAULT_CONFLICT_POLL,    /* 409 other getUpdates */
    SANDBOX_FAULT_CONFLICT_WEBHOOK, /* 409 webhook active */
    SANDBOX_FAULT_UNAUTHORISED,     /* 401 */
    SANDBOX_FAULT_NOT_FOUND_EDIT,   /* 400 message to edit not found; variant cannot | unmodified */
    SANDBOX_FAULT_MIGRATE,          /* 400 with migrate_to_chat_id = to_chat_id */
    SANDBOX_FAULT_BLOCKED,          /* 403; variant deactivated | kicked | deleted */
    SANDBOX_FAULT_EMPTY_POLL,       /* getUpdates answers [] at once */
    SANDBOX_FAULT_WRONG_ME,         /* getMe answers another id */
    /* executed, but the answer is disturbed */
    SANDBOX_FAULT_TRUNCATE, /* JSON cut after bytes; variant length: Content-Length promises all */
    SANDBOX_FAULT_EXECUTE_THEN_DROP, /* after delay_ms */
    SANDBOX_FAULT_DELAY,             /* answered after delay_ms */
    SANDBOX_FAULT_SLOW_BODY,         /* one byte every delay_ms */
    SANDBOX_FAULT_CLOSE_EVERY,       /* Connection: close */
    SANDBOX_FAULT_CHUNKED,
    SANDBOX_FAULT_GZIP,
    /* a batch of updates is disturbed */
    SANDBOX_FAULT_DUPLICATE_UPDATES, /* each update twice in the batch */
    SANDBOX_FAULT_OUT_OF_ORDER,      /* newest first */
    /* at once */
    SANDBOX_FAULT_ID_RESTART, /* queue emptied, ids go on from start */
    SANDBOX_FAULT_GIANT_UPDATE,
    SANDBOX_FAULT_BAD_UTF8,
    SANDBOX_FAULT_UNKNOWN_UPDATE,
    SANDBOX_FAULT_WRONG_TYPES,
    SANDBOX_FAULT_COUNT
};

enum sandbox_fault_stage {
    SANDBOX_STAGE_UNSET = 0,
    SANDBOX_STAGE_BEFORE,
    SANDBOX_STAGE_ANSWER,
    SANDBOX_STAGE_BATCH,
    SANDBOX_STAGE_NOW,
    SANDBOX_STAGE_COUNT
};

struct sandbox_fault {
    enum sandbox_fault_kind kind;
    int bot;         /* -1 = every */
    char method[40]; /* "*" = every */
    int64_t count;   /* how often it still strikes; -1 = until cleared */
    int64_t skip;    /* calls let through first */
    int64_t retry_after_s, status, bytes, delay_ms, chat_id, to_chat_id, start;
    char variant[16], body[16];
    uint64_t struck;
};

struct sandbox_faults {
    struct sandbox_fault items[SANDBOX_FAULTS_MAX];
    size_t count;
    uint64_t struck;
};

const char *sandbox_fault_name(enum sandbox_fault_kind kind);
enum sandbox_fault_stage sandbox_fault_stage_of(enum sandbox_fault_kind kind);
/* Reads the parameters of POST /sandbox/fault. NULL, or what is wrong. */
const char *sandbox_fault_read(struct sandbox_fault *ret, const struct sandbox_params *p,
                               struct sandbox_world *w);
TR_MUST_USE bool sandbox_faults_arm(struct sandbox_faults *f, const struct sandbox_fault *fault);
/* The fault that strikes this call at this stage, counted down; false = none. chat_id 0 = no chat.
 */
bool sandbox_faults_take(struct sandbox_faults *f, enum sandbox_fault_stage stage, int bot,
                         const char *method, int64_t chat_id, struct sandbox_fault *ret);
void sandbox_faults_clear(struct sandbox_faults *f, int bot); /* -1 = all */
void sandbox_faults_write(const struct sandbox_faults *f, const struct sandbox_world *w,
                          struct buf *out);

#endif
