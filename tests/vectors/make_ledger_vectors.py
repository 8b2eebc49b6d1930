#!/usr/bin/env python3
"""Roots, inclusion and consistency proofs of logs, by the recursive definitions of RFC 6962, section 2.1.

The leaves are "entry 0", "entry 1", …. Prints tests/vectors/ledger.txt.
"""
import hashlib
import random
from functools import lru_cache


def sha(data):
    return hashlib.sha256(data).digest()


def split(n):
    k = 1
    while 2 * k < n:
        k *= 2
    return k


@lru_cache(maxsize=None)
def root(begin, end):
    if end == begin:
        return sha(b"")
    if end - begin == 1:
        return sha(b"\0entry %d" % begin)
    k = split(end - begin)
    return sha(b"\1" + root(begin, begin + k) + root(begin + k, end))


def path(index, begin, end):
    if end - begin == 1:
        return []
    middle = begin + split(end - begin)
    if index < middle:
        return path(index, begin, middle) + [root(middle, end)]
    return path(index, middle, end) + [root(begin, middle)]


def subproof(old, begin, end, whole):
    """Consistency with the tree over [begin, begin + old)."""
    if old == end - begin:
        return [] if whole else [root(begin, end)]
    k = split(end - begin)
    if old <= k:
        return subproof(old, begin, begin + k, whole) + [root(begin + k, end)]
    return subproof(old - k, begin + k, end, False) + [root(begin, begin + k)]


def show(proof):
    return "%d %s" % (len(proof), sha(b"".join(proof)).hex()[:32])


print("# Made by make_ledger_vectors.py: root SIZE HEX; path INDEX SIZE COUNT DIGEST; growth OLD SIZE COUNT DIGEST")
random.seed(6962)
sizes = list(range(1, 301)) + [511, 512, 513, 599]
for size in sizes:
    print("root", size, root(0, size).hex())
    picks = {0, size - 1, size // 2, min(size - 1, 255), min(size - 1, 256)} | {random.randrange(size)}
    if size <= 9:
        picks = set(range(size))
    for index in sorted(picks):
        print("path", index, size, show(path(index, 0, size)))
    olds = {1, size, max(1, size - 1), min(size, 255), min(size, 256), min(size, 257), 1 + random.randrange(size)}
    if size <= 9:
        olds = set(range(1, size + 1))
    for old in sorted(olds):
        print("growth", old, size, show(subproof(old, 0, size, True)))
