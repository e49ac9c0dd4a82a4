/* One value at a time: text to field and back by the type and form of its key, and the sentence
 * that says what would be accepted. Defaults, the file and the terminal all pass through
 * conf_key_set(), so they obey the same rules. It knows nothing of JSON and of other keys. */
#include "conf/conf_table.h"

#include <arpa/inet.h>
#include <string.h>
#include "core/alloc.h"
#include "core/hash.h"
#include "model/rules/sessions.h"
#include "model/symbol.h"

static bool all_in(const char *s, size_t len, const char *set)
{
    for (size_t i = 0; i < len; i++) {
        if (strchr(set, s[i]) == NULL)
            return false;
    }
    return true;
}

#define DIGITS              "0123456789"
#define LOWER               "abcdefghijklmnopqrstuvwxyz"
#define UPPER               "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define URL_SAFE            DIGITS LOWER UPPER "_-"
#define TOKEN_ID_MIN_DIGITS 3
#define TOKEN_KEY_MIN_CHARS 30

bool conf_is_token(const char *s)
{
    TR_ASSERT(s != NULL);
    size_t digits = strspn(s, DIGITS);
    if (digits < TOKEN_ID_MIN_DIGITS || s[digits] != ':')
        return false;
    const char *key = s + digits + 1;
    size_t len = strlen(key);
    return len >= TOKEN_KEY_MIN_CHARS && all_in(key, len, URL_SAFE);
}

static bool is_address(const char *s)
{
    unsigned char raw[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, s, raw) == 1 || inet_pton(AF_INET6, s, raw) == 1;
}

static bool has_host_bits(const unsigned char *raw, int bits, int most)
{
    for (int i = bits; i < most; i++) {
        if ((raw[i / 8] >> (7 - i % 8) & 1) != 0)
            return true;
    }
    return false;
}

/* "10.0.0.0/8", not "10.0.0.1/8": who writes that means one address or the network, we cannot know.
 */
static bool is_cidr(const char *s)
{
    char address[64];
    unsigned char raw[sizeof(struct in6_addr)];
    const char *slash = strchr(s, '/');
    int64_t bits;
    if (slash == NULL)
        return is_address(s);
    if ((size_t)(slash - s) >= sizeof address || !str_to_i64(slash + 1, &bits))
        return false;
    memcpy(address, s, (size_t)(slash - s));
    address[slash - s] = '\0';
    bool is_v6 = inet_pton(AF_INET6, address, raw) == 1;
    int most = is_v6 ? 128 : 32;
    if (!is_v6 && inet_pton(AF_INET, address, raw) != 1)
        return false;
    return bits >= 0 && bits <= most && !has_host_bits(raw, (int)bits, most);
}

bool conf_is_loopback(const char *address)
{
    return str_starts(address, "127.") || str_eq(address, "::1") || str_ieq(address, "localhost");
}

bool conf_url_is_acceptable(const char *url)
{
    if (strpbrk(url, " \"'<>\\@") != NULL)
        return false;
    if (str_starts(url, "https://"))
        return url[strlen("https://")] != '\0' && url[strlen("https://")] != '/';
    if (!str_starts(url, "http://"))
        return false;
    const char *host = url + strlen("http://");
    char name[64];
    size_t len;
    if (host[0] == '[') {
        host++;
        len = strcspn(host, "]");
    } else {
        len = strcspn(host, ":/?");
    }
    if (len == 0 || len >= sizeof name)
        return false;
    memcpy(name, host, len);
    name[len] = '\0';
    bool named = str_ieq(name, "localhost");
    return named || (is_address(name) && conf_is_loopback(name));
}

static bool has_form(enum conf_form form, const char *s)
{
    size_t len = strlen(s);
    char symbol[SYMBOL_CAP];
    int minute;
    uint32_t symbols;
    switch (form) {
    case CONF_FORM_TOKEN:
        return conf_is_token(s);
    case CONF_FORM_KEY:
        return len >= CONF_KEY_MIN_CHARS && all_in(s, len, URL_SAFE);
    case CONF_FORM_BEARER:
        return all_in(s, len, URL_SAFE "~+/.=");
    case CONF_FORM_ADDRESS:
        return is_address(s);
    case CONF_FORM_CIDR:
        return is_cidr(s);
    case CONF_FORM_SMTP:
        return (str_starts(s, "smtp://") || str_starts(s, "smtps://")) &&
               strpbrk(s, " \"<>") == NULL;
    case CONF_FORM_URL:
        return conf_url_is_acceptable(s);
    case CONF_FORM_SYMBOL:
        return symbol_normalise(s, symbol) && symbol_find(symbol) != NULL;
    case CONF_FORM_ID:
        return all_in(s, len, LOWER DIGITS "_-") && s[0] != '-';
    case CONF_FORM_TIME:
        return sessions_parse_minute(s, &minute);
    case CONF_FORM_SYMBOLS:
        return sessions_parse_symbols(s, &symbols);
    case CONF_FORM_PASSPHRASE:
        return hash_passphrase_is_stored(s);
    case CONF_FORM_UNSET:
    case CONF_FORM_PATH:
        return true;
    case CONF_FORM_COUNT:
        break;
    }
    TR_ASSERT(false && "a known form");
    return false;
}

