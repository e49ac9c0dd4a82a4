"""Connections that say nothing or next to nothing, and the end of the program in the middle of it
(docs/TELEGRAM_FAULTS.md)."""
import socket
import time

from trident_harness import main, until, v3_entry
from wire import Wired


class Silence(Wired):
    def test_half_open_and_dripping_connections_are_given_up(self):
        """A poll: its timeout + 12 s. A send: 10 s below a byte a second, 15 s in all. All others go on meanwhile."""
        w, wire = self.wired()
        wire.rule("silence", "controller", "getUpdates")
        wire.rule("drip", "analytics", "getUpdates", of="head", every_s=0.3)
        wire.rule("drip", "notification", "sendMessage", of="body", every_s=0.2)
        until(lambda: len(wire.struck) >= 2, "both polls hang")
        began = time.monotonic()
        w.sandbox.say("notification", "/help")
        until(lambda: len(wire.struck) == 3, "the send hangs")
        # Everybody else is served at once: trading, and what the hanging bots have to say.
        self.assertEqual(w.daemon.alert(v3_entry()).json["status"], "accepted")
        until(lambda: w.daemon.engine()["open_positions"] == 2, "two positions")
        self.assertEqual(w.daemon.command("pause").json["status"], "accepted")
        w.sandbox.wait("controller", 0, "PAUSED", timeout=5)
        self.assertLess(time.monotonic() - began, 8)
        w.sandbox.say("controller", "/balance")
        w.sandbox.say("analytics", "/daily")
        w.sandbox.wait("controller", 0, "Account", timeout=30)
        w.sandbox.wait("analytics", 0, "Day", timeout=30)
        w.sandbox.wait("notification", 0, "(possibly repeated)", timeout=30)
        self.assertLess(time.monotonic() - began, 25)
        for struck in wire.struck:
            later = [r for r in wire.requests() if r.connection == struck.connection and r.at > struck.at]
            self.assertEqual(later, [], "a connection that was given up is not used again")


class Stopping(Wired):
    def test_sigterm_ends_it_at_once_wherever_it_waits(self):
        for kind, method, more in (("silence", "getUpdates", {}), ("drip", "getUpdates", {"of": "head", "every_s": 0.2}),
                                   ("silence", "sendMessage", {}), ("silence", None, {})):
            w, wire = self.wired(telegram={"poll_timeout_s": 50})
            wire.rule(kind, method=method, count=-1, **more)
            for bot in ("controller", "notification", "analytics"):
                w.sandbox.say(bot, "/help")
            until(lambda: wire.struck, "it hangs")
            self.stops_at_once(w)

    def test_sigterm_while_waiting_for_a_flood_to_end(self):
        w, _ = self.wired()
        w.sandbox.fault("flood", "*", method="sendMessage", retry_after=86400, count=-1)
        w.sandbox.say("controller", "/balance")
        until(lambda: w.daemon.status()["notify"]["flood_waits"] >= 1, "the flood is met")
        self.stops_at_once(w)
        w.sandbox.clear_faults()
        w.daemon.start()
        w.sandbox.wait("controller", 0, "Account")

    def test_sigterm_during_a_handshake_and_without_dns(self):
        mute = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(mute.close)
        for url in (f"https://127.0.0.1:{mute.getsockname()[1]}", "https://api.telegram.invalid"):
            w, _ = self.wired(start=False)
            w.daemon.conf["telegram"]["base_url"] = url
            w.daemon.start(wait_bots=False)
            until(lambda: not [r for r in w.daemon.health()["reasons"] if "synchron" in r or "broker" in r], "broker")
            self.assertEqual(w.daemon.alert(v3_entry()).json["status"], "accepted")  # trading needs no Telegram
            until(lambda: w.daemon.engine()["open_positions"] == 2, "two positions")
            self.assertEqual(w.daemon.health()["telegram_bots"], [])
            self.stops_at_once(w)
            w.daemon.start(wait_bots=False)  # close() stops it once more


if __name__ == "__main__":
    main()
