"""docs/OPERATIONS.md, typed as it stands: every box of shell commands is run in order on the real binary in a folder of its
own (that stands for /), every Telegram command is sent and tapped, and must be carried out or asked back about. systemctl
and journalctl are stand-ins that do with the daemon what systemd would. Boxes that need a server are checked by syntax.
README: its tables against the program, its links against the files.
"""
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading

from trident_harness import OWNER, TOKENS, TRIDENT, Case, Successor, World, main, until, v3_entry

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
DOCUMENT = os.path.join(ROOT, "docs", "OPERATIONS.md")
BOX = re.compile(r"^```(\w+)(?: (\w+))?\n(.*?)^```$", re.M | re.S)
INLINE = re.compile(r"`(/[a-z_]+)(?: [^`]*)?`")
NOT_COMMANDS = {"/metrics"}
RUNS_AS = re.compile(r"upgraded: version \S+ runs as process (\d+);")
REFUSED = ("There is no /", "is not in this release", "is answered by the", ", accepted: ", "is missing; accepted: ",
           "needs the role")
SERVICE = 65534  # the user that stands for the service's own
LEADS_TO = {"Silent": "parallel", "Parallel": "transparent", "Transparent": "shadow", "Cut-over": "transparent"}
PLACES = ("/etc/trident", "/var/lib/trident", "/var/backups/trident", "/usr/local/bin", "/root/")

STAND_IN = """#!/bin/sh
echo "$1" > '{folder}/wish'
read -r code < '{folder}/done'
exit "$code"
"""


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def sections():
    """(heading, [(language, kind, text) of each box]) in the order of the document."""
    parts = re.split(r"^#{2,3} (.*)$", read(DOCUMENT), flags=re.M)
    return [(heading, BOX.findall(text)) for heading, text in zip(parts[1::2], parts[2::2])]


