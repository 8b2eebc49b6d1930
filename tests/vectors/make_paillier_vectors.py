#!/usr/bin/env python3
"""Write paillier.txt, test vectors of the Damgard-Jurik cryptosystem (degree 1 is Paillier).

Plain Python integers and the textbook formulas, nothing of veilsum's: what the library computes in digits, by tables
and through remainders, is computed here by pow() alone. Deterministic: running it again writes the same file.

    python3 tests/vectors/make_paillier_vectors.py            writes paillier.txt beside this script (three minutes)
"""

import hashlib
import math
import os

HEAD = """\
# Test vectors of the Damgard-Jurik cryptosystem; made by make_paillier_vectors.py, which is independent of the library.
#
# A vector is a run of lines `key = value`; an empty line ends it. A line that begins with # is a comment. `kind` is a
# word, `bits` (of n) and `degree` (s) are decimal, every other value is an integer in lower-case hexadecimal without
# leading zeros.
#
#   kind = textbook     c = (1 + n)^m * r^(n^s) mod n^(s+1)
#   kind = fixed-base   c = (1 + n)^m * (h^(n^s))^x mod n^(s+1), with h = n - y^2 mod n and x of half as many bits as n
#   kind = homomorphic  c1 and c2 encrypt m1 and m2 as above (x1, x2); c_sum = c1 * c2, m_sum = m1 + m2 mod n^s;
#                       c_times = c1^k, m_times = k * m1 mod n^s; c_plus = c1 * (1 + n)^a, m_plus = m1 + a mod n^s
#   kind = short        as fixed-base, with x of 448, 512 or 608 bits for n of 2048, 3072, 4096
#   kind = subgroup     as short; p = 2 * a * u + 1 and q = 2 * b * v + 1 with primes a and b of 224, 256 or 304 bits, and
#                       h = n - y^(2 * u * v) mod n
#   kind = imported     as textbook, of degree 1, with p = 1 (mod 4)
#
# Primes are p = q = 3 (mod 4) with gcd(p - 1, q - 1) = 2, except in the small worked case (n of 17 bits) and of imported keys.
"""

SMALL_PRIMES = [p for p in range(3, 2000, 2) if all(p % d for d in range(3, math.isqrt(p) + 1, 2))]


class Stream:
    """Integers that follow from a seed."""

    def __init__(self, seed):
        self.seed, self.block = seed, 0

    def bits(self, count):
        size = (count + 7) // 8
        text = ("veilsum test vectors/%s/%d" % (self.seed, self.block)).encode()
        self.block += 1
        return int.from_bytes(hashlib.shake_256(text).digest(size), "big") >> (8 * size - count)

    def below(self, bound):
        """Uniform up to a bias of 2^-128."""
        return self.bits(bound.bit_length() + 128) % bound

    def unit(self, n):
        while True:
            r = self.below(n)
            if r > 1 and math.gcd(r, n) == 1:
                return r


