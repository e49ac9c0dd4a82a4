"""What people hear of an upgrade in place: one line for who runs the program, no alarm about a stop, no start; a refused one
is told with its reason; an ordinary stop is told as ever."""
import re
import subprocess

from trident_harness import OWNER, TRADER, TRIDENT, Case, Successor, main, until, v3_entry


class UpgradeNotices(Case):
    def upgrade(self, w, *program):
        return subprocess.run([TRIDENT, "upgrade", *program, "--config", w.daemon.path], capture_output=True, text=True,
                              timeout=60)

    def test_an_upgrade_is_one_line_for_admins_and_no_alarm(self):
        w = self.world()
        self.assertEqual(w.daemon.alert(v3_entry()).status, 200)
        until(lambda: w.daemon.engine()["open_positions"] == 2, "two positions")
        until(w.is_quiet, "the entry is told")
        seq, old = w.sandbox.seq(), w.daemon.process
        r = self.upgrade(w)
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        pid = int(re.search(r"runs as process (\d+)", r.stdout)[1])
        old.wait(20)
        w.daemon.process = Successor(pid)
        told = w.sandbox.wait("controller", seq, "Upgraded")
        version = re.search(r"version (\S+) runs", r.stdout)[1]
        waited = re.search(r"waited (\d+) ms", r.stdout)[1]
        self.assertIn(f"Upgraded {version} → {version}, {waited} ms", told["text"])
        until(w.is_quiet, "all is told")
        w.sandbox.ask("controller", "/status", "Active")
        for user in (OWNER, TRADER):
            for bot in ("controller", "notification", "analytics"):
                for alarm in ("has stopped", "is running"):
                    self.assertEqual(w.sandbox.said(bot, seq, user=user, contains=alarm), [], (user, bot))
        self.assertEqual(len(w.sandbox.said("controller", seq, contains="Upgraded")), 1)
        self.assertEqual(w.sandbox.said("controller", seq, user=TRADER, contains="Upgraded"), [])

        seq = w.sandbox.seq()
        r = self.upgrade(w, "/bin/true")
        self.assertEqual(r.returncode, 1, r.stdout + r.stderr)
        told = w.sandbox.wait("controller", seq, "NOT UPGRADED")
        self.assertIn("/bin/true", told["text"])
        self.assertEqual(w.sandbox.said("controller", seq, user=TRADER, contains="UPGRADED"), [])
        self.assertEqual(w.daemon.engine()["open_positions"], 2)

        seq = w.sandbox.seq()
        w.daemon.stop()
        w.sandbox.wait("notification", seq, "has stopped")


if __name__ == "__main__":
    main()
