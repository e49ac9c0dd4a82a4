"""A WebDriver client for one headless Chromium, with the standard library only."""
import base64
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--force-color-profile=srgb", "--lang=en-GB",
]


def find_programs():
    """(chromium, chromedriver), or a sentence that says what is missing."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if not chromium:
        return "chromium is not installed (Debian package chromium)"
    if not driver:
        return "chromedriver is not installed (Debian package chromium-driver)"
    return chromium, driver


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Browser:
    """Chromium is started here and the driver told its address: left to itself the driver looks for "localhost", which
    has no address on a system without /etc/hosts (a fresh debootstrap)."""

    def __init__(self, chromium, driver, dark=False):
        self.profile = tempfile.mkdtemp(prefix="chat-page-")
        self.session = self.driver = None
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.chromium = subprocess.Popen(
            [chromium, *FLAGS, f"--user-data-dir={self.profile}", "--remote-debugging-port=0", "about:blank"],
            start_new_session=True, **quiet)
        try:
            address = f"127.0.0.1:{self.debugging_port()}"
            self.port = free_port()
            self.driver = subprocess.Popen([driver, f"--port={self.port}", "--log-level=OFF"], **quiet)
            self.begin(address, dark)
        except BaseException:
            self.close()
            raise

    def debugging_port(self, timeout=30):
        path = os.path.join(self.profile, "DevToolsActivePort")
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline and self.chromium.poll() is None:
            if os.path.exists(path):
                with open(path, encoding="ascii") as f:
                    lines = f.read().split("\n")
                if len(lines) > 1:
                    return int(lines[0])
            time.sleep(0.05)
        raise RuntimeError(f"chromium did not start (exit code {self.chromium.poll()})")

    def begin(self, address, dark):
        capabilities = {"alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": {"debuggerAddress": address},
            "goog:loggingPrefs": {"browser": "ALL"},
        }}
        deadline = time.monotonic() + 20
        while True:
            try:
                answer = self.call("POST", "/session", {"capabilities": capabilities})
                break
            except (urllib.error.URLError, ConnectionError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        self.session = answer["sessionId"]
        if dark:
            self.cdp("Emulation.setEmulatedMedia",
                     {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})

    def call(self, method, path, body=None):
        url = f"http://127.0.0.1:{self.port}" + (f"/session/{self.session}" if self.session else "") + path
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read())["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.loads(error.read())["value"]["message"]) from None

    def cdp(self, command, parameters):
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def size(self, width, height, mobile=False):
        self.cdp("Emulation.setDeviceMetricsOverride",
                 {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile})

    def open(self, url):
        self.call("POST", "/url", {"url": url})

    def js(self, script, *args):
        return self.call("POST", "/execute/sync", {"script": script, "args": list(args)})

    def wait(self, script, *args, timeout=8):
        """The first truthy value of `return <script>`."""
        deadline = time.monotonic() + timeout
        while True:
            value = self.js(f"return {script}", *args)
            if value:
                return value
            if time.monotonic() > deadline:
                raise AssertionError(f"never came true: {script} {args}")
            time.sleep(0.03)

    def find(self, css):
        return self.call("POST", "/element", {"using": "css selector", "value": css})[ELEMENT]

    def click(self, css):
        self.call("POST", f"/element/{self.find(css)}/click", {})

    def type(self, css, text):
        self.call("POST", f"/element/{self.find(css)}/value", {"text": text})

    def screenshot(self, path):
        with open(path, "wb") as out:
            out.write(base64.b64decode(self.call("GET", "/screenshot")))

    def console(self):
        return self.call("POST", "/se/log", {"type": "browser"})

    def close(self):
        try:
            if self.session:
                self.call("DELETE", "")
        except (RuntimeError, OSError):
            pass
        for process in (self.driver, self.chromium):
            if process:
                process.terminate()
                process.wait(10)
        shutil.rmtree(self.profile, ignore_errors=True)