def is_prime(candidate, stream, rounds=40):
    """Miller-Rabin."""
    if any(candidate % p == 0 for p in SMALL_PRIMES):
        return False
    odd, twos = candidate - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(rounds):
        x = pow(2 + stream.below(candidate - 3), odd, candidate)
        if x in (1, candidate - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % candidate
            if x == candidate - 1:
                break
        else:
            return False
    return True


def prime(bits, stream):
    """A prime = 3 (mod 4) whose two top bits are set, so that a product of two has exactly twice as many bits."""
    while True:
        candidate = stream.bits(bits) | 3 << (bits - 2) | 3
        if is_prime(candidate, stream):
            return candidate


class Key:
    def __init__(self, bits, seed):
        stream = Stream("key %d %s" % (bits, seed))
        while True:
            p, q = prime(bits // 2, stream), prime(bits // 2, stream)
            if p != q and math.gcd(p - 1, q - 1) == 2:
                break
        self.bits, self.p, self.q, self.n = bits, p, q, p * q
        self.h = self.n - pow(stream.unit(self.n), 2, self.n)
        self.powers = {}

    def plain(self, m, s):
        """(1 + n)^m modulo n^(s+1)."""
        return pow(1 + self.n, m, self.n ** (s + 1))

    def encrypt_r(self, m, r, s):
        modulus = self.n ** (s + 1)
        return self.plain(m, s) * pow(r, self.n**s, modulus) % modulus

    def encrypt_x(self, m, x, s):
        modulus = self.n ** (s + 1)
        if s not in self.powers:
            self.powers[s] = pow(self.h, self.n**s, modulus)
        return self.plain(m, s) * pow(self.powers[s], x, modulus) % modulus


STRENGTH = {2048: 112, 3072: 128, 4096: 152}


def prime_over(order, bits, stream):
    """A prime 2 * order * u + 1 of that length, two top bits set, with u odd and no multiple of the order."""
    while True:
        u = (stream.bits(bits) | 3 << (bits - 2)) // (2 * order) | 1
        candidate = 2 * order * u + 1
        if candidate >> (bits - 2) == 3 and u % order != 0 and is_prime(candidate, stream):
            return candidate


class SubgroupKey(Key):
    def __init__(self, bits, seed):
        stream = Stream("subgroup key %d %s" % (bits, seed))
        length = 2 * STRENGTH[bits]
        while True:
            self.a, self.b = (self.order(length, stream) for _ in range(2))
            p, q = prime_over(self.a, bits // 2, stream), prime_over(self.b, bits // 2, stream)
            if p != q and math.gcd(p - 1, q - 1) == 2:
                break
        self.bits, self.p, self.q, self.n = bits, p, q, p * q
        beta = (p - 1) * (q - 1) // (4 * self.a * self.b)
        assert p % 4 == q % 4 == 3 and math.gcd(beta, self.a * self.b) == 1 and self.n.bit_length() == bits
        self.h = self.n - pow(stream.unit(self.n), 2 * beta, self.n)
        assert pow(self.h, self.a, p) == p - 1 and pow(self.h, self.b, q) == q - 1
        self.powers = {}

    @staticmethod
    def order(length, stream):
        while True:
            candidate = stream.bits(length) | 1 << (length - 1) | 1
            if is_prime(candidate, stream):
                return candidate


def decrypt(key, c, s):
    """[DJ01]'s decryption, as a check on what is written: c^d with d = 0 (mod lambda), d = 1 (mod n^s)."""
    n, ns, modulus = key.n, key.n**s, key.n ** (s + 1)
    order = math.lcm(key.p - 1, key.q - 1)
    d = order * pow(order, -1, ns)
    a = pow(c, d, modulus)
    i = 0
    for j in range(1, s + 1):
        nj = n**j
        t1, t2 = (a % n ** (j + 1) - 1) // n % nj, i
        factorial = 1
        for k in range(2, j + 1):
            i -= 1
            t2 = t2 * i % nj
            factorial *= k
            t1 = (t1 - t2 * n ** (k - 1) * pow(factorial, -1, nj)) % nj
        i = t1
    return i


def vector(key, kind, s, **numbers):
    lines = ["kind = " + kind, "bits = %d" % key.bits, "degree = %d" % s]
    common = {"p": key.p, "q": key.q, "n": key.n}
    if kind == "subgroup":
        common.update(a=key.a, b=key.b)
    if kind not in ("textbook", "imported"):
        common["h"] = key.h
    lines += ["%s = %x" % item for item in list(common.items()) + list(numbers.items())]
    return "\n".join(lines) + "\n"


def textbook(key, s, m, r):
    c = key.encrypt_r(m, r, s)
    assert decrypt(key, c, s) == m
    return vector(key, "textbook", s, m=m, r=r, c=c)


def fixed_base(key, s, m, x):
    c = key.encrypt_x(m, x, s)
    if key.bits == 2048:
        assert decrypt(key, c, s) == m
    return vector(key, "fixed-base", s, m=m, x=x, c=c)


def typed(key, kind, s, m, x):
    c = key.encrypt_x(m, x, s)
    if key.bits == 2048:
        assert decrypt(key, c, s) == m
    if kind == "subgroup":
        assert pow(c, 2 * key.a, key.p) == pow(c, 2 * key.b, key.q) == 1
    return vector(key, kind, s, m=m, x=x, c=c)


def homomorphic(key, s, stream, k):
    ns, modulus = key.n**s, key.n ** (s + 1)
    m1, m2, a = ns - 1 - stream.bits(40), stream.below(ns), stream.below(ns)
    x1, x2 = stream.bits(key.bits // 2), stream.bits(key.bits // 2)
    c1, c2 = key.encrypt_x(m1, x1, s), key.encrypt_x(m2, x2, s)
    return vector(
        key, "homomorphic", s, m1=m1, x1=x1, c1=c1, m2=m2, x2=x2, c2=c2,
        c_sum=c1 * c2 % modulus, m_sum=(m1 + m2) % ns,
        k=k, c_times=pow(c1, k, modulus), m_times=k * m1 % ns,
        a=a, c_plus=c1 * key.plain(a, s) % modulus, m_plus=(m1 + a) % ns)


def small_case():
    """n = 126869 = 293 * 433, a size that can be followed by hand."""
    key = Key.__new__(Key)
    key.bits, key.p, key.q, key.n, key.powers = 17, 293, 433, 126869, {}
    text = textbook(key, 1, 10100, 74384)
    assert "c = %x\n" % 935906717 in text
    return text


def vectors():
    yield small_case()
    stream = Stream("values")
    keys = {bits: Key(bits, "a") for bits in (2048, 3072, 4096)}
    # The 2048-bit worked example: message, randomness, modulus, ciphertext.
    worked = Key(2048, "worked example")
    yield textbook(worked, 1, stream.below(worked.n), stream.unit(worked.n))
    for bits, key in keys.items():
        for s in (1, 2, 3, 4):
            ns, x_bits = key.n**s, bits // 2
            yield fixed_base(key, s, stream.below(ns), stream.bits(x_bits))
            if bits == 2048:
                for m in [0, 1, ns - 1] + [key.n] * (s > 1):
                    yield fixed_base(key, s, m, stream.bits(x_bits))
                yield textbook(key, s, stream.below(ns), stream.unit(key.n))
    yield fixed_base(keys[2048], 1, keys[2048].n - 1, 0)
    yield fixed_base(keys[2048], 1, 12345, 1)
    yield fixed_base(keys[2048], 2, 12345, 2**1024 - 1)
    for bits in (3072, 4096):
        yield fixed_base(keys[bits], 1, keys[bits].n - 1, stream.bits(bits // 2))
        yield textbook(keys[bits], 1, stream.below(keys[bits].n), stream.unit(keys[bits].n))
    for bits, s, k in ((2048, 1, 2**64 - 1), (2048, 2, 3), (2048, 4, 65537), (3072, 1, 1000), (4096, 1, 0)):
        yield homomorphic(keys[bits], s, stream, k)
    yield from typed_vectors(keys)
    yield from imported_vectors()


def typed_vectors(keys):
    """Of the types of keys that came later; a stream of their own leaves the values above as they were."""
    stream = Stream("values of types")
    for kind in ("short", "subgroup"):
        for bits in (2048, 3072, 4096):
            key = keys[bits] if kind == "short" else SubgroupKey(bits, "a")
            length = 4 * STRENGTH[bits]
            for s in (1, 2, 3, 4) if bits == 2048 else (1, 2):
                yield typed(key, kind, s, stream.below(key.n**s), stream.bits(length))
            yield typed(key, kind, 1, key.n - 1, 2**length - 1)
            yield typed(key, kind, 1, 12345, 0)


class ImportedKey(Key):
    def __init__(self, bits, seed):
        stream = Stream("imported key %d %s" % (bits, seed))
        p, q = 3, 1
        while p % 4 != 1:
            p = self.any_prime(bits // 2, stream)
        while q % 4 != 3:
            q = self.any_prime(bits // 2, stream)
        self.bits, self.p, self.q, self.n, self.powers = bits, p, q, p * q, {}

    @staticmethod
    def any_prime(bits, stream):
        while True:
            candidate = stream.bits(bits) | 3 << (bits - 2) | 1
            if is_prime(candidate, stream):
                return candidate


def imported_vectors():
    stream = Stream("values of imported keys")
    for bits in (2048, 3072, 4096):
        key = ImportedKey(bits, "a")
        for m, r in ((stream.below(key.n), stream.unit(key.n)), (key.n - 1, 1), (0, key.n - 1), (12345, 2)):
            c = key.encrypt_r(m, r, 1)
            assert decrypt(key, c, 1) == m
            yield vector(key, "imported", 1, m=m, r=r, c=c)


def main():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "paillier.txt")
    texts = list(vectors())
    with open(path, "w", encoding="ascii", newline="\n") as out:
        out.write(HEAD)
        for text in texts:
            out.write("\n" + text)
    print("%s: %d vectors, %d bytes" % (path, len(texts), os.path.getsize(path)))


if __name__ == "__main__":
    main()
