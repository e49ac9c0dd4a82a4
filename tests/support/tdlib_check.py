"""Does Telegram's own parser read every text our bots send as our tests mean it? TDLib's parseTextEntities works offline
and at once (td_execute); `scripts/bootstrap --tdlib` puts the library (npm prebuilt-tdlib, pinned in tdlib/package.json)
under build/tdlib, $TRIDENT_TDLIB names another one. Without it nothing is checked here: bot_api_check.py has rules of
its own for the markup, and this shows that they are Telegram's."""
import ctypes
import functools
import glob
import json
import os

import bot_api_check

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PLACES = [os.path.join(ROOT, "build", "tdlib", "node_modules", "@prebuilt-tdlib", "*", "libtdjson.so")]
MISSING = "Telegram's library is not installed: scripts/bootstrap --tdlib (npm prebuilt-tdlib)"


def find():
    named = os.environ.get("TRIDENT_TDLIB")
    return [named] if named else [path for place in PLACES for path in glob.glob(place)]


@functools.lru_cache(None)
def library():
    """None: it is not there, or not for this machine."""
    for path in find():
        try:
            lib = ctypes.CDLL(path)
        except OSError:
            continue
        lib.td_execute.argtypes, lib.td_execute.restype = [ctypes.c_char_p], ctypes.c_char_p
        lib.td_execute(json.dumps({"@type": "setLogVerbosityLevel", "new_verbosity_level": 0}).encode())
        return lib
    return None


def is_there():
    return library() is not None


@functools.lru_cache(None)
def parse(text):
    """What Telegram makes of HTML: (visible text, number of entities), or (None, what it complains of)."""
    question = {"@type": "parseTextEntities", "text": text, "parse_mode": {"@type": "textParseModeHTML"}}
    answer = json.loads(library().td_execute(json.dumps(question).encode()))
    if answer["@type"] == "error":
        return None, answer["message"]
    return answer["text"], len(answer["entities"])


def problems(row):
    """What Telegram's parser has against a recorded request; empty: it reads what we count."""
    found, params = [], row["params"] or {}
    for name in ("text", "caption"):
        html = params.get(name)
        if html is None or params.get("parse_mode") != "HTML":
            continue
        visible, rest = parse(html)
        if visible is None:
            found.append(f"{row['method']}.{name}: {rest}: {html!r:.200}")
        elif visible.strip() != bot_api_check.Markup(html).text.strip():
            found.append(f"{row['method']}.{name}: reads {visible!r:.100}, we count "
                         f"{bot_api_check.Markup(html).text!r:.100}")
    return found


def check_record(path):
    """Raises with the first texts of a record file that are refused or read otherwise; how many were read."""
    count, found = 0, []
    with open(path, encoding="utf-8") as f:
        for line in f:
            if not line.endswith("\n"):
                break  # being written
            row = json.loads(line)
            count += (row["params"] or {}).get("parse_mode") == "HTML"
            found += problems(row)
    if found:
        raise AssertionError(f"{len(found)} texts Telegram does not read as we do: " + "; ".join(found[:5]))
    return count
