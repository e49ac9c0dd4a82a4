"""The shadow machine over Telegram and HTTP: modes, closed gates, a cut-over, and the way back by itself when the
old bot and the plugin do not agree."""
import csv
import json
import os
import shutil

from trident_harness import Case, main, until, v3_entry, v3_exit

SCOPE = "v3 LOGIC1"


class Shadow(Case):
    def move(self, w, line, question):
        m = w.sandbox.ask("controller", line, question)
        w.sandbox.press("controller", m, "Yes")

    def says(self, w, action, **more):
        a = w.daemon.admin("POST", "/legacy/decision", {"action": action, "symbol": "XAUUSD", **more})
        self.assertEqual((a.status, a.json["status"]), (200, "accepted"), a.text)

    def test_from_shadow_over_the_cut_over_and_back(self):
        w = self.world(start=False)
        w.daemon.conf["traders"][0]["shadow"] = {"legacy_source": "outside", "gate_signals": 1, "gate_hours": 0}
        w.daemon.start()
        self.move(w, f"/shadow_mode shadow {SCOPE}", "combined_v3 LOGIC1")
        w.sandbox.wait("controller", 0, "combined_v3 LOGIC1 → shadow")
        self.assertIn("alerts compared: 0 of 1", w.sandbox.ask("controller", f"/cutover {SCOPE}", "gates")["text"])
        a = w.daemon.alert(v3_entry(score=2))
        self.assertEqual(a.json["reason"], "LEGACY_OWNS", a.text)
        self.says(w, "skip")
        self.assertIn("1 of 1 agree", w.sandbox.ask("controller", "/shadow", "usual mode")["text"])
        self.move(w, f"/cutover {SCOPE}", "plugin_shadow")
        w.sandbox.wait("controller", 0, "combined_v3 LOGIC1 → plugin_shadow")
        a = w.daemon.alert(v3_entry(score=2, price=2651.0))
        self.assertNotEqual(a.json["reason"], "LEGACY_OWNS", a.text)
        self.says(w, "execute", direction="BUY", lot_size="0.1", reason="its own words")
        w.sandbox.wait("controller", 0, "ROLLBACK combined_v3 LOGIC1")
        self.assertIn("action_mismatch", w.sandbox.ask("controller", "/shadow_discrepancies", "new: skip")["text"])
        a = w.daemon.alert(v3_entry(price=2652.0))
        self.assertEqual(a.json["reason"], "LEGACY_OWNS", a.text)
        self.assertEqual(w.daemon.engine()["orders_sent"], 0)

    def test_a_plugin_in_its_own_shadow_mode_has_virtual_orders_only(self):
        w = self.world(trader={"plugins": {"combined_v3": {"shadow_mode": True}}})
        d, s = w.daemon, w.sandbox
        a = d.alert(v3_entry(tf="15"))
        self.assertEqual((a.json["status"], a.json["reason"]), ("refused", "SHADOW_ONLY"), a.text)
        self.assertEqual((a.json["decision"]["orders"], a.json["decision"]["route"]), ([], "LOGIC2"))
        self.assertIn("lot_a", a.json["decision"]["numbers"])
        self.assertIn("in shadow mode", s.ask("controller", "/plugins")["text"])
        self.assertIn("XAUUSD", s.ask("controller", "/shadow_virtual_orders", "combined_v3")["text"])
        export = d.admin("GET", "/api/v1/shadow/export.csv?what=virtual").text
        self.assertEqual(export.count("combined_v3"), 2, export)
        self.assertEqual(d.alert(v3_entry(tf="15")).json["reason"], "DUPLICATE_ALERT", "as if it had traded")
        s.ask("controller", "/config v3.shadow_mode false", "→ false")
        a = d.alert(v3_entry(tf="5", price=2655.0))
        self.assertEqual(a.json["status"], "accepted", a.text)
        until(lambda: d.engine()["open_positions"] == 2, "A and B are open")
        s.ask("controller", "/config v3.shadow_mode true", "→ true")
        a = d.alert(v3_exit())
        self.assertEqual(a.json["status"], "closed", "what it opened for real it still closes: " + a.text)
        until(lambda: d.engine()["open_positions"] == 0, "closed")
        d.stop()
        self.assertIn("every output is the same", d.tool("audit", "replay").stdout)

    def test_a_cut_over_looks_for_a_backup_of_the_last_day(self):
        w = self.world(start=False)
        d, s = w.daemon, w.sandbox
        d.conf["traders"][0]["shadow"] = {"legacy_source": "outside", "gate_signals": 1, "gate_hours": 0, "mode": "shadow"}
        d.conf["traders"][0]["plugins"] = {"combined_v3": {"shadow_mode": True}}
        d.start()
        a = d.alert(v3_entry(tf="5", score=2))
        self.assertEqual(a.json["reason"], "LEGACY_OWNS", a.text)
        self.says(w, "skip")
        text = s.ask("controller", "/cutover v3 LOGIC1", "plugin_shadow")["text"]
        self.assertIn("No verified backup of the last day", text)
        self.assertIn("combined_v3 is in its own shadow mode", text)
        self.assertEqual(d.tool("backup").returncode, 0)
        text = s.ask("controller", "/cutover v3 LOGIC1", "plugin_shadow")["text"]
        self.assertIn("Newest verified backup", text)
        self.assertNotIn("No verified backup", text)
        d.stop()
        shutil.rmtree(os.path.join(d.conf["data_dir"], "backups"))
        d.conf["backup"] = {"before_cutover": True, "interval_min": 0}
        d.start()
        text = s.ask("controller", "/cutover v3 LOGIC1", "trident backup")["text"]
        self.assertIn("no verified backup", text)
        a = d.command("cutover", "v3 LOGIC1")
        self.assertEqual(a.json["reason"], "BACKUP_NEEDED", a.text)
        self.assertEqual(d.command("shadow_mode", "plugin_only v3 LOGIC1").json["reason"], "BACKUP_NEEDED")
        self.assertEqual(d.tool("backup").returncode, 0)
        self.move(w, "/cutover v3 LOGIC1", "plugin_shadow")
        s.wait("controller", 0, "combined_v3 LOGIC1 → plugin_shadow")
        d.stop()
        shutil.rmtree(os.path.join(d.conf["data_dir"], "backups"))  # they hold the configuration and its secrets
        self.assertIn("every output is the same", d.tool("audit", "replay").stdout)

    def test_what_the_old_bot_says_is_checked(self):
        w = self.world()
        for body, field in (({"symbol": "XAUUSD"}, "action"), ({"action": "skip"}, "symbol"),
                            ({"action": "execute", "symbol": "XAUUSD", "direction": "up"}, "direction"),
                            ({"action": "execute", "symbol": "XAUUSD", "lot_size": "x"}, "lot_size"), ([], "body")):
            a = w.daemon.admin("POST", "/legacy/decision", body)
            self.assertEqual((a.status, a.json["field"]), (400, field), a.text)
        self.assertEqual(w.daemon.http("POST", "/legacy/decision", {"action": "skip"}).status, 401)

    def scope(self, w, route):
        a = w.daemon.admin("GET", "/api/v1/shadow")
        self.assertEqual(a.status, 200, a.text)
        return a.json, next((s for s in a.json["scopes"] if s["route"] == route), None)

    def test_the_api_shows_gates_rates_and_types_and_exports_them(self):
        w = self.world(start=False)
        w.daemon.conf["traders"][0]["shadow"] = {"legacy_source": "outside", "gate_signals": 3, "mode": "shadow"}
        w.daemon.start()
        for i, said in enumerate(("execute", "skip")):
            w.daemon.alert(v3_entry(score=2, price=2650.0 + i))
            self.says(w, said, **({"direction": "BUY", "lot_size": "0.1"} if said == "execute" else {}))
        page, s = self.scope(w, "LOGIC1")
        self.assertEqual((page["mode"], page["legacy_source"], page["phase"]["name"]), ("shadow", "outside", "none"))
        self.assertEqual((s["mode"], s["owner"], s["compared"], s["matches"], s["match_rate"], s["ready"]),
                         ("shadow", "legacy", 2, 1, "50", False))
        self.assertEqual(s["discrepancies"]["action_mismatch"], 1)
        self.assertEqual(page["totals"]["mismatches"], 1)
        gates = {g["name"]: (g["measured"], g["required"], g["bound"], g["open"]) for g in s["gates"]}
        self.assertEqual(gates["signals"], ("2", "3", "at_least", False))
        self.assertEqual(gates["mismatches"], ("1", "0", "at_most", False))
        self.assertEqual(gates["hours"][1:], ("72", "at_least", False))
        rows = list(csv.DictReader(w.daemon.admin("GET", "/api/v1/shadow/export.csv").text.splitlines()))
        self.assertEqual(len(rows), 1)
        row = rows[0]
        self.assertEqual((row["type"], row["legacy_action"], row["legacy_lots"], row["plugin_action"]),
                         ("action_mismatch", "execute", "0.1", "skip"))
        lines = [json.loads(l) for l in w.daemon.admin("GET", "/api/v1/shadow/export.jsonl").text.splitlines()]
        self.assertEqual([l["record"] for l in lines], ["discrepancy"])
        self.assertEqual(lines[0]["legacy"]["order_params"]["lot_size"], "0.1")
        self.assertEqual(w.daemon.admin("GET", "/api/v1/shadow/export.csv?what=all").status, 400)
        rows = list(csv.DictReader(w.daemon.tool("shadow", "export").stdout.splitlines()))
        self.assertEqual([(r["record"], r["source"], r["action"]) for r in rows if r["record"] == "decision"],
                         [("decision", "combined_v3", "skip"), ("decision", "legacy", "execute"),
                          ("decision", "combined_v3", "skip"), ("decision", "legacy", "skip")])
        self.assertEqual([r["detail"].split(":")[0] for r in rows if r["record"] == "shadow_mismatch"],
                         ["action_mismatch"])
        lines = [json.loads(l) for l in w.daemon.tool("shadow", "export", "--format", "jsonl").stdout.splitlines()]
        self.assertEqual(len(lines), len(rows))
        self.assertEqual(w.daemon.tool("shadow", "export", "--format", "xml").returncode, 2)
        for path in ("/api/v1/shadow", "/api/v1/shadow/export.csv", "/api/v1/shadow/export.jsonl"):
            self.assertEqual(w.daemon.http("GET", path).status, 401)

    def test_a_plugin_is_switched_by_the_admin_address(self):
        w = self.world()
        post = lambda path: w.daemon.admin("POST", "/admin/" + path)
        a = post("disable_plugin/combined_v3")
        self.assertEqual((a.status, a.json["status"], a.json["receipts"][0]["reason"]), (200, "accepted", "ACCEPTED"))
        a = post("disable_plugin/combined_v3")
        self.assertEqual((a.status, a.json["status"], a.json["receipts"][0]["reason"]),
                         (200, "unchanged", "ALREADY_DONE"))
        w.sandbox.wait("controller", 0, "plugins.combined_v3.enabled = false")
        self.assertEqual(w.daemon.alert(v3_entry()).json["reason"], "PLUGIN_DISABLED")
        self.assertEqual(post("enable_plugin/combined_v3").json["status"], "accepted")
        self.assertEqual(post("enable_plugin/combined_v3").json["status"], "unchanged")
        self.assertEqual(w.daemon.alert(v3_entry(price=2651.0)).json["status"], "accepted")
        self.assertEqual(post("disable_plugin/nobody").status, 404)
        self.assertEqual(post("disable_plugin/").status, 404)
        self.assertEqual(w.daemon.admin("GET", "/admin/disable_plugin/combined_v3").status, 405)
        for path in ("disable_plugin/combined_v3", "enable_plugin/combined_v3", "enable_legacy_v3"):
            self.assertEqual(w.daemon.http("POST", "/admin/" + path).status, 401)

    def test_the_old_logic_owns_orders_again_by_the_admin_address(self):
        w = self.world()
        self.assertEqual(w.daemon.alert(v3_entry()).json["decision"]["plugin"], "combined_v3")
        a = w.daemon.admin("POST", "/admin/enable_legacy_v3")
        self.assertEqual((a.status, a.json["status"]), (200, "accepted"), a.text)
        w.sandbox.wait("controller", 0, "ROLLBACK combined_v3")
        a = w.daemon.alert(v3_entry(price=2651.0, tf="15"))
        self.assertEqual((a.json["status"], a.json["decision"]["plugin"]), ("accepted", "legacy_v2"), a.text)
        page, s = self.scope(w, "LOGIC1")
        self.assertEqual((page["mode"], s["mode"], s["owner"]), ("legacy_only", "legacy_only", "legacy"))
        a = w.daemon.admin("POST", "/admin/enable_legacy_v3")
        self.assertEqual((a.status, a.json["status"]), (200, "unchanged"), a.text)
        w.daemon.restart()
        self.assertEqual(self.scope(w, "LOGIC1")[1]["mode"], "legacy_only")

    def test_phases_go_forward_through_gates_and_back_by_one_tap(self):
        w = self.world(start=False)
        w.daemon.conf["traders"][0]["phase"] = {"first": "silent", "silent_hours": 0, "parallel_hours": 0, "bots": 1}
        w.daemon.conf["traders"][0]["shadow"] = {"legacy_source": "outside"}
        w.daemon.start()
        a = w.daemon.alert(v3_entry())
        self.assertEqual(a.json["status"], "refused", a.text)
        self.assertIn("Phase silent", w.sandbox.ask("controller", "/phase", "Phase silent")["text"])
        self.assertEqual(w.sandbox.messages("notification"), [], "nothing is sent to subscribers")
        self.move(w, "/phase next", "From silent to parallel")
        w.sandbox.wait("controller", 0, "Phase parallel")
        self.assertEqual(w.daemon.alert(v3_entry(price=2651.0)).json["reason"], "LEGACY_OWNS")
        m = w.sandbox.ask("controller", "/phase", "Phase parallel")
        w.sandbox.press("controller", m, "Back: silent")
        page, _ = self.scope(w, "LOGIC1")
        self.assertEqual(page["phase"]["name"], "silent")
        self.assertIn("does not allow", w.sandbox.ask("controller", "/shadow_mode shadow", "does not allow")["text"])


if __name__ == "__main__":
    main()
