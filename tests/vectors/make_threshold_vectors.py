#!/usr/bin/env python3
"""Write threshold.txt, test vectors of threshold decryption (papers/threshold.md).

Plain Python integers, hashlib and the formulas, nothing of veilsum's: modulo n^(s+1) as one number, every ciphertext with
its own coefficient, Lagrange's coefficients as fractions. Deterministic: running it again writes the same file.

    python3 tests/vectors/make_threshold_vectors.py           writes threshold.txt beside this script (a minute)
"""
import base64
import hashlib
import math
import pathlib
import struct
from fractions import Fraction

HERE = pathlib.Path(__file__).resolve().parent
HEAD = """\
# Test vectors of threshold decryption; made by make_threshold_vectors.py, which is independent of the library.
#
# A vector is a run of lines `key = value`; an empty line ends it. A line that begins with # is a comment. `bits` (of n),
# `degree` (s), `needed` (t), `holders` (n), `count` (of ciphertexts) are decimal; `holder_i` is an identity's verifier
# key; `context`, `proof_i` and the two fingerprints are bytes in hexadecimal; every other value is an integer in lower-case
# hexadecimal. `v_i` is holder i's verification key, `commitment_k` the power of `base` to the k-th coefficient.
"""


class Stream:
    """Integers that follow from a seed."""

    def __init__(self, seed):
        self.seed, self.block = seed, 0

    def bits(self, count):
        size = (count + 7) // 8
        text = ("veilsum threshold vectors/%s/%d" % (self.seed, self.block)).encode()
        self.block += 1
        return int.from_bytes(hashlib.shake_256(text).digest(size), "big") >> (8 * size - count)

    def below(self, bound):
        return self.bits(bound.bit_length() + 128) % bound


def labelled(label, *fields):
    """crypto/hash.h: every field with its length; integers are fields of eight bytes."""
    data = b""
    for field in [label.encode(), *fields]:
        field = struct.pack("<Q", field) if isinstance(field, int) else field
        data += struct.pack("<Q", len(field)) + field
    return hashlib.blake2b(data, digest_size=32).digest()


def digits(x, n, count):
    """An element as bytes: its digits in base n, lowest first."""
    size = (n.bit_length() + 7) // 8
    out = b""
    for _ in range(count):
        x, digit = divmod(x, n)
        out += digit.to_bytes(size, "little")
    assert x == 0
    return out


def identity(name, key):
    """C2SP's signed-note: the verifier key."""
    key = b"\x01" + key
    tag = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4].hex()
    return name + "+" + tag + "+" + base64.b64encode(key).decode()


