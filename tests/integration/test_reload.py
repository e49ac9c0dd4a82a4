"""The configuration read again while the daemon runs: by /config reload and `trident config reload`. What may change at run
time counts for the next alert, is told, stands in the history with who and when, and survives a kill; the rest is named; a
file with a fault changes nothing; an override by a person stays. The switches features.* at run time."""
from trident_harness import TRADER, Case, main, until, v3_entry


class Reload(Case):
    def rewrite(self, w, **trader):
        t = w.daemon.conf["traders"][0]
        for path, value in trader.items():
            at = t
            *groups, key = path.split("__")
            for g in groups:
                at = at.setdefault(g, {})
            at[key] = value
        w.daemon.write()

    def test_what_may_change_changes_and_the_rest_is_named(self):
        w = self.world()
        self.assertIn("Nothing that may change", w.sandbox.ask("controller", "/config reload")["text"])
        self.rewrite(w, plugins__combined_v3__logic1__enabled=False, risk__daily_loss_cap="150", queue_capacity=4096)
        w.daemon.conf["http"]["max_connections"] = 100
        w.daemon.write()
        self.assertNotIn("Read again", w.sandbox.ask("controller", "/config reload", user=TRADER)["text"])
        text = w.sandbox.ask("controller", "/config reload", "Read again")["text"]
        self.assertIn("2 keys changed", text)
        self.assertIn("v3 logic1.enabled: true → false", text)
        self.assertIn("traders.queue_capacity", text)
        self.assertIn("http.max_connections", text)
        a = w.daemon.alert(v3_entry(tf="5"))
        self.assertEqual((a.json["status"], a.json["reason"]), ("refused", "LOGIC_DISABLED"), a.text)
        shown = w.sandbox.ask("controller", "/config history", "Changes")["text"]
        self.assertIn("file: Asha", shown)
        w.daemon.restart(kill=True)  # the file is read itself now: no override is left
        self.assertIn("0 changed at run time", w.sandbox.ask("controller", "/config", "Settings")["text"])
        until(lambda: w.daemon.engine()["broker_up"], "the broker")
        self.assertEqual(w.daemon.alert(v3_entry(tf="5", price=2651.0)).json["reason"], "LOGIC_DISABLED")
        w.daemon.stop()
        self.assertIn("every output is the same", w.daemon.tool("audit", "replay").stdout)

    def test_a_file_with_a_fault_changes_nothing_and_a_person_is_not_overruled(self):
        w = self.world()
        w.sandbox.ask("controller", "/dailylimit 150", "→ 150")
        self.rewrite(w, risk__daily_loss_cap="120", plugins__combined_v3__min_score=999)
        before = w.sandbox.ask("controller", "/config v3.min_score", "v3 min_score")["text"]
        text = w.sandbox.ask("controller", "/config reload", "not valid")["text"]
        self.assertIn("plugins.combined_v3.min_score", text)
        self.assertEqual(w.daemon.tool("config", "reload").returncode, 1)
        self.assertEqual(w.sandbox.ask("controller", "/config v3.min_score", "v3 min_score")["text"].splitlines()[0],
                         before.splitlines()[0])
        del w.daemon.conf["traders"][0]["plugins"]
        w.daemon.write()
        r = w.daemon.tool("config", "reload")
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        self.assertIn("150", w.sandbox.ask("controller", "/config risk.daily_loss_cap")["text"])
        self.assertIn("overridden by a person", w.sandbox.ask("controller", "/config reload")["text"])

    def test_back_in_the_file_is_back_in_force(self):
        w = self.world()
        self.rewrite(w, plugins__combined_v3__logic1__enabled=False)
        self.assertIn("1 keys changed", w.sandbox.ask("controller", "/config reload", "Read again")["text"])
        self.rewrite(w, plugins__combined_v3__logic1__enabled=True)
        self.assertIn("false → true", w.sandbox.ask("controller", "/config reload", "Read again")["text"])
        a = w.daemon.alert(v3_entry(tf="5"))
        self.assertEqual(a.json["status"], "accepted", a.text)

    def test_one_plugin_is_read_again_and_the_others_are_not(self):
        w = self.world()
        d, s = w.daemon, w.sandbox
        self.assertEqual(d.alert(v3_entry(tf="15")).json["status"], "accepted")
        until(lambda: d.engine()["open_positions"] == 2, "A and B are open")
        before = [p["id"] for p in d.status()["traders"][0].get("positions", [])]
        self.assertIn("Nothing that may change", s.ask("controller", "/reload v3")["text"])
        self.rewrite(w, plugins__combined_v3__min_score=6, plugins__price_action_v6__profile="plan",
                     plugins__combined_v3__logic1__enabled=False, risk__daily_loss_cap="150")
        self.assertNotIn("Read again", s.ask("controller", "/reload v3", user=TRADER)["text"])
        text = s.ask("controller", "/reload combined_v3", "Read again")["text"]
        self.assertIn("2 keys changed", text)
        self.assertIn("v3 min_score: 5 → 6", text)
        self.assertNotIn("v6", text)
        self.assertNotIn("daily_loss_cap", text)
        a = d.alert(v3_entry(tf="5", price=2651.0))
        self.assertEqual(a.json["reason"], "LOGIC_DISABLED", a.text)
        self.assertIn("1 keys changed", s.ask("controller", "/reload v6", "Read again")["text"])
        self.assertNotIn("file:", s.ask("controller", "/config risk.daily_loss_cap")["text"], "it is nobody's of these")
        self.assertEqual(d.engine()["open_positions"], 2)
        self.assertEqual([p["id"] for p in d.status()["traders"][0].get("positions", [])], before)
        a = d.admin("POST", "/admin/reload_plugin/combined_v3")
        self.assertEqual((a.status, a.json["status"]), (200, "unchanged"), a.text)
        self.rewrite(w, plugins__combined_v3__min_score=7)
        a = d.admin("POST", "/admin/reload_plugin/combined_v3?trader=main")
        self.assertEqual((a.status, a.json["detail"]), (200, "plugins.combined_v3.min_score"), a.text)
        self.rewrite(w, plugins__combined_v3__min_score=99)
        a = d.admin("POST", "/admin/reload_plugin/combined_v3")
        self.assertEqual((a.status, a.json["status"]), (409, "refused"), a.text)
        self.assertIn("plugins.combined_v3.min_score", a.json["receipts"][0]["detail"])
        self.assertEqual(d.admin("POST", "/admin/reload_plugin/nobody").status, 404)
        self.rewrite(w, plugins__combined_v3__min_score=5)
        r = d.tool("command", "reload", "combined_v3")
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        self.assertIn("plugins.combined_v3.min_score", r.stdout)
        d.stop()
        self.assertIn("every output is the same", d.tool("audit", "replay").stdout)

    def test_switches_of_the_take_over_count_at_once(self):
        w = self.world()
        d, s = w.daemon, w.sandbox
        s.ask("controller", "/config features.plugin_system false", "→ false")
        a = d.alert(v3_entry(tf="5"))
        self.assertEqual((a.json["status"], a.json["reason"]), ("refused", "PLUGIN_DISABLED"), a.text)
        s.ask("controller", "/config reset features.plugin_system", "1")
        s.ask("controller", "/config features.multi_telegram false", "→ false")
        seq = s.seq()
        a = d.alert(v3_entry(tf="5", price=2651.0))
        self.assertEqual(a.json["status"], "accepted", a.text)
        s.wait("controller", seq, "XAUUSD")
        self.assertEqual(s.said("notification", seq), [])
        s.ask("controller", "/config features.service_api false", "→ false")
        self.assertEqual((d.command("status").status, d.command("status").json["reason"]), (403, "SERVICE_API_OFF"))
        self.assertEqual(d.http("GET", "/health").status, 200)
        self.assertEqual(d.tool("command", "pause").returncode, 0)  # through the socket
        until(lambda: d.engine()["paused"], "paused")
        self.assertEqual(d.admin("POST", "/emergency_stop").status, 200)
        s.ask("controller", "/config features.service_api true", "→ true")
        self.assertEqual(d.command("status").status, 200)


if __name__ == "__main__":
    main()
