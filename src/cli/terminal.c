/* Questions and answers. */
#include "cli/terminal.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include "cli/cli.h"
#include "core/hash.h"

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

bool terminal_is_person(void)
{
    return isatty(STDIN_FILENO) == 1;
}

/* Byte by byte, so that nothing of a secret stays in a library's buffer. */
static int read_line(char *ret, size_t cap)
{
    size_t len = 0;
    bool is_too_long = false;
    char c = '\0';
    for (;;) {
        ssize_t n = read(STDIN_FILENO, &c, 1);
        if (n < 0 && errno == EINTR && interrupted == 0)
            continue;
        if (n <= 0)
            break;
        if (c == '\n')
            break;
        if (len + 1 < cap)
            ret[len++] = c;
        else
            is_too_long = true;
    }
    ret[len] = '\0';
    if (interrupted != 0 || (c != '\n' && len == 0))
        return TERMINAL_E_END;
    return is_too_long ? TERMINAL_E_TOO_LONG : TERMINAL_OK;
}

static void trim(char *s)
{
    size_t blank = strspn(s, " \t\r"), len = strlen(s);
    memmove(s, s + blank, len - blank + 1);
    len -= blank;
    while (len > 0 && strchr(" \t\r", s[len - 1]) != NULL)
        s[--len] = '\0';
}

int terminal_ask(const char *question, bool is_secret, char *ret, size_t cap)
{
    struct termios before, quiet;
    struct sigaction old, action = {.sa_handler = on_interrupt};
    bool is_hidden = is_secret && tcgetattr(STDIN_FILENO, &before) == 0;
    TR_ASSERT(cap > 1);
    interrupted = 0;
    /* Without SA_RESTART: an interrupt ends the read, and the echo comes back before we leave. */
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, &old);
    if (is_hidden) {
        quiet = before;
        quiet.c_lflag &= (tcflag_t)~ECHO;
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    cli_print("%s", question);
    int r = read_line(ret, cap);
    if (is_hidden)
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    if (is_hidden || r != TERMINAL_OK || !terminal_is_person())
        cli_print("\n");
    (void)sigaction(SIGINT, &old, NULL);
    if (r == TERMINAL_OK)
        trim(ret);
    else
        hash_wipe(ret, cap);
    return r;
}
