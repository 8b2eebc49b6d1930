#!/usr/bin/python3
"""Sessions in which a party is killed, as by `kill -9`, at each point at which something becomes durable, and started
again with the same command.

    VEILSUM=build/veilsum DIE_AT_LIBRARY=build/tests/libdie_at.so /usr/bin/python3 tests/crash/test_sessions.py

The party's first process is killed at its first point, the next one at its second, and so on, until one comes to its
end: so it is killed at every point, and while it recovers as well. All others know nothing of it. The session has to
end with the right result, everybody counted once, and nobody may have said two things under one heading.

In the default run each process is killed VEILSUM_CRASH_STEP points later than the one before (default 5); with 1 it is
every point. VEILSUM_CRASH_FRESH=1 also kills first processes at each point, each in a session of its own.
"""

import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
import unittest

PROGRAM = os.path.abspath(os.environ["VEILSUM"])
LIBRARY = os.path.abspath(os.environ["DIE_AT_LIBRARY"])
STEP = int(os.environ.get("VEILSUM_CRASH_STEP", "5"))
FRESH = os.environ.get("VEILSUM_CRASH_FRESH", "0") == "1"
KEY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures", "k2048.key")
OWNERS = ["NORTH", "SOUTH", "EAST"]
OFFICES = ["ANNA", "BERT"]
TABLES = ["N,1.50\nS,1\n", "N,2.50\nS,2\nS,3\n", "N,3.50\n"]
RESULT = b"State,count(rows),sum(Cost)\nN,3,7.50\nS,3,6.00\n"
PATIENCE_S = 240
MOST_KILLS = 1000


def environment(die_at):
    values = dict(os.environ, LC_ALL="C.UTF-8", OMP_NUM_THREADS="1")
    if die_at:
        values.update(LD_PRELOAD=LIBRARY, DIE_AT=str(die_at), DIE_AT_WRITES="1")
    return values


def plan_text(folder, opening):
    def party(name, may):
        with open(os.path.join(folder, name + ".id.pub"), encoding="utf-8") as file:
            return {"identity": file.read().strip(), "organisation": "Office " + name, "may": [may]}

    return json.dumps({
        "veilsum": 1,
        "columns": {"State": {"values": ["N", "S"]}, "Cost": {"scale": 2, "min": 0, "max": 1000}},
        "by": ["State"],
        "measures": [{"count": "rows"}, {"sum": "Cost"}],
        "rows": {"max": 1000},
        "contributors": {"min": 3},
        "roster": [party(name, "contribute") for name in OWNERS] + [party(name, "open") for name in OFFICES] +
                  [party("HUB", "aggregate")],
        "signatures": 1,
        "opening": opening,
        **({"groups": {"min_rows": 2}} if "masks" not in opening else {}),
    })


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Party:
    """One party's command, started as often as it takes."""

    def __init__(self, session, name, arguments):
        self.session, self.name, self.arguments = session, name, arguments
        self.kills, self.process, self.said = 0, None, b""
        self.results = []  # of each run that wrote anything

    def start(self, die_at=0):
        self.out = tempfile.TemporaryFile()
        self.err = tempfile.TemporaryFile()
        self.process = subprocess.Popen([PROGRAM, *self.arguments], cwd=self.session.folder,
                                        env=environment(die_at), stdin=subprocess.DEVNULL, stdout=self.out,
                                        stderr=self.err)

    def finish(self, timeout=PATIENCE_S):
        """Its exit status, with what it wrote."""
        status = self.process.wait(timeout)
        self.out.seek(0)
        self.err.seek(0)
        result, self.said = self.out.read(), self.err.read()
        self.results += [result] if result else []
        self.out.close()
        self.err.close()
        self.process = None
        return status

    def run_killed(self, first, step):
        """Killed at points first, first + step, ...; then to its end."""
        point = first
        for _ in range(MOST_KILLS):
            self.start(point)
            status = self.finish()
            if status != -signal.SIGKILL:
                return status
            self.kills += 1
            point = point + step if step else 0
        raise AssertionError(self.name + ": never at its end")

    def end(self):
        if self.process is not None:
            self.process.kill()
            self.finish()


