# labels: security
"""Who may control a running daemon: its own user through the Unix socket, others by tokens over the port."""
import http.client
import os
import re
import socket
import stat
import subprocess

from trident_harness import ADMIN_TOKEN, TRIDENT, Case, main


class Local(http.client.HTTPConnection):
    """Through the daemon's socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=10)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(10)
        self.sock.connect(self.path)


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


class Socket(Case):
    def test_the_daemons_user_needs_no_token_there(self):
        w = self.world(overrides={"http": {"admin_token": ""}})
        path = os.path.join(w.folder, "data", "trident.sock")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        c = Local(path)
        c.request("POST", "/pause")
        r = c.getresponse()
        self.assertEqual((r.status, b'"status":"accepted"' in r.read()), (200, True))
        self.assertTrue(w.daemon.engine()["paused"])
        c.close()
        self.assertEqual(w.daemon.http("POST", "/resume").status, 401)
        row = w.daemon.find_rows('"pause"') or w.daemon.find_rows("pause")
        self.assertIn("local", w.daemon.show(row[-1]))

    def test_the_programs_own_commands_go_that_way(self):
        w = self.world(overrides={"http": {"admin_token": ""}})
        done = w.daemon.tool("command", "pause")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertTrue(w.daemon.engine()["paused"])
        self.assertEqual(w.daemon.tool("command", "xyzzy").returncode, 1)
        healthy = w.daemon.tool("health")
        self.assertEqual(healthy.returncode, 0, healthy.stderr)
        w.daemon.kill9()
        self.assertEqual(w.daemon.tool("health").returncode, 1, "a socket is left, nobody listens")
        w.daemon.start()
        self.assertEqual(w.daemon.tool("health").returncode, 0, "and is taken over")


class Tokens(Case):
    def issue(self, w, *args):
        made = w.daemon.tool("token", "new", *args)
        self.assertEqual(made.returncode, 0, made.stderr)
        token = made.stdout.strip()
        self.assertRegex(token, r"^trt_[0-9a-f]{8}_[A-Za-z0-9_-]{43}$")
        return token

    def test_a_token_lives_from_new_to_revoke_without_a_restart(self):
        w = self.world(overrides={"http": {"admin_token": ""}})
        d = w.daemon
        path = os.path.join(w.folder, "data", "tokens")
        trade, read = self.issue(w, "desk", "--scope", "trade"), self.issue(w, "grafana")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        with open(path, encoding="ascii") as f:
            kept = f.read()
        self.assertNotIn(trade[13:], kept)
        self.assertEqual(d.http("POST", "/pause", headers=bearer(trade)).status, 200)
        self.assertIn("token:desk", d.show(d.rows()[-1][0]) + "".join(d.show(s) for s, _, _ in d.rows()[-4:]))
        a = d.http("POST", "/resume", headers=bearer(read))
        self.assertEqual((a.status, a.json["reason"]), (403, "SCOPE_TOO_LOW"))
        a = d.http("POST", "/api/v1/command", {"command": "resume"}, bearer(read))
        self.assertEqual((a.status, a.json["reason"]), (403, "ROLE_TOO_LOW"))
        self.assertEqual(d.http("POST", "/api/v1/command", {"command": "resume"}, bearer(trade)).status, 200)

        listed = d.tool("token", "list").stdout
        self.assertEqual(len(re.findall(r"valid", listed)), 2, listed)
        self.assertNotIn(trade[13:], listed)
        self.assertEqual(d.tool("token", "revoke", trade[4:12]).returncode, 0)
        a = d.http("POST", "/pause", headers=bearer(trade))
        self.assertEqual((a.status, a.json["reason"]), (401, "TOKEN_EXPIRED"))
        self.assertIn("revoked", d.tool("token", "list").stdout)
        self.assertEqual(d.tool("token", "revoke", "00000000").returncode, 1)

    def test_rotation_lets_both_work_during_the_grace(self):
        w = self.world()
        d = w.daemon
        old = self.issue(w, "desk", "--scope", "trade")
        new = d.tool("token", "rotate", old[4:12]).stdout.strip()
        self.assertNotEqual(old, new)
        for t in (old, new):
            self.assertEqual(d.http("POST", "/resume", headers=bearer(t)).status, 200)
        newest = d.tool("token", "rotate", new[4:12], "--grace-hours", "0").stdout.strip()
        self.assertEqual(d.http("POST", "/resume", headers=bearer(new)).json["reason"], "TOKEN_EXPIRED")
        self.assertEqual(d.http("POST", "/resume", headers=bearer(newest)).status, 200)
        self.assertEqual(d.tool("token", "rotate", new[4:12]).returncode, 1, "it is over")

    def test_guessing_is_locked_out_over_the_port_only(self):
        w = self.world()
        d = w.daemon
        statuses = [d.http("POST", "/pause", headers=bearer(f"guess-{i}")).status for i in range(8)]
        self.assertEqual(statuses, [401] * 5 + [429] * 3)
        a = d.admin("POST", "/pause")
        self.assertEqual((a.status, a.json["reason"], "Retry-After" in a.headers), (429, "LOCKED_OUT", True))
        self.assertIn("locked_out client=127.0.0.1", d.log())
        self.assertEqual(d.health()["status"], "ok", "who only looks is not concerned")
        self.assertEqual(d.tool("command", "pause").returncode, 0)
        self.assertNotIn(ADMIN_TOKEN, d.log())

    def test_a_passphrase_is_kept_as_argon2id_and_checked_seldom(self):
        words = "CANARY correct horse battery"
        made = subprocess.run([TRIDENT, "token", "passphrase"], input=words + "\n", capture_output=True, text=True, timeout=30)
        self.assertEqual((made.returncode, made.stdout[:31]), (0, "$argon2id$v=19$m=65536,t=2,p=1$"), made.stderr)
        for short in ("", "too short\n"):
            r = subprocess.run([TRIDENT, "token", "passphrase"], input=short, capture_output=True, text=True, timeout=30)
            self.assertEqual((r.returncode, r.stdout), (1, ""))
        w = self.world(overrides={"http": {"admin_token": "", "admin_passphrase": made.stdout.strip()}})
        d = w.daemon
        pause = lambda text: d.http("POST", "/pause", headers=bearer(text))  # noqa: E731
        self.assertEqual(pause(words).status, 200)
        self.assertTrue(d.engine()["paused"])
        self.assertEqual(pause(words).status, 200, "known from now on")
        a = pause(words[:-1])
        self.assertEqual((a.status, a.json["reason"], "Retry-After" in a.headers), (429, "TRY_LATER", True))
        self.assertEqual(pause(words).status, 200)
        self.assertEqual(pause("trt_00000000_guess").status, 401, "a token is no passphrase")
        d.restart()
        self.assertEqual(pause(words[:-1]).status, 401)
        a = pause(words)
        self.assertEqual((a.status, a.json["reason"]), (429, "TRY_LATER"), "the next check is ten seconds away")
        self.assertEqual(d.tool("command", "resume").returncode, 0, "the socket asks nobody")
        self.assertNotIn("CANARY correct", d.log())
        d.conf["http"]["admin_passphrase"] = words
        d.write()
        r = d.tool("check")
        self.assertEqual(r.returncode, 1)
        self.assertIn("http.admin_passphrase: found [redacted]; accepted: the line that `trident token passphrase` prints",
                      r.stdout + r.stderr)
        d.conf["http"]["admin_passphrase"] = made.stdout.strip()
        d.write()

    def test_wrong_use_is_said_so(self):
        d = self.world(start=False).daemon
        d.write()
        for args in ((), ("new",), ("new", "a b"), ("new", "x", "--scope", "root"), ("new", "x", "--days", "-1"),
                     ("revoke",), ("list", "x"), ("rotate", "x", "--grace-hours", "x"), ("burn", "x")):
            self.assertEqual(d.tool("token", *args).returncode, 2, args)
        self.assertEqual(d.tool("token", "list").stdout, "There are no tokens.\n")


if __name__ == "__main__":
    main()