class Server:
    """A folder that stands for /, and systemctl."""

    def __init__(self, world):
        self.world, self.daemon = world, world.daemon
        self.folder = tempfile.mkdtemp(prefix="trident-ops-")
        for place in PLACES:
            os.makedirs(self.folder + place, exist_ok=True)
        os.rmdir(self.folder + "/var/lib/trident")
        os.makedirs(os.path.join(world.folder, "data"), mode=0o700)
        os.symlink(os.path.join(world.folder, "data"), self.folder + "/var/lib/trident")  # as systemd does
        os.makedirs(self.folder + "/root/trident/build/release")
        for copy in ("/usr/local/bin/trident", "/root/trident/build/release/trident"):
            os.symlink(TRIDENT, self.folder + copy)
        self.program = self.folder + "/usr/local/bin/trident"
        os.symlink("etc/trident/trident.json", self.folder + "/trident.json")
        self.daemon.path = self.folder + "/etc/trident/trident.json"
        self.daemon.write = self.write_configuration
        self.environment = {**os.environ, "PATH": self.folder + "/usr/local/bin:" + os.environ["PATH"],
                            "CREDENTIALS_DIRECTORY": self.folder + "/etc/trident/credentials", "LC_ALL": "C.UTF-8"}
        os.environ["CREDENTIALS_DIRECTORY"] = self.environment["CREDENTIALS_DIRECTORY"]  # for tools of the harness
        for fifo in ("wish", "done"):
            os.mkfifo(os.path.join(self.folder, fifo))
        self.write_program("systemctl", STAND_IN.format(folder=self.folder))
        self.write_program("journalctl", f"#!/bin/sh\nexec cat '{self.daemon.folder}'/daemon.*.log\n")
        self.said, self.wishes = "", []
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def write_configuration(self):
        with open(self.daemon.path, "w", encoding="utf-8") as f:
            json.dump(self.daemon.conf, f)

    def lend_credentials(self):
        """As systemd does: the service has a user of its own, who reads copies. Only root can play that."""
        reach = ["setpriv", f"--reuid={SERVICE}", f"--regid={SERVICE}", "--clear-groups"]
        if os.geteuid() != 0:
            return
        for path in (self.folder, self.world.folder):
            os.chmod(path, 0o755)
        for mine in (TRIDENT, self.folder, self.world.folder):  # another user may not pass the folders above
            if subprocess.run([*reach, "test", "-x", mine], check=False).returncode:
                return
        lent = self.folder + "/run"
        shutil.rmtree(lent, ignore_errors=True)
        shutil.copytree(self.environment["CREDENTIALS_DIRECTORY"], lent)
        for path in (lent, *(os.path.join(lent, n) for n in os.listdir(lent))):
            os.chown(path, SERVICE, SERVICE)
        os.chown(os.path.join(self.world.folder, "data"), SERVICE, SERVICE)
        self.daemon.launcher = reach
        self.daemon.environment = {**self.environment, "CREDENTIALS_DIRECTORY": lent}

    def write_program(self, name, text):
        path = f"{self.folder}/usr/local/bin/{name}"
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, 0o755)

    def serve(self):
        while True:
            wish = read(self.folder + "/wish").strip()
            if wish == "end":
                return
            code = 1
            try:
                self.wishes.append(wish)
                code = self.carry_out(wish)
            except AssertionError as e:
                self.said += str(e)
            with open(self.folder + "/done", "w", encoding="utf-8") as f:
                f.write(f"{code}\n")

    def carry_out(self, wish):
        if wish == "daemon-reload":
            return 0
        if wish in ("start", "enable"):
            self.adopt_configuration()
            self.lend_credentials()
            self.daemon.start()
            return 0
        if wish == "stop":
            self.daemon.stop()
            return 0
        if wish == "reload":
            return self.reload()
        raise AssertionError(f"systemctl {wish}: nobody said what that does here")

    def adopt_configuration(self):
        """What the document wrote, with the sandbox for Telegram and gates that are open at once."""
        conf = json.loads(read(self.daemon.path))
        conf["telegram"].update(self.daemon.conf["telegram"], **{
            bot: conf["telegram"][bot] for bot in ("controller", "notification", "analytics")})
        conf["http"]["port"] = self.daemon.port
        conf["log"] = {"level": "debug"}
        trader = conf["traders"][0]
        trader["broker"] = {"tick_interval_ms": 100}
        trader["shadow"] = {"gate_signals": 1, "gate_hours": 0}
        trader["phase"].update({k: 0 for k in ("silent_hours", "parallel_hours", "bots", "transparent_hours",
                                               "shadow_hours", "shadow_all_hours", "cutover_hours", "cutover_trades",
                                               "v6_alerts")})
        self.daemon.conf = conf

    def reload(self):
        old = self.daemon.process
        r = subprocess.run([TRIDENT, "upgrade", self.program, "--config", self.daemon.path], capture_output=True,
                           text=True, timeout=60, env=self.environment)
        self.said += r.stdout + r.stderr
        if r.returncode == 0:
            old.wait(20)
            self.daemon.process = Successor(int(RUNS_AS.search(r.stdout).group(1)))
        return r.returncode

    def run(self, script):
        script = script.replace("http://127.0.0.1:8001", self.daemon.url)
        for place in PLACES:
            script = script.replace(place, self.folder + place)
        script = script.replace("trident init ", f"trident init --base-url {self.world.sandbox.url} ")
        answers = "\n".join([TOKENS["controller"], TOKENS["notification"], TOKENS["analytics"], str(OWNER), "", ""])
        return subprocess.run(["bash", "-euo", "pipefail", "-c", script], input=answers, capture_output=True, text=True,
                              cwd=self.folder, env=self.environment, timeout=60)

    def close(self):
        with open(self.folder + "/wish", "w", encoding="utf-8") as f:
            f.write("end")
        self.thread.join(5)
        os.environ.pop("CREDENTIALS_DIRECTORY", None)
        shutil.rmtree(self.folder, ignore_errors=True)


