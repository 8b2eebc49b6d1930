#!/usr/bin/env python3
"""Prints the constants of tests/crypto/test_hash.c and test_merkle.c, with Python's own BLAKE2b."""
import hashlib
import struct


def labelled(label, *fields):
    h = hashlib.blake2b(digest_size=32)
    for field in (label.encode(), *fields):
        h.update(struct.pack("<Q", len(field)) + field)
    return h.digest()


def root(leaves):
    """The recursive definition of RFC 6962, section 2.1."""
    if not leaves:
        return labelled("veilsum merkle empty")
    if len(leaves) == 1:
        return labelled("veilsum merkle leaf", leaves[0])
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return labelled("veilsum merkle node", root(leaves[:k]), root(leaves[k:]))


print("label alone    ", labelled("veilsum test").hex())
print("'abc' and ''   ", labelled("veilsum test", b"abc", b"").hex())
print("a u64          ", labelled("veilsum test", struct.pack("<Q", 0x0123456789ABCDEF)).hex())
for n in (0, 1, 2, 3, 5, 11):
    print(f"{n:2} leaves      ", root([bytes([i]) * 32 for i in range(n)]).hex())
