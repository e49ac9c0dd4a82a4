"""TLS that must fail closed, and a process without free descriptors (docs/TELEGRAM_FAULTS.md)."""
import os
import re
import resource
import shutil
import socket
import ssl
import subprocess
import threading

from trident_harness import SECRETS, main, until
from wire import Wired


class Tls(Wired):
    """A server of TLS whose certificate is wrong gets no byte of HTTP."""

    def certificate(self, folder, name, *more, issuer=None):
        path = os.path.join(folder, name)
        subject = ["-subj", f"/CN={name}", "-keyout", path + ".key", "-newkey", "rsa:2048", "-nodes"]
        if issuer is None:
            subprocess.run(["openssl", "req", "-x509", *subject, "-out", path + ".pem", "-days", "2", *more], check=True,
                           capture_output=True)
            return path
        subprocess.run(["openssl", "req", "-new", *subject, "-out", path + ".csr"], check=True, capture_output=True)
        host = more[0]
        with open(path + ".ext", "w", encoding="utf-8") as f:
            f.write(f"subjectAltName={host}\n")
        subprocess.run(["openssl", "x509", "-req", "-in", path + ".csr", "-CA", issuer + ".pem", "-CAkey", issuer + ".key",
                        "-CAcreateserial", "-extfile", path + ".ext", "-out", path + ".pem", *more[1:]], check=True,
                       capture_output=True)
        return path

    def serve(self, path, wire):
        """A TLS server in front of the wire; hellos: what clients offered, said: what they sent decrypted."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path + ".pem", path + ".key")
        context.set_alpn_protocols(["h2", "http/1.1"])
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        hellos, said, chosen = [], [], []

        def pump(source, sink):
            try:
                while data := source.recv(65536):
                    sink.sendall(data)
            except OSError:
                pass
            for s in (source, sink):
                try:
                    s.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

        def one(raw):
            try:
                hellos.append(raw.recv(4096, socket.MSG_PEEK))
                with context.wrap_socket(raw, server_side=True) as s:
                    first = s.recv(65536)
                    if not first:
                        return
                    said.append(first)
                    chosen.append(s.selected_alpn_protocol())
                    with socket.create_connection(("127.0.0.1", wire.port)) as up:
                        up.sendall(first)
                        back = threading.Thread(target=pump, args=(up, s), daemon=True)
                        back.start()
                        pump(s, up)
                        back.join()
            except OSError:
                raw.close()

        def accept():
            try:
                while True:
                    threading.Thread(target=one, args=(listener.accept()[0],), daemon=True).start()
            except OSError:
                pass
        threading.Thread(target=accept, daemon=True).start()
        return listener.getsockname()[1], hellos, said, chosen

    def test_wrong_certificates_fail_closed_and_a_right_one_speaks_http_1_1(self):
        if not shutil.which("openssl"):
            self.skipTest("openssl is not installed: no certificates can be made")
        may_mount = subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0 \
            and os.path.exists("/etc/ssl/certs/ca-certificates.crt")
        w, wire = self.wired(start=False)
        ca = self.certificate(w.folder, "ca")
        paths = {"stranger": self.certificate(w.folder, "stranger", "-addext", "subjectAltName=IP:127.0.0.1")}
        if may_mount:  # the program sees our authority as the system's
            paths["expired"] = self.certificate(w.folder, "expired", "IP:127.0.0.1", "-days", "-1", issuer=ca)
            paths["elsewhere"] = self.certificate(w.folder, "elsewhere", "DNS:api.telegram.org", "-days", "2", issuer=ca)
            paths["right"] = self.certificate(w.folder, "right", "IP:127.0.0.1", "-days", "2", issuer=ca)
        launcher = os.path.join(w.folder, "launcher")
        with open(launcher, "w", encoding="utf-8") as f:
            f.write("#!/bin/sh\n" + (f"mount --bind {ca}.pem /etc/ssl/certs/ca-certificates.crt || exit 9\n"
                                     if may_mount else "") + 'exec "$@"\n')
        os.chmod(launcher, 0o755)
        for name, path in paths.items():
            port, hellos, said, chosen = self.serve(path, wire)
            w.daemon.conf["telegram"]["base_url"] = f"https://127.0.0.1:{port}"
            w.daemon.launcher = ["unshare", "-m", launcher] if may_mount else []
            w.daemon.start(wait_bots=name == "right")
            if name == "right":
                w.sandbox.ask("controller", "/status", "Active")
                self.assertEqual(set(chosen), {"http/1.1"})  # so no GOAWAY can reach it
            else:
                until(lambda: len(hellos) >= 3, "the bots try")
                until(lambda: any("bot controller" in r for r in w.daemon.health()["reasons"]), "health says so")
                self.assertEqual((w.daemon.health()["telegram_bots"], said), ([], []), name)
            self.assertFalse([h for h in hellos if b"\x02h2" in h], "HTTP/2 is not offered")
            w.daemon.stop()
        self.assertFalse([s for s in SECRETS if s in w.daemon.log()])
        for path in paths.values():
            os.remove(path + ".key")
        w.daemon.conf["telegram"]["base_url"], w.daemon.launcher = wire.url, []
        w.daemon.start()


class Files(Wired):
    def test_without_free_descriptors_it_waits_and_goes_on(self):
        w, wire = self.wired()
        pid = w.daemon.process.pid
        soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        used = len(os.listdir(f"/proc/{pid}/fd"))
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (used - 3, hard))
        wire.rule("execute_then_close", method="getUpdates", count=3)  # each bot needs a new connection
        until(lambda: not wire.rules, "the connections are gone")
        w.sandbox.say("controller", "/balance")
        until(lambda: re.search(r"bot=controller.*troubled", w.daemon.log()), "the trouble is logged")
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
        w.sandbox.wait("controller", 0, "Account", timeout=30)
        self.commands_once(w, 1)


if __name__ == "__main__":
    main()
