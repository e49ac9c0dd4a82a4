"""People join by a link, get roles, leave; second factors and second persons; what of it reaches the disk."""
import hashlib
import hmac
import os
import re
import sqlite3
import struct
import time

from trident_harness import OWNER, STRANGER, TRADER, VIEWER, Case, button, main, until, v3_entry


def totp(secret, step):
    """RFC 6238 over the base32 text an app is given."""
    bits = "".join(f"{'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.index(c):05b}" for c in secret)
    key = bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))
    mac = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 1000000:06d}"


class People(Case):
    def invite(self, w, what, press=None):
        s = w.sandbox
        m = s.ask("controller", f"/invite {what}", "")
        if press:
            s.press("controller", m, press)
            m = s.wait("controller", m["seq"], "start=")
        return re.search(r"https://t\.me/(\w+)\?start=([\w-]{22})", m["text"]).groups()

    def join(self, w, what, press=None, user=STRANGER):
        name, code = self.invite(w, what, press)
        bot = {"trident_control_bot": "controller", "trident_notify_bot": "notification"}[name]
        self.assertIn("Welcome", w.sandbox.ask(bot, f"/start {code}", "Welcome", user=user)["text"])
        return code

    def on_disk(self, w, text):
        """Names of the product's files that hold the text."""
        found = []
        for root, _, names in os.walk(w.folder):
            for name in names:
                if name.startswith(("requests", "sandbox")) or name.endswith(".sock"):
                    continue
                with open(os.path.join(root, name), "rb") as f:
                    if text.encode() in f.read():
                        found.append(name)
        return found

    def positions(self, w, n):
        until(lambda: w.daemon.engine()["open_positions"] == n and w.daemon.engine()["open_orders"] == 0,
              f"{n} open positions")

    def test_a_stranger_is_let_in_by_a_link_once_and_out_at_once(self):
        w = self.world()
        s = w.sandbox
        code = self.join(w, "trader", "Yes")
        self.assertEqual(self.on_disk(w, code), [])
        s.wait("controller", 0, "JOINED")
        w.daemon.restart(kill=True)
        s.ask("controller", "/pause", "Paused", user=STRANGER)
        self.assertTrue(w.daemon.engine()["paused"])
        s.ask("controller", f"/start {code}", "", user=VIEWER)  # used: like no code
        m = s.ask("controller", "/closeall", "", user=STRANGER)
        # removed and still talking, in one answer of Telegram
        now = int(time.time())
        people = {OWNER: "Asha", STRANGER: "Mallory"}
        s.updates("controller", *[
            {"message": {"message_id": 7000 + i, "date": now, "text": text,
                         "chat": {"id": user, "type": "private", "first_name": people[user]},
                         "from": {"id": user, "is_bot": False, "first_name": people[user]}}}
            for i, (user, text) in enumerate([(OWNER, f"/revoke {STRANGER}"), (STRANGER, "/resume")])])
        s.wait("controller", m["seq"], "is removed")
        s.wait("controller", m["seq"], "belongs to somebody else", user=STRANGER)
        self.assertTrue(w.daemon.engine()["paused"])

    def test_a_subscriber_of_the_running_program_hears_until_removed(self):
        w = self.world()
        s = w.sandbox
        self.join(w, "notify")
        self.assertEqual(w.daemon.alert(v3_entry()).json["status"], "accepted")
        seq = s.wait("notification", 0, "XAUUSD", user=STRANGER)["seq"]
        self.positions(w, 2)
        s.ask("controller", f"/revoke {STRANGER}", "is removed")
        m = s.ask("controller", "/closeall", "Close")
        s.press("controller", m, "Yes")
        s.wait("notification", 0, "CLOSED XAUUSD")
        self.assertEqual([m["text"] for m in s.said("notification", seq, STRANGER) if "CLOSED" in m["text"]], [])

    def enrol(self, w, user):
        s = w.sandbox
        text = s.ask("controller", "/totp", "authenticator", user=user)["text"]
        secret = "".join(re.search(r"((?:[A-Z2-7]{4} ?){8})", text).group(1).split())
        code = totp(secret, int(time.time()) // 30)
        self.assertIn("is on", s.ask("controller", f"/totp {code}", "", user=user)["text"])
        return secret, code

    def test_a_one_time_code_stands_between_yes_and_the_deed(self):
        w = self.world()
        s = w.sandbox
        secret, first = self.enrol(w, OWNER)
        self.assertEqual(w.daemon.alert(v3_entry()).json["status"], "accepted")
        self.positions(w, 2)
        m = s.ask("controller", "/closeall", "Close 2 open")
        s.press("controller", m, "Yes")
        asked = s.wait("controller", m["seq"], "one-time code")
        self.assertIn("used already", s.ask("controller", first, "")["text"])
        w.daemon.restart(kill=True)
        self.assertEqual(w.daemon.engine()["open_positions"], 2)
        s.press("controller", m, "", force=True, data=button(m, "Yes"))  # after a restart it asks again
        s.wait("controller", asked["seq"] + 1, "one-time code")
        self.assertIn("used already", s.ask("controller", first, "")["text"], "also over kill -9")
        code = totp(secret, int(time.time()) // 30 + 1)
        ready = s.ask("controller", code, "Code accepted")
        self.assertEqual(w.daemon.engine()["open_positions"], 2)
        s.press("controller", ready, "carry it out")
        self.positions(w, 0)
        for text in (secret, secret[:8], f" {code}", f"totp {first}"):
            self.assertEqual(self.on_disk(w, text), [], text)
        mode = os.stat(os.path.join(w.folder, "data", "seal.key")).st_mode & 0o777
        self.assertEqual(mode, 0o600)

    def test_two_persons_and_a_kill_between_them(self):
        w = self.world(overrides={"security": {"two_person": True}})
        s = w.sandbox
        self.assertEqual(w.daemon.alert(v3_entry()).json["status"], "accepted")
        self.positions(w, 2)
        m = s.ask("controller", "/closeall", "Close 2 open", user=TRADER)
        s.press("controller", m, "Yes", user=TRADER)
        s.wait("controller", m["seq"], "waits for a second person", user=TRADER)
        question = s.wait("controller", 0, "Ravi wants /closeall")
        self.assertEqual(s.said("controller", user=VIEWER, contains="wants"), [])
        w.daemon.restart(kill=True)
        s.press("controller", m, "", user=TRADER, force=True, data=button(m, "Yes"))
        s.wait("controller", m["seq"], "counts once", user=TRADER)
        self.assertEqual(w.daemon.engine()["open_positions"], 2)
        s.press("controller", question, "I approve")
        s.wait("controller", m["seq"], "Asha approved /closeall", user=TRADER)
        self.positions(w, 0)
        refused = w.daemon.command("closeall", confirm=1)
        self.assertEqual((refused.status, refused.json["reason"]), (403, "SECOND_NEEDED"))

    def test_a_wish_on_another_trader_dies_with_its_requester(self):
        traders = [{"id": name, "broker": {"tick_interval_ms": 100}, "risk": {"daily_loss_cap": "100"}}
                   for name in ("main", "second")]
        for end in ("/revoke Mallory", "/role Mallory viewer"):
            w = self.world(overrides={"traders": traders})
            s = w.sandbox
            self.join(w, "trader", "Yes")
            w.daemon.stop()
            w.daemon.conf["security"] = {"two_person": True}
            w.daemon.start()
            s.ask("controller", "/trader second", "second ✅", user=STRANGER)
            m = s.ask("controller", "/dailylimit 400", "raises what can be lost", user=STRANGER)
            seq = s.seq()
            s.press("controller", m, "Yes", user=STRANGER)
            approval = s.wait("controller", seq, "wants /dailylimit")
            s.ask("controller", end, "Mallory")
            path = os.path.join(w.folder, "data", "traders", "second", "journal.db")
            until(lambda: self.has_row(path, "member:"), "the other trader has heard of it")
            seq = s.seq()
            s.press("controller", approval, "I approve")
            s.wait("controller", seq, "used already")
            s.ask("controller", "/trader second", "second ✅")
            self.assertNotIn("400", s.ask("controller", "/dailylimit", "daily_loss_cap")["text"])

    def has_row(self, path, prefix):
        db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            return db.execute("SELECT count(*) FROM journal WHERE key LIKE ?", (prefix + "%",)).fetchone()[0] > 0
        finally:
            db.close()

    def test_a_panic_ends_flat_in_the_brokers_own_words(self):
        w = self.world()
        s = w.sandbox
        self.assertEqual(w.daemon.alert(v3_entry()).json["status"], "accepted")
        self.positions(w, 2)
        s.ask("controller", "/panic", "PANIC STOP")
        s.wait("controller", 0, "The broker confirms: nothing is open")
        self.positions(w, 0)
        w.daemon.restart(kill=True)
        self.assertTrue(w.daemon.engine()["panic"])
        self.assertIn("The broker confirms", s.ask("controller", "/panic", "")["text"])

    def test_who_was_let_in_is_counted(self):
        w = self.world()
        s = w.sandbox
        s.ask("controller", "/status", "", user=STRANGER)
        s.ask("controller", "/pause", "", user=VIEWER)
        s.ask("controller", "/status", "")

        def counted():
            text = w.daemon.http("GET", "/metrics").text
            return all(f'trident_bot_senders_total{{bot="controller",outcome="{o}"}} 1' in text
                       for o in ("ok", "stranger", "role"))
        until(counted, "one of each")


if __name__ == "__main__":
    main()
