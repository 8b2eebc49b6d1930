#!/usr/bin/env python3
"""python-paillier's keys and numbers by their formulas: plain Python integers and fractions, nothing of veilsum's and
nothing of python-paillier's.

    python3 tests/vectors/make_phe_vectors.py                    writes phe.json beside this script; always the same
    … key KIND BITS SEED                                         a secret key's JSON to standard output
    … encrypt KEY.json [--precision P] < decimals > numbers      one number a line
    … decrypt KEY.json < numbers > decimals                      exactly, one a line
"""
import base64
import fractions
import json
import math
import os
import random
import sys

from make_paillier_vectors import Stream, is_prime

Fraction = fractions.Fraction


# ---- keys ----

def to_base64(number):
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def from_base64(text):
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")


def prime(bits, residue, stream):
    """A prime of that residue modulo 4 whose two top bits are set."""
    while True:
        candidate = (stream.bits(bits) | 3 << (bits - 2)) & ~3 | residue
        if is_prime(candidate, stream):
            return candidate


def make_key(kind, bits, seed):
    """`any`: p = 1 (mod 4), as veilsum makes none; `standard`: p = q = 3 (mod 4) and gcd(p - 1, q - 1) = 2."""
    stream = Stream("phe key %s %d %s" % (kind, bits, seed))
    while True:
        p, q = prime(bits // 2, 1 if kind == "any" else 3, stream), prime(bits // 2, 3, stream)
        if p != q and (kind == "any" or math.gcd(p - 1, q - 1) == 2):
            return p, q


def public_json(n):
    return {"kty": "DAJ", "alg": "PAI-GN1", "key_ops": ["encrypt"], "n": to_base64(n), "kid": "a public key"}


def secret_json(p, q):
    return {"kty": "DAJ", "key_ops": ["decrypt"], "p": to_base64(p), "q": to_base64(q), "pub": public_json(p * q),
            "kid": "a secret key"}


def read_key(path):
    """p, q and n; p and q are None of a public key."""
    with open(path, encoding="utf-8") as file:
        key = json.load(file)
    assert key["kty"] == "DAJ"
    if "pub" in key:
        assert "decrypt" in key["key_ops"]
        p, q, n = from_base64(key["p"]), from_base64(key["q"]), from_base64(key["pub"]["n"])
        assert p * q == n
        return p, q, n
    assert key["alg"] == "PAI-GN1" and "encrypt" in key["key_ops"]
    return None, None, from_base64(key["n"])


# ---- numbers ----

def encrypt_integer(n, m, r):
    return (1 + m * n) * pow(r, n, n * n) % (n * n)


def decrypt_integer(p, q, c):
    """L(c^(p-1) mod p^2) * h_p mod p, and with q, joined by the Chinese remainder theorem."""
    n = p * q

    def half(p):
        return (pow(c, p - 1, p * p) - 1) // p * pow((pow(n + 1, p - 1, p * p) - 1) // p, -1, p) % p

    m_p, m_q = half(p), half(q)
    return m_p + (m_q - m_p) * pow(p, -1, q) % q * p


def floor_log16(x):
    e = 0
    while Fraction(16) ** e > x:
        e -= 1
    while Fraction(16) ** (e + 1) <= x:
        e += 1
    return e


def encode(n, x, precision=None):
    """m and e; None where x has no finite form."""
    x = Fraction(x)
    if precision is not None:
        e = floor_log16(Fraction(precision))
    else:
        e = 0
        while e > -2000 and (x / Fraction(16) ** e).denominator != 1:
            e -= 1
        if e == -2000:
            return None
    mantissa = round(x * Fraction(16) ** -e)
    if abs(mantissa) > n // 3 - 1:
        raise ValueError("too large")
    return mantissa % n, e


def decode(n, m, e):
    if m <= n // 3 - 1:
        mantissa = m
    elif m >= n - (n // 3 - 1):
        mantissa = m - n
    else:
        raise OverflowError("overflow")
    return mantissa * Fraction(16) ** e


def decimal_text(x):
    """A fraction whose denominator is a power of two, to its last digit."""
    places = max(x.denominator.bit_length() - 1, 0)
    digits = str(abs(x.numerator) * 5**places).rjust(places + 1, "0")
    text = digits if places == 0 else digits[:-places] + "." + digits[-places:]
    return "-" + text if x < 0 else text


# ---- phe.json ----

def number_cases(n):
    top = n // 3 - 1
    yield from ((m % n, e) for m in (0, 1, -1, 9007199254740993, -9007199254740993) for e in (0, -1, 3, -32))
    yield from ((m % n, 0) for m in (top, -top))
    yield from ((12345, e) for e in (-1024, 1024, -257, 257))
    yield from ((m % n, e) for m in (top, -top) for e in (-1024, 1024))
    yield 1 << 128, -32  # 1, with all its zeros
    yield 24, -1
    yield -16**5 * 3 % n, -6


def encode_cases():
    exact = ["0", "-0", "1", "-1", "+7", "9007199254740993", "-9007199254740993", "0.5", "-0.5", "0.0625", "0.03125",
             "12.75", "-1234567.0009765625", "1e3", "1.50", "5e-1", "100e-2", "0.000", ".5", "5.", "1E+2", "1e40",
             "0e-900", "00012", "0.1", "0.2", "-1e-3", "0.0003", "3.14"]
    yield from ((x, None) for x in exact)
    for precision in ("1", "0.01", "0.0625", "0.06", "1e-9", "16", "15.9", "256", "1000"):
        yield from ((x, precision) for x in ("0", "0.1", "-0.1", "3.14", "0.5", "-2.5", "1.5", "8", "24", "-8", "40",
                                             "123456789.987654321", "0.03125"))


def vectors():
    p, q = make_key("any", 2048, "a")
    n = p * q
    stream = Stream("phe numbers")
    numbers = []
    for m, e in number_cases(n):
        c = encrypt_integer(n, m, stream.unit(n))
        assert decrypt_integer(p, q, c) == m
        numbers.append({"number": {"v": str(c), "e": e}, "decimal": decimal_text(decode(n, m, e))})
    overflows = [{"v": str(encrypt_integer(n, m, stream.unit(n))), "e": 0} for m in (n // 3, n // 3 + 1, n // 2,
                                                                                     n - n // 3)]
    encodings = []
    for text, precision in encode_cases():
        found = encode(n, text.rstrip("."), precision)
        encodings.append({"decimal": text, "precision": precision, "m": None if found is None else str(found[0]),
                          "e": None if found is None else found[1]})
    top = n // 3 - 1
    for text, m in ((str(top), top), (str(-top), n - top)):
        encodings.append({"decimal": text, "precision": None, "m": str(m), "e": 0})
    standard = make_key("standard", 2048, "b")
    return {"note": "made by make_phe_vectors.py, which has python-paillier's formulas and nothing of veilsum's",
            "secret": secret_json(p, q), "standard": secret_json(*standard), "numbers": numbers,
            "overflows": overflows, "encodings": encodings, "too_large": [str(top + 1), str(-top - 1)]}


def small_case():
    """n = 126869 = 293 * 433, a size that can be followed by hand."""
    assert encrypt_integer(126869, 10100, 74384) == 935906717
    assert decrypt_integer(293, 433, 935906717) == 10100


def main(arguments):
    small_case()
    if not arguments:
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "phe.json")
        with open(path, "w", encoding="ascii", newline="\n") as out:
            json.dump(vectors(), out, indent=1)
            out.write("\n")
        return
    command, rest = arguments[0], arguments[1:]
    if command == "key":
        print(json.dumps(secret_json(*make_key(rest[0], int(rest[1]), rest[2]))))
        return
    p, q, n = read_key(rest[0])
    if command == "encrypt":
        precision = rest[2] if rest[1:2] == ["--precision"] else None
        for line in sys.stdin:
            m, e = encode(n, line.strip(), precision)
            r = random.SystemRandom().randrange(1, n)
            print(json.dumps({"v": str(encrypt_integer(n, m, r)), "e": e}))
    elif command == "decrypt":
        for line in sys.stdin:
            number = json.loads(line)
            print(decimal_text(decode(n, decrypt_integer(p, q, int(number["v"])), number["e"])))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
