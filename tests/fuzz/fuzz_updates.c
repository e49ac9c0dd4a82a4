/* Any bytes as an answer of getUpdates and of a send: no crash, and what comes out keeps its
 * promises. */
#include <stdlib.h>
#include <string.h>

#include "telegram/client.h"
#include "telegram/message_text.h"

static void check_text(const char *s)
{
    if (!text_is_valid_utf8(s, strlen(s)))
        abort();
}

static void check_batch(const struct update_batch *b)
{
    for (size_t i = 0; i < b->count; i++) {
        const struct update *u = &b->items[i];
        if (i > 0 && u->update_id >= 0 && u->update_id <= b->items[i - 1].update_id)
            abort();
        if (u->update_id > b->max_update_id)
            abort();
        check_text(u->text);
        check_text(u->first_name);
        check_text(u->callback_id);
        check_text(u->callback_data);
        check_text(u->chat_type);
        check_text(u->member_status);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_response r = {.result = HTTP_OK, .status = 200, .retry_after_s = -1};
    struct update_batch batch;
    struct telegram_reply reply;
    buf_init(&r.body, 16u << 20);
    buf_append(&r.body, data, size);
    telegram_read_updates(&r, 100, &batch, &reply);
    if (reply.error != TELEGRAM_OK && batch.count != 0)
        abort();
    check_batch(&batch);
    update_batch_deinit(&batch);
    telegram_read_reply(&r, &reply);
    check_text(reply.description);
    r.status = 400;
    telegram_read_reply(&r, &reply);
    if (reply.error == TELEGRAM_OK)
        abort();
    check_text(reply.description);
    buf_deinit(&r.body);
    return 0;
}
