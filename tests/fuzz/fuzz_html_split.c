/* Any bytes as HTML: pieces fit, are valid UTF-8, and together say what the whole says. */
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "telegram/message_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > 64 * 1024)
        return 0;
    size_t max = 64 + data[0];
    char *html = xstrndup((const char *)data + 1, size - 1);
    size_t count = 0;
    struct buf whole;
    struct buf joined;
    buf_init(&whole, 1u << 20);
    buf_init(&joined, 1u << 20);
    text_html_to_plain(&whole, html);
    char **pieces = text_split_html(html, max, &count);
    for (size_t i = 0; i < count; i++) {
        if (text_utf16_len(pieces[i]) > max || !text_is_valid_utf8(pieces[i], strlen(pieces[i])))
            abort();
        text_html_to_plain(&joined, pieces[i]);
    }
    if (strcmp(whole.data, joined.data) != 0)
        abort();
    text_pieces_free(pieces, count);
    buf_deinit(&whole);
    buf_deinit(&joined);
    mem_free(html);
    return 0;
}
