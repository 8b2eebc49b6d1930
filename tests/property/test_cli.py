#!/usr/bin/python3
"""Random plans and tables through the command line, against exact Python integers.

    VEILSUM=build/veilsum /usr/bin/python3 tests/property/test_cli.py

The examples are the same in every run; VEILSUM_EXAMPLES=N asks for N of each kind, new ones in every run.
"""

import ast
import csv
import io
import json
import os
import random
import struct
import sys
import unittest
from fractions import Fraction

sys.dont_write_bytecode = True  # a test run leaves nothing in the tree
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import oracle  # noqa: E402
import strategies  # noqa: E402
from hypothesis import HealthCheck, Phase, given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from program import Desk, Refused  # noqa: E402

EXAMPLES = int(os.environ.get("VEILSUM_EXAMPLES", "0"))
# Shrinking a failure takes minutes of commands: only for who asked for more examples.
COMMON = {"deadline": None, "derandomize": EXAMPLES == 0, "database": None, "print_blob": True,
          "phases": [Phase.generate, Phase.shrink] if EXAMPLES else [Phase.generate],
          "suppress_health_check": list(HealthCheck)}


def examples(default):
    return settings(max_examples=EXAMPLES or default, **COMMON)


def table_csv(plan, rows, rng):
    """A table as some program might write it: columns in any order, one that nobody asked for, any quoting."""
    names = list(plan["columns"]) + ["remark"]
    rng.shuffle(names)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=rng.choice(["\n", "\r\n"]),
                        quoting=rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    writer.writerow(names)
    for row in rows:
        writer.writerow([row.get(name, rng.choice(["", "x, y", "\"\n"])) for name in names])
    return rng.choice(["", "\ufeff"]) + out.getvalue()


def distinct(pairs):
    """An object with every name once."""
    assert len(dict(pairs)) == len(pairs), pairs
    return dict(pairs)


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.desk = Desk()
        cls.fingerprints = {1: cls.desk.key("one", 1), 2: cls.desk.key("two", 2, "subgroup")}
        cls.names = {1: "one", 2: "two"}

    @classmethod
    def tearDownClass(cls):
        cls.desk.close()

    def combine(self, names, rng):
        """All contributions into one total: at once, as a tree of totals, or through a pipe."""
        plan = ["-p", "plan.json"]
        way = rng.randrange(3) if len(names) > 1 else 0
        if way == 1:
            cut = rng.randrange(1, len(names))
            self.desk.run("combine", *plan, *names[:cut], "-o", "part.vs", "--force")
            if rng.randrange(2) and len(names) - cut > 1:
                self.desk.run("combine", *plan, *names[cut:], "-o", "rest.vs", "--force")
                return self.desk.run("combine", *plan, "rest.vs", "part.vs")
            return self.desk.run("combine", *plan, "part.vs", *names[cut:])
        if way == 2:
            piped = b"".join(self.desk.read(name) for name in names[1:])
            return self.desk.run("combine", *plan, names[0], "-", stdin=piped)
        return self.desk.run("combine", *plan, *names)


class Tables(Case):
    @examples(90)
    @given(st.data())
    def test_results_are_those_of_the_rows(self, data):
        owners = data.draw(st.integers(1, 5))
        degree = data.draw(st.sampled_from([1, 1, 2]))
        plan = data.draw(strategies.plans(self.fingerprints[degree], owners))
        tables = data.draw(strategies.tables(plan, owners))
        rng = random.Random(data.draw(st.integers(0, 999)))
        self.check(plan, tables, self.names[degree], rng)

    def check(self, plan, tables, key, rng):
        self.desk.write("plan.json", json.dumps(plan, indent=rng.choice([None, 2]), ensure_ascii=rng.random() < 0.5))
        names = []
        for i, rows in enumerate(tables):
            self.desk.write("data.csv", table_csv(plan, rows, rng))
            names.append("c%d.vs" % i)
            self.desk.run("encrypt", "-p", "plan.json", "-r", key + ".pub", "--as", "owner %d" % i, "--period", "p1",
                          "data.csv", "-o", names[-1], "--force")
        total = self.combine(names, rng)
        decrypt = ["decrypt", "-p", "plan.json", "-k", key + ".key", "--format"]
        if len(tables) < plan["contributors"]["min"]:
            with self.assertRaises(Refused) as caught:
                self.desk.run(*decrypt, "csv", stdin=total)
            self.assertEqual((caught.exception.status, caught.exception.stdout), (5, b""))
            return
        header, lines, withheld = oracle.result(plan, tables)
        printed = self.desk.run(*decrypt, "csv", stdin=total).decode()
        self.assertEqual(list(csv.reader(io.StringIO(printed, newline=""), strict=True)), [header] + lines)
        self.check_json(plan, self.desk.run(*decrypt, "json", stdin=total), header, lines, withheld, len(tables))

    def check_json(self, plan, text, header, lines, withheld, contributors):
        result = json.loads(text, object_pairs_hook=distinct)
        self.assertEqual((result["veilsum_result"], result["period"], result["contributors"]), (1, "p1", contributors))
        self.assertEqual(result["columns"], list(dict.fromkeys(header)))
        shown = [[None if i >= len(plan["by"]) and v in ("", oracle.WITHHELD) else v for i, v in enumerate(line)]
                 for line in lines]
        self.assertEqual([[row[title] for title in header] for row in result["rows"]], shown)
        self.assertEqual([(w["row"], w["column"], w["reason"]) for w in result["withheld"]], withheld)


