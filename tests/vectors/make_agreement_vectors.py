#!/usr/bin/env python3
"""Prints the constants of tests/crypto/test_agreement.c: X25519 and ChaCha20 from their definitions in plain Python
integers, BLAKE2b from Python itself."""
import hashlib
import struct

P = 2**255 - 19


def x25519(scalar, u):
    k = int.from_bytes(scalar, "little")
    k = (k & ~7 & ~(1 << 255)) | 1 << 254
    x1 = int.from_bytes(u, "little") % 2**255 % P
    x2, z2, x3, z3 = 1, 0, x1, 1
    for bit in reversed(range(255)):
        if k >> bit & 1:
            x2, z2, x3, z3 = x3, z3, x2, z2
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        x3, z3 = (d * a + c * b) ** 2 % P, x1 * (d * a - c * b) ** 2 % P
        e = a * a - b * b
        x2, z2 = a * a * b * b % P, e * (a * a + 121665 * e) % P
        if k >> bit & 1:
            x2, z2, x3, z3 = x3, z3, x2, z2
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")


def rotate(x, n):
    return (x << n | x >> (32 - n)) & 0xFFFFFFFF


def quarter(s, a, b, c, d):
    for x, y, z, n in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        s[x] = (s[x] + s[y]) & 0xFFFFFFFF
        s[z] = rotate(s[z] ^ s[x], n)


def stream(key, length):
    out = b""
    for block in range((length + 63) // 64):
        start = list(struct.unpack("<16I", b"expand 32-byte k" + key + struct.pack("<QQ", block, 0)))
        s = start[:]
        for _ in range(10):
            for i in range(4):
                quarter(s, i, 4 + i, 8 + i, 12 + i)
            for i in range(4):
                quarter(s, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
        out += struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(s, start)))
    return out[:length]


def labelled(label, *fields):
    h = hashlib.blake2b(digest_size=32)
    for field in (label.encode(), *fields):
        h.update(struct.pack("<Q", len(field)) + field)
    return h.digest()


def u64(value):
    return struct.pack("<Q", value)


def keypair(seed):
    secret = labelled("veilsum agreement secret key", seed)
    return secret, x25519(secret, (9).to_bytes(32, "little"))


SID = bytes(range(32))
BOUND = (b"test label", SID, u64(34), u64(3), u64(17))
(secret_a, public_a), (secret_b, public_b) = keypair(b"a" * 32), keypair(b"b" * 32)
shared = x25519(secret_a, public_b)
assert shared == x25519(secret_b, public_a)
print("public_a", public_a.hex())
print("public_b", public_b.hex())
print("key", labelled("veilsum agreement", *BOUND, min(public_a, public_b), max(public_a, public_b), shared).hex())
print("derived", stream(labelled("veilsum derivation", *BOUND, b"s" * 32), 100).hex())
