#!/usr/bin/python3
"""Write receipt.txt, test vectors of receipts: papers/format.md in Python, with nothing of veilsum's.

    python3 tests/vectors/make_receipt.py            writes receipt.txt beside this script
"""
import base64
import hashlib
import os
import sys

sys.dont_write_bytecode = True

from make_container import digest, merkle, public_key, sign, u64

PLAN = bytes(range(32))


def key_id(name, key):
    return hashlib.sha256(name.encode() + b"\n\x01" + key).digest()[:4]


def signature_line(name, seed, text):
    body = key_id(name, public_key(seed)) + sign(seed, text.encode())
    return "\u2014 %s %s\n" % (name, base64.b64encode(body).decode())


def receipt(period, attempt, time, contributions, refused, total, signer, seed):
    sid = digest("veilsum sid", PLAN, period.encode(), u64(attempt))
    ordered = sorted(contributions, key=lambda c: digest("veilsum contributor name", sid, c[2].encode())[:16])
    leaves = [digest("veilsum receipt contribution", d, name.encode(), u64(size)) for d, size, name in ordered]
    lines = ["refused %s %s %s" % (d.hex() if d else "-", name or "-", reason) for d, name, reason in refused]
    text = "veilsum receipt\nplan %s\nperiod %s\nattempt %d\ntime %s\n" % (PLAN.hex(), period, attempt, time)
    text += "contributions %d %s\n" % (len(ordered), merkle(leaves).hex())
    text += "refused %d %s\n" % (len(lines), digest("veilsum receipt refused", *(l.encode() for l in lines)).hex())
    text += "total %s %d\n" % (total[0].hex(), total[1])
    out = text + "\n" + signature_line(signer, seed, text) + "\n"
    out += "".join("contribution %s %d %s\n" % (d.hex(), size, name) for d, size, name in ordered)
    return out + "".join(line + "\n" for line in lines)


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    seed = hashlib.sha256(b"hub").digest()
    names = ["ORANGE", "ROUEN", "\u00c9VREUX"]
    contributions = [(bytes([i] * 32), 1000 + i, name) for i, name in enumerate(names)]
    refused = [(b"\xee" * 32, "STRANGER", "not listed"), (None, None, "damaged")]
    text = receipt("2026-11", 0, "2026-11-24T17:00:00Z", contributions, refused, (b"\x77" * 32, 2056), "HUB", seed)
    with open(os.path.join(here, "receipt.txt"), "w", encoding="ascii") as file:
        file.write("# A receipt; made by make_receipt.py, which is independent of the library. Hexadecimal.\n")
        file.write("seed = %s\n" % seed.hex())
        file.write("receipt = %s\n" % text.encode().hex())


if __name__ == "__main__":
    main()
