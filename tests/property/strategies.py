"""Random plans and the tables that fit them."""

from decimal import Decimal

from hypothesis import strategies as st

VALUES = ["01", "1", "b", "=x", "a,b", 'say "x"', "ä", "two\nlines", " lead", "-", "*", "北京"]
NUMBERS = ("X", "Y", "W")
CATEGORIES = ("K", "L")


@st.composite
def category(draw):
    spec = {"values": draw(st.lists(st.sampled_from(VALUES), min_size=1, max_size=4, unique=True))}
    if draw(st.integers(0, 2)):
        spec["other"] = draw(st.sampled_from(["drop", "group"]))
    if draw(st.integers(0, 2)):
        spec["empty"] = draw(st.sampled_from(["drop", "group"]))
    return spec


@st.composite
def number(draw, name):
    scale = draw(st.integers(0, 4))
    # Squares of these, over 2^20 rows of 50 contributors, just fit a slot.
    bound = draw(st.sampled_from([1, 2, 9, 50, 10**6, 10**9 if scale > 2 else 10**12]))
    low = 0 if name == "W" else draw(st.sampled_from([0, -bound, -1, bound]))
    spec = {"scale": scale, "min": low, "max": bound}
    if scale and draw(st.booleans()):
        spec["max"] = "%d.5" % bound
    if draw(st.booleans()):
        spec["round"] = "half-even"
    return spec


def limits(spec):
    return Decimal(str(spec["min"])), Decimal(str(spec["max"]))


@st.composite
def number_text(draw, spec):
    """A text within the bounds: corners often, and more decimals than the scale where the plan rounds."""
    low, high = limits(spec)
    digits = spec["scale"]
    if "round" in spec:
        digits += draw(st.integers(0, 2))
    unit = Decimal(1).scaleb(-digits)
    first, last = int(low / unit), int(high / unit)
    near = st.sampled_from(sorted({first, last, min(max(0, first), last), min(first + 1, last), max(last - 5, first)}))
    value = draw(near | st.integers(first, last) | st.integers(first, min(last, first + 20))) * unit
    form = draw(st.integers(0, 5))
    if form == 0:
        return "%de%d" % (int(value / unit), -digits)
    text = format(value, "f")
    return " " + text if form == 1 else "+" + text if form == 2 and value >= 0 else text


@st.composite
def edges(draw, spec):
    low, high = limits(spec)
    unit = Decimal(1).scaleb(-spec["scale"])
    first, last = int(low / unit), int(high / unit)
    inner = draw(st.lists(st.integers(first, last) | st.integers(first, min(last, first + 6)), min_size=1, max_size=5,
                          unique=True))
    inner = [format(e * unit, "f") for e in sorted(inner)]
    if "other" in spec:
        ends = draw(st.tuples(st.booleans(), st.booleans()))
    else:
        ends = (True, True)
    chosen = [None] * ends[0] + inner + [None] * ends[1]
    return chosen if len(chosen) > 1 else chosen + [None]


@st.composite
def measure(draw, plan_columns, used_histograms, single_histograms):
    kind = draw(st.sampled_from(["count", "sum", "mean", "weighted", "variance", "histogram", "category", "covariance",
                                 "regression"]))
    x, y = draw(st.permutations(NUMBERS))[:2]
    if kind == "count":
        return {"count": "rows"}
    if kind == "weighted":
        return {"mean": draw(st.sampled_from(NUMBERS)), "weight": "W"}
    if kind == "covariance":
        return {"covariance": [x, y]}
    if kind == "regression":
        return {"regression": y, "on": x}
    if kind in ("histogram", "category"):
        column = draw(st.sampled_from(CATEGORIES if kind == "category" else NUMBERS))
        if column in used_histograms and (single_histograms or kind == "category"):
            return {"sum": x}
        used_histograms.add(column)
        if kind == "category":
            return {"histogram": column}
        return {"histogram": column, "edges": draw(edges(plan_columns[column]))}
    return {kind: x}


@st.composite
def plans(draw, fingerprint, owners):
    by = draw(st.sampled_from([[], [], ["K"], ["L"], ["L", "K"]]))
    groups = {}
    if draw(st.integers(0, 2)):
        if draw(st.integers(0, 4)):
            groups["min_rows"] = draw(st.integers(1, 6))
        if not groups or draw(st.booleans()):
            groups["min_contributors"] = draw(st.integers(1, max(1, min(owners, 3))))
    columns = {name: draw(number(name)) for name in NUMBERS}
    columns.update({name: draw(category()) for name in CATEGORIES})
    for name in NUMBERS:
        if draw(st.integers(0, 2)) == 0:
            columns[name]["other"] = draw(st.sampled_from(["drop", "group"]))
    used, measures = set(), []
    for _ in range(draw(st.integers(1, 6))):
        one = draw(measure(columns, used, bool(groups)))
        mirrored = {"covariance": one["covariance"][::-1]} if "covariance" in one else None
        if one not in measures and mirrored not in measures:
            measures.append(one)
    named = set(by) | {c for m in measures for v in m.values() for c in (v if isinstance(v, list) else [v])
                       if isinstance(c, str) and c in columns}
    columns = {name: spec for name, spec in columns.items() if name in named}
    for name in NUMBERS:
        if name in columns and name not in used:
            columns[name].pop("other", None)
    plan = {"veilsum": 1, "columns": columns, "by": by, "measures": measures,
            "rows": {"max": draw(st.sampled_from([60, 1000, 1 << 20]))},
            "contributors": {"min": draw(st.sampled_from([1, 1, 2, 3])), "max": draw(st.integers(max(owners, 3), 50))},
            "opening": {"key": fingerprint}}
    if groups:
        plan["groups"] = groups
    return plan


@st.composite
def field(draw, plan, column):
    spec = plan["columns"][column]
    choice = draw(st.integers(0, 11))
    if "values" not in spec:
        return "" if choice == 0 else draw(number_text(spec))
    may_be_empty = column not in plan["by"] or "empty" in spec
    if choice == 0 and may_be_empty:
        return ""
    if choice == 1 and "other" in spec:
        return draw(st.sampled_from(["zzz", "(other)x", "B"]))
    return draw(st.sampled_from(spec["values"]))


@st.composite
def tables(draw, plan, owners):
    """One list of rows for each owner. Rows repeat with a weight, so that groups are often large enough to be shown."""
    row = st.fixed_dictionaries({c: field(plan, c) for c in plan["columns"]})
    out = []
    for _ in range(owners):
        rows = draw(st.lists(row, max_size=8))
        out.append([r for r in rows for _ in range(draw(st.sampled_from([1, 1, 3, 7])))])
    return out
