#!/usr/bin/python3
"""Write plan_signatures.txt, test vectors of identities, rosters and signatures under a plan: papers/format.md in Python,
with nothing of veilsum's.

    python3 tests/vectors/make_plan_signatures.py            writes plan_signatures.txt beside this script
"""
import base64
import hashlib
import json
import os
import sys

sys.dont_write_bytecode = True

from make_container import digest, public_key
from make_receipt import key_id, signature_line

NAMES = ["ORANGE", "ROUEN", "\u00c9VREUX", "HUB"]


def seed_of(name):
    return hashlib.sha256(name.encode()).digest()


def line_of(name):
    key = public_key(seed_of(name))
    return "%s+%s+%s" % (name, key_id(name, key).hex(), base64.b64encode(b"\x01" + key).decode())


def plan():
    roster = [{"identity": line_of(name), "organisation": "The city of " + name, "may": ["contribute"]} for name in NAMES]
    roster[3]["may"] = ["open", "aggregate", "audit"]
    return {
        "veilsum": 1, "purpose": "Test vectors", "valid": {"from": "2026-11-01", "until": "2027-12-31", "uses": 12},
        "replaces": ["ab" * 32], "roster": roster, "signatures": 3, "sets": {"all": ["west", "\u00c9VREUX"],
                                                                          "west": ["ORANGE", "ROUEN"]},
        "contributors": {"min": 1}, "vector": {"length": 3, "scale": 0, "min": 0, "max": 9},
        "opening": {"threshold": "cd" * 32, "holders": "ef" * 32},
    }


def plan_id(made):
    canonical = json.dumps(made, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return digest("veilsum plan", canonical)


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    text = "veilsum plan\nid %s\n" % plan_id(plan()).hex()
    note = text + "\n" + "".join(signature_line(name, seed_of(name), text) for name in ("HUB", "ORANGE", "ROUEN"))
    with open(os.path.join(here, "plan_signatures.txt"), "w", encoding="ascii") as file:
        file.write("# A plan with a roster and the signatures under it; made by make_plan_signatures.py, which is independent "
                   "of the library. Hexadecimal.\n")
        file.write("seed = %s\n" % seed_of("ORANGE").hex())
        file.write("identity = %s\n" % line_of("ORANGE").encode().hex())
        file.write("plan = %s\n" % json.dumps(plan(), indent=1, ensure_ascii=False).encode().hex())
        file.write("id = %s\n" % plan_id(plan()).hex())
        file.write("signatures = %s\n" % note.encode().hex())


if __name__ == "__main__":
    main()
