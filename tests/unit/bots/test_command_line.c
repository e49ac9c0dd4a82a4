/* Covers: the shapes of "/cmd@Bot args", other bots' mentions, plain text, malformed and oversized
 * input, white space and control bytes, word splitting. */
#include <criterion/criterion.h>
#include <string.h>

#include "bots/command_line.h"

static struct command_line line;

static enum command_line_result parse(const char *text)
{
    return command_line_parse(text, "TridentBot", &line);
}

Test(command_line, reads_name_mention_and_arguments)
{
    cr_assert_eq(parse("/Close@tridentbot  88a "), COMMAND_LINE_OK);
    cr_assert_str_eq(line.name, "close");
    cr_assert_str_eq(line.args, "88a");
    cr_assert(line.is_addressed);
    cr_assert_eq(parse("  /status"), COMMAND_LINE_OK);
    cr_assert_str_eq(line.args, "");
    cr_assert_not(line.is_addressed);
}

Test(command_line, makes_one_blank_of_any_white_space_and_control_bytes)
{
    cr_assert_eq(parse("/mute\n\tv3_entry \x01 now\r\n"), COMMAND_LINE_OK);
    cr_assert_str_eq(line.args, "v3_entry now");
}

Test(command_line, leaves_other_bots_commands_alone)
{
    cr_assert_eq(parse("/status@SomebodyElseBot"), COMMAND_LINE_E_OTHER_BOT);
    cr_assert_eq(parse("/status@"), COMMAND_LINE_E_OTHER_BOT);
    cr_assert_eq(parse("/status@TridentBotX"), COMMAND_LINE_E_OTHER_BOT);
}

Test(command_line, tells_plain_text_and_malformed_commands_apart)
{
    cr_assert_eq(parse("hello /status"), COMMAND_LINE_E_PLAIN);
    cr_assert_eq(parse(""), COMMAND_LINE_E_PLAIN);
    cr_assert_eq(parse("/"), COMMAND_LINE_E_MALFORMED);
    cr_assert_eq(parse("/ status"), COMMAND_LINE_E_MALFORMED);
    cr_assert_eq(parse("/statüs"), COMMAND_LINE_E_MALFORMED);
    cr_assert_eq(parse("/status;drop"), COMMAND_LINE_E_MALFORMED);
}

Test(command_line, takes_names_of_32_and_refuses_33)
{
    char text[64] = "/";
    memset(text + 1, 'a', 32);
    cr_assert_eq(parse(text), COMMAND_LINE_OK);
    cr_assert_eq(strlen(line.name), 32);
    memset(text + 1, 'a', 33);
    cr_assert_eq(parse(text), COMMAND_LINE_E_MALFORMED);
}

Test(command_line, never_cuts_arguments)
{
    char text[400] = "/close ";
    memset(text + 7, 'x', 255);
    cr_assert_eq(parse(text), COMMAND_LINE_OK);
    cr_assert_eq(strlen(line.args), 255);
    memset(text + 7, 'x', 256);
    cr_assert_eq(parse(text), COMMAND_LINE_E_TOO_LONG);
    cr_assert_str_eq(line.name, "close");
}

Test(command_line, splits_words_and_refuses_those_that_do_not_fit)
{
    const char *args = "one  seventeen x";
    char word[6];
    cr_assert(command_line_word(&args, word, sizeof word));
    cr_assert_str_eq(word, "one");
    cr_assert(command_line_word(&args, word, sizeof word));
    cr_assert_str_eq(word, "?");
    cr_assert(command_line_word(&args, word, sizeof word));
    cr_assert_str_eq(word, "x");
    cr_assert_not(command_line_word(&args, word, sizeof word));
}

Test(command_line, the_rest_is_as_it_was_sent_however_long)
{
    char text[1000] = "  /whatif@TridentBot \n {\"a\": \n 1}  ";
    cr_assert_str_eq(command_line_rest(text), "{\"a\": \n 1}  ");
    cr_assert_str_eq(command_line_rest("/whatif"), "");
    cr_assert_str_eq(command_line_rest("/whatif  "), "");
    cr_assert_str_eq(command_line_rest(""), "");
    memcpy(text, "/whatif ", 8);
    memset(text + 8, 'x', 900);
    text[908] = '\0';
    cr_assert_eq(parse(text), COMMAND_LINE_E_TOO_LONG);
    cr_assert_eq(strlen(line.args), 255, "the first of them, for the record");
    cr_assert_eq(strlen(command_line_rest(text)), 900);
}
