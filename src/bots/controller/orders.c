/* /orders [page]: orders that are still under way. */
#include "bots/answer.h"
#include "bots/bot_command.h"
#include "bots/cards.h"
#include "bots/format.h"
#include "bots/live_card.h"
#include "core/alloc.h"

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    int64_t wanted = 1;
    char t1[FORMAT_CAP], t2[FORMAT_CAP];
    answer_init(&a, tx, c);
    if (live_card_wants_csv(c)) {
        live_card_attach(&a, ret);
        answer_finish(&a, ret);
        return;
    }
    if (!str_to_i64(c->args, &wanted) || wanted < 1)
        wanted = 1;
    size_t n = tx_order_count(tx);
    struct card_page page = card_page(n, (size_t)wanted);
    answer_line(&a, n == 0 ? "orders.none" : "orders.title",
                ANSWER_ARGS({"count", format_u64(n, t1)}));
    for (size_t i = page.first; i < page.end; i++)
        card_order(&a.html, c->lang, tx_order_at(tx, i), tx_now_ms(tx));
    if (page.pages > 1)
        answer_line(&a, "list.page",
                    ANSWER_ARGS({"page", format_u64(page.page, t1)},
                                {"pages", format_u64(page.pages, t2)}));
    if (page.page > 1)
        answer_menu(&a, "button.previous", "orders", format_u64(page.page - 1, t1));
    answer_menu(&a, "button.refresh", "orders", format_u64(page.page, t1));
    if (page.page < page.pages)
        answer_menu(&a, "button.next", "orders", format_u64(page.page + 1, t1));
    if (n > 0)
        answer_menu(&a, "menu.csv", "orders", "csv");
    answer_finish(&a, ret);
}

const struct bot_command orders_command = {
    .ops = {.name = "orders", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args_usage = "[page | csv]",
    .help_key = "help.orders",
    .prepare = live_card_csv,
};
