/* /positions [page]: what is open, oldest first. */
#include <stdio.h>

#include "bots/bot_command.h"
#include "bots/closing.h"
#include "bots/format.h"
#include "bots/live_card.h"
#include "core/alloc.h"

static void pager(struct answer *a, const struct card_page *page)
{
    char arg[FORMAT_CAP];
    if (page->page > 1)
        answer_menu(a, "button.previous", "positions", format_u64(page->page - 1, arg));
    answer_menu(a, "button.refresh", "positions", format_u64(page->page, arg));
    if (page->page < page->pages)
        answer_menu(a, "button.next", "positions", format_u64(page->page + 1, arg));
}

static void run(struct engine_tx *tx, const struct command *c, struct reply *ret)
{
    struct answer a;
    int64_t wanted = 1;
    char t1[FORMAT_CAP], t2[FORMAT_CAP], t3[FORMAT_CAP];
    answer_init(&a, tx, c);
    if (live_card_wants_csv(c)) {
        live_card_attach(&a, ret);
        answer_finish(&a, ret);
        return;
    }
    if (!str_to_i64(c->args, &wanted) || wanted < 1)
        wanted = 1;
    size_t n = tx_position_count(tx);
    struct card_page page = card_page(n, (size_t)wanted);
    struct tx_account account;
    tx_account(tx, &account);
    if (n == 0)
        answer_line(&a, "positions.none", NULL);
    else
        answer_line(&a, "positions.title",
                    ANSWER_ARGS({"count", format_u64(n, t1)},
                                {"profit", format_profit(account.open_profit_e8, t2)}));
    for (size_t i = page.first; i < page.end; i++) {
        struct card_position v;
        closing_view(tx, tx_position_at(tx, i), &v);
        card_position(&a.html, c->lang, &v);
    }
    if (page.pages > 1)
        answer_line(&a, "list.page",
                    ANSWER_ARGS({"page", format_u64(page.page, t1)},
                                {"pages", format_u64(page.pages, t3)}));
    pager(&a, &page);
    if (n > 0 && c->role >= ROLE_TRADER) {
        answer_next_row(&a);
        answer_action(&a, "button.close", "close", "");
    }
    if (n > 0)
        answer_menu(&a, "menu.csv", "positions", "csv");
    answer_finish(&a, ret);
}

const struct bot_command positions_command = {
    .ops = {.name = "positions", .role = ROLE_VIEWER, .max_age_ms = 10 * 60 * 1000, .run = run},
    .aliases = {"trades", "open"},
    .bots = ROLES_BIT(BOT_CONTROLLER),
    .klass = COMMAND_READ,
    .args_usage = "[page | csv]",
    .help_key = "help.positions",
    .prepare = live_card_csv,
};