def make(bits, degree, needed, holders, count, seed):
    stream = Stream(seed)
    lines = (HERE.parent / "fixtures" / ("safe-primes-%d.txt" % (bits // 2))).read_text().split()
    p, q = (int(line, 16) for line in lines)
    n, m = p * q, (p - 1) // 2 * ((q - 1) // 2)
    space, modulus, order = n**degree, n**(degree + 1), n**degree * m
    size, delta = bits // 8, math.factorial(holders)
    out = {"bits": str(bits), "degree": str(degree), "needed": str(needed), "holders": str(holders), "count": str(count)}

    def put(key, value):
        out[key] = "%x" % value

    # the public key and what follows from it
    y = stream.below(n)
    h = n - y * y % n
    public = (b"VSPK" + bytes([1, degree]) + struct.pack("<H", bits) + n.to_bytes(size, "little") +
              h.to_bytes(size, "little"))
    fingerprint = labelled("veilsum public key", public)
    base = 0
    for k in reversed(range(degree + 1)):
        wide = b"".join(labelled("veilsum threshold base", fingerprint, k, i) for i in range(size // 32 + 1))
        base = base * n + int.from_bytes(wide, "little") % n
    base = ((1 + n) * pow(base, space, modulus))**2 % modulus
    put("p", p), put("q", q), put("n", n), put("h", h), put("base", base)

    # dealing
    d = m * pow(m, -1, space)
    assert d % m == 0 and d % space == 1
    polynomial = [d] + [stream.below(order) for _ in range(needed - 1)]
    commitments = [pow(base, a, modulus) for a in polynomial]
    assert commitments[0] == (1 + n)**2 % modulus
    shares = [sum(a * i**k for k, a in enumerate(polynomial)) % order for i in range(1, holders + 1)]
    verification = [pow(base, share, modulus) for share in shares]
    names = ["H%d" % i for i in range(1, holders + 1)]
    keys = [stream.bits(256).to_bytes(32, "big") for _ in names]
    encoded = b"VSTK" + bytes([1, needed, holders, 0]) + public
    encoded += b"".join(digits(c, n, degree + 1) for c in commitments[1:])
    encoded += b"".join(bytes([len(name)]) + name.encode() + key for name, key in zip(names, keys))
    out["key_fingerprint"] = fingerprint.hex()
    out["holders_fingerprint"] = labelled("veilsum threshold key", encoded).hex()
    for k in range(1, needed):
        put("commitment_%d" % k, commitments[k])
    for i in range(holders):
        out["holder_%d" % (i + 1)] = identity(names[i], keys[i])
        put("share_%d" % (i + 1), shares[i]), put("v_%d" % (i + 1), verification[i])

    # ciphertexts
    plain = [0, space - 1] + [stream.below(space) for _ in range(count - 2)]
    cipher = [pow(1 + n, x, modulus) * pow(stream.below(n), space, modulus) % modulus for x in plain]
    for j in range(count):
        put("m_%d" % j, plain[j]), put("c_%d" % j, cipher[j])
    context = stream.bits(256).to_bytes(32, "big")
    out["context"] = context.hex()

    # parts and proofs
    cipher_bytes = b"".join(digits(c, n, degree + 1) for c in cipher)
    all_parts = []
    for i in range(holders):
        parts = [pow(c, 2 * delta * shares[i], modulus) for c in cipher]
        all_parts.append(parts)
        part_bytes = b"".join(digits(x, n, degree + 1) for x in parts)
        root = labelled("veilsum threshold batch", context, labelled("veilsum threshold key", encoded), i + 1, count,
                        cipher_bytes, part_bytes)

        def half(label, index):
            return int.from_bytes(labelled("veilsum threshold " + label, root, index)[:16], "little")

        weights = [half("row", j // 8) * half("column", j % 8) for j in range(count)]
        left = pow(math.prod(pow(c, e, modulus) for c, e in zip(cipher, weights)), 4 * delta, modulus)
        right = pow(math.prod(pow(x, e, modulus) for x, e in zip(parts, weights)), 2, modulus)
        assert pow(left, shares[i], modulus) == right
        r = stream.bits((degree + 1) * bits + 384)
        first, second = pow(base, r, modulus), pow(left, r, modulus)
        pair = [digits(a, n, degree + 1) + digits(b, n, degree + 1)
                for a, b in ((base, left), (verification[i], right), (first, second))]
        e = labelled("veilsum threshold challenge", root, *pair)
        z = r + int.from_bytes(e, "little") * shares[i]
        out["proof_%d" % (i + 1)] = (e + z.to_bytes((degree + 1) * size + 56, "little")).hex()
        for j in range(count):
            put("part_%d_%d" % (i + 1, j), parts[j])

    # combining the last `needed` holders, as a check of all this
    some = range(holders - needed + 1, holders + 1)
    for j in range(count):
        power = 1
        for k in some:
            factor = delta * math.prod(Fraction(i, i - k) for i in some if i != k)
            assert factor.denominator == 1
            power = power * pow(all_parts[k - 1][j], 2 * int(factor), modulus) % modulus
        assert power == pow(1 + n, 4 * delta**2 * plain[j], modulus)
    return "".join("%s = %s\n" % item for item in out.items())


def main():
    vectors = [make(2048, 1, 2, 2, 3, "a"), make(2048, 2, 3, 5, 9, "b"), make(3072, 1, 2, 3, 2, "c")]
    (HERE / "threshold.txt").write_text(HEAD + "\n" + "\n".join(vectors))


if __name__ == "__main__":
    main()
