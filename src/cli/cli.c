/* What the subcommands share: terminal output, arguments, the configuration and waiting. */
#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "core/alloc.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/mutex.h"

const char *cli_program = "";

void cli_print(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    (void)vfprintf(stdout, fmt, ap); /* a closed terminal cannot be told */
    va_end(ap);
    (void)fflush(stdout);
}

void cli_error(const char *fmt, ...)
{
    va_list ap;
    (void)fputs("trident: ", stderr);
    va_start(ap, fmt);
    (void)vfprintf(stderr, fmt, ap);
    va_end(ap);
    (void)fputc('\n', stderr);
}

bool cli_is_terminal(void)
{
    return isatty(STDOUT_FILENO) == 1;
}

int cli_usage_error(const struct cli_command *c, const char *fmt, ...)
{
    char text[256];
    va_list ap;
    TR_ASSERT(c != NULL);
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap); /* cut is fine */
    va_end(ap);
    cli_error("%s: %s", c->name, text);
    cli_error("see `trident %s --help`", c->name);
    return CLI_USAGE;
}

static struct cli_option *find_option(struct cli_arguments *a, const char *word, size_t len)
{
    for (size_t i = 0; i < a->option_count; i++) {
        if (strlen(a->options[i].name) == len && strncmp(a->options[i].name, word, len) == 0)
            return &a->options[i];
    }
    return NULL;
}

int cli_parse(const struct cli_command *c, struct cli_arguments *a, int argc, char **argv)
{
    TR_ASSERT(a->word_max <= TR_ARRAY_SIZE(a->words));
    for (int i = 1; i < argc; i++) {
        char *word = argv[i];
        if (word[0] != '-' || word[1] == '\0') {
            if (a->word_count == a->word_max)
                return cli_usage_error(c, "\"%s\" is one word too many", word);
            a->words[a->word_count++] = word;
            continue;
        }
        const char *equals = strchr(word, '=');
        size_t len = equals != NULL ? (size_t)(equals - word) : strlen(word);
        struct cli_option *o = find_option(a, word, len);
        if (o == NULL)
            return cli_usage_error(c, "there is no option %.*s", (int)len, word);
        o->given = true;
        if (!o->takes_value && equals != NULL)
            return cli_usage_error(c, "%s takes no value", o->name);
        if (!o->takes_value)
            continue;
        if (equals == NULL && i + 1 == argc)
            return cli_usage_error(c, "%s needs a value", o->name);
        o->value = equals != NULL ? equals + 1 : argv[++i];
    }
    return CLI_OK;
}

const char *cli_config_path(const char *given)
{
    if (given != NULL)
        return given;
    return file_exists("trident.json") ? "trident.json" : "/etc/trident/trident.json";
}

void cli_print_problems(const char *path, const struct conf_problems *p)
{
    for (int i = 0; i < p->count; i++) {
        const struct conf_problem *item = &p->items[i];
        cli_error("%s: %s: found %s; accepted: %s", path, item->path,
                  item->value[0] != '\0' ? item->value : "nothing", item->accepted);
    }
    if (p->dropped > 0)
        cli_error("%s: and %d more", path, p->dropped);
}

struct conf *cli_load_conf(const char *path)
{
    struct conf *c = xalloc(sizeof *c);
    TR_CLEANUP(mem_freep) struct conf_problems *p = xalloc(sizeof *p);
    int r = conf_load(path, c, p);
    if (r == CONF_OK)
        return c;
    TR_ASSERT(p->count > 0);
    cli_print_problems(path, p);
    if (r == -ENOENT)
        cli_error("`trident init` makes a configuration");
    return cli_free_conf(c);
}

struct conf *cli_free_conf(struct conf *c)
{
    if (c != NULL)
        conf_wipe(c);
    return mem_free(c);
}

void cli_daemon_url(const struct conf *c, char out[CLI_URL_CAP])
{
    const char *host = c->http.listen;
    if (str_eq(host, "0.0.0.0"))
        host = "127.0.0.1";
    else if (str_eq(host, "::"))
        host = "::1";
    bool is_v6 = strchr(host, ':') != NULL;
    int n = snprintf(out, CLI_URL_CAP, "http://%s%s%s:%d", is_v6 ? "[" : "", host, is_v6 ? "]" : "",
                     c->http.port);
    TR_ASSERT(n > 0 && n < CLI_URL_CAP);
}

void cli_wait_us(int64_t duration_us)
{
    struct mutex m;
    struct cond never;
    int64_t until_us = clock_mono_us(clock_real()) + duration_us;
    TR_ASSERT(duration_us >= 0);
    mutex_init(&m);
    cond_init(&never);
    mutex_lock(&m);
    while (cond_wait_until_us(&never, &m, until_us))
        continue;
    mutex_unlock(&m);
    cond_deinit(&never);
    mutex_deinit(&m);
}
