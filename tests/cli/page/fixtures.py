#!/usr/bin/env python3
"""Documents as a board answers GET /v1/status with: each opening at some step, and what hostile parties would have it
say.

fixtures.py NAME prints one; any web server shows the page with it, as the file v1/status beside the page's files.
"""
import json
import sys

STEPS = {
    "key": ["contribute", "combine", "open"],
    "threshold": ["contribute", "combine", "open"],
    "shares": ["share", "accepted", "counts", "values"],
    "masks": ["advertise", "share", "mask", "agree", "unmask"],
}
WORDS = """Costs by region
  plan id        7b9f10b1f3b2d11c28510643b8552995f9dde78deab86534dbb07f1f58c02d99
  purpose        Yearly health report
  valid          from 2026-11-01 to 2026-12-31, both days included, in UTC
  contributors   those of the roster only, of at least 3 organisations and at most 5 in a total,
                 each of them once in a period
  groups         2: Region (2)

How each contributor's table is read
  - Cost: a number from 0 to 200 with at most 2 decimals; more are an error; beyond these an error;
    an empty field is a missing value
  - Region: one of 2 listed values; any other value is an error; an empty field is an error

What is learned, for each group over all contributors together
  - count(rows): how many rows there are
  - sum(Cost): the exact sum
  - the names of the contributors, and how many they are

What is not learned
  - any row, or any single contributor's numbers
  - any measure in a group of fewer than 5 rows

What nobody can promise
  - a contributor can lie within the bounds, and no one will see it
  - this plan is public, with the names, values and bounds of its columns""".split("\n")
PLACES = ["North", "East", "South", "West", "Harbour"]
HOSTILE = "<script>document.title='owned'</script><img src=x onerror=alert(1)>"
TURNED = "ab\u202egnp.exe\u2066"


def at(seconds):
    return f"2026-11-24T20:{seconds // 60:02d}:{seconds % 60:02d}Z"


def party(name, organisation, messages, state, step_count, may=("contribute",)):
    steps = [{"at": at(20 + 13 * i), "bytes": size} for i, size in enumerate(messages)]
    return {"name": name, "organisation": organisation, "may": list(may),
            "steps": steps + [None] * (step_count - len(steps)), "state": state}


def status(opening, number, waiting_for, parties, **more):
    steps = list(STEPS[opening])
    document = {
        "veilsum_status": 1, "version": "0.1.0", "now": at(130), "started": at(1),
        "plan": {"id": "7b" * 32, "title": "Costs by region", "purpose": "Yearly health report", "opening": opening,
                 "words": WORDS},
        "period": "2026-11", "attempt": 0, "steps": steps,
        "step": {"name": steps[number - 1], "number": number, "of": len(steps), "since": at(70), "until": at(190),
                 "waiting_for": waiting_for},
        "parties": parties, "refused": [], "totals": [], "result": None, "ledger": None,
        "traffic": {"messages": 14, "bytes_in": 1634211, "bytes_out": 4120, "bytes_in_per_s": 51200,
                    "bytes_out_per_s": 900, "connections": 6},
        "done": False, "failed": None,
    }
    document.update(more)
    return document


def owners(step_count, sizes, states=()):
    """Five owners who have sent what `sizes` says; `states` has those who are not simply here, and how many came."""
    found = []
    for i, place in enumerate(PLACES):
        state, sent = dict(states).get(place.upper(), ("here", len(sizes)))
        found.append(party(place.upper(), f"{place} Hospital", sizes[:sent], state, step_count))
    return found


def waiting():
    parties = owners(3, [163840], {"EAST": ("waiting", 0), "HARBOUR": ("waiting", 0)}.items())
    opener = party("OPENER", "City Health Office", [], "here", 3, ("open", "aggregate"))
    return status("key", 1, ["EAST", "HARBOUR"], parties + [opener])


def passing():
    """A board that runs no session of its own knows no steps."""
    parties = [party(name, "Hospital", [], state, 0) for name, state in (("NORTH", "here"), ("EAST", "waiting"))]
    step = {"name": None, "number": 0, "of": 0, "since": None, "until": None, "waiting_for": []}
    return status("key", 1, [], parties, steps=[], step=step)


def parts():
    parties = owners(3, [163840, 96, 40960], {"WEST": ("waiting", 2)}.items())
    ledger = {"origin": "example.org/health", "size": 1204, "root": "5f" * 32, "at": at(100)}
    return status("threshold", 3, ["WEST"], parties, ledger=ledger,
                  totals=[{"at": at(60), "contributors": 5, "digest": "c4" * 32}])