class Session:
    def __init__(self, test, opening, carrier):
        self.test, self.opening = test, opening
        self.folder = tempfile.mkdtemp(dir=test.work)
        for name in os.listdir(test.template):
            shutil.copy2(os.path.join(test.template, name), self.folder)
        self.parties = {}
        self.url = None
        if carrier == "board":
            port = free_port()
            self.url = f"http://127.0.0.1:{port}"
            self.add("HUB", "serve", "--listen", f"127.0.0.1:{port}", "--linger", "1s", "--state", "board",
                     *([] if opening == "shares" else ["-i", "HUB.id"]), opening + ".json")
        where = self.url or "messages"
        if carrier == "folder" and opening != "shares":
            self.add("HUB", "join", "-p", opening + ".json", "-i", "HUB.id", where)
        for name in OFFICES:
            if opening in ("threshold", "shares") or name == "ANNA":
                self.add(name, *self.join(name, where), *self.opener(name))
        for name in OWNERS:
            keys = {"key": ["-r", "hub.pub"], "threshold": ["-r", "many.pub"]}.get(opening, [])
            self.add(name, *self.join(name, where), *keys, name + ".csv")

    def join(self, name, where):
        return ["join", "-p", self.opening + ".json", "-i", name + ".id", where]

    def opener(self, name):
        return {"key": ["-k", "hub.key"], "threshold": ["--holders", "many.holders", "--share", f"many.{name}.share"]
                }.get(self.opening, [])

    def add(self, name, *arguments):
        self.parties[name] = Party(self, name, arguments)

    def play(self, victim, first, step):
        for name, party in self.parties.items():
            if name != victim:
                party.start()
        try:
            status = self.parties[victim].run_killed(first, step)
            self.test.assertEqual(status, 0, (victim, self.parties[victim].said.decode()))
            for name, party in self.parties.items():
                if name != victim:
                    self.test.assertEqual(party.finish(), 0, (name, party.said.decode()))
            self.check()
        finally:
            for party in self.parties.values():
                party.end()
            shutil.rmtree(self.folder, ignore_errors=True)
        return self.parties[victim].kills

    def check(self):
        learn = [name for name in OFFICES if name in self.parties]
        learn += OWNERS + ["HUB"] if self.opening == "masks" else []
        for name in learn:
            # Written before the journal is closed: killed in between, a party writes the same once more.
            if self.url is None or name != "HUB":
                said = (name, self.parties[name].said.decode())
                self.test.assertEqual(set(self.parties[name].results), {RESULT}, said)
        for party in self.parties.values():
            self.test.assertNotIn(b"warning", party.said, party.said.decode())
        if self.url is None:
            self.check_headings()

    def check_headings(self):
        """Kind, sender, receiver: one message of each."""
        headings = set()
        for folder, _, names in os.walk(os.path.join(self.folder, "messages")):
            for name in names:
                if name.endswith(".vsm"):
                    with open(os.path.join(folder, name), "rb") as file:
                        head = file.read(56)
                    self.test.assertEqual(head[:4], b"VSMG")
                    heading = (head[5], *struct.unpack_from("<II", head, 40))
                    self.test.assertNotIn(heading, headings, name)
                    headings.add(heading)
        self.test.assertGreater(len(headings), len(OWNERS))


class Sessions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.mkdtemp(prefix="veilsum-sessions.")
        cls.addClassCleanup(shutil.rmtree, cls.work)
        cls.template = os.path.join(cls.work, "template")
        os.mkdir(cls.template)
        shutil.copy(KEY, os.path.join(cls.template, "hub.key"))
        os.chmod(os.path.join(cls.template, "hub.key"), 0o600)
        for name in [*OWNERS, *OFFICES, "HUB"]:
            cls.prepare("identity", "--no-passphrase", name)
        cls.prepare("keygen", "--public", "hub")
        key = json.loads(cls.prepare("inspect", "--json", "hub.pub"))["fingerprint"]
        shared = cls.prepare("keygen", "--bits", "2048", "--threshold", "2/2", "--holder", "ANNA.id.pub", "--holder",
                             "BERT.id.pub", "many").decode()
        cls.write_plan("key", {"key": key})
        cls.write_plan("threshold", dict(line.split() for line in shared.splitlines()
                                         if line.split()[0] in ("threshold", "holders")))
        cls.write_plan("shares", {"shares": OFFICES})
        cls.write_plan("masks", {"masks": {"corrupt": 0, "absent": 0}})
        for name, table in zip(OWNERS, TABLES):
            cls.write(name + ".csv", "State,Cost\n" + table)

    @classmethod
    def prepare(cls, *arguments):
        done = subprocess.run([PROGRAM, *arguments], cwd=cls.template, env=environment(0), stdin=subprocess.DEVNULL,
                              capture_output=True, check=False)
        assert done.returncode == 0, (arguments, done.stderr.decode())
        return done.stdout

    @classmethod
    def write(cls, name, text):
        with open(os.path.join(cls.template, name), "w", encoding="utf-8") as file:
            file.write(text)

    @classmethod
    def write_plan(cls, name, opening):
        cls.write(name + ".json", plan_text(cls.template, opening))
        cls.prepare("plan", "sign", "-i", "HUB.id", name + ".json")

    def killed(self, opening, carrier, victim):
        began = time.monotonic()
        kills = Session(self, opening, carrier).play(victim, 1, STEP)
        self.assertGreater(kills, 2, "hardly a point: is the library loaded?")
        print(f"{opening} over a {carrier}: {victim} killed {kills} times, {time.monotonic() - began:.1f} s", flush=True)
        for point in range(1, MOST_KILLS if FRESH else 0):
            if Session(self, opening, carrier).play(victim, point, 0) == 0:
                break

    def test_key(self):
        for carrier, victim in [("board", "HUB"), ("board", "NORTH"), ("folder", "ANNA"), ("folder", "HUB")]:
            self.killed("key", carrier, victim)

    def test_threshold(self):
        for carrier, victim in [("board", "HUB"), ("folder", "ANNA"), ("folder", "SOUTH")]:
            self.killed("threshold", carrier, victim)

    def test_shares(self):
        for carrier, victim in [("board", "HUB"), ("board", "NORTH"), ("folder", "ANNA"), ("folder", "BERT")]:
            self.killed("shares", carrier, victim)

    def test_masks(self):
        for carrier, victim in [("board", "HUB"), ("board", "NORTH"), ("folder", "SOUTH"), ("folder", "HUB")]:
            self.killed("masks", carrier, victim)


if __name__ == "__main__":
    unittest.main(verbosity=2)
