#!/usr/bin/python3
"""Write part.txt, test vectors of parts of an opening: papers/format.md in Python, with nothing of veilsum's.

The parts and the proof are bytes without meaning: the file's format does not look into them.

    python3 tests/vectors/make_part.py            writes part.txt beside this script
"""
import os
import struct

from make_container import digest, pattern, public_key, sign, u64

MAGIC = b"\xf5vsd\r\n\x1a\n"


def header(plan, period, total, key, round_number, holder, count, size, proof, blocks, attempt=0):
    sid = digest("veilsum sid", plan, period.encode(), u64(attempt))
    chosen = digest("veilsum part blocks", *[u64(b) for b in blocks])
    out = MAGIC + struct.pack("<HBBHH", 1, round_number, holder, size, proof) + plan + sid
    out += struct.pack("<QQ", attempt, count) + total + key + chosen + bytes([len(period.encode())])
    assert len(out) == 193
    return out + period.encode()


def ended(body, seed):
    """A body of header, parts and proof with its signature and hash."""
    body += sign(seed, digest("veilsum part signature", body))
    return body + digest("veilsum part", body)


def part(seed, parts, proof, **fields):
    size = len(parts[0]) if parts else fields.pop("size")
    head = header(count=len(parts), size=size, proof=len(proof), **fields)
    return ended(head + b"".join(parts) + proof, seed)


SEED = bytes(range(100, 132))
FIELDS = {"plan": bytes(range(32)), "period": "2026-11", "total": bytes(range(32, 64)), "key": bytes(range(64, 96))}


def small():
    return part(SEED, pattern(2, 512), pattern(1, 600)[0], round_number=2, holder=3, blocks=[1, 4], **FIELDS)


def empty():
    return part(SEED, [], b"", size=512, round_number=2, holder=1, blocks=[], **FIELDS)


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    whole = small()
    with open(os.path.join(here, "part.txt"), "w", encoding="ascii") as file:
        file.write("# Parts of an opening; made by make_part.py, which is independent of the library. Hexadecimal.\n"
                   "#   small    holder 3's part of round 2, of blocks 1 and 4, signed with the secret key of the seed\n"
                   "#   empty    a part of a round without ciphertexts\n"
                   "#   context  what the proof of small is made for\n")
        values = {"signer": public_key(SEED), "small": whole, "empty": empty(),
                  "context": digest("veilsum part context", whole[:200])}
        for name, value in values.items():
            file.write(f"{name} = {value.hex()}\n")


if __name__ == "__main__":
    main()
