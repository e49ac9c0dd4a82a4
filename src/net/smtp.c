#include "net/smtp.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/alloc.h"

#define MAIL_MAX_BYTES (256 * 1024)

struct upload {
    const char *data;
    size_t len, at;
};

static size_t on_read(char *out, size_t size, size_t count, void *ctx)
{
    struct upload *u = ctx;
    size_t n = size * count;
    n = n < u->len - u->at ? n : u->len - u->at;
    memcpy(out, u->data + u->at, n);
    u->at += n;
    return n;
}

static void write_date(struct buf *out, int64_t wall_ms)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t s = (time_t)(wall_ms / 1000);
    struct tm tm = {0};
    (void)gmtime_r(&s, &tm); /* any time of this century fits */
    buf_printf(out, "Date: %s, %02d %s %d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday % 7],
               tm.tm_mday, months[tm.tm_mon % 12], tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
               tm.tm_sec);
}

static void write_mail(struct buf *out, const struct smtp_mail *m)
{
    const char *at = strchr(m->from, '@');
    write_date(out, m->wall_ms);
    buf_printf(out, "From: Trident <%s>\r\nTo: %s\r\nSubject: %s\r\n", m->from, m->to, m->subject);
    buf_printf(out, "Message-ID: <trident-%lld%s>\r\n", (long long)m->id,
               at != NULL ? at : "@localhost");
    buf_puts(out, "MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n"
                  "Content-Transfer-Encoding: 8bit\r\n\r\n");
    for (const char *s = m->html; *s != '\0';) {
        size_t len = strcspn(s, "\n");
        buf_append(out, s, len);
        buf_puts(out, s[len] == '\n' ? "<br>\r\n" : "\r\n");
        s += len + (s[len] == '\n');
    }
}

static bool add_receivers(struct curl_slist **list, const char *to)
{
    for (size_t n = 0; n < SMTP_TO_MAX; n++) {
        to += strspn(to, ", ");
        size_t len = strcspn(to, ", ");
        if (len == 0)
            break;
        char *one TR_CLEANUP(mem_freep) = xstrndup(to, len);
        struct curl_slist *longer = curl_slist_append(*list, one);
        if (longer == NULL)
            return false;
        *list = longer;
        to += len;
    }
    return *list != NULL;
}

static bool is_loopback(const char *url)
{
    return str_starts(url, "smtp://127.") || str_starts(url, "smtp://localhost:") ||
           str_starts(url, "smtp://[::1]");
}

/* Setting an option fails only without memory. */
static bool set_options(CURL *c, const struct smtp_mail *m, struct curl_slist *to,
                        struct upload *body)
{
    long tls = is_loopback(m->url) ? (long)CURLUSESSL_TRY : (long)CURLUSESSL_ALL;
    bool ok = curl_easy_setopt(c, CURLOPT_URL, m->url) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps") == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_PROXY, "") == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_USE_SSL, tls) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_MAIL_FROM, m->from) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_MAIL_RCPT, to) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_READFUNCTION, on_read) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_READDATA, body) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_UPLOAD, 1L) == CURLE_OK &&
              curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)m->timeout_ms) == CURLE_OK;
    if (ok && m->user[0] != '\0')
        ok = curl_easy_setopt(c, CURLOPT_USERNAME, m->user) == CURLE_OK &&
             curl_easy_setopt(c, CURLOPT_PASSWORD, m->password) == CURLE_OK;
    return ok;
}

static enum http_result result_of(CURLcode code, bool sent)
{
    if (code == CURLE_OK)
        return HTTP_OK;
    if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_USE_SSL_FAILED)
        return HTTP_E_TLS;
    if (!sent)
        return HTTP_E_CONNECT;
    return code == CURLE_OPERATION_TIMEDOUT ? HTTP_E_TIMEOUT : HTTP_E_BROKEN;
}

enum http_result smtp_send(const struct smtp_mail *m, int *ret_status)
{
    TR_ASSERT(m->timeout_ms > 0 && m->url != NULL);
    struct buf text TR_CLEANUP(buf_deinit) = {0};
    buf_init(&text, MAIL_MAX_BYTES);
    write_mail(&text, m);
    *ret_status = 0;
    if (buf_failed(&text))
        return HTTP_E_TOO_BIG;
    struct upload body = {text.data, text.len, 0};
    struct curl_slist *to = NULL;
    CURL *c = curl_easy_init();
    enum http_result r = HTTP_E_CONNECT;
    long status = 0;
    if (c != NULL && add_receivers(&to, m->to) && set_options(c, m, to, &body)) {
        CURLcode code = curl_easy_perform(c);
        r = result_of(code, body.at > 0);
        if (curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK)
            *ret_status = (int)status;
    }
    curl_slist_free_all(to);
    curl_easy_cleanup(c);
    return r;
}
