"""The log: one line an event with the receipt of the alert or command at its origin, found by `trident logs --id`; levels,
times, rotation while it is followed; /logs with the program's own lines for admins, without secrets."""
import os
import signal
import subprocess

from trident_harness import TRADER, TRIDENT, Case, main, receipt, until, v3_entry


class Logs(Case):
    def logged_world(self):
        w = self.world(start=False)
        path = os.path.join(w.folder, "trident.txt")
        w.daemon.conf["log"] = {"level": "info", "file": path}
        d = w.daemon
        d.write()
        d.starts = 1
        with open(d.log_path, "ab") as out:
            d.process = subprocess.Popen([TRIDENT, "run", "--config", d.path], stdout=out, stderr=out)
        line = until(lambda: next((x for x in self.lines(path) if " ready " in x), None), "the daemon is ready")
        d.port = int(line.split("port=")[1].split()[0])
        until(lambda: d.engine()["broker_up"] and not d.engine()["entries_halted"], "the broker")
        until(w.is_quiet, "the greeting")
        return w, path

    def lines(self, path):
        try:
            with open(path, encoding="utf-8") as f:
                return f.read().splitlines()
        except FileNotFoundError:
            return []

    def test_one_number_finds_the_whole_way_of_an_alert(self):
        w, path = self.logged_world()
        first = w.daemon.alert(v3_entry(tf="5")).json["receipt"]
        asked = receipt(w.sandbox.ask("controller", "/status", "Active"))
        until(lambda: any(f" ref={first} " in x and "type=v3_entry" in x for x in self.lines(path)), "the entry")
        found = w.daemon.tool("logs", "--id", str(first)).stdout.splitlines()
        self.assertTrue(all(f" ref={first} " in x for x in found), found)
        self.assertIn("symbol=XAUUSD", " ".join(found))
        cids = {x.split("cid=")[1].split()[0] for x in found if "type=v3_entry" in x}
        self.assertNotIn("0", cids)
        until(lambda: any("message_sent" in x and f" ref={first} " in x for x in self.lines(path)), "the message")
        found = w.daemon.tool("logs", "--id", str(first)).stdout.splitlines()
        way = [x.split(": ", 1)[1].split()[0] for x in found]
        for step in ("signal", "decision", "receipt", "order", "fill", "event", "message_sent"):
            self.assertIn(step, way, found)
        firsts = [way.index(x) for x in ("signal", "decision", "order", "fill", "message_sent")]
        self.assertEqual(firsts, sorted(firsts), found)
        self.assertEqual([x[:24] for x in found], sorted(x[:24] for x in found))
        self.assertEqual({x.split(" cid=")[1].split()[0] for x in found if ": fill " in x}, cids)
        self.assertIn("message_sent", w.daemon.tool("logs", "--id", str(first), "--lines", "1").stdout)
        about = w.daemon.tool("logs", "--id", str(asked)).stdout
        self.assertRegex(about, rf"INFO journal main: command ref={asked} seq={asked} name=status role=admin "
                         "bot=controller user=1001 chat=1001\n")
        self.assertRegex(about, rf"INFO notify \S+: reply ref={asked} trader=main bot=controller chat=1001")
        self.assertRegex(about, rf"INFO notify \S+: message_sent ref={asked} trader=main id=\d+ bot=controller chat=1001 "
                         r"after_ms=\d+\n")
        self.assertEqual(w.daemon.tool("logs", "--id", str(first), "--trader", "other").returncode, 1)
        for x in self.lines(path):
            self.assertRegex(x, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (DEBUG|INFO|WARN|ERROR) [a-z]+ \S+: [a-z_]+")

    def test_lines_are_chosen_by_level_time_and_count(self):
        w, path = self.logged_world()
        w.daemon.http("POST", "/webhook/wrong-secret-0123456789", v3_entry())
        until(lambda: any("reason=SECRET" in x for x in self.lines(path)), "the refusal")
        warned = w.daemon.tool("logs", "--level", "warn").stdout
        self.assertIn("webhook_refused reason=SECRET", warned)
        self.assertNotIn(" INFO ", warned)
        self.assertEqual(len(w.daemon.tool("logs", "--lines", "2").stdout.splitlines()), 2)
        self.assertIn(" ready ", w.daemon.tool("logs", "--since", "5m").stdout)
        self.assertEqual(w.daemon.tool("logs", "--since", "2999").stdout, "")
        for wrong in (["--since", "soon"], ["--level", "loud"], ["--id", "0"], ["--lines", "0"]):
            self.assertEqual(w.daemon.tool("logs", *wrong).returncode, 2, wrong)
        del w.daemon.conf["log"]["file"]
        w.daemon.write()
        alert = w.daemon.alert(v3_entry(tf="5")).json["receipt"]
        r = w.daemon.tool("logs", "--since", "30m", "--id", "7")
        self.assertEqual(r.returncode, 1)
        self.assertIn(f" order ref={alert} ", w.daemon.tool("logs", "--id", str(alert)).stdout)
        self.assertIn("journalctl -u trident -o cat --since=-30m | grep -w ref=7", r.stderr)

    def test_following_goes_on_over_a_rotation(self):
        w, path = self.logged_world()
        out = os.path.join(w.folder, "followed")
        with open(out, "wb") as f:
            p = subprocess.Popen([TRIDENT, "logs", "--follow", "--lines", "1", "--config", w.daemon.path], stdout=f)
        self.addCleanup(p.wait)
        self.addCleanup(p.kill)
        until(lambda: self.lines(out), "the newest line")
        os.rename(path, path + ".1")
        before = w.daemon.alert(v3_entry(tf="5", price=2651.0)).json["receipt"]
        until(lambda: any(f" ref={before} " in x for x in self.lines(out)), "a line in the old file")
        w.daemon.process.send_signal(signal.SIGUSR1)
        until(lambda: os.path.exists(path), "the new file")
        after = w.daemon.alert(v3_entry(tf="5", price=2652.0)).json["receipt"]
        until(lambda: any(f" ref={after} " in x for x in self.lines(out)), "a line in the new file")
        got = self.lines(out)
        self.assertEqual(len(got), len(set(got)))

    def test_a_chat_sees_the_newest_lines_if_it_runs_the_program(self):
        w = self.world()
        w.daemon.http("POST", "/webhook/wrong-secret-0123456789", v3_entry())
        shown = w.sandbox.ask("controller", "/logs 30", "The program said")["text"]
        self.assertIn("webhook_refused reason=SECRET", shown)
        self.assertNotIn("wrong-secret", shown)
        self.assertNotIn("The program said", w.sandbox.ask("controller", "/logs", "went wrong", user=TRADER)["text"])


if __name__ == "__main__":
    main()