static bool is_printable(const char *s)
{
    for (; *s != '\0'; s++) {
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            return false;
    }
    return true;
}

/* An empty text means "not given"; only forms without which nothing works refuse it. */
static bool may_be_empty(enum conf_form form)
{
    return form != CONF_FORM_ADDRESS && form != CONF_FORM_ID && form != CONF_FORM_CIDR &&
           form != CONF_FORM_TIME;
}

static bool set_text(const struct conf_key *k, char *field, const char *text)
{
    char symbol[SYMBOL_CAP];
    if (strlen(text) >= k->size || !is_printable(text))
        return false;
    if (text[0] == '\0' ? !may_be_empty(k->form) : !has_form(k->form, text))
        return false;
    if (k->form == CONF_FORM_SYMBOL && text[0] != '\0') {
        TR_ASSERT(symbol_normalise(text, symbol));
        text = symbol;
    }
    return str_copy(field, k->size, text);
}

static void set_number(const struct conf_key *k, void *field, int64_t v)
{
    if (k->size == sizeof(bool))
        *(bool *)field = v != 0;
    else if (k->size == sizeof(int))
        *(int *)field = (int)v;
    else
        memcpy(field, &v, sizeof v);
}

static int64_t get_number(const struct conf_key *k, const void *field)
{
    int64_t v;
    if (k->size == sizeof(bool))
        return *(const bool *)field;
    if (k->size == sizeof(int))
        return *(const int *)field;
    TR_ASSERT(k->size == sizeof v);
    memcpy(&v, field, sizeof v);
    return v;
}

static const struct conf_choice *find_choice(const struct conf_key *k, const char *word)
{
    for (const struct conf_choice *c = k->choices; c->word != NULL; c++) {
        if (k->type == CONF_ENUM ? str_ieq(c->word, word) : str_eq(c->word, word))
            return c;
    }
    return NULL;
}

static bool set_parsed(const struct conf_key *k, void *field, const char *text)
{
    int64_t v = 0;
    if (k->choices != NULL && find_choice(k, text) != NULL) {
        set_number(k, field, DEC_NONE); /* a decimal may have one word besides */
        return true;
    }
    bool is_number = k->type == CONF_INT ? str_to_i64(text, &v) : dec_parse(text, strlen(text), &v);
    if (!is_number || v < k->min || v > k->max)
        return false;
    set_number(k, field, v);
    return true;
}

static bool append_text(const struct conf_key *k, void *base, char *first, const char *text)
{
    int *count = (int *)((char *)base + k->count_offset);
    TR_ASSERT(*count >= 0);
    if (text[0] == '\0' || *count >= k->max)
        return false;
    if (!set_text(k, first + (size_t)*count * k->size, text))
        return false;
    (*count)++;
    return true;
}

bool conf_key_set(const struct conf_key *k, void *base, const char *text)
{
    TR_ASSERT(text != NULL);
    char *field = (char *)base + k->offset;
    const struct conf_choice *choice;
    switch (k->type) {
    case CONF_BOOL:
        if (!str_eq(text, "true") && !str_eq(text, "false"))
            return false;
        set_number(k, field, text[0] == 't');
        return true;
    case CONF_INT:
    case CONF_DECIMAL:
        return set_parsed(k, field, text);
    case CONF_STRING:
    case CONF_SECRET:
        return set_text(k, field, text);
    case CONF_WORD:
        return find_choice(k, text) != NULL && set_text(k, field, text);
    case CONF_ENUM:
        choice = find_choice(k, text);
        if (choice == NULL)
            return false;
        set_number(k, field, choice->value);
        return true;
    case CONF_STRINGS:
        return append_text(k, base, field, text);
    case CONF_TYPE_UNSET:
    case CONF_TYPE_COUNT:
        break;
    }
    TR_ASSERT(false && "a known type");
    return false;
}

