"""The wall clock jumps, the process is stopped and goes on: waits are monotonic, and no fresh command is ever taken for
an old one (docs/TELEGRAM_FAULTS.md 14)."""
import os
import shutil
import signal
import subprocess
import time

from trident_harness import Case, main, until

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support", "wall_clock.c")


class Clock(Case):
    def world_with_clock(self):
        compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        if not compiler:
            self.skipTest("no C compiler: the clock cannot be moved")
        w = self.world(start=False)
        library, self.clock = os.path.join(w.folder, "wall_clock.so"), os.path.join(w.folder, "clock")
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, SOURCE], check=True)
        options = os.environ.get("ASAN_OPTIONS", "")
        w.daemon.environment = dict(os.environ, LD_PRELOAD=library, WALL_CLOCK_FILE=self.clock,
                                    ASAN_OPTIONS=(options + ":" if options else "") + "verify_asan_link_order=0")
        self.move(0)
        w.daemon.start()
        until(w.is_quiet, "the greeting is delivered")
        return w

    def move(self, seconds):
        with open(self.clock + ".new", "w", encoding="utf-8") as f:
            f.write(str(seconds))
        os.rename(self.clock + ".new", self.clock)

    def test_jumps_of_the_wall_clock_stop_nothing(self):
        w = self.world_with_clock()
        s = w.sandbox
        for n, seconds in enumerate((3600, -3600, 86400, -int(time.time()) + 60, 0)):
            self.move(seconds)
            command, answer = (("/pause", "Paused"), ("/resume", "Resumed"))[n % 2]
            s.ask("controller", command, answer)  # a change: refused when older than a minute
            self.assertEqual(w.daemon.engine()["paused"], n % 2 == 0)
        self.assertEqual(s.said("controller", contains="came too late"), [])

    def test_a_flood_wait_is_counted_by_the_monotonic_clock(self):
        w = self.world_with_clock()
        s = w.sandbox
        s.fault("flood", "controller", method="sendMessage", retry_after=2)
        s.say("controller", "/balance")
        until(lambda: w.daemon.status()["notify"]["flood_waits"] == 1, "the flood is met")
        self.move(86400)
        s.wait("controller", 0, "Account")
        sends = [r for r in s.requests("sendMessage", "controller") if "Account" in str(r["params"])]
        self.assertGreaterEqual(sends[1]["mono_ms"] - sends[0]["mono_ms"], 2000)
        s.fault("flood", "controller", method="sendMessage", retry_after=1)
        s.say("controller", "/status")
        until(lambda: w.daemon.status()["notify"]["flood_waits"] == 2, "the second flood is met")
        self.move(-86400)
        s.wait("controller", 0, "Active", timeout=6)

    def test_stopped_and_continued_in_a_poll_and_in_a_flood_wait(self):
        w = self.world_with_clock()
        s = w.sandbox
        s.fault("flood", "controller", method="sendMessage", retry_after=1)
        s.say("controller", "/balance")
        until(lambda: w.daemon.status()["notify"]["flood_waits"] == 1, "the flood is met")
        os.kill(w.daemon.process.pid, signal.SIGSTOP)
        seq = s.say("controller", "/pause")
        self.move(120)  # as after a suspend of the machine: only the wall clock has gone on
        os.kill(w.daemon.process.pid, signal.SIGCONT)
        s.wait("controller", 0, "Account")
        s.wait("controller", seq, "Paused")
        self.assertTrue(w.daemon.engine()["paused"])


if __name__ == "__main__":
    main()