class Operations(Case):
    def setUp(self):
        super().setUp()
        self.alerts, self.typed = 0, set()
        self.w = World(start=False)
        self.addCleanup(self.w.abandon)
        self.server = Server(self.w)
        self.addCleanup(self.server.close)

    def send(self, line):
        """The line is carried out, or asked back about and then tapped. All that was said meanwhile."""
        line, _, tap = line.partition(" → ")
        s = self.w.sandbox
        mark = s.say("controller", line)
        said = self.what_was_said(mark, line)
        for refused in REFUSED:
            self.assertFalse([m["text"] for m in said if refused in m["text"]], line)
        asked = [m for m in said if (tap or "Yes") in repr(m.get("markup"))]
        if not tap:
            self.assertFalse([m["text"] for m in asked], f"{line} asks back; the document has to say so")
        else:
            self.assertTrue(asked, f"{line} was not asked back about: {[m['text'] for m in said]}")
            mark = s.seq()
            s.press("controller", asked[0], tap)
            said = self.what_was_said(mark, line)
        return "\n".join(m["text"] for m in said)

    def what_was_said(self, mark, line):
        s = self.w.sandbox
        until(lambda: s.said("controller", mark) and s.is_drained("controller") and self.w.is_quiet(),
              f"an answer to {line}")
        return s.said("controller", mark)

    def walk_shadow(self):
        """Alerts of each logic, as days would bring them; then the steps of the phase."""
        secret = read(self.server.folder + "/etc/trident/credentials/webhook-secret").strip()
        for step in range(4):
            for tf in ("60", "15", "5"):
                self.alerts += 1
                alert = v3_entry(tf=tf, price=2650.0 + self.alerts)
                a = self.w.daemon.http("POST", "/webhook/" + secret, json.dumps(alert))
                self.assertEqual(a.status, 200, a.text)
            if step < 3:
                self.send("/phase next → Yes")

    def test_every_box_of_the_document_works(self):
        for heading, boxes in sections():
            if heading == "Cut-over":
                self.walk_shadow()
            if heading.startswith("Level 2"):  # the cut-over, of which the document led back already
                self.send("/phase next → Yes")
                self.walk_shadow()
                self.send("/phase next → Yes")
            for box in boxes:
                with self.subTest(heading):
                    self.check(*box)
            if heading in LEADS_TO:
                self.assertIn(f"Phase {LEADS_TO[heading]}", self.send("/phase"), heading)
        self.assertEqual(set(self.server.wishes), {"daemon-reload", "enable", "start", "stop", "reload"})
        self.w.check_logs()

    def check(self, language, kind, text):
        if language == "telegram":
            for line in text.strip().split("\n"):
                self.send(line)
        elif language == "sh" and kind == "":
            if text in self.typed:  # what stands twice is typed once
                return
            self.typed.add(text)
            r = self.server.run(text)
            self.assertEqual(r.returncode, 0, f"{text}\n{r.stdout}{r.stderr}{self.server.said}")
        elif language == "sh" and kind == "server":
            r = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, timeout=20)
            self.assertEqual(r.returncode, 0, text + r.stderr)
        else:
            self.assertEqual((language, kind), ("nginx", ""), "a box that nobody checks")
            self.check_nginx(text)

    def check_nginx(self, text):
        """Every statement ends, every brace closes; and what nginx says, where there is one."""
        bare = re.sub(r"#.*", "", text)
        self.assertEqual(bare.count("{"), bare.count("}"))
        for line in bare.split("\n"):
            self.assertRegex(line, r"^\s*$|[;{}]\s*$")
        if shutil.which("nginx"):
            path = os.path.join(self.server.folder, "nginx.conf")
            with open(path, "w", encoding="utf-8") as f:
                f.write(f"pid {self.server.folder}/nginx.pid; error_log stderr; events {{}} http {{ {text} }}")
            r = subprocess.run(["nginx", "-t", "-c", path], capture_output=True, text=True, timeout=20)
            self.assertEqual(r.returncode, 0, r.stderr)


