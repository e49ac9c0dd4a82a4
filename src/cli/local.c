/* The way into a running daemon for who runs as the same user: its Unix socket. */
#include <stdio.h>
#include "cli/cli.h"
#include "core/file.h"
#include "http/http.h"
#include "net/http_client.h"
#include "net/http_server.h"

bool cli_ask_daemon(const struct conf *c, const struct http_request *request,
                    struct http_response *ret)
{
    char path[CONF_PATH_CAP + sizeof(HTTP_SOCKET_FILE)], name[HTTP_LOCAL_NAME_CAP];
    int dir_fd = -1;
    int n = snprintf(path, sizeof(path), "%s/" HTTP_SOCKET_FILE, c->data_dir);
    TR_ASSERT(n > 0 && (size_t)n < sizeof(path));
    ret->result = HTTP_E_CONNECT;
    if (http_local_name(path, name, &dir_fd) < 0)
        return false;
    struct http_request local = *request;
    local.unix_path = name;
    struct http_caller *caller = http_caller_new();
    http_call(caller, &local, ret);
    http_caller_free(caller);
    (void)file_close(dir_fd); /* always -1 */
    return ret->result == HTTP_OK;
}
