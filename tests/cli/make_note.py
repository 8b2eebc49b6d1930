#!/usr/bin/python3
"""Write a receipt or the record of an opening, signed with an identity that is not sealed; nothing of it is veilsum's.

    make_note.py receipt NAME.id PLAN-ID PERIOD TOTAL-HEX FILE=NAME…
    make_note.py opening NAME.id PLAN-ID PERIOD TOTAL-HEX
"""
import base64
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vectors"))

import make_receipt
from make_container import digest

TIME = "2026-11-24T17:00:00Z"


def read_identity(path):
    lines = open(path, encoding="utf-8").read().split("\n")
    body = base64.b64decode("".join(lines[2:lines.index("end")]))
    return body[5:37], body[37:].decode()


def main():
    kind, identity, plan, period, total = sys.argv[1:6]
    seed, signer = read_identity(identity)
    make_receipt.PLAN = bytes.fromhex(plan)
    if kind == "receipt":
        contributions = []
        for argument in sys.argv[6:]:
            path, name = argument.rsplit("=", 1)
            data = open(path, "rb").read()
            contributions.append((data[-32:], len(data), name)) # the trailer's hash is the digest
        text = make_receipt.receipt(period, 0, TIME, contributions, [], (bytes.fromhex(total), 2056), signer, seed)
    else:
        names = digest("veilsum contributors", b"A", b"B").hex()
        text = "veilsum opening\nplan %s\nperiod %s\nattempt 0\ntime %s\ncontributions 2 %s\ntotal %s 2056\nby key\n" % (
            plan, period, TIME, names, total)
        text += "\n" + make_receipt.signature_line(signer, seed, text)
    sys.stdout.buffer.write(text.encode())


main()