def lost():
    parties = owners(5, [231, 1840, 163840], {"SOUTH": ("lost", 2), "WEST": ("waiting", 2)}.items())
    refused = [{"at": at(128), "from": "HARBOUR", "step": "mask",
                "reason": "another message of this kind by this sender is there"},
               {"at": at(111), "from": None, "step": None, "times": 12,
                "reason": "not a message: the first bytes are not VSMG"}]
    return status("masks", 3, ["WEST"], parties, refused=refused)


def done():
    rows = [{"Region": "North coast", "count(rows)": "1204", "sum(Cost)": "60310.25", "mean(Age)": "41.7"},
            {"Region": "Islands", "count(rows)": "3", "sum(Cost)": None, "mean(Age)": None},
            {"Region": "Hills", "count(rows)": "310", "sum(Cost)": "15011.00", "mean(Age)": None}]
    result = {"veilsum_result": 1, "plan": "7b" * 32, "period": "2026-11", "contributors": 5,
              "columns": ["Region", "count(rows)", "sum(Cost)", "mean(Age)"], "rows": rows,
              "withheld": [{"row": 1, "column": "sum(Cost)", "reason": "min_rows"},
                           {"row": 1, "column": "mean(Age)", "reason": "min_rows"}]}
    parties = owners(4, [163840, 96, 20480, 40960], [(place.upper(), ("done", 4)) for place in PLACES])
    document = status("shares", 4, [], parties, result=result, done=True,
                      totals=[{"at": at(125), "contributors": 5, "digest": "c4" * 32}],
                      ledger={"origin": "example.org/health", "size": 1, "root": "5f" * 32, "at": at(126)})
    document["step"]["until"] = None
    return document


def failed():
    parties = owners(5, [231, 1840], {"SOUTH": ("lost", 1), "WEST": ("lost", 1), "EAST": ("refused", 1)}.items())
    return status("masks", 3, [], parties, failed="2 of 5 owners are left, and the plan asks for at least 3")


def hostile():
    parties = owners(4, [163840, 96])
    parties[0].update(name=HOSTILE, organisation=TURNED, state="<b>here</b>", may=["<i>"])
    parties[1].update(name="עברית עם NORTH", organisation="x" * 4000,
                      steps=[{"at": HOSTILE, "bytes": "1e9"}, 7, "x", None, None, None])
    parties[2].update(name="__proto__", organisation=None, state="constructor", steps=None)
    document = status("shares", 2, [HOSTILE, "WEST"], parties + [None, 5, "x"])
    document["steps"][2:] = ["<u>counts</u>"] + ["S" * 90] * 40
    document["plan"].update(title=f"Costs {HOSTILE}", purpose=TURNED,
                            words=[f"  - {HOSTILE}", "  " + TURNED, None, "Kopf " + "W" * 500])
    document["refused"] = [{"at": at(128), "from": HOSTILE, "step": TURNED,
                            "reason": f"it says {HOSTILE} and {TURNED}"},
                           {"at": None, "from": 5, "step": {}, "reason": "R" * 5000}, None, "x"]
    document["result"] = {"columns": [HOSTILE, "__proto__", "toString"], "withheld": "x",
                          "rows": [{HOSTILE: HOSTILE, "toString": TURNED}, None, {"__proto__": "a"}]}
    document["ledger"] = {"origin": HOSTILE, "size": "1", "root": "5f" * 900, "at": 3}
    document["totals"] = [{"at": at(3), "contributors": -4, "digest": HOSTILE}, None]
    document["traffic"] = {"messages": HOSTILE, "bytes_in_per_s": -1}
    return document


def thousand():
    parties = []
    for i in range(1000):
        state = "lost" if i % 100 == 3 else "waiting" if i % 10 == 3 else "here"
        sizes = [231, 1840] if i % 10 == 3 else [231, 1840, 163840]
        parties.append(party(f"OWNER-{i:04d}", f"Clinic {i} of the {PLACES[i % 5]}", sizes, state, 5))
    return status("masks", 3, [p["name"] for p in parties if p["state"] == "waiting"], parties)


ALL = {f.__name__: f for f in (waiting, passing, parts, lost, done, failed, hostile, thousand)}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in ALL:
        sys.exit(f"usage: fixtures.py {'|'.join(ALL)}")
    print(json.dumps(ALL[sys.argv[1]](), indent=1))
