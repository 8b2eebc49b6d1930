#!/usr/bin/python3
"""Write container.txt, test vectors of the container: papers/format.md in Python, with nothing of veilsum's.

The ciphertexts are numbers without meaning: the container does not look into them.

    python3 tests/vectors/make_container.py            writes container.txt beside this script
"""
import hashlib
import os
import struct


def field(data):
    return struct.pack("<Q", len(data)) + data


def digest(label, *fields):
    body = field(label.encode()) + b"".join(field(f) for f in fields)
    return hashlib.blake2b(body, digest_size=32).digest()


def u64(value):
    return struct.pack("<Q", value)


def merkle(leaves):
    if not leaves:
        return digest("veilsum merkle empty")
    if len(leaves) == 1:
        return digest("veilsum merkle leaf", leaves[0])
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return digest("veilsum merkle node", merkle(leaves[:half]), merkle(leaves[half:]))


# Ed25519 by the formulas of RFC 8032, section 5.1, in affine coordinates: slow, and short enough to be read.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    k = D * x1 * x2 * y1 * y2 % P
    return ((x1 * y2 + x2 * y1) * pow(1 + k, -1, P) % P, (y1 * y2 + x1 * x2) * pow(1 - k, -1, P) % P)


def times(n, a):
    out = (0, 1)
    for bit in bin(n)[2:]:
        out = add(out, out)
        if bit == "1":
            out = add(out, a)
    return out


def base_point():
    y = 4 * pow(5, -1, P) % P
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    assert (x * x - square) % P == 0
    return (x if x % 2 == 0 else P - x, y)


def encoded(a):
    return (a[1] | (a[0] & 1) << 255).to_bytes(32, "little")


def secret_scalar(seed):
    digits = bytearray(hashlib.sha512(seed).digest())
    digits[0] &= 248
    digits[31] = digits[31] & 127 | 64
    return int.from_bytes(digits[:32], "little"), bytes(digits[32:])


def public_key(seed):
    return encoded(times(secret_scalar(seed)[0], base_point()))


def sign(seed, message):
    def scalar(*parts):
        return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % ORDER

    a, prefix = secret_scalar(seed)
    r = scalar(prefix, message)
    point = encoded(times(r, base_point()))
    return point + ((r + scalar(point, public_key(seed), message) * a) % ORDER).to_bytes(32, "little")


def container(key, plan, period, names, cells, ciphertexts, minimum, maximum, seed=None):
    size = len(ciphertexts[0])
    sid = digest("veilsum sid", plan, period.encode(), u64(0))
    entries = sorted((digest("veilsum contributor name", sid, n.encode())[:16], n.encode()) for n in names)
    chunk = (1 << 20) // size // 8 * 8
    body = key + period.encode() + b"".join(i + bytes([len(n)]) + n for i, n in entries)
    length = (144 + len(body) + 32 + 63) // 64 * 64
    header = b"\xf5vsm\r\n\x1a\n" + struct.pack("<HBBI", 1, 2 if seed is None else 1, 1, length) + plan + sid
    header += struct.pack("<QQQQQQ", 0, cells, len(ciphertexts), minimum, maximum, len(names))
    header += struct.pack("<IIIHBB", chunk, len(names), len(key), 1, 1, len(period.encode()))
    assert len(header) == 144
    header += body
    header += bytes(length - 32 - len(header))
    mark = digest("veilsum container header", header)
    out, leaves = header + mark, []
    for at in range(0, len(ciphertexts), chunk):
        data = b"".join(ciphertexts[at:at + chunk])
        last = at + chunk >= len(ciphertexts)
        leaves.append(digest("veilsum container chunk", mark, u64(at // chunk), u64(last), data))
        out += data + leaves[-1]
    root, signer, signature = merkle(leaves), bytes(32), bytes(64)
    if seed is not None:
        signer, signature = public_key(seed), sign(seed, digest("veilsum container signature", mark, root))
    trailer = b"\xf5end\r\n\x1a\n" + root + signer + signature
    return out + trailer + digest("veilsum container trailer", mark, trailer)


def key_of_a_vector():
    """n and h of the first fixed-base vector of 2048 bits and degree 1 in paillier.txt, in a public key's binary form."""
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "paillier.txt"), encoding="ascii") as file:
        vectors = [dict(line.split(" = ") for line in text.splitlines() if " = " in line and line[0] != "#")
                   for text in file.read().split("\n\n")]
    v = next(v for v in vectors if (v.get("kind"), v.get("bits"), v.get("degree")) == ("fixed-base", "2048", "1"))
    return b"VSPK" + struct.pack("<BBH", 1, 1, 2048) + b"".join(int(v[k], 16).to_bytes(256, "little") for k in "nh")


def pattern(count, size):
    """Ciphertexts without meaning; byte i of all of them is (31 i + i // 251) mod 256."""
    data = bytes((31 * i + i // 251) & 255 for i in range(count * size))
    return [data[i:i + size] for i in range(0, len(data), size)]


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    key, plan = key_of_a_vector(), bytes(range(32))
    small = container(key, plan, "2026-11", ["ORANGE", "ROUEN", "\u00c9VREUX"], 9, pattern(2, 512), 3, 1000)
    large = container(key, plan, "", ["ORANGE", "ROUEN"], 5000, pattern(4100, 512), 1, 2)
    # RFC 8032, section 7.1, test 1
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    assert public_key(seed).hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert sign(seed, b"").hex().startswith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155")
    signed = container(key, plan, "2026-11", ["ORANGE"], 9, pattern(2, 512), 3, 1000, seed)
    with open(os.path.join(here, "container.txt"), "w", encoding="ascii") as file:
        file.write("# Containers; made by make_container.py, which is independent of the library. Hexadecimal.\n")
        file.write("#   small   a total of three contributors, whole\n")
        file.write("#   signed  a contribution, whole, signed with the secret key of the seed\n")
        file.write("#   large   BLAKE2b-256 of a total of two contributors in three chunks\n")
        file.write("key = %s\n" % key.hex())
        file.write("small = %s\n" % small.hex())
        file.write("seed = %s\n" % seed.hex())
        file.write("signed = %s\n" % signed.hex())
        file.write("large = %s\n" % hashlib.blake2b(large, digest_size=32).hexdigest())


if __name__ == "__main__":
    main()
