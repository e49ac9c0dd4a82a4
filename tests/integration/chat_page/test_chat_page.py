"""The sandbox's chat page in real headless Chromium; this file plays the bots by raw Bot API calls.

usage: test_chat_page.py <sandbox_main> <web dir>
Covers: chats listed, live messages with entities and unread counters, foreign markup stays text, buttons
(spinner, toast, alert, callback_query), photo, edit mark, quotes, command menu, groups, two people, phone
widths without sideways scrolling, back button, reconnect after a restart, alert panel, no console errors.
Screenshots go to $TRIDENT_SCREENSHOTS when set. Exit code 77: skipped, the reason is printed.
"""
import http.server
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
import zlib

import webdriver

TOKENS = {
    "controller": "7000000001:sandbox-controller-token-000000000",
    "notification": "7000000002:sandbox-notification-token-00000000",
    "analytics": "7000000003:sandbox-analytics-token-0000000000",
}
COMMANDS = [{"command": "status", "description": "State of the trader"},
            {"command": "pause", "description": "Stop new entries"},
            {"command": "positions", "description": "Open positions"},
            {"command": "pnl", "description": "Profit and loss"}]


def png(width, height):
    """A chart-like picture: a rising line over a grid."""
    rows = []
    for y in range(height):
        row = bytearray(b"\0")
        for x in range(width):
            line = height - 30 - int((x / width) ** 1.4 * (height - 70)) - (x * 7919 % 13)
            grid = x % 60 == 0 or y % 40 == 0
            row += bytes((38, 120, 90) if abs(y - line) < 3 else (226, 232, 238) if grid else (250, 252, 254))
        rows.append(bytes(row))
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(b"".join(rows))) + chunk(b"IEND", b""))


