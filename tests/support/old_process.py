"""The old bot's process as Trident meets it over HTTP: takes mirrored commands, slowly, not at all, or without its
answer arriving; may pass on what it hears (an echo). Python's standard library only."""
import http.server
import json
import socket
import threading
import time


class OldProcess:
    def __init__(self, port=0):
        self.calls = []  # in the order of arrival: {"at", "key", "path", "command", "args", "authorisation"}
        self.refuse = 0  # so many are answered 503 and not taken
        self.delay_s = 0.0
        self.lose_answers = False  # taken, but the connection breaks before the answer
        self.on_call = None
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
                status = 200
                if outer.refuse > 0:
                    outer.refuse -= 1
                    status = 503
                else:
                    outer.calls.append({"at": time.monotonic(), "key": self.headers.get("Idempotency-Key"),
                                        "path": self.path, "authorisation": self.headers.get("Authorization"),
                                        **body})
                if outer.delay_s:
                    time.sleep(outer.delay_s)
                if status == 200 and outer.on_call:
                    outer.on_call(outer.calls[-1])
                if status == 200 and outer.lose_answers:
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *unused):
                pass

        class Server(http.server.ThreadingHTTPServer):
            allow_reuse_address = True
            daemon_threads = True

            def handle_error(self, request, client_address):
                pass  # a daemon that was killed in the middle

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def seen(self):
        """What a process that knows the ids has seen: each once, in the order of its first arrival."""
        first = {}
        for c in list(self.calls):
            first.setdefault(c["key"], f"{c['command']} {c['args']}".strip())
        return list(first.values())
