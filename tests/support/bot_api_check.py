"""Is a recorded request valid under the published Bot API types? tests/data/bot_api_methods.json is the schema
(bot_api_schema.py made it). The server itself ignores unknown parameters and reads garbage as 0, so only a check from
outside finds a typo. Beyond the types: lengths as Telegram counts them (UTF-16 after markup, bytes), the HTML subset,
and one action a button."""
import functools
import html.parser
import json
import os
import re

SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "bot_api_methods.json")
TAGS = {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "a", "code", "pre", "blockquote", "tg-spoiler",
        "span", "tg-emoji", "tg-time"}
ENTITY = re.compile(r"&(?!(?:lt|gt|amp|quot|#\d{1,7}|#x[0-9a-fA-F]{1,6});)")
BUTTON_LABEL_MAX_UTF16 = 64  # not published; longer labels are cut on every phone
ROW_MAX, BUTTONS_MAX = 8, 100


@functools.lru_cache(None)
def schema():
    with open(SCHEMA, encoding="utf-8") as f:
        return json.load(f)


def utf16(text):
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class Markup(html.parser.HTMLParser):
    """The visible text of Telegram's HTML, and what its parser would refuse."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.text, self.open, self.problems = "", [], []
        if ENTITY.search(text):
            self.problems.append("a bare & that begins no entity")
        self.feed(text)
        self.close()
        if self.open:
            self.problems.append(f"<{self.open[-1]}> is not closed")

    def handle_starttag(self, tag, attrs):
        if tag not in TAGS:
            self.problems.append(f"<{tag}> is no tag of Telegram's")
        self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> closes nothing")

    def handle_data(self, data):
        self.text += data


class Check:
    def __init__(self, row):
        self.problems, self.params = [], row["params"] or {}
        self.fields_of(schema()["methods"].get(row["method"]), self.params, row["method"])
        for name in ("text", "caption"):
            self.visible(name)

    def bad(self, where, what):
        self.problems.append(f"{where}: {what}")

    def fields_of(self, fields, value, where):
        if fields is None:
            return self.bad(where, "no such method or type")
        for name in value:
            if name not in fields:
                self.bad(where, f"unknown field {name!r}")
        for name, (kind, is_required, *limit) in fields.items():
            if name in value:
                at = f"{where}.{name}"
                if not self.fits(kind, value[name], at):
                    self.bad(at, f"{value[name]!r:.120} is not {json.dumps(kind)[:120]}")
                elif limit and isinstance(value[name], str):
                    self.bounded(name, value[name], limit[0], at)
            elif is_required:
                self.bad(where, f"{name} is missing")
        return None

    def bounded(self, name, text, limit, where):
        low, high, unit = limit
        if name in ("text", "caption") and where.count(".") == 1 and self.params.get("parse_mode"):
            return  # counted after the markup: visible()
        n = len(text.encode()) if unit == "bytes" else utf16(text)
        if not low <= n <= high:
            self.bad(where, f"{n} {unit}, allowed {low} to {high}")

    def fits(self, kind, value, where):
        """Whether value is of the type; what is wrong inside an object is told by itself."""
        if isinstance(kind, dict):
            if "is" in kind:
                return value == kind["is"]
            if "any" in kind:
                return self.fits_any(kind["any"], value, where)
            value = self.opened(value, list)
            return isinstance(value, list) and all(self.fits(kind["list"], v, where) for v in value)
        if kind == "string":
            return isinstance(value, str)
        if kind == "number":
            return (isinstance(value, (int, float)) and not isinstance(value, bool)) or \
                (isinstance(value, str) and re.fullmatch(r"-?\d+", value) is not None)
        if kind == "boolean":
            return isinstance(value, bool) or value in ("true", "false")
        if kind == "file":
            return isinstance(value, dict) and value.get("size_bytes", 0) > 0
        named = schema()["types"][kind]
        if not isinstance(named, dict) or {"is", "any", "list"} & set(named):
            return self.fits(named, value, where)
        value = self.opened(value, dict)
        if not isinstance(value, dict):
            return False
        self.fields_of(named, value, where)
        if kind == "TelegramInlineKeyboardMarkup":
            self.keyboard(value, where)
        return True

    def fits_any(self, kinds, value, where):
        """One of the types without complaint; the complaints of the first object type when none is."""
        complaints = None
        for kind in kinds:
            before = self.problems
            self.problems = []
            fits = self.fits(kind, value, where)
            found, self.problems = self.problems, before
            if fits and not found:
                return True
            if fits and complaints is None:
                complaints = found
        self.problems += complaints or []
        return complaints is not None

    def opened(self, value, kind):
        """Parts of a multipart body carry objects as JSON text."""
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                return None
        return value if isinstance(value, kind) else None

    def keyboard(self, markup, where):
        rows = markup.get("inline_keyboard", [])
        if sum(len(r) for r in rows) > BUTTONS_MAX or any(not 1 <= len(r) <= ROW_MAX for r in rows):
            self.bad(where, "rows of 1 to 8 buttons, 100 in all")
        for b in (b for row in rows for b in row):
            actions = set(b) - {"text", "style", "icon_custom_emoji_id"}
            if len(actions) != 1:
                self.bad(where, f"a button has one action: {b}")
            if not 1 <= utf16(b.get("text", "")) <= BUTTON_LABEL_MAX_UTF16:
                self.bad(where, f"a label of 1 to {BUTTON_LABEL_MAX_UTF16}: {b}")

    def visible(self, name):
        mode, text = self.params.get("parse_mode"), self.params.get(name)
        if text is None or mode is None:
            return
        if mode != "HTML":
            self.bad(name, f"parse_mode {mode}")
            return
        markup = Markup(text)
        for p in markup.problems:
            self.bad(name, f"{p}: {text!r:.200}")
        low, high = (1, 4096) if name == "text" else (0, 1024)
        if not low <= utf16(markup.text.strip()) <= high:
            self.bad(name, f"{utf16(markup.text)} characters after parsing, allowed {low} to {high}")


def problems(row):
    """What is wrong with a request as the sandbox recorded it; empty: valid."""
    return Check(row).problems


def check_record(path):
    """Raises with the first invalid requests of a record file; how many there were of each method."""
    methods, found = {}, []
    with open(path, encoding="utf-8") as f:
        for line in f:
            if not line.endswith("\n"):
                break  # being written
            row = json.loads(line)
            methods[row["method"]] = methods.get(row["method"], 0) + 1
            found += [f"{row['bot']} {row['method']}: {p}" for p in problems(row)]
    if found:
        raise AssertionError(f"{len(found)} invalid requests: " + "; ".join(found[:5]))
    return methods
