#include "core/seal.h"

#include <errno.h>
#include <string.h>

#include "core/alloc.h"
#include "core/file.h"

#define MARK_BEGIN "[[sealed:"
#define MARK_END   "]]"
#define UNREADABLE "[unreadable]"
#define BOX_MAX    (SEAL_TEXT_MAX + HASH_BOX_EXTRA_BYTES)

static uint8_t seal_key[HASH_BOX_KEY_BYTES];
static bool has_key;

void seal_set_key(const uint8_t key[HASH_BOX_KEY_BYTES])
{
    TR_ASSERT(key != NULL);
    memcpy(seal_key, key, sizeof(seal_key));
    has_key = true;
}

int seal_load_key(const char *data_dir)
{
    TR_ASSERT(data_dir != NULL);
    char *path TR_CLEANUP(mem_freep) = xasprintf("%s/seal.key", data_dir);
    uint8_t key[HASH_BOX_KEY_BYTES];
    if (!file_exists(path)) {
        hash_random(key, sizeof(key));
        int r = file_write_atomic(path, key, sizeof(key), 0600);
        if (r < 0)
            return err_trace(r);
    } else {
        struct buf content TR_CLEANUP(buf_deinit) = {0};
        buf_init(&content, sizeof(key) + 1);
        int r = file_read(path, &content);
        if (r < 0)
            return err_trace(r);
        if (content.len != sizeof(key))
            return err_raise(-EBADMSG);
        memcpy(key, content.data, sizeof(key));
        hash_wipe(content.data, content.len);
    }
    seal_set_key(key);
    hash_wipe(key, sizeof(key));
    return 0;
}

void seal_bytes(const void *p, size_t len, uint8_t *box)
{
    TR_ASSERT(has_key);
    hash_box_seal(seal_key, p, len, box);
}

bool seal_open(const uint8_t *box, size_t box_len, void *out)
{
    return has_key && hash_box_open(seal_key, box, box_len, out);
}

char *seal_text(const char *plain)
{
    TR_ASSERT(plain != NULL);
    uint8_t box[BOX_MAX];
    char text[BOX_MAX * 4 / 3 + 4];
    size_t len = strlen(plain);
    TR_ASSERT(len <= SEAL_TEXT_MAX);
    seal_bytes(plain, len, box);
    hash_base64url(box, len + HASH_BOX_EXTRA_BYTES, text, sizeof(text));
    return xasprintf(MARK_BEGIN "%s" MARK_END, text);
}

bool seal_is_in(const char *text)
{
    TR_ASSERT(text != NULL);
    return strstr(text, MARK_BEGIN) != NULL;
}

static void reveal_one(struct buf *out, const char *text, size_t len)
{
    uint8_t box[BOX_MAX];
    char plain[SEAL_TEXT_MAX];
    size_t box_len = 0;
    if (!hash_base64url_decode(text, len, box, sizeof(box), &box_len) ||
        !seal_open(box, box_len, plain)) {
        buf_puts(out, UNREADABLE);
        return;
    }
    buf_append(out, plain, box_len - HASH_BOX_EXTRA_BYTES);
    hash_wipe(plain, sizeof(plain));
}

char *seal_reveal(const char *text)
{
    TR_ASSERT(text != NULL);
    struct buf out TR_CLEANUP(buf_deinit) = {0};
    buf_init(&out, strlen(text) * 2 + sizeof(UNREADABLE)); /* a secret is shorter than its seal */
    for (;;) {
        const char *begin = strstr(text, MARK_BEGIN);
        const char *end = begin != NULL ? strstr(begin, MARK_END) : NULL;
        if (end == NULL)
            break;
        buf_append(&out, text, (size_t)(begin - text));
        begin += strlen(MARK_BEGIN);
        reveal_one(&out, begin, (size_t)(end - begin));
        text = end + strlen(MARK_END);
    }
    buf_puts(&out, text);
    TR_ASSERT(!buf_failed(&out));
    return buf_take(&out);
}
