"""What a result must be, from the rows themselves: exact fractions, no cells, no packing, nothing of veilsum's.

A plan is the JSON object itself. A row is a dict: a text for a category, the text of a number, "" where a field is
empty.
"""

import decimal
import itertools
from decimal import Decimal
from fractions import Fraction

WITHHELD = "*"


def scaled(text, scale):
    """A number's text as an integer of 10^-scale, half-even."""
    return int(Decimal(text).scaleb(scale, EXACT).to_integral_value(rounding=decimal.ROUND_HALF_EVEN, context=EXACT))


EXACT = decimal.Context(prec=400)
FIFTEEN = decimal.Context(prec=15, rounding=decimal.ROUND_HALF_EVEN)


def plain(value):
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def fifteen(fraction):
    """15 significant digits, half-even, no trailing zeros; nothing where the fraction is undefined."""
    if fraction is None:
        return ""
    # Division of exact decimals rounds once.
    return plain(FIFTEEN.divide(Decimal(fraction.numerator), Decimal(fraction.denominator)))


def exactly(integer, scale):
    sign, digits = "-" if integer < 0 else "", str(abs(integer)).rjust(scale + 1, "0")
    return sign + (digits[:-scale] + "." + digits[-scale:] if scale else digits)


def divided(numerator, denominator):
    return Fraction(numerator) / denominator if denominator else None


# ---- which rows count, and where ----


def is_number(plan, column):
    return "scale" in plan["columns"][column]


def levels(plan, column):
    spec = plan["columns"][column]
    extra = ["(other)"] * (spec.get("other") == "group") + ["(empty)"] * (spec.get("empty") == "group")
    return spec["values"] + extra


def bins(plan, measure):
    """(title, does this value fall in it) of each bin."""
    column = measure["histogram"]
    if not is_number(plan, column):
        return [(name, lambda value, name=name: value == name) for name in levels(plan, column)]
    spec = plan["columns"][column]
    edges = [None if e is None else scaled(str(e), spec["scale"]) for e in measure["edges"]]
    result = []
    for low, high in zip(edges, edges[1:]):
        shown = ["inf" if e is None else plain(Decimal(e).scaleb(-spec["scale"], EXACT)) for e in (low, high)]
        title = ("(-inf" if low is None else "[" + shown[0]) + "," + shown[1] + ")"
        result.append((title, lambda v, low=low, high=high: (low is None or v >= low) and (high is None or v < high)))
    if spec.get("other") == "group":
        inside = [fits for _, fits in result]
        result.append((other_title(plan, measure, result), lambda v: not any(fits(v) for fits in inside)))
    return result


def ends(measure):
    return [None if e is None else Decimal(str(e)) for e in (measure["edges"][0], measure["edges"][-1])]


def other_title(plan, measure, inner):
    """Two histograms of a column with other ends mean other values by "(other)"."""
    rivals = [m for m in plan["measures"] if m.get("histogram") == measure["histogram"]]
    if all(ends(m) == ends(measure) for m in rivals):
        return "(other)"
    return "(outside " + inner[0][0].split(",")[0] + "," + inner[-1][0].split(",")[1] + ")"


def read_row(plan, row):
    """Levels and scaled integers by column, None where missing; None for a row that the plan leaves out."""
    out = {}
    for column, spec in plan["columns"].items():
        text = row[column]
        if text == "":
            if spec.get("empty") == "drop":
                return None
            out[column] = "(empty)" if spec.get("empty") == "group" else None
        elif is_number(plan, column):
            out[column] = scaled(text, spec["scale"])
        elif text in spec["values"]:
            out[column] = text
        elif spec["other"] == "drop":
            return None
        else:
            out[column] = "(other)"
    for measure in plan["measures"]:
        if "edges" in measure:
            value = out[measure["histogram"]]
            if value is not None and not any(fits(value) for _, fits in bins(plan, measure)):
                return None  # only with "other": "drop": tables with other such rows are not made here
    return out


# ---- measures ----


def columns_of(measure):
    """The columns that a row must have."""
    if "count" in measure:
        return ()
    if "covariance" in measure:
        return tuple(sorted(measure["covariance"]))
    names = [measure[k] for k in ("sum", "mean", "variance", "histogram", "regression", "on", "weight") if k in measure]
    return tuple(sorted(set(names)))


