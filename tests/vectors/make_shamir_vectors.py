#!/usr/bin/env python3
"""Print test vectors for Shamir's sharing over GF(2^8): with tables of logarithms to the base 3, where the program
shifts and adds.

    make_shamir_vectors.py > shamir.txt

A vector is: threshold count, the secret, the coefficients (lowest power first), one share a line (points 1, 2, ...).
"""

import hashlib

POWERS = [1]
for _ in range(254):
    last = POWERS[-1]
    twice = last << 1
    twice ^= 0x11B if twice & 0x100 else 0
    POWERS.append(twice ^ last)
LOGS = {power: exponent for exponent, power in enumerate(POWERS)}
assert len(LOGS) == 255


def product(a, b):
    return POWERS[(LOGS[a] + LOGS[b]) % 255] if a and b else 0


def power(a, exponent):
    return 1 if exponent == 0 else POWERS[LOGS[a] * exponent % 255]


def value(polynomial, point):
    total = 0
    for exponent, coefficient in enumerate(polynomial):
        total ^= product(coefficient, power(point, exponent))
    return total


def bytes_of(seed, length):
    return hashlib.shake_256(seed.encode()).digest(length)


def shares(secret, coefficients, count):
    rows = [secret] + coefficients
    for point in range(1, count + 1):
        yield bytes(value(column, point) for column in zip(*rows))


for threshold, count, length in [(1, 3, 4), (2, 3, 1), (3, 5, 32), (4, 9, 64), (5, 6, 65), (17, 20, 100), (67, 99, 64), (255, 255, 8)]:
    name = f"{threshold}/{count}/{length}"
    hidden = bytes_of("secret " + name, length)
    drawn = [bytes_of(f"coefficient {i} {name}", length) for i in range(1, threshold)]
    print(threshold, count, length)
    print(hidden.hex())
    print("".join(row.hex() for row in drawn) or "-")
    for row in shares(hidden, drawn, count):
        print(row.hex())
