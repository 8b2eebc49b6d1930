#!/usr/bin/python3
"""Random tables under plans that differ in their opening alone: the results are the same bytes, and the exact sums.

    VEILSUM=build/veilsum /usr/bin/python3 tests/property/test_openings.py

Each opening's session runs over a folder, every party a process of its own. VEILSUM_EXAMPLES=N asks for N examples
(default 3); the seed is printed, and VEILSUM_SEED repeats a run.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True  # a test run leaves nothing in the tree
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import oracle  # noqa: E402
from program import VEILSUM, Desk  # noqa: E402

EXAMPLES = int(os.environ.get("VEILSUM_EXAMPLES", "3"))
SEED = int(os.environ.get("VEILSUM_SEED", random.randrange(10**9)))
OWNERS = ["NORTH", "SOUTH", "EAST", "WEST"]
OFFICES = ["ANNA", "BERT"]
HUB = "HUB"
PATIENCE_S = 90


def roster(desk, owners):
    duties = [(name, "contribute") for name in owners] + [(name, "open") for name in OFFICES] + [(HUB, "aggregate")]
    return [{"identity": desk.read(name + ".id.pub").decode().strip(), "organisation": "Office of " + name,
             "may": [duty]} for name, duty in duties]


def random_plan(rng, parties):
    bound, scale = rng.choice([1, 1000, 10**6]), rng.randint(0, 4)
    return {"veilsum": 1,
            "columns": {"State": {"values": ["N", "S", "E"][: rng.randint(1, 3)]},
                        "Cost": {"scale": scale, "min": -bound if rng.random() < 0.5 else 0, "max": bound}},
            "by": ["State"],
            "measures": [{"count": "rows"}] + rng.sample([{"sum": "Cost"}, {"mean": "Cost"}], rng.randint(1, 2)),
            "rows": {"max": 1000}, "contributors": {"min": 3}, "roster": parties, "signatures": 1}


def random_table(rng, plan):
    cost = plan["columns"]["Cost"]
    unit = 10 ** cost["scale"]
    low, high = cost["min"] * unit, cost["max"] * unit
    return [{"State": rng.choice(plan["columns"]["State"]["values"]),
             "Cost": oracle.exactly(rng.choice([low, high, rng.randint(low, high)]), cost["scale"])}
            for _ in range(rng.randint(0, 12))]


def csv_of(rows):
    return "State,Cost\n" + "".join("%s,%s\n" % (row["State"], row["Cost"]) for row in rows)


class Openings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.desk = Desk()
        cls.fingerprint = cls.desk.key("key", 1)
        for name in OWNERS + OFFICES + [HUB]:
            cls.desk.run("identity", "--no-passphrase", name)

    @classmethod
    def tearDownClass(cls):
        cls.desk.close()

    def commands(self, kind, owners):
        """{party: what its join has besides plan, identity and folder}"""
        recipient = ["-r", "key.pub"] if kind == "key" else []
        parties = {name: (recipient, [name + ".csv"]) for name in owners}
        parties["ANNA"] = (["-k", "key.key"] if kind == "key" else [], [])
        if kind == "shares":
            parties["BERT"] = ([], [])
        else:
            parties[HUB] = ([], [])
        return parties

    def play(self, kind, opening, plan, owners, number):
        """The session's result: the same from all who learn it."""
        name, folder = "%s.%d.json" % (kind, number), "folder.%s.%d" % (kind, number)
        self.desk.write(name, json.dumps(dict(plan, opening=opening)))
        self.desk.run("plan", "sign", "-i", HUB + ".id", name)
        running = {}
        try:
            for party, (options, data) in self.commands(kind, owners).items():
                running[party] = subprocess.Popen(
                    [VEILSUM, "join", "-p", name, "-i", party + ".id", *options, folder, *data],
                    cwd=self.desk.directory.name, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE)
            results = {party: self.finish(party, process) for party, process in running.items()}
        finally:
            for process in running.values():
                if process.poll() is None:
                    process.kill()
                    process.communicate()
        shutil.rmtree(self.desk.path(folder))
        learned = {text for text in results.values() if text}
        self.assertTrue(results["ANNA"], kind)
        self.assertEqual(len(learned), 1, kind)
        return learned.pop()

    def finish(self, party, process):
        out, err = process.communicate(timeout=PATIENCE_S)
        self.assertEqual(process.returncode, 0, "%s: %s" % (party, err.decode("utf-8", "replace")))
        return out

    def check(self, rng, number):
        owners = OWNERS[: rng.randint(3, 4)]
        plan = random_plan(rng, roster(self.desk, owners))
        tables = [random_table(rng, plan) for _ in owners]
        for name, rows in zip(owners, tables):
            self.desk.write(name + ".csv", csv_of(rows))
        header, lines, _ = oracle.result(plan, tables)
        expected = "".join(",".join(line) + "\n" for line in [header] + lines).encode()
        openings = {"key": {"key": self.fingerprint}, "shares": {"shares": OFFICES},
                    "masks": {"masks": {"corrupt": 0, "absent": 0}}}
        for kind, opening in openings.items():
            self.assertEqual(self.play(kind, opening, plan, owners, number), expected, kind)

    def test_the_opening_does_not_change_the_result(self):
        for number in range(EXAMPLES):
            with self.subTest(seed=SEED, example=number):
                self.check(random.Random("%d/%d" % (SEED, number)), number)


if __name__ == "__main__":
    print("VEILSUM_SEED=%d" % SEED, file=sys.stderr, flush=True)
    unittest.main(verbosity=2)
