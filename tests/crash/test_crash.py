#!/usr/bin/python3
"""The program killed, as by `kill -9`, before and after each call that makes something durable or visible.

    VEILSUM=build/veilsum DIE_AT_LIBRARY=build/tests/libdie_at.so /usr/bin/python3 tests/crash/test_crash.py

Each command runs in a fresh copy of the same folder, killed at point 1, 2, 3 … until it comes to its end. What has its
final name must be whole; the same command again must succeed; and what it leaves must be what it leaves undisturbed.
Of a pair the secret half, or the receipt, is there first: never a public half or a total alone.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(os.environ["VEILSUM"])
LIBRARY = os.path.abspath(os.environ["DIE_AT_LIBRARY"])
KEY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures", "k2048.key")
OWNERS = ["NORTH", "SOUTH", "EAST"]
MOST_POINTS = 400
EXISTS, REFUSED = 2, 5


def veilsum(folder, *arguments, die_at=0):
    environment = dict(os.environ, LC_ALL="C.UTF-8", OMP_NUM_THREADS="1")
    if die_at:
        environment.update(LD_PRELOAD=LIBRARY, DIE_AT=str(die_at))
    return subprocess.run([PROGRAM, *arguments], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                          capture_output=True, check=False)


def read(folder, name):
    with open(os.path.join(folder, name), "rb") as file:
        return file.read()


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


def there(folder, name):
    return os.path.exists(os.path.join(folder, name))


def plan_text(folder, fingerprint):
    def party(name, organisation, may):
        line = read(folder, name + ".id.pub").decode().strip()
        return f'{{"identity": "{line}", "organisation": "{organisation}", "may": ["{may}"]}}'

    parties = [party(name, "Air " + name, "contribute") for name in OWNERS]
    parties += [party("HUB", "Hub", "aggregate"), party("OPENER", "Hub", "open")]
    return f"""{{
  "veilsum": 1,
  "columns": {{"State": {{"values": ["N", "S"]}}, "Cost": {{"scale": 2, "min": 0, "max": 1000}}}},
  "by": ["State"],
  "measures": [{{"count": "rows"}}, {{"sum": "Cost"}}],
  "rows": {{"max": 1000}},
  "roster": [{", ".join(parties)}],
  "contributors": {{"min": 2}},
  "opening": {{"key": "{fingerprint}"}}
}}
"""


class Crash(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.mkdtemp(prefix="veilsum-crash.")
        cls.addClassCleanup(shutil.rmtree, cls.work)
        cls.template = os.path.join(cls.work, "template")
        os.mkdir(cls.template)
        shutil.copy(KEY, os.path.join(cls.template, "hub.key"))
        os.chmod(os.path.join(cls.template, "hub.key"), 0o600)
        for name in [*OWNERS, "HUB", "OPENER", "KEEPER"]:
            cls.prepare("identity", "--no-passphrase", name)
        cls.prepare("keygen", "--public", "hub")
        fingerprint = cls.prepare("inspect", "--json", "hub.pub").stdout.decode()
        fingerprint = fingerprint.split('"fingerprint": "')[1].split('"')[0]
        write(cls.template, "plan.json", plan_text(cls.template, fingerprint))
        for name in [*OWNERS, "HUB", "OPENER"]:
            cls.prepare("plan", "sign", "-i", name + ".id", "plan.json")
        for place, name in enumerate(OWNERS):
            write(cls.template, name + ".csv", f"State,Cost\nN,{place + 1}.50\nS,{place}\n")
            cls.prepare(*cls.encrypt(name, name + ".vs"))
        cls.prepare(*cls.combine("total.vs", *OWNERS))
        cls.prepare(*cls.combine("fewer.vs", *OWNERS[:2]))
        cls.prepare("ledger", "init", "-i", "KEEPER.id", "ledger")
        cls.prepare("ledger", "add", "-i", "KEEPER.id", "-p", "plan.json", "ledger", "fewer.vs.receipt")

    @classmethod
    def prepare(cls, *arguments):
        done = veilsum(cls.template, *arguments)
        assert done.returncode == 0, (arguments, done.stderr.decode())
        return done

    @staticmethod
    def encrypt(name, out):
        return ["encrypt", "-p", "plan.json", "-r", "hub.pub", "-i", name + ".id", "--period", "2026-11", name + ".csv",
                "-o", out]

    @staticmethod
    def combine(out, *names):
        return ["combine", "-p", "plan.json", "-i", "HUB.id", *(name + ".vs" for name in names), "-o", out]

    @staticmethod
    def decrypt(total, out, *names):
        return ["decrypt", "-p", "plan.json", "-k", "hub.key", "-i", "OPENER.id", total, "-o", out, "--record",
                out + ".opening", *(word for name in names for word in ("--with", name + ".vs"))]

    def succeed(self, folder, *arguments):
        done = veilsum(folder, *arguments)
        self.assertEqual(done.returncode, 0, (arguments, done.stderr.decode()))
        return done

    def again(self, folder, arguments, outputs):
        """The same command; --force is needed only where an output is there."""
        done = veilsum(folder, *arguments)
        if done.returncode == EXISTS and any(there(folder, name) for name in outputs):
            done = veilsum(folder, *arguments, "--force")
        self.assertEqual(done.returncode, 0, (arguments, done.stderr.decode()))

    def killed_everywhere(self, arguments):
        """A folder in which the command was killed, for every point; then one in which it came to its end."""
        for point in range(1, MOST_POINTS):
            folder = os.path.join(self.work, "now")
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(self.template, folder)
            done = veilsum(folder, *arguments, die_at=point)
            if done.returncode == 0:
                self.assertGreater(point, 4, "hardly a point: is the library loaded?")
                print(f"{' '.join(arguments[:2])}: killed at {point - 1} points", file=sys.stderr)
                yield folder, 0
                return
            self.assertEqual(done.returncode, -signal.SIGKILL, done.stderr.decode())
            yield folder, point
        self.fail("never at its end")

    def check_identity(self, folder):
        """The public half is never there alone, and a half that is there is whole: a plan is signed with it."""
        self.assertTrue(there(folder, "NEW.id") or not there(folder, "NEW.id.pub"))
        if there(folder, "NEW.id"):
            self.succeed(folder, "ledger", "init", "-i", "NEW.id", "new-ledger")
        if there(folder, "NEW.id.pub"):
            self.succeed(folder, "ledger", "check", "-k", "NEW.id.pub", "new-ledger")
        shutil.rmtree(os.path.join(folder, "new-ledger"), ignore_errors=True)

    def test_identity(self):
        arguments = ["identity", "--no-passphrase", "NEW"]
        for folder, point in self.killed_everywhere(arguments):
            self.check_identity(folder)
            if point:
                self.again(folder, arguments, ["NEW.id", "NEW.id.pub"])
                self.check_identity(folder)
            self.assertTrue(there(folder, "NEW.id.pub"))

    def check_key(self, folder):
        self.assertTrue(there(folder, "new.key") or not there(folder, "new.pub"))
        if there(folder, "new.key"):  # whole: the public half can be made from it, whatever the crash has left
            public = read(folder, "new.pub") if there(folder, "new.pub") else None
            self.succeed(folder, "keygen", "--public", "--force", "new")
            shown = self.succeed(folder, "inspect", "new.pub").stdout
            if public is not None:
                with open(os.path.join(folder, "new.pub"), "wb") as file:
                    file.write(public)
                self.assertEqual(self.succeed(folder, "inspect", "new.pub").stdout, shown)

    def test_keygen(self):
        arguments = ["keygen", "--bits", "2048", "--no-passphrase", "new"]
        for folder, point in self.killed_everywhere(arguments):
            had_both = there(folder, "new.key") and there(folder, "new.pub")
            self.check_key(folder)
            if point and not had_both:
                self.again(folder, arguments, ["new.key", "new.pub"])
                self.check_key(folder)

    def test_plan_sign(self):
        os.rename(os.path.join(self.template, "plan.sig"), os.path.join(self.template, "all.sig"))
        self.addCleanup(os.rename, os.path.join(self.template, "all.sig"), os.path.join(self.template, "plan.sig"))
        self.addCleanup(os.remove, os.path.join(self.template, "plan.sig"))
        self.prepare("plan", "sign", "-i", "NORTH.id", "plan.json")
        before = read(self.template, "plan.sig")
        arguments = ["plan", "sign", "-i", "SOUTH.id", "plan.json"]
        finals = set()
        for folder, point in self.killed_everywhere(arguments):
            left = read(folder, "plan.sig")
            if point:
                self.again(folder, arguments, ["plan.sig"])
            finals.add(read(folder, "plan.sig"))
            self.assertIn(left, {before, *finals})
        self.assertEqual(len(finals), 1)

    def test_encrypt(self):
        arguments = self.encrypt("NORTH", "new.vs")
        for folder, point in self.killed_everywhere(arguments):
            if there(folder, "new.vs"):
                self.check_contribution(folder)
            if point:
                self.again(folder, arguments, ["new.vs"])
                self.check_contribution(folder)

    def check_contribution(self, folder):
        self.succeed(folder, "combine", "-p", "plan.json", "new.vs", "SOUTH.vs", "-o", "check.vs")
        os.remove(os.path.join(folder, "check.vs"))

    def test_combine(self):
        arguments = self.combine("new.vs", *OWNERS)
        expected = read(self.template, "total.vs")
        for folder, point in self.killed_everywhere(arguments):
            if there(folder, "new.vs"):  # never without its receipt
                self.assertEqual(read(folder, "new.vs"), expected)
                self.assertTrue(there(folder, "new.vs.receipt"))
            if there(folder, "new.vs.receipt"):
                self.succeed(folder, "verify", "-p", "plan.json", "total.vs", "--receipt", "new.vs.receipt")
            if point:
                self.again(folder, arguments, ["new.vs", "new.vs.receipt"])
            self.assertEqual(read(folder, "new.vs"), expected)
            self.succeed(folder, "verify", "-p", "plan.json", "new.vs", "--receipt", "new.vs.receipt")

    def entries(self, folder, ledger):
        done = self.succeed(folder, "ledger", "check", "-k", "KEEPER.id.pub", "-p", "plan.json", ledger)
        return int((done.stdout + done.stderr).decode().split("ok: ")[1].split(" ")[0])

    def test_ledger_init(self):
        arguments = ["ledger", "init", "-i", "KEEPER.id", "new"]
        for folder, point in self.killed_everywhere(arguments):
            if point and not there(folder, "new/checkpoint"):
                self.succeed(folder, *arguments)
            self.assertEqual(self.entries(folder, "new"), 0)

    def test_ledger_add(self):
        arguments = ["ledger", "add", "-i", "KEEPER.id", "-p", "plan.json", "ledger", "total.vs.receipt"]
        seen = []
        for folder, point in self.killed_everywhere(arguments):
            seen.append(self.entries(folder, "ledger"))
            if point:
                self.succeed(folder, *arguments)
            self.assertEqual(self.entries(folder, "ledger"), 2)
        self.assertEqual(seen, sorted(seen))
        self.assertEqual(set(seen), {1, 2})

    def test_decrypt(self):
        self.succeed(self.template, *self.decrypt("total.vs", "expected.csv", *OWNERS), "--openings", "elsewhere")
        expected = read(self.template, "expected.csv")
        self.assertEqual(expected, b"State,count(rows),sum(Cost)\nN,3,7.50\nS,3,3.00\n")
        arguments = self.decrypt("total.vs", "result.csv", *OWNERS)
        other = self.decrypt("fewer.vs", "fewer.csv", *OWNERS[:2])
        refused = []
        for folder, point in self.killed_everywhere(arguments):
            if there(folder, "result.csv"):
                self.assertEqual(read(folder, "result.csv"), expected)
            if point % 2 == 1:  # another total first: entered before the crash, the first one stands in its way
                refused.append(veilsum(folder, *other).returncode)
                self.assertIn(refused[-1], [0, REFUSED])
                if there(folder, "result.csv") or there(folder, "result.csv.opening"):
                    self.assertEqual(refused[-1], REFUSED)
            if point % 2 == 1 and refused[-1] == 0:
                self.assertEqual(veilsum(folder, *arguments).returncode, REFUSED)
                continue
            if point:
                self.again(folder, arguments, ["result.csv", "result.csv.opening"])
            self.assertEqual(read(folder, "result.csv"), expected)
            self.assertEqual(veilsum(folder, *other, "--force").returncode, REFUSED)
            self.succeed(folder, "ledger", "add", "-i", "KEEPER.id", "-p", "plan.json", "ledger", "result.csv.opening")
        self.assertEqual(refused, sorted(refused))  # once it is entered it stays
        self.assertEqual(set(refused), {0, REFUSED})


if __name__ == "__main__":
    unittest.main()
