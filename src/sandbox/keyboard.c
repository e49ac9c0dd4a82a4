/* reply_markup: what the real server refuses is refused here too (spec telegram 1.5, 1.7). */
#include <json-c/json.h>
#include <string.h>

#include "core/alloc.h"
#include "sandbox/internal.h"

#define BUTTONS_MAX       100
#define MARKUP_MAX_BYTES  10240
#define CALLBACK_DATA_MAX 64
#define COPY_TEXT_MAX     256

static const char *text_member(struct json_object *o, const char *name)
{
    struct json_object *v = NULL;
    return json_object_object_get_ex(o, name, &v) && json_object_is_type(v, json_type_string)
               ? json_object_get_string(v)
               : NULL;
}

static bool url_acceptable(const char *url)
{
    return str_starts(url, "https://") || str_starts(url, "http://") || str_starts(url, "tg://") ||
           (!strchr(url, ':') && strchr(url, '.'));
}

/* NULL, or the description of what is wrong with one inline button. */
static const char *button_fault(struct json_object *button)
{
    static const char *const others[] = {"web_app",
                                         "login_url",
                                         "switch_inline_query",
                                         "switch_inline_query_current_chat",
                                         "switch_inline_query_chosen_chat",
                                         "callback_game",
                                         "pay"};
    if (!json_object_is_type(button, json_type_object))
        return "can't parse inline keyboard button: InlineKeyboardButton must be an Object";
    const char *text = text_member(button, "text");
    if (!text || !text[0])
        return "can't parse inline keyboard button: Text buttons must be non-empty";
    const char *data = text_member(button, "callback_data"), *url = text_member(button, "url");
    struct json_object *copy = NULL;
    if (data)
        return strlen(data) >= 1 && strlen(data) <= CALLBACK_DATA_MAX ? NULL
                                                                      : "BUTTON_DATA_INVALID";
    if (url)
        return url_acceptable(url) ? NULL : "BUTTON_URL_INVALID";
    if (json_object_object_get_ex(button, "copy_text", &copy)) {
        const char *what =
            json_object_is_type(copy, json_type_object) ? text_member(copy, "text") : NULL;
        return what && what[0] && strlen(what) <= COPY_TEXT_MAX ? NULL : "BUTTON_COPY_TEXT_INVALID";
    }
    for (size_t i = 0; i < TR_ARRAY_SIZE(others); i++)
        if (json_object_object_get_ex(button, others[i], NULL))
            return NULL;
    return "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard";
}

static const char *inline_fault(struct json_object *rows, size_t *ret_buttons)
{
    if (!json_object_is_type(rows, json_type_array))
        return "field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays";
    for (size_t r = 0; r < json_object_array_length(rows); r++) {
        struct json_object *row = json_object_array_get_idx(rows, r);
        if (!json_object_is_type(row, json_type_array))
            return "field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of "
                   "Arrays";
        for (size_t i = 0; i < json_object_array_length(row); i++) {
            const char *fault = button_fault(json_object_array_get_idx(row, i));
            if (fault)
                return fault;
            ++*ret_buttons;
        }
    }
    return *ret_buttons > BUTTONS_MAX ? "reply markup is too long" : NULL;
}

bool sandbox_call_markup(struct sandbox_call *c, char **ret_json)
{
    bool present = false;
    struct json_object *o = sandbox_param_json(&c->params, "reply_markup", &present), *rows = NULL;
    TR_ASSERT(ret_json);
    *ret_json = NULL;
    if (!present)
        return true;
    const char *fault = NULL;
    size_t buttons = 0;
    if (!o)
        fault = "can't parse reply keyboard markup JSON object";
    else if (!json_object_is_type(o, json_type_object))
        fault = "object expected as reply markup";
    else if (json_object_object_get_ex(o, "inline_keyboard", &rows))
        fault = inline_fault(rows, &buttons);
    if (fault) {
        sandbox_call_error(c, 400, "Bad Request: %s", fault);
        return false;
    }
    if (rows && buttons == 0)
        return true; /* an empty keyboard is none */
    const char *text =
        json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
    if (strlen(text) > MARKUP_MAX_BYTES) {
        sandbox_call_error(c, 400, "Bad Request: reply markup is too long");
        return false;
    }
    *ret_json = xstrdup(text);
    return true;
}
