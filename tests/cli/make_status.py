#!/usr/bin/env python3
"""The status of a board, made up: make_status.py PARTIES [hostile|done|failed|WHAT=JSON …]"""
import json
import sys

count = int(sys.argv[1])
options = sys.argv[2:]
names = ["NORTH", "EAST", "SOUTH", "WEST", "HUB"] if count == 5 else [f"OWNER-{i:05}" for i in range(count)]
steps = ["advertise", "share", "mask", "agree", "unmask"]


def taken(party, step):
    if step < 2 or (step == 2 and party % 5 in (1, 2)):
        return {"at": f"2026-11-24T19:{50 + step}:{party % 60:02}Z", "bytes": 231 + step}
    return None


waiting = [name for i, name in enumerate(names) if i % 5 in (0, 3)]
status = {
    "veilsum_status": 1, "version": "0.1.0", "now": "2026-11-24T20:00:05Z", "started": "2026-11-24T18:00:00Z",
    "plan": {"id": "5f3a" * 16, "title": "Costs by state", "purpose": None, "opening": "masks", "words": ["one", "two"]},
    "period": "2026-11", "attempt": 0, "steps": steps,
    "step": {"name": "mask", "number": 3, "of": 5, "since": "2026-11-24T19:58:00Z", "until": "2026-11-24T20:01:00Z",
             "waiting_for": waiting},
    "parties": [{"name": name, "organisation": name.title() + " Hospital", "may": ["contribute"],
                 "steps": [taken(i, s) for s in range(5)], "state": ("waiting", "here", "here", "waiting", "lost")[i % 5]}
                for i, name in enumerate(names)],
    "refused": [{"at": "2026-11-24T19:59:00Z", "from": "WEST", "step": "mask", "reason": "WEST: the signature of 'masked' is not right"},
                {"at": "2026-11-24T19:59:01Z", "from": None, "step": None, "reason": "not a message of a veilsum session"}],
    "totals": [{"at": "2026-11-24T19:59:30Z", "contributors": 5, "digest": "ab" * 32}], "result": None,
    "ledger": {"origin": "ledger of HUB", "size": 3, "root": "cd" * 32, "at": "2026-11-24T19:00:00Z"},
    "traffic": {"messages": 12, "bytes_in": 123456, "bytes_out": 99999999, "bytes_in_per_s": 1, "bytes_out_per_s": 2, "connections": 7},
    "done": False, "failed": None, "something_new": [1, 2, 3],
}
for option in options:
    if option == "hostile":
        evil = "\x1b]0;owned\x07\x9b31m\u202e" + "x" * 300
        status["plan"]["title"] = status["period"] = status["step"]["name"] = evil
        status["plan"]["opening"] = status["plan"]["id"] = evil
        status["refused"][0]["reason"] = status["refused"][0]["from"] = evil
        status["step"]["waiting_for"] = [evil] * 30
        status["steps"] = [evil] * 5
        for party in status["parties"]:
            party["name"] = party["state"] = evil
        status["ledger"]["origin"] = status["totals"][0]["digest"] = evil
    elif option == "done":
        status["done"] = True
    elif option == "failed":
        status["failed"] = "too few owners are left"
    else:
        path, value = option.split("=", 1)
        at = status
        *way, last = path.split(".")
        for key in way:
            at = at[int(key)] if isinstance(at, list) else at[key]
        if isinstance(at, list):
            at[int(last)] = json.loads(value)
        elif value == "":
            del at[last]
        else:
            at[last] = json.loads(value)
print(json.dumps(status))