def npy(values, shape, kind, order, fortran):
    """An array file by hand: version 1.0."""
    literal = "{'descr': '%s%s', 'fortran_order': %s, 'shape': (%s,), }" % (
        order, kind, fortran, ", ".join(map(str, shape)))
    head = literal + " " * (-(10 + len(literal) + 1) % 64) + "\n"
    if fortran and len(shape) == 2:
        values = [values[r * shape[1] + c] for c in range(shape[1]) for r in range(shape[0])]
    body = struct.pack("%s%d%s" % (order, len(values), {"f4": "f", "f8": "d", "i4": "i", "i8": "q"}[kind]), *values)
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + body


class Vectors(Case):
    @examples(20)
    @given(st.data())
    def test_sums_are_exact_and_npy_is_nearest(self, data):
        shape = data.draw(st.sampled_from([(1,), (7,), (40,), (3, 5), (200,)]))
        length = shape[0] * (shape[1] if len(shape) == 2 else 1)
        scale, bound = data.draw(st.integers(0, 9)), data.draw(st.sampled_from([1, 1000, 10**6]))
        owners, degree = data.draw(st.integers(1, 3)), data.draw(st.sampled_from([1, 2]))
        plan = {"veilsum": 1, "vector": {"length": length, "scale": scale, "min": -bound, "max": bound},
                "contributors": {"min": 1, "max": 1000}, "opening": {"key": self.fingerprints[degree]}}
        self.desk.write("plan.json", json.dumps(plan))
        rng = random.Random(data.draw(st.integers(0, 10**6)))
        sums, names = [0] * length, []
        for i in range(owners):
            names.append(self.contribute(shape, scale, bound, self.names[degree], i, rng, sums))
        self.check(self.combine(names, rng), self.names[degree], sums, scale)

    def contribute(self, shape, scale, bound, key, i, rng, sums):
        kind, order, fortran = rng.choice(["f4", "f8", "i4", "i8"]), rng.choice("<>"), rng.random() < 0.3
        if kind[0] == "i":
            values = [rng.choice([-bound, bound, 0, rng.randint(-bound, bound)]) for _ in sums]
        else:
            values = [rng.choice([float(bound), -0.0, rng.uniform(-bound, bound), 0.5 ** rng.randint(1, 12)])
                      for _ in sums]
            if kind == "f4":
                values = [struct.unpack("f", struct.pack("f", v))[0] for v in values]
        for k, value in enumerate(values):
            sums[k] += round(Fraction(value) * 10**scale)  # half-even on the exact binary value
        self.desk.write("data.npy", npy(values, shape, kind, order, fortran))
        self.desk.run("encrypt", "-p", "plan.json", "-r", key + ".pub", "--as", "v%d" % i, "data.npy",
                      "-o", "v%d.vs" % i, "--force")
        return "v%d.vs" % i

    def check(self, total, key, sums, scale):
        decrypt = ["decrypt", "-p", "plan.json", "-k", key + ".key", "--format"]
        lines = self.desk.run(*decrypt, "csv", stdin=total).decode().splitlines()
        self.assertEqual(lines, ["index,sum"] + ["%d,%s" % (i, oracle.exactly(s, scale)) for i, s in enumerate(sums)])
        array = self.desk.run(*decrypt, "npy", stdin=total)
        nearest = [float(Fraction(s, 10**scale)) for s in sums]
        start = 10 + struct.unpack("<H", array[8:10])[0]
        self.assertEqual((array[:8], start % 64, array[start - 1 : start]), (b"\x93NUMPY\x01\x00", 0, b"\n"))
        self.assertEqual(ast.literal_eval(array[10:start].decode()),
                         {"descr": "<f8", "fortran_order": False, "shape": (len(sums),)})
        self.assertEqual(array[start:], struct.pack("<%dd" % len(nearest), *nearest))


if __name__ == "__main__":
    unittest.main(verbosity=2)
