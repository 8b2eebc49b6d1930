#!/usr/bin/env python3
"""Write key_proof.txt, test vectors of the proof that a public key carries, from papers/key-proof.md and papers/format.md alone.

Plain Python integers and Python's own BLAKE2b, nothing of veilsum's. Deterministic: running it again writes the same file.

    python3 tests/vectors/make_key_proof_vectors.py           writes key_proof.txt beside this script (a minute)
"""
import base64
import hashlib
import os
import struct

from make_paillier_vectors import Key, SubgroupKey

VALUES = 8  # 2^16 to the power of 8 is 2^128
TYPES = {"standard": 0, "short": 1, "subgroup": 2}

HEAD = """\
# Test vectors of the proof that a public key carries (papers/key-proof.md); made by make_key_proof_vectors.py, which is independent
# of the library.
#
# A vector is a run of lines `key = value`; an empty line ends it. A line that begins with # is a comment. `bits` (of n), `degree` and
# `type` (0 standard, 1 short, 2 subgroup) are decimal; p, q, h, and of subgroup keys a and b, are integers in lower-case hexadecimal;
# `fingerprint` is hexadecimal. `text` lines are those of NAME.pub.
"""


def labelled(label, *fields):
    h = hashlib.blake2b(digest_size=32)
    for field in (label.encode(), *fields):
        h.update(struct.pack("<Q", len(field)) + field)
    return h.digest()


def challenge(fingerprint, n, index):
    size = (n.bit_length() + 128) // 8
    stream, block = b"", 0
    while len(stream) < size:
        stream += labelled("veilsum key proof", fingerprint, struct.pack("<Q", index), struct.pack("<Q", block))
        block += 1
    return int.from_bytes(stream[:size], "little") % n


def text_of(key, kind, degree, binary):
    named = "" if kind == "standard" else " type " + kind
    encoded = base64.b64encode(binary).decode()
    return ["veilsum public key 1", "bits %d degree %d%s proof gcd" % (key.bits, degree, named),
            *(encoded[i:i + 76] for i in range(0, len(encoded), 76)), "end"]


def vector(key, kind, degree):
    n, size = key.n, key.bits // 8
    public = b"VSPK" + struct.pack("<BBH", 1, degree + 16 * TYPES[kind], key.bits)
    public += n.to_bytes(size, "little") + key.h.to_bytes(size, "little")
    fingerprint = labelled("veilsum public key", public)
    root = pow(n, -1, (key.p - 1) * (key.q - 1))
    proof = b"VSPF" + bytes([1, 1, VALUES, 0])
    for index in range(VALUES):
        rho = challenge(fingerprint, n, index)
        sigma = pow(rho, root, n)
        assert pow(sigma, n, n) == rho
        proof += sigma.to_bytes(size, "little")
    numbers = [("p", key.p), ("q", key.q), ("h", key.h)]
    numbers += [("a", key.a), ("b", key.b)] if kind == "subgroup" else []
    lines = ["bits = %d" % key.bits, "degree = %d" % degree, "type = %d" % TYPES[kind]]
    lines += ["%s = %x" % number for number in numbers]
    lines += ["fingerprint = " + fingerprint.hex()]
    lines += ["text = " + line for line in text_of(key, kind, degree, public + proof)]
    return "\n".join(lines) + "\n"


def main():
    keys = [(Key(2048, "key proof"), "standard", 1), (Key(2048, "key proof"), "short", 2),
            (SubgroupKey(2048, "key proof"), "subgroup", 1), (Key(3072, "key proof"), "standard", 4),
            (Key(4096, "key proof"), "standard", 1)]
    text = HEAD + "\n" + "\n".join(vector(*key) for key in keys)
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "key_proof.txt"), "w") as out:
        out.write(text)


if __name__ == "__main__":
    main()
