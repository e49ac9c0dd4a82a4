"""A thumb on a phone: menus edited in place, live cards that follow, exits under their entries, CSV."""
from trident_harness import OWNER, Case, main, until, v3_entry, v3_exit


class Menus(Case):
    def test_walking_the_menus_edits_one_message(self):
        w = self.world()
        s = w.sandbox
        menu = s.ask("controller", "/menu", "Menu")
        count = len(s.messages("controller"))
        for label, title in (("📈 Trading", "Trading"), ("☰ Menu", "Menu"), ("🛡 Risk", "Risk"), ("🛡 Limits now", ""), ("‹ Back", "Risk")):
            s.press("controller", menu, label)
            before = menu["text"]
            until(lambda: title in s.messages("controller")[-1]["text"] != before, f"{label} shows {title}")
            menu = s.messages("controller")[-1]
        self.assertEqual(len(s.messages("controller")), count, "no new message per tap")
        self.assertEqual(len(s.requests("answerCallbackQuery", "controller")), 5)

    def test_a_wizard_asks_and_a_typed_value_goes_on(self):
        w = self.world()
        s = w.sandbox
        menu = s.ask("controller", "/menu trading", "Trading")
        s.press("controller", menu, "❔ Why …")
        until(lambda: "Which receipt number?" in s.messages("controller")[-1]["text"], "the question")
        s.ask("controller", "1", "#")
        s.ask("controller", "/cancel", "")


class LiveCards(Case):
    def test_a_card_follows_and_stops(self):
        w = self.world()
        s = w.sandbox
        s.ask("controller", "/live positions", "follows")
        until(lambda: s.said("controller", contains="No open positions"), "the card")
        card = s.said("controller", contains="No open positions")[-1]["id"]
        w.daemon.alert(v3_entry())

        def text():
            return next(m["text"] for m in s.messages("controller") if m["id"] == card)
        until(lambda: "Open: 2" in text(), "the card was edited")
        self.assertTrue(all(int(r["params"]["message_id"]) == card for r in s.requests("editMessageText", "controller")))
        s.press("controller", next(m for m in s.messages("controller") if m["id"] == card), "⏹ Stop")
        until(lambda: "does not follow" in text(), "stopped")

    def test_the_header_is_pinned(self):
        w = self.world()
        s = w.sandbox
        s.ask("controller", "/live header", "follows")
        until(lambda: any(r["status"] == 200 for r in s.requests("pinChatMessage", "controller")), "pinned")
        header = s.said("controller", contains="XAUUSD")[-1]["text"]
        self.assertIn("main", header)
        self.assertTrue(all(len(line) <= 34 for line in header.split("\n")), header)


class Trades(Case):
    def test_an_exit_answers_the_message_of_its_entry(self):
        w = self.world()
        s = w.sandbox
        w.daemon.alert(v3_entry())
        until(lambda: len(s.said("notification", contains="LOGIC1 B")) == 1, "the entry is told")
        entries = [m["id"] for m in s.said("notification", contains="BUY XAUUSD")]
        w.daemon.alert(v3_exit())
        s.wait("notification", 0, "EXIT XAUUSD", user=OWNER)
        sent = [r for r in s.requests("sendMessage", "notification") if "EXIT XAUUSD" in str(r["params"].get("text", ""))]
        self.assertIn(sent[0]["params"]["reply_parameters"]["message_id"], entries)
        self.assertTrue(sent[0]["params"]["reply_parameters"]["allow_sending_without_reply"])

    def test_positions_come_as_csv_on_demand(self):
        w = self.world()
        s = w.sandbox
        w.daemon.alert(v3_entry())
        s.wait("notification", 0, "BUY XAUUSD", user=OWNER)
        listing = s.ask("controller", "/positions", "Open: 2")
        s.press("controller", listing, "📎 CSV")
        until(lambda: any(r["status"] == 200 for r in s.requests("sendDocument", "controller")), "the document")


if __name__ == "__main__":
    main()