class Documents(Case):
    def test_readme_names_every_subcommand_and_every_document(self):
        readme = read(os.path.join(ROOT, "README.md"))
        r = subprocess.run([TRIDENT, "help"], capture_output=True, text=True, timeout=20)
        names = re.findall(r"^  ([a-z-]+)  ", r.stdout, re.M)
        self.assertGreater(len(names), 20)
        self.assertEqual([n for n in names if f"`trident {n}" not in readme], [])
        self.assertEqual(set(re.findall(r"`trident ([a-z-]+)", readme)) - set(names), {"help"})
        documents = [n for n in os.listdir(os.path.join(ROOT, "docs")) if n.endswith(".md")]
        self.assertEqual([n for n in documents if f"(docs/{n})" not in readme], [])

    def test_commands_named_in_readme_exist(self):
        known = set(re.findall(r"^\| (/[a-z0-9_]+) \|", read(os.path.join(ROOT, "docs/COMMANDS.md")), re.M))
        table = re.search(r"^\| bot \| for example \|$(.*?)^$", read(os.path.join(ROOT, "README.md")), re.M | re.S)
        named = set(re.findall(r"`(/[a-z_]+)", table.group(1)))
        self.assertGreater(len(named), 30)
        self.assertEqual(named - known, set())
        self.assertEqual(set(INLINE.findall(read(DOCUMENT))) - known - NOT_COMMANDS, set())

    def test_every_link_leads_somewhere(self):
        for root, _, names in os.walk(os.path.join(ROOT, "docs")):
            self.check_links([os.path.join(root, n) for n in names if n.endswith(".md")])
        self.check_links([os.path.join(ROOT, n) for n in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")])

    def check_links(self, paths):
        for path in paths:
            for link in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", read(path)):
                self.assertTrue(os.path.exists(os.path.join(os.path.dirname(path), link)), f"{path}: {link}")

    def test_the_same_packages_everywhere(self):
        rows = re.findall(r"^\|.*\| ([^|]*) \|$", read(os.path.join(ROOT, "docs/adr/0006-dependencies.md")), re.M)
        adr = set(re.findall(r"[a-z][a-z0-9.+-]+", " ".join(r for r in rows if not r.startswith("packages"))))
        adr |= {"gcc", "libc6-dev", "cmake", "ninja-build", "pkg-config"}
        lists = re.findall(r'^\w*packages="([^$"]*)"', read(os.path.join(ROOT, "scripts/bootstrap")), re.M)
        docker = re.search(r"--no-install-recommends(.*?)&&", read(os.path.join(ROOT, "docker/Dockerfile")), re.S)
        runtime = docker.group(1).replace("\\", " ").split()
        self.assertEqual(len(lists), 3)
        self.assertGreater(len(runtime), 8)
        self.assertEqual(adr, set(" ".join(lists).split()) | set(runtime), "docs/adr/0006 against what is installed")

    def test_architecture_names_every_room_and_every_thread(self):
        text = read(os.path.join(ROOT, "docs/ARCHITECTURE.md"))
        rooms = [n for n in os.listdir(os.path.join(ROOT, "src")) if os.path.isdir(os.path.join(ROOT, "src", n))]
        self.assertEqual([n for n in rooms if f"| src/{n} |" not in text], [])
        table = text[text.index("## Threads"):text.index("## Rooms")]
        threads = set()
        for root, _, names in os.walk(os.path.join(ROOT, "src")):
            for source in (read(os.path.join(root, n)) for n in names if n.endswith(".c")):
                threads |= set(re.findall(r'thread_start\("([^"]+)"|thread_prefix = "([^"]+)"', source))
        threads = {a or b for a, b in threads}
        self.assertGreater(len(threads), 8)
        self.assertEqual([n for n in threads if n not in table], [])


if __name__ == "__main__":
    main()
