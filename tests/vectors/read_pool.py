#!/usr/bin/env python3
"""Read a pool as papers/format.md specifies it, from that page alone, and print its unused factors.

    python3 tests/vectors/read_pool.py NAME.pool

A line for each: its number and its digits in hexadecimal, the lowest first. tests/cli/pool.bats compares them with the
ciphertexts that are made from them.
"""
import hashlib
import struct
import sys

BLOCK = 32


def labelled_hash(label, *fields):
    data = b"".join(struct.pack("<Q", len(field)) + field for field in (label.encode(), *fields))
    return hashlib.blake2b(data, digest_size=32).digest()


def chacha20_block(key, counter):
    start = [*struct.unpack("<4I", b"expand 32-byte k"), *struct.unpack("<8I", key), counter, 0, 0, 0]
    w = start[:]
    columns = [(i, 4 + i, 8 + i, 12 + i) for i in range(4)]
    diagonals = [(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4) for i in range(4)]
    for _ in range(10):
        for a, b, c, d in columns + diagonals:
            for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                w[x] = (w[x] + w[y]) & 0xFFFFFFFF
                mixed = w[z] ^ w[x]
                w[z] = (mixed << turn | mixed >> (32 - turn)) & 0xFFFFFFFF
    return struct.pack("<16I", *((x + y) & 0xFFFFFFFF for x, y in zip(w, start)))


def stream(key, length):
    return b"".join(chacha20_block(key, i) for i in range(-(-length // 64)))[:length]


def tag_of(sealed, tag_key, tag_pad):
    words = struct.unpack(f"<{len(sealed) // 8}Q", sealed)
    keys = struct.unpack(f"<{len(sealed) // 8}Q", tag_key)
    sums = [(word + key) % 2**64 for word, key in zip(words, keys)]
    total = int.from_bytes(tag_pad, "little") + sum(a * b for a, b in zip(sums[::2], sums[1::2]))
    return (total % 2**128).to_bytes(16, "little")


def read_mark(data, header_hash):
    marks = [data[at:at + 128] for at in (4096, 8192)]
    whole = [mark for mark in marks if labelled_hash("veilsum pool mark", header_hash, mark[:96]) == mark[96:]]
    mark = max(whole, key=lambda m: struct.unpack_from("<Q", m)[0])
    _, first, end = struct.unpack_from("<3Q", mark)
    return first, end, mark[24:56], mark[56:88]


def read_pool(data):
    header_hash = labelled_hash("veilsum pool header", data[:4064])
    assert data[:10] == bytes.fromhex("f57673700d0a1a0a0100") and header_hash == data[4064:4096]
    degree, digit = data[10], struct.unpack_from("<H", data, 12)[0] // 8
    length, pad_length = (degree + 1) * digit, degree * digit
    first, end, key, end_key = read_mark(data, header_hash)
    for block in range(first // BLOCK, -(-end // BLOCK)):
        s = stream(key, 32 + length + BLOCK * (16 + pad_length))
        for place in range(BLOCK):
            number = block * BLOCK + place
            if not first <= number < end:
                continue
            at = 12288 + number * (length + 16)
            sealed, tag = data[at:at + length], data[at + length:at + length + 16]
            tag_pad = s[32 + length + 16 * place:][:16]
            assert tag == tag_of(sealed, s[32:32 + length], tag_pad)
            pad = s[32 + length + 16 * BLOCK + pad_length * place:][:pad_length]
            digits = sealed[:digit] + bytes(x ^ y for x, y in zip(sealed[digit:], pad))
            yield number, [digits[i:i + digit].hex() for i in range(0, length, digit)]
        if (block + 1) * BLOCK <= end:
            key = s[:32]
    assert key == end_key


def main():
    with open(sys.argv[1], "rb") as file:
        for number, digits in read_pool(file.read()):
            print(number, *digits)


if __name__ == "__main__":
    main()
