#!/usr/bin/env python3
"""Writes plans.txt: plans as bytes, with what must follow from them, computed here from the description of the format alone.

For each plan: its id (BLAKE2b over the canonical JSON), then groups, cells, and for each component its slot width and block class.
Random plans come from a fixed seed, so that the file is reproducible: python3 make_plan_vectors.py > plans.txt
"""
import hashlib
import itertools
import json
import random
from fractions import Fraction

KEY = "00112233445566778899aabbccddeeff" * 2


def field(data):
    return len(data).to_bytes(8, "little") + data


def plan_id(plan):
    canonical = json.dumps(plan, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return hashlib.blake2b(field(b"veilsum plan") + field(canonical), digest_size=32).hexdigest()


def scaled(value, scale):
    exact = Fraction(value) * 10**scale
    assert exact.denominator == 1
    return exact.numerator


def levels(column):
    return len(column["values"]) + sum(column.get(k) == "group" for k in ("other", "empty"))


def measure_parts(measure, columns):
    """(set of present columns, list of components); a component is hashable and says all that makes it what it is."""
    moment = lambda present, *factors: ("moment", present, tuple(sorted(factors)))
    if "count" in measure:
        return frozenset(), [moment(frozenset())]
    if "sum" in measure:
        s = frozenset([measure["sum"]])
        return s, [moment(s, measure["sum"])]
    if "mean" in measure and "weight" in measure:
        x, w = measure["mean"], measure["weight"]
        s = frozenset([x, w])
        return s, [moment(s, w), moment(s, x, w)]
    if "mean" in measure:
        x = measure["mean"]
        s = frozenset([x])
        return s, [moment(s), moment(s, x)]
    if "variance" in measure:
        x = measure["variance"]
        s = frozenset([x])
        return s, [moment(s), moment(s, x), moment(s, x, x)]
    if "histogram" in measure:
        x = measure["histogram"]
        s = frozenset([x])
        if "values" in columns[x]:
            return s, [("bin", s, level) for level in range(levels(columns[x]))]
        scale = columns[x]["scale"]
        edges = [None if e is None else scaled(e, scale) for e in measure["edges"]]
        bins = [("bin", s, pair) for pair in zip(edges, edges[1:])]
        return s, bins + ([("bin", s, ("outside", edges[0], edges[-1]))] if columns[x].get("other") == "group" else [])
    if "covariance" in measure:
        x, y = measure["covariance"]
        s = frozenset([x, y])
        return s, [moment(s), moment(s, x), moment(s, y), moment(s, x, y)]
    y, x = measure["regression"], measure["on"]
    s = frozenset([x, y])
    return s, [moment(s), moment(s, x), moment(s, y), moment(s, x, y), moment(s, x, x)]


def width(component, plan):
    columns, rows = plan["columns"], plan.get("rows", {}).get("max", 1 << 20)
    contributors = plan.get("contributors", {}).get("max", 1000)
    low, high = 0, 1
    if component[0] == "contributor":
        rows = 1
    elif component[0] == "moment" and component[2]:
        bounds = [[scaled(columns[c][k], columns[c]["scale"]) for k in ("min", "max")] for c in component[2]]
        if len(component[2]) == 2 and component[2][0] == component[2][1]:
            products = [b * b for b in bounds[0]]
        else:
            products = []
            for corner in itertools.product(*bounds):
                product = 1
                for b in corner:
                    product *= b
                products.append(product)
        low, high = min(products + [0]), max(products + [0])
    return max(1, ((high - low) * rows * contributors).bit_length())


def compile_plan(plan):
    columns = plan["columns"]
    groups = 1
    for name in plan.get("by", []):
        groups *= levels(columns[name])
    parts = [measure_parts(m, columns) for m in plan["measures"]]
    ordered, classes, sets = {}, {}, []
    if "groups" in plan:
        for counted in [("contributor",), ("moment", frozenset(), ())] + [("moment", s, ()) for s, _ in parts]:
            ordered.setdefault(counted, 0)
    for present, components in parts:
        if "groups" in plan and present and present not in sets:
            sets.append(present)
        for component in components:
            if component not in ordered:
                ordered[component] = sets.index(present) + 1 if "groups" in plan else 0
    return groups, [(width(c, plan), k) for c, k in ordered.items()]


def show(text, plan):
    print("plan", text.hex())
    print("id", plan_id(plan))
    if "vector" in plan:
        v = plan["vector"]
        span = scaled(v["max"], v["scale"]) - scaled(v["min"], v["scale"])
        widths = [(max(1, (span * plan.get("contributors", {}).get("max", 1000)).bit_length()), 0)]
        print("groups 1 cells", v["length"] + 1, "components 1")
    else:
        groups, widths = compile_plan(plan)
        print("groups", groups, "cells", 1 + groups * len(widths), "components", len(widths))
    print("slots", *("%d:%d" % pair for pair in widths))


def random_plan(rng):
    columns, numbers, categories = {}, [], []
    for i in range(rng.randint(1, 4)):
        name = rng.choice(["Lohn", "größe", "a b", "x.y", "Alter", "€"]) + str(i)
        low, high = sorted(rng.choice([-5, 0, 1, 7, 120, 10**6, -(10**9)]) for _ in range(2))
        columns[name] = {"scale": rng.randint(0, 3), "min": low, "max": str(high) if rng.random() < 0.5 else high}
        numbers.append(name)
    for i in range(rng.randint(0, 3)):
        name = "K" + str(i)
        columns[name] = {"values": rng.sample(["01", "1", "ß", "a\tb", '"q"', "\\", "\x7f", "日本"], rng.randint(1, 5))}
        for key in ("other", "empty"):
            if rng.random() < 0.4:
                columns[name][key] = rng.choice(["drop", "group"])
        categories.append(name)
    measures = [{"count": "rows"}] if rng.random() < 0.5 else []
    for x in numbers:
        measures += [m for m in ({"sum": x}, {"mean": x}, {"variance": x}) if rng.random() < 0.5] or [{"sum": x}]
        for y in numbers:
            if x != y and rng.random() < 0.3:
                measures.append({"regression": y, "on": x})
            if x < y and rng.random() < 0.3:
                measures.append({"covariance": [x, y]})
            if int(columns[y]["min"]) >= 0 and rng.random() < 0.3:
                measures.append({"mean": x, "weight": y})
        if rng.random() < 0.3:
            cut = sorted(rng.sample(range(-50, 50), rng.randint(2, 5)))
            measures.append({"histogram": x, "edges": [None] + cut + [None]})
    by = [c for c in categories if rng.random() < 0.5]
    measures += [{"histogram": c} for c in categories if c not in by or rng.random() < 0.3]
    rng.shuffle(measures)
    plan = {"veilsum": 1, "columns": columns, "by": by, "measures": measures, "opening": {"key": KEY}}
    if rng.random() < 0.7:
        plan["rows"] = {"max": rng.choice([1, 2, 1000, 1 << 20])}
        plan["contributors"] = {"min": 1, "max": rng.choice([1, 3, 1000000])}
    if rng.random() < 0.5:
        most = plan.get("rows", {}).get("max", 9) * plan.get("contributors", {}).get("max", 9)
        plan["groups"] = {"min_rows": rng.randint(1, min(9, most))}
    return plan


def main():
    rng = random.Random(20261123)
    example = {
        "veilsum": 1, "title": "Löhne nach \"Bezirk\"\u2028/ und \U0001f600",
        "columns": {
            "District": {"values": ["01", "02", "03"]}, "Sex": {"values": ["f", "m"], "other": "group"},
            "Salary": {"scale": 2, "min": 0, "max": "500000.50", "round": "half-even"},
            "Age": {"scale": 0, "min": -1, "max": 120, "other": "group"}},
        "by": ["District", "Sex"],
        "measures": [
            {"count": "rows"}, {"sum": "Salary"}, {"mean": "Salary"}, {"variance": "Age"}, {"mean": "Age", "weight": "Salary"},
            {"histogram": "Sex"}, {"histogram": "Age", "edges": [0, "50", None]}, {"covariance": ["Age", "Salary"]},
            {"regression": "Salary", "on": "Age"}],
        "groups": {"min_rows": 5, "min_contributors": 3}, "rows": {"max": 1048576},
        "contributors": {"min": 3, "max": 1000}, "opening": {"key": KEY}}
    vector = {"veilsum": 1, "vector": {"length": 100000, "scale": 6, "min": "-1", "max": 1}, "opening": {"key": KEY}}
    print("# plan: the bytes of a file; id: of the plan; slots: width:class of each component. Made by make_plan_vectors.py")
    show(json.dumps(example).encode(), example)
    show(b"\xef\xbb\xbf" + json.dumps(example, indent=4, ensure_ascii=False).replace("\n", "\r\n").encode(), example)
    show(json.dumps(dict(reversed(list(example.items()))), separators=(", ", " : ")).encode() + b" \n", example)
    show(json.dumps(vector).encode(), vector)
    histograms = {
        "veilsum": 1, "columns": {"X": {"scale": 1, "min": 0, "max": 9, "other": "group"}},
        "measures": [{"histogram": "X", "edges": e} for e in ([0, 3, 5], [0, 1, "5.0"], [3, 5, 7], [None, 3, 5], [0, 3, 5, None])],
        "opening": {"key": KEY}}
    show(json.dumps(histograms).encode(), histograms)
    for _ in range(12):
        plan = random_plan(rng)
        show(json.dumps(plan, ensure_ascii=rng.random() < 0.5).encode(), plan)


main()
