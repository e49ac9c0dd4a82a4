"""/restart and /shutdown: the process ends well after its answer, with the exit code that says which."""
import os
import time

from trident_harness import TRADER, Case, button, main

RESTART_CODE = 75


class Ending(Case):
    def end(self, w, name, question):
        """Presses Yes; the exit code, once the process has ended by itself."""
        m = w.sandbox.ask("controller", f"/{name}", question)
        w.sandbox.press("controller", m, "Yes")
        code = w.daemon.process.wait(20)
        w.daemon.process = None
        return m, code

    def test_restart_ends_with_its_own_code_after_the_answer_and_happens_once(self):
        w = self.world()
        s = w.sandbox
        refused = s.ask("controller", "/restart", user=TRADER)["text"]
        self.assertNotIn("Restart Trident?", refused)
        question, code = self.end(w, "restart", "Restart Trident?")
        self.assertIn("no systemd", question["text"])
        self.assertEqual(code, RESTART_CODE)
        self.assertEqual(len(s.said("controller", contains="Restarting. The next message")), 1)
        w.daemon.start()
        s.ask("controller", "/status", "Active")  # it stays up: nothing is replayed as a wish
        self.assertIsNone(w.daemon.process.poll())
        s.press("controller", question, "Yes", force=True, data=button(question, "Yes"))  # the same one again
        s.wait("controller", 0, "This button was used already")
        s.ask("controller", "/status", "Active")
        self.assertIsNone(w.daemon.process.poll())
        with open(os.path.join(os.path.dirname(__file__), "../../packaging/systemd/trident.service"),
                  encoding="utf-8") as f:
            unit = f.read()
        self.assertIn(f"RestartForceExitStatus={RESTART_CODE}\n", unit)
        self.assertIn("Restart=on-failure\n", unit)

    def test_shutdown_ends_well_over_telegram_and_over_http_with_an_unreachable_telegram(self):
        # The leak check of test builds looks at the process in ways the filter of a service forbids.
        w = self.world(start=False, overrides={"security": {"seccomp": "off"}})
        w.daemon.environment = dict(os.environ, NOTIFY_SOCKET=os.path.join(w.folder, "nobody"))
        w.daemon.start()
        d, s = w.daemon, w.sandbox
        self.assertIn("systemd starts it again", s.ask("controller", "/restart", "Restart Trident?")["text"])
        question, code = self.end(w, "shutdown", "Shut Trident down?")
        self.assertIn("stays down", question["text"])
        self.assertEqual(code, 0)
        self.assertEqual(len(s.said("controller", contains="This was the last answer")), 1)
        self.assertIn("stopped after_ms=", d.log())
        d.start()
        asked = d.command("shutdown").json
        s.stop()
        done = d.command("shutdown", confirm=asked["receipt"]).json
        self.assertEqual(done["status"], "accepted")
        began = time.monotonic()
        self.assertEqual(d.process.wait(20), 0)
        self.assertLess(time.monotonic() - began, 12)
        d.process = None
        s.start()
        d.start()
        s.ask("controller", "/status", "Active")


if __name__ == "__main__":
    main()