void conf_key_get(const struct conf_key *k, const void *base, struct buf *out)
{
    const void *field = (const char *)base + k->offset;
    char text[DEC_TEXT_CAP];
    switch (k->type) {
    case CONF_BOOL:
        buf_puts(out, get_number(k, field) != 0 ? "true" : "false");
        return;
    case CONF_INT:
        buf_printf(out, "%lld", (long long)get_number(k, field));
        return;
    case CONF_DECIMAL:
        if (k->choices != NULL && get_number(k, field) == DEC_NONE)
            buf_puts(out, k->choices[0].word);
        else
            buf_puts(out, dec_format(get_number(k, field), text));
        return;
    case CONF_STRING:
    case CONF_WORD:
        buf_puts(out, field);
        return;
    case CONF_ENUM:
        for (const struct conf_choice *c = k->choices; c->word != NULL; c++) {
            if (c->value == get_number(k, field))
                buf_puts(out, c->word);
        }
        return;
    case CONF_SECRET:
    case CONF_STRINGS:
    case CONF_TYPE_UNSET:
    case CONF_TYPE_COUNT:
        break;
    }
    TR_ASSERT(false && "a type with one plain value");
}

static const char *form_sentence(enum conf_form form)
{
    switch (form) {
    case CONF_FORM_TOKEN:
        return "a bot token as @BotFather gives it: digits, a colon, 30 or more of A-Z a-z 0-9 _ -";
    case CONF_FORM_KEY:
        return "at least 16 characters of A-Z a-z 0-9 _ -";
    case CONF_FORM_BEARER:
        return "a token of A-Z a-z 0-9 _ - ~ + / . =";
    case CONF_FORM_ADDRESS:
        return "a numeric address, e.g. 127.0.0.1 or ::1";
    case CONF_FORM_CIDR:
        return "an address or network, e.g. 52.89.214.238 or 10.0.0.0/8";
    case CONF_FORM_SMTP:
        return "smtp://host:587 (encrypted by STARTTLS) or smtps://host:465";
    case CONF_FORM_URL:
        return "an https:// address, or http:// on loopback";
    case CONF_FORM_SYMBOL:
        return "a known symbol, e.g. XAUUSD or EURUSD";
    case CONF_FORM_ID:
        return "a name of a-z 0-9 _ -";
    case CONF_FORM_PATH:
        return "a path";
    case CONF_FORM_TIME:
        return "a time of day, HH:MM, e.g. 05:00";
    case CONF_FORM_SYMBOLS:
        return "known symbols separated by commas, e.g. EURUSD,XAUUSD";
    case CONF_FORM_PASSPHRASE:
        return "the line that `trident token passphrase` prints: $argon2id$...";
    case CONF_FORM_UNSET:
    case CONF_FORM_COUNT:
        break;
    }
    return "printable text";
}

void conf_key_accepted(const struct conf_key *k, char *out, size_t cap)
{
    struct buf b TR_CLEANUP(buf_deinit);
    char low[DEC_TEXT_CAP], high[DEC_TEXT_CAP];
    buf_init(&b, 1024);
    switch (k->type) {
    case CONF_BOOL:
        buf_puts(&b, "true or false");
        break;
    case CONF_INT:
        buf_printf(&b, "a whole number from %lld to %lld", (long long)k->min, (long long)k->max);
        break;
    case CONF_DECIMAL:
        buf_printf(&b, "a decimal number from %s to %s, at most 8 decimals%s%s",
                   dec_format(k->min, low), dec_format(k->max, high),
                   k->choices != NULL ? "; or " : "", k->choices != NULL ? k->choices[0].word : "");
        break;
    case CONF_WORD:
    case CONF_ENUM:
        buf_puts(&b, "one of");
        for (const struct conf_choice *c = k->choices; c->word != NULL; c++)
            buf_printf(&b, "%s %s", c == k->choices ? "" : ",", c->word);
        break;
    case CONF_STRING:
        buf_printf(&b, "%s, at most %zu bytes", form_sentence(k->form), k->size - 1);
        break;
    case CONF_SECRET:
        buf_printf(&b, "%s; or {\"file\": path} or {\"credential\": name}", form_sentence(k->form));
        break;
    case CONF_STRINGS:
        buf_printf(&b, "a list of at most %lld: %s", (long long)k->max, form_sentence(k->form));
        break;
    case CONF_TYPE_UNSET:
    case CONF_TYPE_COUNT:
        TR_ASSERT(false && "a known type");
    }
    (void)str_copy(out, cap, b.data); /* cut is fine: it is a sentence */
}

void conf_section_defaults(const struct conf_section *s, void *base)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct conf_key *k = &s->keys[i];
        /* An id has no default; its field stays 0 and `required` reports it. */
        if (k->type == CONF_STRINGS || k->required)
            continue;
        bool accepted = conf_key_set(k, base, k->def);
        TR_ASSERT(accepted);
    }
}
