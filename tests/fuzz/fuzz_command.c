/* Any bytes as a command line and as button data: no crash, bounds kept, nothing but a signed
 * button is accepted as one. */
#include <string.h>

#include "bots/button.h"
#include "bots/command_line.h"
#include "bots/table.h"
#include "core/alloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_line(const char *text)
{
    struct command_line line;
    enum command_line_result r = command_line_parse(text, "TridentBot", &line);
    TR_ASSERT(strlen(line.name) < COMMAND_NAME_CAP);
    TR_ASSERT(strlen(line.args) < COMMAND_ARGS_CAP);
    if (r != COMMAND_LINE_OK)
        return;
    const struct bot_command *cmd = table_find(line.name);
    TR_ASSERT(!cmd || cmd->bots != 0);
    (void)table_suggest(line.name, ROLE_ADMIN);
    const char *args = line.args;
    char word[16];
    while (command_line_word(&args, word, sizeof word))
        TR_ASSERT(word[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t key[BUTTON_KEY_BYTES] = {1};
    button_set_key(key);
    char *text = xalloc(size + 1);
    if (size > 0)
        memcpy(text, data, size);
    fuzz_line(text);
    struct button b;
    if (button_verify(text, 1, 2, 0, &b) == BUTTON_OK)
        TR_ASSERT(b.kind == BUTTON_MENU);
    mem_free(text);
    return 0;
}
