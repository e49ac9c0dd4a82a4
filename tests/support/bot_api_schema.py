#!/usr/bin/env python3
"""Writes tests/data/bot_api_methods.json: the published types of the Bot API, as far as requests need them.

    npm pack @gramio/types@10.3.1 && tar xf gramio-types-10.3.1.tgz
    bot_api_schema.py package/out > tests/data/bot_api_methods.json

Source: @gramio/types (MIT, Copyright (c) 2024 Kravets), generated from https://core.telegram.org/bots/api. The tests
read only the JSON; this program and the network are needed for a new version of the Bot API alone.

A field is [type, is_required] or [type, is_required, [min, max, unit]]. A type is a name ("string", "number",
"boolean", "file", or a key of "types"), {"is": literal}, {"list": type} or {"any": [types]}.
"""
import json
import os
import re
import sys

FIELD = re.compile(r"\s*(?:/\*\*(?P<doc>.*?)\*/\s*)?(?P<name>\w+)(?P<optional>\??):(?P<type>.*?)(?=\s*/\*\*|\s*$)", re.S)
LIMIT = re.compile(r"\b(\d+)-(\d+) (characters|bytes)")
PRIMITIVES = {"string", "number", "boolean"}


def split_top(text, mark):
    parts, depth, quoted, start = [], 0, False, 0
    for i, c in enumerate(text):
        if c == '"':
            quoted = not quoted
        elif not quoted and c in "([{<":
            depth += 1
        elif not quoted and c in ")]}>":
            depth -= 1
        elif c == mark and depth == 0 and not quoted:
            parts.append(text[start:i])
            start = i + 1
    return [p.strip() for p in parts + [text[start:]] if p.strip()]


class Types:
    def __init__(self, folder):
        self.texts = {}
        for name in ("objects", "params", "methods"):
            with open(os.path.join(folder, name + ".d.ts"), encoding="utf-8") as f:
                self.texts[name] = f.read()
        self.interfaces, self.aliases, self.done = {}, {}, {}
        for name in ("objects", "params"):
            self.declare(self.texts[name])

    def declare(self, text):
        for m in re.finditer(r"^export interface (\w+) \{\n(.*?)^\}", text, re.S | re.M):
            self.interfaces[m.group(1)] = m.group(2)
        for name in re.findall(r"^export interface (\w+) \{\}", text, re.M):
            self.interfaces[name] = ""
        for m in re.finditer(r"^export type (\w+) =\s*(.*?)(?=^/\*\*|^export |\Z)", text, re.S | re.M):
            self.aliases[m.group(1)] = m.group(2).strip()

    def type(self, text):
        text = text.strip().removeprefix("|").strip()
        parts = split_top(text, "|")
        if len(parts) > 1:
            kinds = [self.type(p) for p in parts if not p.startswith("{ to")]
            return kinds[0] if len(kinds) == 1 else {"any": kinds}
        if text.endswith("[]"):
            return {"list": self.type(text[:-2])}
        if text.startswith("(") and text.endswith(")"):
            return self.type(text[1:-1])
        if text.startswith("Exclude<keyof"):
            owner, left_out = re.fullmatch(r'Exclude<keyof Objects\.(\w+), "(\w+)">', text).groups()
            names = [n for n, _, _, _ in self.fields(owner) if n != left_out]
            return {"any": [{"is": n} for n in names]}
        if text.startswith('"') or re.fullmatch(r"-?\d+|true|false", text):
            return {"is": json.loads(text)}
        return self.reference(text.removeprefix("Objects."))

    def reference(self, name):
        if name in PRIMITIVES:
            return name
        if name == "TelegramInputFile":
            return "file"
        if name not in self.done:
            self.done[name] = None  # types may contain themselves
            self.done[name] = self.type(self.aliases[name]) if name in self.aliases else self.interface(name)
        return name

    def fields(self, name):
        for m in FIELD.finditer(self.interfaces[name]):
            yield m.group("name"), m.group("type").strip(), not m.group("optional"), m.group("doc") or ""

    def interface(self, name):
        out = {}
        for field, kind, required, doc in self.fields(name):
            limit = LIMIT.search(doc)
            out[field] = [self.type(kind), required]
            if limit and "string" in json.dumps(out[field][0]):
                out[field].append([int(limit.group(1)), int(limit.group(2)), limit.group(3)])
        return out

    def methods(self):
        found = re.findall(r"^    (\w+): CallAPI(\w*)<\s*(?:Params\.(\w+))?", self.texts["methods"], re.M)
        return {name: self.interface(params) if params else {} for name, _, params in found}


def main():
    types = Types(sys.argv[1])
    methods = types.methods()
    version = re.search(r"Bot API v(\S+)", types.texts["params"]).group(1)
    json.dump({"bot_api": version, "source": "npm @gramio/types", "licence": "MIT, Copyright (c) 2024 Kravets",
               "methods": methods, "types": types.done}, sys.stdout, separators=(",", ":"), sort_keys=True,
              ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