def rows_of(measure, rows):
    return [r for r in rows if all(r[c] is not None for c in columns_of(measure))]


def titles(plan, measure):
    if "count" in measure:
        return ["count(rows)"]
    if "histogram" in measure:
        return ["histogram(%s)=%s" % (measure["histogram"], title) for title, _ in bins(plan, measure)]
    if "covariance" in measure:
        return ["covariance(%s,%s)" % tuple(measure["covariance"])]
    if "regression" in measure:
        return ["%s(%s~%s)" % (what, measure["regression"], measure["on"]) for what in ("slope", "intercept")]
    if "weight" in measure:
        return ["mean(%s;weight=%s)" % (measure["mean"], measure["weight"])]
    verb = next(v for v in ("sum", "mean", "variance") if v in measure)
    return ["%s(%s)" % (verb, measure[verb])]


def deviations(xs, ys):
    """The sum of (x - mean x)(y - mean y)."""
    mean_x, mean_y = Fraction(sum(xs), len(xs)), Fraction(sum(ys), len(ys))
    return sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys))


def values(plan, measure, group_rows):
    """The printed values of a measure over the rows of a group."""
    rows = rows_of(measure, group_rows)
    unit = {c: Fraction(1, 10 ** plan["columns"][c]["scale"]) for c in columns_of(measure) if is_number(plan, c)}

    def column(name):
        return [r[name] * unit[name] for r in rows]

    n = len(rows)
    if "count" in measure:
        return [str(n)]
    if "histogram" in measure:
        return [str(sum(fits(r[measure["histogram"]]) for r in rows)) for _, fits in bins(plan, measure)]
    if "sum" in measure:
        name = measure["sum"]
        return [exactly(sum(r[name] for r in rows), plan["columns"][name]["scale"])]
    if "weight" in measure:
        xs, ws = column(measure["mean"]), column(measure["weight"])
        return [fifteen(divided(sum(x * w for x, w in zip(xs, ws)), sum(ws)))]
    if "mean" in measure:
        return [fifteen(divided(sum(column(measure["mean"])), n))]
    if "regression" in measure:
        xs, ys = column(measure["on"]), column(measure["regression"])
        slope = divided(deviations(xs, ys), deviations(xs, xs)) if n else None
        return [fifteen(slope), fifteen(None if slope is None else (sum(ys) - slope * sum(xs)) / n)]
    x, y = measure["covariance"] if "covariance" in measure else (measure["variance"],) * 2
    return [fifteen(divided(deviations(column(x), column(y)), n - 1) if n > 1 else None)]


# ---- minimums ----


def withheld_classes(plan, rows, contributors):
    """{set of columns: reason} of what a group with minimums does not show; under () the group's own counts."""
    least, least_contributors = plan["groups"].get("min_rows", 0), plan["groups"].get("min_contributors", 0)
    order = []
    for measure in plan["measures"]:
        if columns_of(measure) not in order:
            order.append(columns_of(measure))
    if contributors < least_contributors or len(rows) < least:
        reason = "min_contributors" if contributors < least_contributors else "min_rows"
        return dict.fromkeys(order + [()], reason)
    have = {c: {i for i, r in enumerate(rows) if all(r[k] is not None for k in c)} for c in order}
    reasons = {c: "min_rows" for c in order if len(have[c]) < least}
    measured = [columns_of(m) for m in plan["measures"]]
    for i, later in enumerate(measured):
        for earlier in measured[:i]:
            if later == earlier or later in reasons or earlier in reasons or not set(later) & set(earlier):
                continue
            a, b = len(have[later]), len(have[earlier])
            nested = set(later) < set(earlier) or set(earlier) < set(later) or len(rows) in (a, b)
            if (0 if nested else -1) < abs(a - b) < least:
                smaller = later if (a, -len(later)) <= (b, -len(earlier)) else earlier
                reasons[smaller] = "complementary"
    return reasons


