# labels: security
"""The whole daemon under its own filter of system calls: it starts, trades, draws, reopens, restarts and stops, in
every thread confined, and nothing it needs is refused. What is refused is the concern of security.confinement."""
import concurrent.futures
import glob
import os
import re
import signal

from trident_harness import Case, main, until, v3_entry, v3_exit

ALERTS = 200


def unsanitised():
    """Sanitizers look for leaks through ptrace(), which is refused."""
    return {**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}


class Confined(Case):
    def confined_world(self):
        w = self.world(overrides={"security": {"seccomp": "on"}}, start=False)
        w.daemon.environment = unsanitised()
        w.daemon.start()
        return w

    def check_threads(self, d):
        tasks = glob.glob(f"/proc/{d.process.pid}/task/*/status")
        self.assertGreater(len(tasks), 5)
        for path in tasks:
            with open(path, encoding="ascii") as f:
                status = f.read()
            self.assertRegex(status, r"(?m)^Seccomp:\s+2$")
            self.assertRegex(status, r"(?m)^NoNewPrivs:\s+1$")
        with open(f"/proc/{d.process.pid}/limits", encoding="ascii") as f:
            self.assertRegex(f.read(), r"Max core file size\s+0\s+0")

    def test_everything_works_under_load(self):
        w = self.confined_world()
        d = w.daemon
        self.assertIn("confined seccomp=on", d.log())
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda i: d.alert(v3_entry(tf=("5", "15", "60")[i % 3], price=2650 + i / 100)),
                                    range(ALERTS)))
        self.assertEqual({a.status for a in answers}, {200})
        until(lambda: d.engine()["open_positions"] > 0, "positions")
        w.sandbox.ask("analytics", "/daily", "")
        w.sandbox.ask("controller", "/status", "")
        w.sandbox.ask("controller", "/pause", "Paused")
        w.sandbox.ask("controller", "/resume", "Resumed")
        d.alert(v3_exit())
        until(lambda: d.engine()["open_positions"] == 0, "closed")
        self.check_threads(d)
        os.rename(d.log_path, d.log_path + ".log")  # stays under the eyes of the teardown
        d.process.send_signal(signal.SIGUSR1)  # the log anew
        self.assertEqual(d.tool("command", "pause").returncode, 0)
        self.check_threads(d)
        d.stop()
        with open(d.log_path + ".log", encoding="utf-8", errors="replace") as f:
            log = f.read()
        self.assertFalse(re.search(r"not permitted|EPERM|errno=1\b", log), log[-3000:])
        d.start()
        self.assertTrue(d.engine()["paused"])
        d.stop()

    def test_auto_means_under_systemd(self):
        w = self.world()
        self.assertNotIn("confined", w.daemon.log())
        w.daemon.stop()
        w.daemon.environment = {**unsanitised(), "NOTIFY_SOCKET": os.path.join(w.folder, "nobody-listens")}
        w.daemon.start()
        self.assertIn("confined seccomp=on", w.daemon.log())
        w.daemon.stop()


if __name__ == "__main__":
    main()
