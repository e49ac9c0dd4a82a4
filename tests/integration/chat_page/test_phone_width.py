"""Menus and cards of the real program on a phone, in real headless Chromium: 360 pixels wide, both languages.

usage: test_phone_width.py <trident> <web dir>
Covers: no sideways scrolling in any menu or card; lines of cards have at most 34 columns and none is broken by the
window; every label of every menu stands in one line in full, or in two without a word cut in half; no console errors.
Screenshots go to $TRIDENT_SCREENSHOTS when set. Exit code 77: skipped, the reason is printed.
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "support")]
os.environ["TRIDENT"] = sys.argv[1]

import webdriver
from test_chat_page import no_sideways, open_chat, shoot
from trident_harness import World, until, v3_entry

WIDTH, HEIGHT, COLUMNS = 360, 780, 34
MENUS = ["main", "trading", "risk", "stops", "tiers", "analytics", "v3", "v6", "trends", "reentry", "profit", "session",
         "plugin", "voice", "system", "settings", "users"]
CARDS = ["/status", "/positions", "/orders", "/pnl", "/balance", "/risk", "/drill gap", "/drill all",
         "/whatif BULLISH_ENTRY|XAUUSD|5|2650.00|BUY|HIGH|90|27.4|STRONG|2642.00|2658.00|2666.00|2674.00|5/1|TL_OK|"]

MEASURE = """
const bubble = [...document.querySelectorAll('.message.theirs')].pop();
const text = bubble.querySelector('.text'), lines = text.innerText.split('\\n');
const range = document.createRange();
range.selectNodeContents(text);
const rows = (rects) => {  // pictures are higher than letters of their line
    let count = 0, end = -1e9;
    for (const r of rects.filter((r) => r.width).sort((a, b) => a.top - b.top)) {
        const middle = (r.top + r.bottom) / 2;
        if (middle > end) { count++; end = r.bottom; }
    }
    return count;
};
const keys = [...bubble.querySelectorAll('.key')].map((key) => {
    const label = document.createRange();
    label.selectNodeContents(key);
    const lines = rows([...label.getClientRects()]);
    key.style.overflowWrap = 'normal';
    return { text: key.textContent, lines, cut: key.scrollWidth > key.clientWidth + 1 || key.scrollHeight > key.clientHeight + 1 };
});
return { lines, shown: rows([...range.getClientRects()]), keys };
"""


def utf16(text):
    return len(text.encode("utf-16-le")) // 2


def newest(page, text):
    """Waits until the page shows the message the bot said last."""
    page.wait("[...document.querySelectorAll('.message.theirs')].pop()?.textContent.includes(arguments[0])", text)


def misfits(what, shown):
    assert shown["keys"], f"{what} has no buttons"
    return [f"{what}: the label {key['text']!r} does not fit" for key in shown["keys"] if key["cut"] or key["lines"] > 2]


def check_menus(page, sandbox, lang):
    labels, bad = 0, []
    for menu in MENUS:
        said = sandbox.ask("controller", f"/menu {menu}", "")
        newest(page, re.search(r"#\d+$", said["text"]).group(0))
        shown = page.js(MEASURE)
        shoot(page, f"menu-{menu}-{lang}-{WIDTH}")
        bad += misfits(f"/menu {menu}", shown)
        no_sideways(page)
        labels += len(shown["keys"])
    assert not bad, bad
    return labels


def check_cards(page, sandbox, lang):
    lines, bad = 0, []
    for command in CARDS:
        said = sandbox.ask("controller", command, "")
        newest(page, re.search(r"#\d+$", said["text"]).group(0))
        shown = page.js(MEASURE)
        shoot(page, f"card-{re.sub(r'[^a-z]+', '-', command[1:16].lower())}-{lang}-{WIDTH}")
        for line in shown["lines"]:
            if utf16(line) > COLUMNS:
                bad.append(f"{command}: {utf16(line)} columns: {line!r}")
        broken = shown["shown"] - len([line for line in shown["lines"] if line.strip()])
        if broken > 0:
            bad.append(f"{command}: the window breaks {broken} lines of {shown['lines']}")
        no_sideways(page)
        lines += len(shown["lines"])
    assert not bad, bad
    return lines


def check(page, world):
    sandbox = world.sandbox
    page.size(WIDTH, HEIGHT, mobile=True)
    page.open(sandbox.url + "/")
    page.wait("document.querySelector('#connection').textContent === 'Connected'")
    sandbox.ask("controller", "/menu", "")
    open_chat(page, "controller:1001")
    for lang in ("english", "hinglish"):
        sandbox.ask("controller", f"/language {lang}", "")
        labels = check_menus(page, sandbox, lang)
        lines = check_cards(page, sandbox, lang)
        print(f"ok {lang}: {labels} labels, {lines} lines at {WIDTH} pixels")
    severe = [entry for entry in page.console() if entry["level"] == "SEVERE"]
    assert not severe, severe


def main():
    found = webdriver.find_programs()
    if isinstance(found, str):
        print(f"skipped: {found}")
        return 77
    world = World(sandbox_args=["--web", sys.argv[2]])
    try:
        assert world.daemon.alert(v3_entry()).json["status"] == "accepted"
        until(lambda: world.daemon.engine()["open_positions"] == 2, "two positions")
        page = webdriver.Browser(*found)
        try:
            check(page, world)
        finally:
            page.close()
        world.close()
    finally:
        world.abandon()
    return 0


if __name__ == "__main__":
    sys.exit(main())