def span(plan, measure, power):
    """Least and greatest x^power in each bin, as scaled integers."""
    column = measure["histogram"]
    spec = plan["columns"][column]
    least, most = scaled(str(spec["min"]), spec["scale"]), scaled(str(spec["max"]), spec["scale"])
    edges = [None if e is None else scaled(str(e), spec["scale"]) for e in measure["edges"]]
    out = []
    for low, high in list(zip(edges, edges[1:])) + [(None, None)] * (spec.get("other") == "group"):
        ends = [least if low is None else max(low, least), most if high is None else min(high - 1, most)]
        low_power, high_power = sorted(e**power for e in ends)
        out.append((0 if power == 2 and ends[0] < 0 < ends[1] else low_power, high_power))
    return out


def opened_powers(plan, measure, rows, reasons):
    """Which sums of x and x^2 over just the histogram's rows are opened too."""
    column, n = measure["histogram"], len(rows_of(measure, rows))
    powers = set()
    for other in plan["measures"]:
        if columns_of(other) in reasons or len(rows_of(other, rows)) != n or column not in columns_of(other):
            continue
        if "variance" in other or other.get("on") == column:
            powers |= {1, 2}
        elif column in (other.get("sum"), other.get("mean"), other.get("weight"), other.get("regression")):
            powers |= {1} if other.get("weight") is None else set()
        elif "covariance" in other:
            powers |= {1}
        if other.get("weight") == column:  # sums of w and of w·x
            powers |= {1} | ({2} if other["mean"] == column else set())
    return sorted(powers)


def can_move(counts, spans, rows, source, target):
    if counts[source] == 0:
        return False
    for values_of_power, bounds in spans:
        moved = list(counts)
        moved[source] -= 1
        moved[target] += 1
        low = sum(c * b[0] for c, b in zip(moved, bounds))
        high = sum(c * b[1] for c, b in zip(moved, bounds))
        if not low <= values_of_power <= high:
            return False
    return True


def withheld_bins(plan, measure, rows, reasons):
    """Indices of the bins that an opened histogram does not show."""
    least = plan["groups"].get("min_rows", 0)
    counts = [int(v) for v in values(plan, measure, rows)]
    hidden = {i for i, c in enumerate(counts) if c < least}
    if not hidden or least == 0:
        return set()
    for next_count in sorted({c for c in counts if c >= least}):
        held = [counts[i] for i in hidden]
        if len(held) >= 2 and sum(held) >= least and set(held) != {least - 1}:
            break
        hidden |= {i for i, c in enumerate(counts) if c == next_count}
    if not is_number(plan, measure["histogram"]):
        return hidden
    xs = [r[measure["histogram"]] for r in rows_of(measure, rows)]
    spans = [(sum(x**p for x in xs), span(plan, measure, p)) for p in opened_powers(plan, measure, rows, reasons)]
    line = sorted(hidden)
    free = {i for a, b in zip(line, line[1:]) for i in (a, b)
            if can_move(counts, spans, rows, a, b) or can_move(counts, spans, rows, b, a)}
    return hidden if not spans or free == hidden else set(range(len(counts)))


# ---- the whole result ----


def result(plan, tables):
    """(titles, rows of texts, withheld): as CSV shows them; withheld is [(row, title, reason)]."""
    owners = [[r for r in map(lambda row: read_row(plan, row), table) if r is not None] for table in tables]
    header = list(plan["by"]) + [t for m in plan["measures"] for t in titles(plan, m)]
    lines, withheld = [], []
    for number, key in enumerate(itertools.product(*(levels(plan, c) for c in plan["by"]))):
        mine = [[r for r in rows if tuple(r[c] for c in plan["by"]) == key] for rows in owners]
        rows = [r for part in mine for r in part]
        reasons = withheld_classes(plan, rows, sum(1 for part in mine if part)) if "groups" in plan else {}
        line = list(key)
        for measure in plan["measures"]:
            reason = reasons.get(columns_of(measure))
            texts = values(plan, measure, rows)
            hidden = set(range(len(texts))) if reason else set()
            if "groups" in plan and "histogram" in measure and not reason:
                hidden, reason = withheld_bins(plan, measure, rows, reasons), "min_rows"
            for i, title in enumerate(titles(plan, measure)):
                if i in hidden:
                    withheld.append((number, title, reason))
            line += [WITHHELD if i in hidden else text for i, text in enumerate(texts)]
        lines.append(line)
    return header, lines, withheld
