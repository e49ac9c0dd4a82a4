# labels: security
"""Planted secrets stay where they belong: through start, wrong tokens, a Bot API that refuses and disappears, a broken
configuration and a crash none of them is in a log, a message, a database, a file, the program's output, /proc or a core
file. (Every other integration test looks through its files for them as well.)"""
import glob
import os
import resource
import signal
import subprocess

from trident_harness import (ADMIN_TOKEN, MIRROR_TOKEN, SECRETS, TOKENS, TRIDENT, WEBHOOK_SECRET, Case, main, until,
                             v3_entry, v3_exit)

MAIL_PASSWORD, SINK_SECRET = "CANARY-mail-password-0123456789", "CANARY-sink-secret-0123456789abc"
NEEDLES = SECRETS + [MAIL_PASSWORD, SINK_SECRET]


def leaks(folder, needles, but=()):
    """(file, secret) below the folder; sockets are no files."""
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            if path in but or not os.path.isfile(path):
                continue
            with open(path, "rb") as f:
                data = f.read()
            for needle in needles:
                if needle.encode() in data:
                    yield path, needle


def proc(pid, name):
    try:
        with open(f"/proc/{pid}/{name}", "rb") as f:
            return f.read().decode("utf-8", "replace")
    except PermissionError:
        return ""  # not even we may look: it has made itself undumpable


class Canary(Case):
    def provoke(self, w, issued):
        d = w.daemon
        near = [ADMIN_TOKEN + "x", "x" + ADMIN_TOKEN, ADMIN_TOKEN[:-1], WEBHOOK_SECRET, issued + "x"]
        for text in near:
            d.http("POST", "/emergency_stop", headers={"Authorization": "Bearer " + text})
            d.http("POST", "/webhook/" + text, v3_entry())
            d.http("GET", "/events?token=" + text)
            d.http("POST", "/webhook?secret=" + text, '{"type":"' + text + '"}')
        d.http("POST", "/webhook", {**v3_entry(), "secret": WEBHOOK_SECRET, "signal_type": WEBHOOK_SECRET})
        d.http("POST", f"/webhook/{WEBHOOK_SECRET}", {**v3_entry(), "symbol": ADMIN_TOKEN, "reason": MIRROR_TOKEN})
        a = d.http("POST", f"/webhook/{WEBHOOK_SECRET}", v3_exit(reason=MIRROR_TOKEN + " and " + WEBHOOK_SECRET))
        self.assertEqual(a.status, 200)
        d.http("GET", f"/{ADMIN_TOKEN}")
        d.http("GET", f"/webhook/{WEBHOOK_SECRET}")
        d.http("POST", f"/webhook/{WEBHOOK_SECRET}", "x" * 70000)
        d.admin("POST", "/api/v1/command", {"command": "set", "args": ADMIN_TOKEN})
        w.sandbox.say("controller", f"/pause {ADMIN_TOKEN}")
        w.sandbox.say("controller", TOKENS["controller"])

    def test_none_of_them_is_anywhere(self):
        w = self.world(start=False, overrides={
            "legacy": {"mirror_token": MIRROR_TOKEN},
            "sinks": {"webhook": {"url": "https://127.0.0.1:9/", "secret": SINK_SECRET},
                      "email": {"url": "smtp://127.0.0.1:9", "user": "u", "password": MAIL_PASSWORD,
                                "from": "a@example.org", "to": "b@example.org"}}})
        d = w.daemon
        soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))  # what the daemon inherits would allow a core
        self.addCleanup(resource.setrlimit, resource.RLIMIT_CORE, (soft, hard))
        d.environment = {**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":handle_segv=0"}
        d.start()
        issued = d.tool("token", "new", "canary", "--scope", "admin").stdout.strip()
        self.assertEqual(d.http("POST", "/pause", headers={"Authorization": "Bearer " + issued}).status, 200)
        self.provoke(w, issued)
        pid = d.process.pid
        shown = "".join(proc(pid, name) for name in ("cmdline", "environ", "comm", "status", "maps"))
        w.sandbox.stop(kill=True)
        until(lambda: "telegram" in d.log() or "bot" in d.log(), "the outage is in the log")
        for args in (("audit", "show", str(seq)) for seq, _, _ in d.rows()):
            shown += d.tool(*args).stdout
        for args in (("config", "show"), ("check",), ("token", "list"), ("audit", "verify")):
            r = d.tool(*args)
            shown += r.stdout + r.stderr
        d.process.send_signal(signal.SIGSEGV)
        self.assertEqual(d.process.wait(20), -signal.SIGSEGV)
        d.process = None
        broken = os.path.join(w.folder, "broken.json")
        with open(d.path, encoding="utf-8") as f:
            text = f.read()
        with open(broken, "w", encoding="utf-8") as f:
            os.fchmod(f.fileno(), 0o600)
            f.write(text.replace('"port": 0', '"port": "x"').replace(TOKENS["controller"], "7:" + ADMIN_TOKEN))
        r = subprocess.run([TRIDENT, "check", "--config", broken], capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(r.returncode, 1)
        shown += r.stdout + r.stderr
        needles = NEEDLES + [issued[13:]]
        self.assertEqual([shown[max(0, shown.index(n) - 300):][:400] for n in needles if n in shown], [])
        self.assertEqual(list(leaks(w.folder, needles, but=(d.path, broken))), [])
        os.unlink(broken)
        cores = [p for folder in (os.getcwd(), w.folder, os.path.join(w.folder, "data"), "/")
                 for p in glob.glob(os.path.join(folder, "core*")) if os.path.isfile(p) and str(pid) in p]
        self.assertEqual(cores, [])
        w.sandbox.start()
        d.environment = None
        d.start()


if __name__ == "__main__":
    main()
