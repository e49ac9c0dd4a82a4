/* Any bytes as a multipart body, as a JSON body with a secret, as addresses and as a resume
 * position: no crash, results inside their bounds and inside the input. The first byte chooses. */
#include <string.h>

#include "core/alloc.h"
#include "http/access.h"
#include "http/live_position.h"
#include "net/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void multipart(char *text, size_t len)
{
    struct http_form_part parts[MULTIPART_PARTS_MAX];
    char boundary[MULTIPART_BOUNDARY_CAP] = "X";
    char head[128];
    size_t n = strnlen(text, len);
    /* The first line is the Content-Type, the rest the body. */
    char *line_end = memchr(text, '\n', n);
    if (line_end == NULL || (size_t)(line_end - text) >= sizeof(head))
        return;
    memcpy(head, text, (size_t)(line_end - text));
    head[line_end - text] = '\0';
    (void)multipart_boundary(head, boundary); /* else the default one */
    char *body = line_end + 1;
    size_t body_len = len - (size_t)(body - text);
    size_t count = multipart_parse(body, body_len, boundary, parts);
    TR_ASSERT(count <= MULTIPART_PARTS_MAX);
    for (size_t i = 0; i < count; i++) {
        TR_ASSERT(parts[i].name >= body && parts[i].name <= body + body_len);
        TR_ASSERT(parts[i].len == 0 ||
                  (parts[i].data >= body && parts[i].data + parts[i].len <= body + body_len));
        TR_ASSERT(parts[i].data[parts[i].len] == '\0');
    }
}

static void addresses(const char *text)
{
    struct access_rule rule;
    char client[ACCESS_ADDRESS_CAP];
    size_t count = access_rule_parse(text, &rule) ? 1 : 0;
    TR_ASSERT(count == 0 || (rule.bits >= 0 && rule.bits <= 128));
    access_client_address("127.0.0.1", text, &rule, count, client);
    TR_ASSERT(access_rule_parse("127.0.0.0/8", &rule));
    access_client_address("127.0.0.1", text, &rule, 1, client);
    TR_ASSERT(strlen(client) < sizeof(client));
}

static void position(const char *text)
{
    static const char *const ids[] = {"main", "b"};
    uint64_t at[2] = {0, 0};
    live_position_parse(text, ids, 2, at);
    TR_ASSERT(at[0] <= INT64_MAX && at[1] <= INT64_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > 65536)
        return 0;
    size_t len = size - 1;
    char *text = try_alloc(len + 1); /* exact, so that a read beyond it is seen */
    if (text == NULL)
        return 0;
    memcpy(text, data + 1, len);
    char secret[ACCESS_SECRET_CAP];
    switch (data[0] % 4) {
    case 0:
        multipart(text, len);
        break;
    case 1:
        if (access_body_secret(text, len, secret))
            TR_ASSERT(strlen(secret) < sizeof(secret));
        break;
    case 2:
        addresses(text);
        break;
    default:
        position(text);
        break;
    }
    (void)mem_free(text); /* returns NULL */
    return 0;
}