class Sandbox:
    def __init__(self, program, web, state, alert_url, port=0):
        self.process = subprocess.Popen(
            [program, "--web", web, "--state", state, "--alert-url", alert_url, "--port", str(port),
             "--users", "1001=Asha,1002=Ravi", "--groups", "-500=Trading desk"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("port="), "the sandbox did not start"
        self.port = int(line[5:])
        self.base = f"http://127.0.0.1:{self.port}"
        self.offset = {}

    def request(self, path, body=None, headers=None):
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, headers or {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return json.loads(error.read())

    def bot(self, name, method, **parameters):
        answer = self.request(f"/bot{TOKENS[name]}/{method}", parameters)
        assert answer["ok"], answer
        return answer["result"]

    def updates(self, name):
        got = self.bot(name, "getUpdates", offset=self.offset.get(name, 0), timeout=5)
        if got:
            self.offset[name] = got[-1]["update_id"] + 1
        return got

    def photo(self, name, chat_id, data, caption):
        mark = "boundary0123456789"
        body = b"".join(
            f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in (("chat_id", chat_id), ("caption", caption)))
        body += (f'--{mark}\r\nContent-Disposition: form-data; name="photo"; filename="chart.png"\r\n'
                 f"Content-Type: image/png\r\n\r\n").encode() + data + f"\r\n--{mark}--\r\n".encode()
        answer = self.request(f"/bot{TOKENS[name]}/sendPhoto", body,
                              {"Content-Type": f"multipart/form-data; boundary={mark}"})
        assert answer["ok"], answer
        return answer["result"]

    def stop(self):
        self.process.stdin.close()
        assert self.process.wait(10) == 0


class Daemon(http.server.BaseHTTPRequestHandler):
    bodies = []

    def do_POST(self):
        self.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        answer = b'{"status":"accepted","receipt":17}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def last_bubble(selector=""):
    return f"[...document.querySelectorAll('.message')].pop()?.querySelector('.bubble {selector}'.trim())"


def open_chat(page, key):
    page.js("document.querySelector(`.chat-item[data-key='${arguments[0]}']`).click()", key)
    page.wait("location.hash === '#' + encodeURIComponent(arguments[0])", key)


def no_sideways(page):
    wide = page.js("""return [...document.querySelectorAll('body *')].filter((n) => n.getClientRects().length &&
        n.getBoundingClientRect().right > innerWidth + 1 && !n.closest('pre')).map((n) => n.className || n.tagName)""")
    assert not wide, f"wider than the window: {wide}"
    assert page.js("return document.documentElement.scrollWidth <= innerWidth")


def shoot(page, name):
    folder = os.environ.get("TRIDENT_SCREENSHOTS")
    if folder:
        page.screenshot(os.path.join(folder, f"{name}.png"))


def check_list(page, sandbox):
    titles = page.wait("""(() => { const t = [...document.querySelectorAll('.chat-item b')].map((n) => n.textContent);
        return t.length === 4 && t })()""")
    assert titles == ["Trident Controller", "Trident Notifications", "Trident Analytics", "Trading desk"], titles
    open_chat(page, "controller:1001")
    page.wait("document.querySelector('.start button')?.textContent === 'Start'")
    page.click(".start button")
    start = sandbox.updates("controller")[0]["message"]
    assert start["text"] == "/start" and start["entities"][0]["type"] == "bot_command", start
    assert start["from"]["id"] == 1001


def check_messages(page, sandbox):
    sandbox.bot("controller", "sendMessage", chat_id=1001, parse_mode="HTML",
                text="<b>Welcome, Asha</b> 👋\nI steer the trader. Try /status or <code>/pause 30m</code>.\n"
                     "<blockquote>Paper account, virtual money.</blockquote>")
    page.wait(f"{last_bubble('.text b')}?.textContent === 'Welcome, Asha'")
    page.wait(f"{last_bubble('.text code')}?.textContent === '/pause 30m'")
    sandbox.bot("notification", "sendMessage", chat_id=1001, text="BUY XAUUSD filled 0.10 at 2650.10")
    page.wait("document.querySelector(`[data-key='notification:1001'] .unread`)?.textContent === '1'")
    assert page.js("return document.title").startswith("(1)")
    sandbox.bot("controller", "sendMessage", chat_id=1001,
                text="<img src=x onerror=alert(1)> & <script>alert(2)</script>")
    page.wait(f"{last_bubble('.text')}?.textContent.startsWith('<img src=x')")
    assert page.js("return document.querySelectorAll('#messages script, #messages img').length") == 0


def check_buttons(page, sandbox):
    sent = sandbox.bot("controller", "sendMessage", chat_id=1001, text="Close XAUUSD 0.10 at market?",
                       reply_markup={"inline_keyboard": [
                           [{"text": "Close it", "callback_data": "close:1", "style": "danger"}, {"text": "Keep", "callback_data": "keep:1"}],
                           [{"text": "Why?", "callback_data": "why:1"}]]})
    page.wait("document.querySelector(`.key[data-data='close:1']`)")
    page.click(".key[data-data='close:1']")
    page.wait("document.querySelector(`.key[data-data='close:1']`).classList.contains('busy')")
    query = sandbox.updates("controller")[0]["callback_query"]
    assert query["data"] == "close:1" and query["from"]["id"] == 1001, query
    assert query["message"]["message_id"] == sent["message_id"], query
    sandbox.bot("controller", "answerCallbackQuery", callback_query_id=query["id"], text="Closing…")
    page.wait("document.querySelector('#toast.shown')?.textContent === 'Closing…'")
    page.wait("!document.querySelector(`.key[data-data='close:1']`).classList.contains('busy')")
    sandbox.bot("controller", "editMessageText", chat_id=1001, message_id=sent["message_id"], parse_mode="HTML",
                text="<b>Closed</b> XAUUSD 0.10 at 2652.40, <b>+23.00</b>")
    page.wait(f"document.querySelector('#m{sent['message_id']} .edited')")
    assert not page.js(f"return document.querySelector('#m{sent['message_id']} .key')")
    other = sandbox.bot("controller", "sendMessage", chat_id=1001, text="Panic stops everything.",
                        reply_markup={"inline_keyboard": [[{"text": "Panic", "callback_data": "panic"}]]})
    page.wait(f"document.querySelector('#m{other['message_id']} .key')")
    page.click(f"#m{other['message_id']} .key")
    query = sandbox.updates("controller")[0]["callback_query"]
    sandbox.bot("controller", "answerCallbackQuery", callback_query_id=query["id"], text="Only admins may.", show_alert=True)
    page.wait("document.querySelector('#notice').open && document.querySelector('#notice-text').textContent === 'Only admins may.'")
    page.click("#notice button")


def check_quote(page, sandbox):
    mine = sandbox.request("/sandbox/send", {"bot": "controller", "user": "Asha", "text": "/why 17"})["message_id"]
    sandbox.updates("controller")
    sandbox.bot("controller", "sendMessage", chat_id=1001, text="Receipt 17: score 7 of 9, trend agrees.",
                reply_parameters={"message_id": mine})
    page.wait(f"{last_bubble('.quote span')}?.textContent === '/why 17'")


def check_photo(page, sandbox):
    sandbox.photo("analytics", 1001, png(600, 320), "Equity, last 7 days")
    page.wait("document.querySelector(`[data-key='analytics:1001'] .preview`)?.textContent.startsWith('Photo')")
    open_chat(page, "analytics:1001")
    page.wait("document.querySelector('.photo img')?.naturalWidth === 600")
    page.click(".photo")
    page.wait("document.querySelector('#viewer').open")
    page.click("#viewer button")
    page.wait("!document.querySelector('#viewer').open")


def check_commands(page, sandbox):
    sandbox.bot("controller", "setMyCommands", commands=COMMANDS)
    open_chat(page, "controller:1001")
    page.type("#input", "/")
    page.wait("document.querySelectorAll('.command').length === 4")
    shoot(page, "commands-1280x800-light")
    page.type("#input", "p")
    page.wait("document.querySelectorAll('.command').length === 3")
    page.type("#input", "n")
    page.wait("document.querySelectorAll('.command').length === 1")
    page.type("#input", "\ue007")  # Enter
    page.wait("document.querySelector('#commands').hidden && document.querySelector('#input').value === ''")
    assert sandbox.updates("controller")[0]["message"]["text"] == "/pnl"
    page.type("#input", "two\ue008\ue007\ue000lines\ue007")  # Shift+Enter keeps the line
    assert sandbox.updates("controller")[0]["message"]["text"] == "two\nlines"


def check_group(page, sandbox):
    open_chat(page, "-500")
    page.type("#input", "/status@trident_controller_bot\ue007")
    got = sandbox.updates("controller")[0]["message"]
    assert got["chat"]["type"] == "group" and got["chat"]["id"] == -500, got
    sandbox.bot("controller", "sendMessage", chat_id=-500, text="All quiet.")
    page.wait(f"{last_bubble('.author')}?.textContent === 'Trident Controller'")


def check_alert(page, _sandbox):
    page.click("#open-alert")
    page.wait("document.querySelector('#alert').open")
    page.js("const s = document.querySelector('#alert-symbol'); s.value = 'EURUSD'; s.dispatchEvent(new Event('change', {bubbles: true}))")
    page.click("#alert-send")
    page.wait("document.querySelector('#alert-answer .good')?.textContent.includes('HTTP 200')")
    body = Daemon.bodies[-1]
    assert body["symbol"] == "EURUSD" and body["type"] == "entry_v3" and body["sl_price"] < body["price"] < body["tp1_price"], body
    assert page.js("return document.querySelector('#commands').hidden")
    shoot(page, "alert-1280x800-light")
    page.click("#alert header button")


def check_phone(page, sandbox):
    for width in (360, 390):
        page.size(width, 844, mobile=True)
        no_sideways(page)
        open_chat(page, "controller:1001")
        sandbox.bot("controller", "sendMessage", chat_id=1001, parse_mode="HTML",
                    text="<pre>symbol   side  lots   open      now       profit   stop      target\n"
                         "XAUUSD   buy   0.10   2650.10   2652.40   +23.00   2644.10   2659.10</pre>" + "w" * 300,
                    reply_markup={"inline_keyboard": [[{"text": f"Button {n} with words", "callback_data": f"b{n}"} for n in range(4)]]})
        page.wait("document.querySelector('.message:last-child .key')")
        no_sideways(page)
        assert page.js("return getComputedStyle(document.querySelector('.side')).display") == "none"
        if width == 360:
            page.click("#back")
            page.wait("document.querySelector('#chat').hidden")
            assert page.js("return getComputedStyle(document.querySelector('.pane')).display") == "none"
            no_sideways(page)


def check_people(page, sandbox):
    page.click("#back")
    page.js("const u = document.querySelector('#user'); u.value = '1002'; u.dispatchEvent(new Event('change'))")
    page.wait("document.querySelector(`[data-key='controller:1002']`)")
    open_chat(page, "controller:1002")
    page.type("#input", "hello\ue007")
    assert sandbox.updates("controller")[0]["message"]["from"]["first_name"] == "Ravi"
    page.js("document.querySelector('#back').click(); const u = document.querySelector('#user'); u.value = '1001'; u.dispatchEvent(new Event('change'))")
    page.wait("document.querySelector(`[data-key='controller:1001']`)")


def pictures(page):
    """For people: the page at a phone's and a desk's size, light and dark."""
    if not os.environ.get("TRIDENT_SCREENSHOTS"):
        return
    for scheme in ("light", "dark"):
        page.cdp("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        page.size(1280, 800)
        for chat in ("controller:1001", "analytics:1001"):
            open_chat(page, chat)
            page.js("document.querySelector('#log').scrollTop = 0" if chat[0] == "c" else "return 0")
            page.wait("[...document.querySelectorAll('.photo img')].every((i) => i.complete)")
            shoot(page, f"{chat[:-5]}-1280x800-{scheme}")
        page.size(390, 844, mobile=True)
        open_chat(page, "controller:1001")
        page.js("document.querySelector('#log').scrollTop = 0")
        page.wait("!document.querySelector('#toast.shown')")
        shoot(page, f"chat-390x844-{scheme}")
        page.click("#menu")
        page.wait("document.querySelectorAll('.command').length === 4")
        shoot(page, f"commands-390x844-{scheme}")
        page.click("#back")
        shoot(page, f"list-390x844-{scheme}")
        page.size(1280, 800)


def main():
    program, web = sys.argv[1], sys.argv[2]
    found = webdriver.find_programs()
    if isinstance(found, str):
        print(f"skipped: {found}")
        return 77
    daemon = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Daemon)
    threading.Thread(target=daemon.serve_forever, daemon=True).start()
    state = os.path.join(tempfile.mkdtemp(prefix="chat-page-state-"), "state.json")
    alert_url = f"http://127.0.0.1:{daemon.server_address[1]}/webhook"
    sandbox = Sandbox(program, web, state, alert_url)
    page = webdriver.Browser(*found)
    try:
        page.size(1280, 800)
        page.open(sandbox.base + "/")
        page.wait("document.querySelector('#connection').textContent === 'Connected'")
        for check in (check_list, check_messages, check_buttons, check_quote, check_photo, check_commands, check_group, check_alert):
            check(page, sandbox)
            print(f"ok {check.__name__[6:]}")
        pictures(page)
        check_phone(page, sandbox)
        print("ok phone")
        check_people(page, sandbox)
        print("ok people")
        severe = [entry for entry in page.console() if entry["level"] == "SEVERE"]
        assert not severe, severe
        sandbox.stop()
        page.wait("document.querySelector('#connection').textContent.startsWith('Reconnecting')")
        sandbox = Sandbox(program, web, state, alert_url, sandbox.port)
        page.wait("document.querySelector('#connection').textContent === 'Connected'", timeout=15)
        page.wait("document.querySelector(`[data-key='controller:1001'] .preview`).textContent.length > 0")
        open_chat(page, "controller:1001")
        page.wait("document.querySelectorAll('.message').length > 5")
        print("ok reconnect and snapshot")
    finally:
        page.close()
        sandbox.stop()
        daemon.shutdown()
        shutil.rmtree(os.path.dirname(state))
    return 0


if __name__ == "__main__":
    sys.exit(main())
