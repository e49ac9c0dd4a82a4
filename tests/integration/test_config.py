"""A configuration is checked whole: every problem at once, with path, value and what would be accepted, and a daemon
does not start on a bad one."""
import json
import os
import tempfile

from trident_harness import MIRROR_TOKEN, TOKENS, Case, main


class Check(Case):
    def checked(self, conf, *command):
        w = self.world(start=False)
        w.daemon.conf = dict(w.daemon.conf, **conf)
        w.daemon.write()
        r = w.daemon.tool(*(command or ("check",)))
        return w, r

    def test_a_good_one(self):
        _, r = self.checked({})
        self.assertEqual(r.returncode, 0, r.stderr)

    def test_every_problem_at_once(self):
        bad = {"http": {"port": 99999, "listen": "nowhere", "webhook_secret": "CANARY-short", "allow": ["300.1.1.1"],
                        "trusted_proxies": ["10.1.2.3/8"]},
               "telegram": {"base_url": "ftp://x", "controller": {"token": "CANARY-not-a-token"}, "poll_timeout_s": 51},
               "legacy": {"mode": "sometimes", "mirror_token": MIRROR_TOKEN},
               "users": [{"user_id": 1, "role": "king"}, {"role": "admin"}],
               "traders": [{"id": "a b", "broker": {"feed": "csv", "speed": 0}, "risk": {"daily_loss_cap": -1},
                            "plugins": {"combined_v3": {"min_score": 12}}}, {"id": "x"}, {"id": "x"}],
               "surprise": True}
        for command in (("check",), ("run",)):
            _, r = self.checked(bad, *command)
            self.assertEqual(r.returncode, 1)
            for part in ("http.port: found 99999", "0 to 65535", "http.listen", "http.webhook_secret: found [redacted]",
                         "http.allow", "http.trusted_proxies", "telegram.base_url", "telegram.controller.token",
                         "telegram.poll_timeout_s: found 51", "legacy.mode: found sometimes", "adopted",
                         "users[0].role", "king", "users[1].user_id", "traders[0].id", "traders[0].broker.speed",
                         "traders[0].broker.csv_bid", "traders[0].risk.daily_loss_cap", "min_score: found 12", "0 to 9",
                         "traders[2].id", "surprise"):
                self.assertIn(part, r.stderr)
            self.assertNotIn("CANARY", r.stdout + r.stderr)

    def test_a_file_others_can_read_is_refused(self):
        w = self.world(start=False)
        w.daemon.write()
        os.chmod(w.daemon.path, 0o644)
        for command in ("check", "run"):
            r = w.daemon.tool(command)
            self.assertEqual(r.returncode, 1)
            self.assertIn("chmod 600", r.stderr)

    def test_secrets_from_files(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        w = self.world(start=False)
        for name in ("controller", "notification", "analytics"):
            path = os.path.join(folder.name, name)
            with open(path, "w", encoding="utf-8") as f:
                os.fchmod(f.fileno(), 0o600)
                f.write(TOKENS[name] + "\n")
            w.daemon.conf["telegram"][name] = {"token": {"file": path}}
        w.daemon.start()
        w.sandbox.ask("controller", "/status", "Active")

    def test_what_is_in_force_is_shown_without_secrets(self):
        w, r = self.checked({}, "config", "show")
        self.assertEqual(r.returncode, 0, r.stderr)
        shown = json.loads(r.stdout)
        self.assertEqual(shown["telegram"]["poll_timeout_s"], 50)
        self.assertNotIn("CANARY", r.stdout)

    def test_a_second_daemon_on_the_same_data_is_refused(self):
        w = self.world()
        r = w.daemon.tool("run")
        self.assertEqual(r.returncode, 1)
        self.assertIn("another trident runs", r.stderr)
        w.sandbox.ask("controller", "/status", "Active")


if __name__ == "__main__":
    main()
